/* Events, automatic and human side by side; neither stands in for the other. */
import { useComputed } from "@preact/signals";
import type { EventRow, HumanEvent, Run } from "../../api/types";
import { KEYS, keyShort, type KeyAction } from "../../keys";
import { IconButton } from "../../kit/controls";
import { clock, dayShort, decimal, hours, hoursSigned, initials, percent } from "../../kit/format";
import { Cross, Redo, Undo, Warn } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { mayAnnotate } from "../../kit/session";
import { history, redo, setAbsent, setEvent, undo } from "./actions";
import type { Viewer } from "./viewer";
import { latestWords } from "./words";

const keyOf = new Map((KEYS as readonly KeyAction[]).flatMap((entry) => (entry.event ? [[entry.event, entry.keys[0] ?? ""]] : [])));

function when(run: number | null, time_s: number | null): string {
	if (time_s !== null) return hours(time_s);
	return run === null ? "–" : t("player.run", { run });
}

/* The empty place says already that there is no value. */
function whyMissing(row: EventRow): string {
	return row.missing?.replace(/^not computable: /, "") ?? t("events.not");
}

function Automatic({ row, wide }: { row: EventRow; wide: boolean }) {
	const event = row.automatic;
	if (!event) return <td class="event-none" colSpan={wide ? 3 : 1}>{whyMissing(row)}</td>;
	const half = event.earliest_s !== null && event.latest_s !== null ? (event.latest_s - event.earliest_s) / 2 / 3600 : null;
	return (
		<td class={row.used?.source === "automatic" ? "event-time used" : "event-time"}>
			<strong>{when(event.run, event.time_s)}</strong>
			{half !== null && <span class="event-half">±{decimal(half)}</span>}
			<span class="meter" title={t("tile.confidence", { n: percent(event.confidence) })}>
				<span style={{ transform: `scaleX(${event.confidence / 1000})` }} />
			</span>
		</td>
	);
}

function Word({ word, used }: { word: HumanEvent; used: boolean }) {
	const made = `${dayShort(word.made)} ${clock(word.made)}`;
	return (
		<span class={used ? "event-word used" : "event-word"} title={t("events.by", { author: word.author, time: made })}>
			<strong>{word.absent ? t("events.absent.short") : when(word.run, word.time_s)}</strong>
			<span class="event-author" aria-hidden="true">{initials(word.author)}</span><span class="unseen">{word.author}</span>
		</span>
	);
}

function Row({ row, viewer, here }: { row: EventRow; viewer: Viewer; here: boolean }) {
	const words = latestWords(row);
	const first = words.find((word) => !word.absent && word.time_s !== null);
	const [said, read] = [first?.time_s ?? null, row.automatic?.time_s ?? null];
	const delta = said !== null && read !== null ? said - read : null;
	const target = row.used?.run ?? row.automatic?.run ?? first?.run ?? null;
	const name = tName("event", row.event);
	const set = t("events.set", { event: name });
	const absent = t("events.absent", { event: name });
	const key = keyShort(keyOf.get(row.event) ?? "");
	/* a reason why there is no time may run over the empty cells beside it */
	const reason = !row.automatic && words.length === 0;
	const doubt = row.plausibility === "soft" ? t("events.soft") : row.plausibility === "hard" ? t("events.hard") : "";
	return (
		<tr class={here ? "here" : ""} data-event={row.event}>
			<th scope="row">
				<button type="button" class="event-go" disabled={target === null} title={t("events.go", { event: name })}
					onClick={() => target !== null && viewer.goToRun(target)}>
					<span class={`band-dot s-${row.event}`} /><strong>{row.event}</strong><span class="event-name">{name}</span>
					{doubt && <span class={`event-doubt ${row.plausibility}`} title={doubt}><Warn /><span class="unseen">{doubt}</span></span>}
				</button>
			</th>
			<Automatic row={row} wide={reason} />
			{!reason && <td class="event-human">
				{words.map((word) => <Word key={word.author} word={word} used={row.used?.source === "human" && word.run === row.used.run} />)}
			</td>}
			{!reason && <td class="event-delta">{delta === null ? "" : hoursSigned(delta)}</td>}
			{mayAnnotate() && <td class="event-tools">
				<button type="button" class="key-button" aria-label={`${set} (${key})`} data-key={key} title={set}
					onClick={() => void setEvent(viewer, row.event)} />
				<button type="button" class="key-button quiet" aria-label={absent} title={absent}
					onClick={() => void setAbsent(viewer, row.event)}><Cross size={12} /></button>
			</td>}
		</tr>
	);
}

/* the event whose stage the picture on the screen is in */
function eventAt(events: EventRow[], run: Run | null): string | undefined {
	const before = events.filter((row) => row.used && run && row.used.run <= run.run);
	return before.sort((a, b) => (a.used?.run ?? 0) - (b.used?.run ?? 0)).at(-1)?.event;
}

export function Events({ viewer }: { viewer: Viewer }) {
	const events = viewer.embryo.value?.evaluation?.events ?? [];
	/* only when the stage changes: a step must not draw the whole table anew */
	const here = useComputed(() => eventAt(viewer.embryo.value?.evaluation?.events ?? [], viewer.current.value)).value;
	const { undo: undoable, redo: redoable } = history.value;
	return (
		<section class="panel events" aria-labelledby="events-title">
			<header><h2 id="events-title">{t("events.title")}</h2>
				{mayAnnotate() && <>
					<IconButton label={t("key.undo")} keys="Ctrl Z" disabled={undoable === 0} onClick={() => void undo(viewer)}><Undo /></IconButton>
					<IconButton label={t("key.redo")} keys="Ctrl Shift Z" disabled={redoable === 0} onClick={() => void redo(viewer)}><Redo /></IconButton>
				</>}
			</header>
			<table>
				<colgroup>
					<col /><col class="col-read" /><col class="col-human" /><col class="col-delta" />
					{mayAnnotate() && <col class="col-tools" />}
				</colgroup>
				<thead><tr>
					<th scope="col">{t("events.event")}</th><th scope="col">{t("events.automatic")}</th><th scope="col">{t("events.human")}</th>
					<th scope="col" class="event-delta">{t("events.delta")}</th>{mayAnnotate() && <td />}
				</tr></thead>
				<tbody>{events.map((row) => <Row key={row.event} row={row} viewer={viewer} here={row.event === here} />)}</tbody>
			</table>
			{mayAnnotate() && <p class="panel-note">{t("events.hint")}</p>}
		</section>
	);
}
