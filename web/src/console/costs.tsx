/* What it cost: today, this month, by the forecast; beside the budget and beside a machine that always runs; and the
 * formula with its numbers, worked out in front of the reader. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Costs, EndpointCosts } from "../api/console";
import { day, dayShort, decimal, integer, money, sentence } from "../kit/format";
import { c } from "../text/text";
import { agrees, chargedOf, requestCost, timeCost } from "./money";
import { AgentGate, Figure, Nothing, Panel, Share, State, useTitle } from "./parts";
import { addDays, roundUp } from "./buckets";
import { costs, follow, midnight, now } from "./state";

function Figures({ told }: { told: Costs }) {
	const today = told.today_nano / 1e9;
	const month = told.month_nano / 1e9;
	return (
		<div class="figures-row three">
			<Figure label={c("costs.today")} value={money(told.today_nano)} tone={today >= told.budget.day ? "warn" : undefined}
				note={<>{c("costs.of", { budget: money(told.budget.day * 1e9) })}<Share value={today} of={told.budget.day} label={c("costs.today")} /></>} />
			<Figure label={c("costs.month")} value={money(told.month_nano)} tone={month >= told.budget.month ? "warn" : undefined}
				note={<>{c("costs.of", { budget: money(told.budget.month * 1e9) })}<Share value={month} of={told.budget.month} mark={told.forecast_nano / 1e9 / told.budget.month} label={c("costs.month")} /></>} />
			<Figure label={c("costs.forecast")} value={money(told.forecast_nano)} tone={told.forecast_nano / 1e9 > told.budget.month ? "warn" : undefined}
				note={c(told.forecast_nano / 1e9 > told.budget.month ? "costs.forecast.over" : "costs.forecast.note")} />
		</div>
	);
}

function Beside({ told }: { told: Costs }) {
	const always = told.always_on_month * 1e9;
	const ours = Math.max(told.forecast_nano, told.month_nano);
	const times = ours > 0 ? always / ours : 0;
	return (
		<Panel title={c("beside.title")} note={c("beside.lead")}>
			<div class="beside">
				<div class="beside-row"><span>{c("beside.always")}</span><div><i class="always" style={{ width: "100%" }} /></div><strong>{money(always)}</strong></div>
				<div class="beside-row"><span>{c("beside.ours")}</span><div><i class="ours" style={{ width: `${always > 0 ? Math.min(100, Math.max(0.4, (100 * ours) / always)) : 0}%` }} /></div><strong>{money(ours)}</strong></div>
				<p class="beside-said">{ours === 0 ? c("beside.nothing") : times >= 1 ? c("beside.times", { n: times >= 10 ? integer(times) : decimal(times, 1) }) : c("beside.more")}</p>
			</div>
		</Panel>
	);
}

/* The books have no row for a day on which nothing was called. */
const DAYS_SHOWN = 31;
function everyDay(days: Costs["days"], at: number): Costs["days"] {
	const known = new Map(days.map((entry) => [entry.day, entry]));
	return Array.from({ length: DAYS_SHOWN }, (_, i) => {
		const date = new Date(addDays(midnight(at), i - DAYS_SHOWN + 1));
		const name = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
		return known.get(name) ?? { day: name, cost_nano: 0, invocations: 0 };
	});
}

function Days({ told }: { told: Costs }) {
	const at = useSignal<number | null>(null);
	const days = everyDay(told.days, now.value);
	const most = Math.max(0, ...days.map((entry) => entry.cost_nano));
	const top = roundUp(most / 1e9) * 1e9;
	const shown = at.value === null ? null : days[at.value];
	const limit = told.budget.day * 1e9;
	return (
		<Panel title={c("days.title")} note={limit > top ? c("days.below", { budget: money(limit) }) : undefined}
			tools={<span class="pattern-said">{shown && <><b>{sentence(day(`${shown.day}T12:00`))}</b> {money(shown.cost_nano)} · {c("invocations.n", { n: integer(shown.invocations) })}</>}</span>}>
			{most === 0 ? <Nothing>{c("days.none")}</Nothing> : (
				<div class="days" onPointerLeave={() => { at.value = null; }}>
					<span class="chart-top">{money(top)}</span>
					{limit <= top && <span class="days-limit" style={{ bottom: `${(100 * limit) / top}%` }}><small>{c("days.limit", { budget: money(limit) })}</small></span>}
					<ol>{days.map((entry, i) => {
						const date = new Date(`${entry.day}T12:00`);
						return (
							<li key={entry.day} class={[0, 6].includes(date.getDay()) ? "weekend" : undefined} onPointerEnter={() => { at.value = i; }}>
								<span class="unseen">{dayShort(date)}: {money(entry.cost_nano)}</span>
								<i class={entry.cost_nano > limit ? "over" : undefined} style={{ height: `${(100 * entry.cost_nano) / top}%` }} />
								{(days.length - 1 - i) % 5 === 0 && <small aria-hidden="true">{dayShort(date)}</small>}
							</li>
						);
					})}</ol>
				</div>
			)}
		</Panel>
	);
}

function Sum({ entry }: { entry: EndpointCosts }) {
	const sum = timeCost(entry) + requestCost(entry);
	return (
		<div class="sum">
			<h3>{entry.name}</h3>
			<table class="sum-lines"><tbody>
				<tr><th scope="row">{c("sum.time")}</th><td>{decimal(entry.billed_ms / 1000, 3)} s × {integer(entry.memory_mb)}/1024 GB × ${entry.price_gb_s}</td><td class="number">{money(timeCost(entry), 6)}</td></tr>
				<tr><th scope="row">{c("sum.requests")}</th><td>{integer(chargedOf(entry))} × ${entry.price_request.toFixed(7).replace(/0+$/, "")}</td><td class="number">{money(requestCost(entry), 6)}</td></tr>
				<tr class="sum-total"><th scope="row">{c("sum.here")}</th><td /><td class="number">{money(sum, 6)}</td></tr>
				<tr><th scope="row">{c("sum.ledger")}</th><td>{agrees(entry) ? <State tone="good">{c("sum.agrees")}</State> : <State tone="bad">{c("sum.differs")}</State>}</td><td class="number">{money(entry.month_nano, 6)}</td></tr>
			</tbody></table>
		</div>
	);
}

function Formula({ told }: { told: Costs }) {
	return (
		<Panel title={c("formula.title")} note={c("formula.lead")}>
			<p class="formula">{sentence(told.formula)}.</p>
			{told.endpoints.length === 0 ? <Nothing>{c("formula.none")}</Nothing> : <div class="sums">{told.endpoints.map((entry) => <Sum key={entry.name} entry={entry} />)}</div>}
		</Panel>
	);
}

export function CostsPage() {
	useTitle(c("page.costs"));
	useEffect(() => follow(costs), []);
	return (
		<div class="stack">
			<AgentGate known={costs.known.value}>{(told) => <><Figures told={told} /><Beside told={told} /><Days told={told} /><Formula told={told} /></>}</AgentGate>
		</div>
	);
}
