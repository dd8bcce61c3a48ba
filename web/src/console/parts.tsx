/* What the console's pages are built of. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Agent } from "../api/console";
import { ago, clock, moment, sentence } from "../kit/format";
import { Check, Ring, Stop, Warn } from "../kit/icons";
import { c, tName } from "../text/text";
import type { CheckTone } from "./checks";
import { now, type Known } from "./state";

/* Never colour alone: each tone has a shape. */
export function ToneIcon({ tone, size }: { tone: CheckTone; size?: number }) {
	const Shape = { good: Check, plain: Ring, warn: Warn, bad: Stop }[tone];
	return <span class={`tone ${tone}`} role="img" aria-label={c(`tone.${tone}`)}><Shape size={size} /></span>;
}

export function State({ tone, children }: { tone: CheckTone; children: ComponentChildren }) {
	return <span class={`state ${tone}`}><ToneIcon tone={tone} />{children}</span>;
}

/* "since 06:12, 35 min ago" */
export function Since({ at }: { at: string | null | undefined }) {
	if (!at) return null;
	return <time dateTime={at} title={new Date(at).toLocaleString()}>{c("since", { time: moment(at, now.value), ago: ago(at, now.value) })}</time>;
}
export function Ago({ at }: { at: string | null | undefined }) {
	if (!at) return <>{c("never")}</>;
	return <time dateTime={at} title={new Date(at).toLocaleString()}>{ago(at, now.value)}</time>;
}

/* What to do. A command keeps its letters, and "nothing: it goes on by itself" asks for nothing, in either language. */
export function Next({ text }: { text: string }) {
	const nothing = /^(?:nothing|rien) ?: +/.exec(text)?.[0];
	if (nothing) return <span class="quiet">{sentence(text.slice(nothing.length))}</span>;
	return <><span class="next">{c("next")}</span>{/^(daybreak|systemctl|journalctl)/.test(text) ? text : sentence(text)}</>;
}

/* Reason, since when, next step: what every state carries. */
export function Why({ reason, since, next }: { reason: string; since?: string | null; next: string }) {
	if (!reason && !next && !since) return null;
	return (
		<div class="why">
			{reason && <p>{sentence(reason)}</p>}
			{since && <p class="quiet"><Since at={since} /></p>}
			{next && <p><Next text={next} /></p>}
		</div>
	);
}

export function Panel({ title, note, tools, children, wide, label }:
	{ title?: string; note?: ComponentChildren; tools?: ComponentChildren; children: ComponentChildren; wide?: boolean; label?: string }) {
	return (
		<section class={wide ? "card wide" : "card"} aria-label={label ?? title}>
			{(title || tools) && <header class="card-head">{title && <h2>{title}</h2>}{tools}</header>}
			{note && <p class="card-note">{note}</p>}
			{children}
		</section>
	);
}

export function Figure({ label, value, unit, note, tone }:
	{ label: string; value: ComponentChildren; unit?: string; note?: ComponentChildren; tone?: CheckTone }) {
	return (
		<div class="figure-card">
			<span class="figure-label">{label}</span>
			<strong class={tone ? `figure-value ${tone}` : "figure-value"}>{value}{unit && <small>{unit}</small>}</strong>
			{note && <span class="figure-note">{note}</span>}
		</div>
	);
}

/* A share of a limit; past it the rest is bad. */
export function Share({ value, of, label, mark }: { value: number; of: number; label: string; mark?: number }) {
	const part = of > 0 ? value / of : 0;
	return (
		<div class={part >= 1 ? "share over" : part >= 0.8 ? "share near" : "share"} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={1}
			aria-valuenow={Math.min(1, part)}>
			<span class="share-bar" style={{ width: `${Math.min(100, 100 * part)}%`, minWidth: part > 0 ? "3px" : "0" }} />
			{mark !== undefined && <span class="share-mark" style={{ left: `${Math.min(100, 100 * mark)}%` }} />}
		</div>
	);
}

/* A page whose figures are the agent's says so when there is no agent to tell them, instead of showing zeros. */
export function AgentGate<T>({ known, children }: { known: Known<{ agent: Agent; answer: T | null }>; children: (answer: T) => ComponentChildren }) {
	const told = known.value;
	if (!told) return known.failure ? <Failure text={known.failure} since={known.failedSince} /> : <Waiting />;
	if (told.answer) return <>{known.failure && <Failure text={known.failure} since={known.failedSince} />}{children(told.answer)}</>;
	const { agent } = told;
	const tone: CheckTone = agent.state === "down" || agent.state === "failing" ? "bad" : "plain";
	return (
		<div class="gate">
			<ToneIcon tone={tone} size={36} />
			<h2>{tName("gate", agent.state)}</h2>
			<p>{c(agent.state === "off" ? "gate.off.lead" : "gate.lead")}</p>
			{agent.state !== "off" && <Why reason={agent.reason} since={agent.since} next={agent.next} />}
		</div>
	);
}

export function Failure({ text, since }: { text: string; since: number }) {
	return <p class="notice bad"><Stop /><span>{text} {since > 0 && c("stale.since", { time: clock(since) })}</span></p>;
}
export const Waiting = () => <p class="quiet waiting" aria-busy="true">{c("waiting")}</p>;
export const Nothing = ({ children }: { children: ComponentChildren }) => <p class="nothing">{children}</p>;

export function Digest({ text, digits = 12 }: { text: string; digits?: number }) {
	return <code class="digest" title={text}>{text.slice(0, digits)}{text.length > digits && "…"}</code>;
}
export const Command = ({ text }: { text: string }) => <code class="command">{text}</code>;

export function useTitle(title: string): void {
	useEffect(() => {
		document.title = `${title} · ${c("product")}`;
	});
}
