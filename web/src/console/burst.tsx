/* The burst as it happens: when the board will be ready with the cloud and without it, what each lane does, why each
 * slide is read where it is, and every batch that left. No patient is named here: slides are numbers. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Batch, Lane, Plan, PlannedDish } from "../api/console";
import { Chip, Segments, type Tone } from "../kit/controls";
import { clock, decimal, duration, integer, milliseconds, moment, money, sentence } from "../kit/format";
import { c, tName } from "../text/text";
import { isBusy, PLAN_STALE_MS, type CheckTone } from "./checks";
import { Digest, Failure, Nothing, Panel, State, Waiting, Why, useTitle } from "./parts";
import { batches, burst, follow, now } from "./state";

const PLAN_TONES: Record<Plan["state"], CheckTone> = { off: "plain", home: "plain", spilling: "good", draining: "good", stalled: "bad" };
const ms = (at: string): number => new Date(at).getTime();

/* Two bars on one clock: with the cloud, and at home alone; the line is the decision. */
function Race({ plan, at }: { plan: Plan; at: number }) {
	const ready = plan.board_ready ? ms(plan.board_ready) : null;
	const alone = plan.board_ready_local_only ? ms(plan.board_ready_local_only) : null;
	const deadline = plan.deadline ? ms(plan.deadline) : null;
	if (ready === null || !isBusy(plan)) return <Nothing>{c("race.idle")}</Nothing>;
	/* a decision far away would press all that matters into a corner */
	const shown = deadline !== null && deadline - at < 6 * 3600000 && deadline > at - 3600000 ? deadline : null;
	const end = Math.max(ready, alone ?? 0, shown ?? 0);
	const start = Math.min(at, shown ?? at);
	const span = Math.max(60000, (end - start) * 1.12);
	const left = (time: number) => `${(100 * (time - start)) / span}%`;
	/* the hour stands inside its bar, unless the bar is too short for it */
	const bar = (time: number, kind: string, text: string) => (
		<div class="race-row">
			<span class="race-name">{text}</span>
			<div class="race-track">
				<span class={`race-bar ${kind}${shown !== null && time > shown ? " late" : ""}`} style={{ left: left(at), width: `${(100 * Math.max(0, time - at)) / span}%` }}>
					{time - at > span / 10 && <b>{clock(time)}</b>}</span>
				{time - at <= span / 10 && <span class="race-time" style={{ left: left(Math.max(at, time)) }}>{clock(time)}</span>}
				{shown !== null && <span class="race-line" style={{ left: left(shown) }} />}
			</div>
		</div>
	);
	const spare = shown === null ? null : shown - ready;
	return (
		<div class="race">
			<p class="race-lead"><strong class={spare !== null && spare < 0 ? "bad" : undefined}>{c("race.ready", { time: clock(ready) })}</strong>{" "}
				{spare !== null && c(spare >= 0 ? "race.before" : "race.after", { time: duration(Math.abs(spare) / 1000), deadline: clock(shown ?? 0) })}</p>
			{bar(ready, "cloud", c("race.with"))}
			{alone !== null && bar(alone, "home", c("race.alone"))}
			<div class="race-row race-scale"><span class="race-name" /><div class="race-track">
				<span class="race-tick" style={{ left: left(at) }}>{c("race.now", { time: clock(at) })}</span>
				{shown !== null && <span class="race-tick decision" style={{ left: left(shown) }}>{c("race.decision", { time: clock(shown) })}</span>}
			</div></div>
		</div>
	);
}

const DOTS_MAX = 24;

function Slots({ lane }: { lane: Lane }) {
	if (lane.slots > DOTS_MAX) return <span class="slot-text">{c("lane.busy", { busy: lane.busy, slots: lane.slots })}</span>;
	return (
		<span class="slots" role="img" aria-label={c("lane.busy", { busy: lane.busy, slots: lane.slots })} title={c("lane.busy", { busy: lane.busy, slots: lane.slots })}>
			{Array.from({ length: lane.slots }, (_, i) => <i key={i} class={i < lane.busy ? "busy" : undefined} />)}
			<span class="slot-text">{lane.busy}/{lane.slots}</span>
		</span>
	);
}

function LaneRow({ lane }: { lane: Lane }) {
	const tone: CheckTone = lane.healthy ? (lane.kind === "local" || lane.busy > 0 ? "good" : "plain") : "bad";
	return (
		<tr>
			<th scope="row">{lane.kind === "local" ? c("lane.local") : lane.name}<small>{lane.kind === "local" ? c("lane.local.note") : lane.region ?? ""}</small></th>
			<td><State tone={tone}>{c(lane.healthy ? (lane.busy > 0 ? "lane.works" : "lane.ready") : "lane.unhealthy")}</State></td>
			<td><Slots lane={lane} /></td>
			<td class="number">{lane.rate_per_min > 0 ? integer(lane.rate_per_min) : "–"}</td>
			<td class="number">{lane.latency_ms ? milliseconds(lane.latency_ms) : "–"}</td>
			<td class="number">{lane.price_per_1000_nano ? money(lane.price_per_1000_nano) : "–"}</td>
			<td>{!lane.healthy ? <Why reason={lane.reason ?? ""} since={lane.since} next={lane.next ?? ""} /> : <span class="quiet">{lane.reason}</span>}</td>
		</tr>
	);
}

function Lanes({ plan }: { plan: Plan }) {
	return (
		<Panel title={c("lanes.title")} note={c("lanes.lead")}>
			<div class="table-wrap"><table class="table">
				<thead><tr><th scope="col">{c("lane.name")}</th><th scope="col">{c("lane.state")}</th><th scope="col">{c("lane.slots")}</th>
					<th scope="col" class="number">{c("lane.rate")}</th><th scope="col" class="number">{c("lane.latency")}</th>
					<th scope="col" class="number">{c("lane.price")}</th><th scope="col">{c("column.why")}</th></tr></thead>
				<tbody>{plan.lanes.map((lane) => <LaneRow key={lane.name} lane={lane} />)}</tbody>
			</table></div>
		</Panel>
	);
}

const leftOf = (dish: PlannedDish): number => dish.to_read + dish.to_cut + dish.in_flight;
const spills = (dish: PlannedDish): boolean => dish.spill === true || (typeof dish.spill === "number" && dish.spill > 0);

function DishRow({ dish }: { dish: PlannedDish }) {
	const saved = dish.ready && dish.ready_local_only ? (ms(dish.ready_local_only) - ms(dish.ready)) / 1000 : 0;
	return (
		<tr>
			<th scope="row">{c("dish.name", { n: dish.dish })}</th>
			<td>{dish.late ? <State tone="bad">{c("dish.late")}</State> : <State tone="good">{c("dish.intime")}</State>}</td>
			<td class="number">{dish.to_cut ? integer(dish.to_cut) : "–"}</td>
			<td class="number">{dish.to_read ? integer(dish.to_read) : "–"}</td>
			<td class="number">{dish.in_flight ? integer(dish.in_flight) : "–"}</td>
			<td class="number">{dish.deadline ? clock(dish.deadline) : "–"}</td>
			<td class="number">{dish.ready ? clock(dish.ready) : "–"}</td>
			<td class="number quiet">{dish.ready_local_only ? clock(dish.ready_local_only) : "–"}{saved > 60 && <small class="saved">+{duration(saved)}</small>}</td>
			<td class="why-cell">{spills(dish) && <Chip tone="accent">{typeof dish.spill === "number" ? c("dish.spills.n", { n: integer(dish.spill) }) : c("dish.spills")}</Chip>} {sentence(dish.why)}</td>
		</tr>
	);
}

function Dishes({ plan }: { plan: Plan }) {
	const dishes = plan.dishes.filter((dish) => leftOf(dish) > 0).sort((a, b) => (a.deadline ?? "~").localeCompare(b.deadline ?? "~") || (a.ready ?? "").localeCompare(b.ready ?? "") || a.dish - b.dish);
	const done = plan.dishes.filter((dish) => leftOf(dish) === 0).map((dish) => dish.dish);
	return (
		<Panel title={c("dishes.title")} note={c("dishes.lead")}>
			{dishes.length === 0 ? <Nothing>{c("dishes.none")}</Nothing> : (
				<div class="table-wrap"><table class="table">
					<thead><tr><th scope="col">{c("dish.column")}</th><th scope="col">{c("lane.state")}</th><th scope="col" class="number">{c("dish.tocut")}</th>
						<th scope="col" class="number">{c("dish.toread")}</th><th scope="col" class="number">{c("dish.inflight")}</th>
						<th scope="col" class="number">{c("dish.deadline")}</th><th scope="col" class="number">{c("dish.ready")}</th>
						<th scope="col" class="number">{c("dish.alone")}</th><th scope="col">{c("column.why")}</th></tr></thead>
					<tbody>{dishes.map((dish) => <DishRow key={dish.dish} dish={dish} />)}</tbody>
				</table></div>
			)}
			{done.length > 0 && <p class="table-foot"><span><State tone="good">{c("dish.read")}</State> {done.join(", ")}</span></p>}
		</Panel>
	);
}

const BATCH_TONES: Record<Batch["state"], CheckTone> = { sent: "plain", answered: "good", failed: "warn", home: "warn" };
const WHY_TONES: Record<string, Tone> = { hedge: "accent", again: "warn" };
const SHOWN = ["all", "sent", "failed"] as const;

function BatchRow({ batch }: { batch: Batch }) {
	const took = (batch.ended ? ms(batch.ended) : now.value) - ms(batch.made);
	return (
		<tr>
			<td><time dateTime={batch.made}>{moment(batch.made, now.value)}</time></td>
			<td><Digest text={batch.batch} digits={8} /></td>
			<td>{batch.lane}</td>
			<td><Chip tone={WHY_TONES[batch.why] ?? "plain"} title={tName("why.title", batch.why)}>{tName("why", batch.why)}</Chip></td>
			<td class="number">{integer(batch.cuts)}</td>
			<td class="number">{integer(batch.embryos)}</td>
			<td><State tone={BATCH_TONES[batch.state]}>{tName("batch", batch.state)}</State></td>
			<td class="number">{batch.ended ? `${decimal(took / 1000, 0)} s` : <span class="quiet">{decimal(Math.max(0, took) / 1000, 0)} s …</span>}</td>
			<td>{sentence(batch.sentence)}</td>
		</tr>
	);
}

function Batches() {
	const shown = useSignal<(typeof SHOWN)[number]>("all");
	const known = batches.known.value;
	const all = known.value?.batches ?? [];
	const list = all.filter((entry) => shown.value === "all" || entry.state === shown.value || (shown.value === "failed" && entry.state === "home"));
	return (
		<Panel title={c("batches.title")} note={c("batches.lead")}
			tools={<Segments label={c("batches.title")} options={SHOWN} value={shown.value} onPick={(name) => { shown.value = name; }} shown={(name) => c(`batches.${name}`)} />}>
			{known.failure && <Failure text={known.failure} since={known.failedSince} />}
			{!known.value ? <Waiting /> : list.length === 0 ? <Nothing>{c(all.length === 0 ? "batches.none" : "batches.nothing")}</Nothing> : (
				<div class="table-wrap tall" tabIndex={0} role="group" aria-label={c("batches.title")}><table class="table">
					<thead><tr><th scope="col">{c("column.time")}</th><th scope="col">{c("batch.id")}</th><th scope="col">{c("lane.name")}</th>
						<th scope="col">{c("batch.why")}</th><th scope="col" class="number">{c("batch.cuts")}</th><th scope="col" class="number">{c("batch.embryos")}</th>
						<th scope="col">{c("lane.state")}</th><th scope="col" class="number">{c("batch.took")}</th><th scope="col">{c("batch.sentence")}</th></tr></thead>
					<tbody>{list.map((batch) => <BatchRow key={batch.batch} batch={batch} />)}</tbody>
				</table></div>
			)}
		</Panel>
	);
}

export function BurstPage() {
	useTitle(c("page.burst"));
	useEffect(() => follow(batches), []);
	const { value, failure, failedSince } = burst.known.value;
	if (!value) return failure ? <Failure text={failure} since={failedSince} /> : <Waiting />;
	const { plan } = value;
	if (!plan) return <div class="stack"><Nothing>{c("plan.none")}</Nothing><Batches /></div>;
	const stale = isBusy(plan) && now.value - ms(plan.made) > PLAN_STALE_MS;
	return (
		<div class="stack">
			{failure && <Failure text={failure} since={failedSince} />}
			<Panel label={c("plan.title")}>
				<div class="plan-head">
					<State tone={stale ? "plain" : plan.dishes.some((dish) => dish.late) ? "bad" : PLAN_TONES[plan.state]}>{stale ? c("plan.stale", { time: clock(plan.made) }) : tName("plan", plan.state)}</State>
					<Why reason={plan.reason} since={plan.since} next={plan.next ?? ""} />
				</div>
				<Race plan={plan} at={now.value} />
			</Panel>
			<Lanes plan={plan} />
			<Dishes plan={plan} />
			<Batches />
		</div>
	);
}
