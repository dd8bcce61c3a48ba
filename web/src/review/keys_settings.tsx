/* The keys of a person, for the page of settings: each can be another one, none can be two things. */
import { useLayoutEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { changes, KEYS, keyName, keysOf, remapped, type Action, type Changes, type KeyAction } from "../keys";
import { toast } from "../kit/controls";
import { sentenceOf } from "../kit/session";
import { t } from "../text/text";
import { GROUPS, KeyCaps } from "./help";
import { keepKeys } from "./preferences";

const MODIFIERS = ["Control", "Shift", "Alt", "AltGraph", "Meta"];

/* Says why not, or keeps it. */
async function change(action: Action, key: string | null): Promise<void> {
	const next = remapped(changes.peek(), action, key);
	if ("why" in next) return toast("warn", next.why === "browser" ? t("keys.browser") : t("keys.taken", { action: t(next.by.text) }));
	await keep(next);
}
async function keep(next: Changes): Promise<void> {
	try {
		await keepKeys(next);
		toast("good", t("keys.saved"));
	} catch (error) {
		toast("bad", sentenceOf(error));
	}
}

function Row({ entry, listening, onListen }: { entry: KeyAction; listening: boolean; onListen: (on: boolean) => void }) {
	const action = entry.action as Action;
	const name = t(entry.text);
	/* With the sentence that asks for a key, not after it: the first key pressed counts. */
	useLayoutEffect(() => {
		if (!listening) return;
		const pressed = (event: KeyboardEvent) => {
			event.preventDefault();
			event.stopImmediatePropagation();
			if (MODIFIERS.includes(event.key)) return;
			onListen(false);
			if (event.key !== "Escape") void change(action, keyName(event));
		};
		window.addEventListener("keydown", pressed, true);
		return () => window.removeEventListener("keydown", pressed, true);
	}, [listening]);
	return (
		<div data-action={action}>
			<dt>{name}</dt>
			<dd>
				{listening ? <span class="keys-listen" role="status">{t("keys.press")}</span> : <KeyCaps keys={keysOf(action)} />}
				{action in changes.value && <button type="button" class="button" aria-label={`${t("keys.back")}: ${name}`}
					onClick={() => void change(action, null)}>{t("keys.back")}</button>}
				<button type="button" class="button" aria-pressed={listening} aria-label={`${t("keys.change")}: ${name}`}
					onClick={() => onListen(!listening)}>{t("keys.change")}</button>
			</dd>
		</div>
	);
}

export function KeySettings() {
	const listening = useSignal("");
	return (
		<section class="panel keys-settings" aria-labelledby="keys-title">
			<header><h2 id="keys-title">{t("keys.title")}</h2>
				<button type="button" class="button" disabled={Object.keys(changes.value).length === 0}
					onClick={() => void keep({})}>{t("keys.backAll")}</button></header>
			<p class="panel-note">{t("keys.lead")}</p>
			{GROUPS.map((group) => (
				<section key={group}>
					<h3 class="panel-sub">{t(`help.${group}`)}</h3>
					<dl>{(KEYS as readonly KeyAction[]).filter((entry) => entry.group === group).map((entry) => (
						<Row key={entry.action} entry={entry} listening={listening.value === entry.action}
							onListen={(on) => { listening.value = on ? entry.action : ""; }} />
					))}</dl>
				</section>
			))}
		</section>
	);
}
