/* The few building blocks every page shares. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { t } from "../text/text";
import { Check, Cross, Stop, Warn } from "./icons";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad";

export function Chip({ tone = "plain", icon, children, title }:
	{ tone?: Tone; icon?: ComponentChildren; children: ComponentChildren; title?: string }) {
	return <span class={`chip ${tone}`} title={title}>{icon}{children}</span>;
}

export function IconButton({ label, pressed, onClick, children, disabled, keys }: {
	label: string; pressed?: boolean; onClick: () => void; children: ComponentChildren; disabled?: boolean; keys?: string;
}) {
	return (
		<button type="button" class="icon-button" aria-label={label} aria-pressed={pressed} disabled={disabled}
			title={keys ? `${label}  (${keys})` : label} onClick={onClick}>{children}</button>
	);
}

export function Progress({ value, max, label }: { value: number; max: number; label: string }) {
	const share = max > 0 ? Math.min(1, value / max) : 0;
	return (
		<div class={share >= 1 ? "progress done" : "progress"} role="progressbar" aria-label={label} aria-valuemin={0}
			aria-valuemax={max} aria-valuenow={Math.min(value, max)}>
			<div class="progress-bar" style={{ transform: `scaleX(${share})` }} />
		</div>
	);
}

export function Field({ label, hint, children }:
	{ label: string; hint?: string; children: ComponentChildren }) {
	return <label class="field"><span class="field-label">{label}</span>{children}
		{hint && <span class="field-hint">{hint}</span>}</label>;
}

export function Segments<T extends string | number>({ label, options, value, onPick, disabled, shown }: {
	label: string; options: readonly T[]; value: T | null; onPick: (value: T) => void; disabled?: boolean;
	shown?: (value: T) => string;
}) {
	return (
		<div class="segments" role="group" aria-label={label}>
			{options.map((option) => (
				<button key={option} type="button" aria-pressed={option === value} disabled={disabled}
					onClick={() => onPick(option)}>{shown ? shown(option) : option}</button>
			))}
		</div>
	);
}

/* The browser's own modal dialogue: focus stays inside, Escape closes it. */
export function Dialog({ title, onClose, children, wide }:
	{ title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
	const ref = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		ref.current?.showModal();
	}, []);
	const outside = (event: MouseEvent) => {
		if (event.target === ref.current) onClose();
	};
	return (
		<dialog ref={ref} class={wide ? "dialog wide" : "dialog"} aria-label={title} onMouseDown={outside}
			onCancel={(event) => { event.preventDefault(); onClose(); }}>
			<div class="dialog-body">
				<header><h2>{title}</h2><IconButton label={t("close")} onClick={onClose}><Cross /></IconButton></header>
				{children}
			</div>
		</dialog>
	);
}

/* Short sentences at the foot of the page: what has just been saved, or what went wrong. */
interface Toast { id: number; tone: "good" | "bad" | "warn"; text: string }
const toasts = signal<Toast[]>([]);
let toastId = 0;
export function toast(tone: Toast["tone"], text: string): void {
	const id = ++toastId;
	toasts.value = [...toasts.value.slice(-2), { id, tone, text }];
	window.setTimeout(() => {
		toasts.value = toasts.value.filter((entry) => entry.id !== id);
	}, tone === "good" ? 3500 : 9000);
}
export function Toasts() {
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toasts.value.map((entry) => (
				<div key={entry.id} class={`toast ${entry.tone}`}>
					{entry.tone === "good" ? <Check /> : entry.tone === "warn" ? <Warn /> : <Stop />}{entry.text}
				</div>
			))}
		</div>
	);
}
