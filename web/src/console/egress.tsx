/* The egress ledger: every byte that left the house, written down before it went. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { apiTime, consoleApi, egressCsv, type Answer, type Egress, type EgressFilter, type EgressRow } from "../api/console";
import { Chip, Segments, toast } from "../kit/controls";
import { bytes, clock, dayShort, integer } from "../kit/format";
import { Upload } from "../kit/icons";
import { sentenceOf } from "../kit/session";
import { c, tName } from "../text/text";
import { addDays } from "./buckets";
import { AgentGate, Figure, Nothing, Panel, State, useTitle } from "./parts";
import { place, setParams } from "./route";
import { midnight, now, status, type Known } from "./state";

const PERIODS = ["today", "week", "month", "all"] as const;
type Period = (typeof PERIODS)[number];
const DAYS_BACK: Record<Period, number | null> = { today: 0, week: 6, month: 30, all: null };
const CLASSES = ["sealed-batch", "version-check", "enrolment", "renewal", "update"] as const;
const PAGE = 100;
const EVERY_MS = 5000;
const UNKNOWN: Known<Answer<Egress>> = { value: null, at: 0, failure: "", failedSince: 0 };

function filterOf(params: URLSearchParams, today: number): { period: Period; filter: EgressFilter } {
	const period = PERIODS.find((name) => name === params.get("period")) ?? "today";
	const back = DAYS_BACK[period];
	return { period, filter: { from: back === null ? undefined : apiTime(addDays(today, -back)), class: params.get("class") ?? undefined, endpoint: params.get("endpoint") ?? undefined } };
}

/* "answered 200" is what everybody hopes for; other answers keep their number. */
function outcomeOf(outcome: string | null): string {
	const status = /^answered (\d+)$/.exec(outcome ?? "")?.[1];
	if (!status) return tName("outcome", outcome || "under way");
	return status === "200" || status === "206" ? c("outcome.answered") : c("outcome.answered.status", { status });
}

function Row({ row }: { row: EgressRow }) {
	const open = useSignal(false);
	return (
		<>
			<tr class={open.value ? "open" : undefined}>
				<td class="number"><button type="button" class="row-open" aria-expanded={open.value} onClick={() => { open.value = !open.value; }} title={c("egress.details")}>{integer(row.seq)}</button></td>
				<td><time dateTime={row.time}>{dayShort(row.time)}, {clock(row.time)}:{String(new Date(row.time).getSeconds()).padStart(2, "0")}</time></td>
				<td>{row.endpoint}<small class="quiet"> {row.region}</small></td>
				<td><Chip tone={row.class === "sealed-batch" ? "accent" : "plain"}>{tName("class", row.class)}</Chip></td>
				<td>{tName("why", row.why)}</td>
				<td class="number">{bytes(row.bytes)}</td>
				<td class="number">{row.sent === null ? "–" : bytes(row.sent)}</td>
				<td>{outcomeOf(row.outcome)}</td>
			</tr>
			{open.value && (
				<tr class="row-more"><td colSpan={8}><dl>
					<div><dt>{c("egress.digest")}</dt><dd><code>{row.digest}</code></dd></div>
					{row.batch && <div><dt>{c("batch.id")}</dt><dd><code>{row.batch}</code></dd></div>}
					<div><dt>{c("egress.exact")}</dt><dd>{c("egress.exact.value", { bytes: integer(row.bytes), sent: row.sent === null ? "–" : integer(row.sent), time: row.time })}</dd></div>
					<div><dt>{c("egress.what")}</dt><dd>{tName("class.lead", row.class)}</dd></div>
				</dl></td></tr>
			)}
		</>
	);
}

function Rows({ told, filter }: { told: Egress; filter: EgressFilter }) {
	const older = useSignal<EgressRow[]>([]);
	const next = useSignal<number | null | undefined>(undefined);
	const busy = useSignal(false);
	/* new rows push the first page on; what was loaded below it stays, each row once */
	const last = told.rows.at(-1)?.seq ?? 0;
	const rows = [...told.rows, ...older.value.filter((row) => row.seq < last)];
	const more = next.value === undefined ? told.next : next.value;
	const load = async () => {
		busy.value = true;
		try {
			const { answer } = await consoleApi.egress(filter, PAGE, more ?? undefined);
			older.value = [...older.value, ...(answer?.rows ?? [])];
			next.value = answer?.next ?? null;
		} catch (error) {
			toast("bad", sentenceOf(error));
		} finally {
			busy.value = false;
		}
	};
	if (rows.length === 0) return <Nothing>{c("egress.none")}</Nothing>;
	return (
		<>
			<div class="table-wrap"><table class="table ledger">
				<thead><tr><th scope="col" class="number">{c("egress.seq")}</th><th scope="col">{c("column.time")}</th><th scope="col">{c("egress.where")}</th><th scope="col">{c("egress.class")}</th>
					<th scope="col">{c("egress.why")}</th><th scope="col" class="number">{c("egress.bytes")}</th><th scope="col" class="number">{c("egress.sent")}</th><th scope="col">{c("egress.outcome")}</th></tr></thead>
				<tbody>{rows.map((row) => <Row key={row.seq} row={row} />)}</tbody>
			</table></div>
			<p class="table-foot">{c("egress.shown", { n: integer(rows.length), total: integer(told.total.rows) })}
				{more !== null && <button type="button" class="button" disabled={busy.value} onClick={() => void load()}>{c("egress.more")}</button>}</p>
		</>
	);
}

/* Rows are numbered from one; with nothing filtered out, the newest number is their count or a row is missing. */
function Gapless({ told, filter }: { told: Egress; filter: EgressFilter }) {
	const newest = told.rows[0]?.seq;
	if (newest === undefined || filter.from || filter.class || filter.endpoint) return null;
	const missing = newest - told.total.rows;
	return missing === 0 ? <State tone="good">{c("egress.complete", { n: integer(newest) })}</State>
		: <State tone="bad">{c("egress.missing", { n: integer(missing) })}</State>;
}

function Promised() {
	return (
		<Panel title={c("egress.promise")} note={c("egress.promise.lead")}>
			<dl class="promise">{CLASSES.map((name) => <div key={name}><dt>{tName("class", name)}</dt><dd>{tName("class.lead", name)}</dd></div>)}</dl>
		</Panel>
	);
}

export function EgressPage() {
	useTitle(c("page.egress"));
	const { params } = place.value;
	const { period, filter } = filterOf(params, midnight(now.value));
	const key = JSON.stringify(filter);
	const known = useSignal(UNKNOWN);
	useEffect(() => {
		let wanted = true;
		known.value = UNKNOWN;
		const ask = async () => {
			try {
				const value = await consoleApi.egress(filter, PAGE);
				if (wanted) known.value = { value, at: Date.now(), failure: "", failedSince: 0 };
			} catch (error) {
				if (wanted) known.value = { ...known.value, failure: sentenceOf(error), failedSince: known.value.failedSince || Date.now() };
			}
		};
		void ask();
		const timer = window.setInterval(() => { if (!document.hidden) void ask(); }, EVERY_MS);
		return () => {
			wanted = false;
			window.clearInterval(timer);
		};
	}, [key]);
	const endpoints = [...new Set([...(status.known.value.value?.answer?.endpoints.map((entry) => entry.name) ?? []), ...(filter.endpoint ? [filter.endpoint] : [])])];
	const able = known.value.value?.answer != null;
	return (
		<div class="stack">
			<div class="filters">
				<Segments label={c("range.label")} options={PERIODS} value={period} onPick={(name) => setParams({ period: name === "today" ? "" : name })} shown={(name) => c(`period.${name}`)} />
				<label class="filter"><span class="unseen">{c("egress.class")}</span><select value={filter.class ?? ""} onChange={(event) => setParams({ class: event.currentTarget.value })}>
					<option value="">{c("egress.class.all")}</option>{CLASSES.map((name) => <option key={name} value={name}>{tName("class", name)}</option>)}</select></label>
				<label class="filter"><span class="unseen">{c("column.endpoint")}</span><select value={filter.endpoint ?? ""} onChange={(event) => setParams({ endpoint: event.currentTarget.value })}>
					<option value="">{c("egress.endpoint.all")}</option>{endpoints.map((name) => <option key={name} value={name}>{name}</option>)}</select></label>
				<span class="filters-space" />
				{able && <a class="button" href={egressCsv(filter)} download="daybreak-egress.csv"><Upload />{c("egress.export")}</a>}
			</div>
			<AgentGate known={known.value}>{(told) => (
				<>
					<div class="figures-row three">
						<Figure label={c("egress.total.rows")} value={integer(told.total.rows)} note={c("egress.total.rows.note")} />
						<Figure label={c("egress.total.bytes")} value={bytes(told.total.bytes)} note={c("egress.total.bytes.note", { n: integer(told.total.bytes) })} />
						<Figure label={c("egress.total.sent")} value={bytes(told.total.sent)} note={c("egress.total.sent.note", { n: integer(told.total.sent) })} />
					</div>
					<Panel title={c("egress.rows")} note={c("egress.rows.lead")} tools={<Gapless told={told} filter={filter} />}><Rows key={key} told={told} filter={filter} /></Panel>
				</>
			)}</AgentGate>
			<Promised />
		</div>
	);
}
