/* Is everything all right? What left the house, what did it cost, what is to be done. */
import { useEffect } from "preact/hooks";
import { bytes, clock, integer, moment, money, sentence } from "../kit/format";
import { House } from "../kit/icons";
import { c, tName } from "../text/text";
import { checksOf, isBusy, verdictOf, type Check, type CheckTone, type Verdict } from "./checks";
import { Ago, Figure, Since, Share, ToneIcon, Next, Nothing, Panel, useTitle } from "./parts";
import { href } from "./route";
import { burst, costs, events, follow, leftToday, now, status, unreachable, updates } from "./state";

export function currentChecks(): Check[] {
	const told = status.known.value.value;
	return checksOf({ agent: told?.agent ?? null, status: told?.answer ?? null, plan: burst.known.value.value?.plan ?? null,
		updates: updates.known.value.value,
		unreachable: unreachable.value, now: now.value });
}

export const VERDICT_TONES: Record<Verdict, CheckTone> = { unknown: "plain", good: "good", home: "plain", unproven: "plain", warn: "warn", bad: "bad" };

function Hero({ checks }: { checks: Check[] }) {
	const verdict = verdictOf(checks);
	const open = checks.filter((entry) => entry.tone === "bad" || entry.tone === "warn").length;
	return (
		<section class={`hero ${VERDICT_TONES[verdict]}`} aria-label={c("overview.verdict")} role="status">
			{verdict === "home" ? <span class="tone"><House size={36} /></span> : <ToneIcon tone={VERDICT_TONES[verdict]} size={40} />}
			<div><h2>{c(`verdict.${verdict}`)}</h2>
				<p>{open > 0 ? c(open === 1 ? "verdict.open.one" : "verdict.open", { n: open }) : c(`verdict.${verdict}.lead`)}</p></div>
		</section>
	);
}

function CheckRow({ entry }: { entry: Check }) {
	return (
		<li class={`check ${entry.tone}`}>
			<ToneIcon tone={entry.tone} size={18} />
			<div class="check-what">
				<a href={href(entry.page)}>{entry.subject || tName("check", entry.name)}</a>
				<span>{tName(`check.${entry.name}`, entry.word).replace(/\{(\w+)\}/g, (_, name: string) => String(entry.values[name] ?? ""))}</span>
			</div>
			<p class="check-why">{entry.name === "budget" ? budgetLine(entry.values) : sentence(entry.reason)}
				{entry.proved ? <small>{c("confirmed")} <Ago at={entry.proved} /></small> : entry.since && <small><Since at={entry.since} /></small>}</p>
			<p class="check-next">{entry.next ? <Next text={entry.next} /> : <span class="quiet">{c("nothing.todo")}</span>}</p>
		</li>
	);
}

const budgetLine = ({ spent_today_nano, day, spent_month_nano, month }: Check["values"]): string => c("budget.line", {
	today: money(Number(spent_today_nano)), day: money(1e9 * Number(day)), spent: money(Number(spent_month_nano)), month: money(1e9 * Number(month)) });

function Figures() {
	const told = leftToday.known.value.value?.answer;
	const money_known = costs.known.value.value?.answer;
	const answer = status.known.value.value?.answer;
	const plan = burst.known.value.value?.plan;
	const off = status.known.value.value?.agent.state === "off";
	const regions = [...new Set((answer?.endpoints ?? []).filter((entry) => entry.allowed).map((entry) => entry.region))].join(", ");
	const busy = plan?.board_ready && isBusy(plan);
	const late = busy && plan.deadline && plan.board_ready && plan.board_ready > plan.deadline;
	return (
		<div class="figures-row">
			<a href={href("burst")}><Figure label={c("figure.ready")} value={busy ? clock(plan.board_ready ?? "") : plan ? c("figure.ready.idle") : "–"} tone={late ? "bad" : undefined}
				note={plan?.deadline ? c("figure.ready.note", { time: moment(plan.deadline, now.value) }) : undefined} /></a>
			<a href={href("egress")}><Figure label={c("figure.left")} value={off ? bytes(0) : told ? bytes(told.total.sent) : "–"}
				note={told ? <>{c(told.total.rows === 1 ? "figure.left.note.one" : "figure.left.note", { n: integer(told.total.rows) })}{regions && <> · {regions}</>}</> : off ? c("figure.left.off") : undefined} /></a>
			<a href={href("costs")}><Figure label={c("figure.cost")} value={money_known ? money(money_known.today_nano) : off ? money(0) : "–"}
				note={money_known && <>{c("figure.cost.note", { month: money(money_known.month_nano), budget: money(money_known.budget.month * 1e9) })}
					<Share value={money_known.month_nano / 1e9} of={money_known.budget.month} label={c("costs.month")} /></>} /></a>
			<a href={href("sites")}><Figure label={c("figure.certificate")} value={answer?.certificate.not_after ? daysUntil(answer.certificate.not_after) : "–"}
				unit={answer?.certificate.not_after ? c("figure.days") : undefined} tone={answer && ["expiring", "expired"].includes(answer.certificate.state) ? "warn" : undefined}
				note={answer ? tName("check.certificate", answer.certificate.state) : undefined} /></a>
		</div>
	);
}

export function daysUntil(at: string): string {
	return integer(Math.max(0, Math.floor((new Date(at).getTime() - now.value) / 86400000)));
}

const SEVERITY: Record<string, CheckTone> = { info: "plain", warning: "warn", alarm: "bad" };

function Events() {
	const told = events.known.value.value;
	const list = [...(told?.answer?.events ?? [])].sort((a, b) => b.seq - a.seq).slice(0, 30);
	return (
		<Panel title={c("events.title")} note={c("events.lead")}>
			{list.length === 0 ? <Nothing>{told && !told.answer && told.agent.state !== "off" ? c("events.unknown") : c("events.none")}</Nothing> : (
				<ol class="events-list">{list.map((entry) => (
					<li key={entry.seq} class={SEVERITY[entry.severity]}>
						{entry.severity === "info" ? <i class="event-dot" /> : <ToneIcon tone={SEVERITY[entry.severity] ?? "plain"} />}
						<time dateTime={entry.time}>{moment(entry.time, now.value)}</time>
						<p>{sentence(entry.text)}{entry.next && <span class="event-next"><Next text={entry.next} /></span>}</p>
						<code>{entry.id}</code>
					</li>
				))}</ol>
			)}
		</Panel>
	);
}

export function OverviewPage() {
	useTitle(c("page.overview"));
	useEffect(() => follow(costs, events, leftToday), []);
	const checks = currentChecks();
	return (
		<div class="stack">
			<Hero checks={checks} />
			<Figures />
			<Panel title={c("checks.title")} note={c("checks.lead")}>
				<ul class="checks">{checks.map((entry) => <CheckRow key={`${entry.name} ${entry.subject}`} entry={entry} />)}</ul>
			</Panel>
			<Events />
		</div>
	);
}
