/* Events, automatic and human side by side; neither stands in for the other. */
import { useComputed } from "@preact/signals";
import type { EventRow, HumanEvent, Run } from "../../api/types";
import { keyHint, type Action } from "../../keys";
import { clock, dayShort, decimal, hours, hoursSigned, initials, percent } from "../../kit/format";
import { Cross, Warn } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { mayAnnotate, user } from "../../kit/session";
import { UndoTools } from "../words/undo";
import { setAbsent, setEvent, takeBack } from "./actions";
import type { Viewer } from "./viewer";
import { latestWords } from "./words";

function when(run: number | null, time_s: number | null): string {
	if (time_s !== null) return hours(time_s);
	return run === null ? "–" : t("player.run", { run });
}

/* The empty place says already that there is no value. */
function whyMissing(row: EventRow, blind: boolean): string {
	return blind ? t("events.hidden") : row.missing?.replace(/^(not computable|non calculable)\s?: /, "") ?? t("events.not");
}

function Automatic({ row, wide, blind }: { row: EventRow; wide: boolean; blind: boolean }) {
	const event = row.automatic;
	if (!event && !wide) return <td class="event-none" title={whyMissing(row, blind)}>–</td>;
	if (!event) return <td class="event-none" colSpan={3}>{whyMissing(row, blind)}</td>;
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

/* One's own word is taken back by a tap on it. */
function Word({ word, used, onBack }: { word: HumanEvent; used: boolean; onBack: (() => void) | null }) {
	const by = t("events.by", { author: word.author, time: `${dayShort(word.made)} ${clock(word.made)}` });
	const content = <><strong>{word.absent ? t("events.absent.short") : when(word.run, word.time_s)}</strong>
		<span class="event-author" aria-hidden="true">{initials(word.author)}</span><span class="unseen">{word.author}</span></>;
	const look = used ? "event-word used" : "event-word";
	if (!onBack) return <span class={look} title={by}>{content}</span>;
	return <button type="button" class={look} title={t("events.takeback", { word: by })} onClick={onBack}>{content}</button>;
}

function Row({ row, viewer, here }: { row: EventRow; viewer: Viewer; here: boolean }) {
	const words = latestWords(row);
	const blind = viewer.embryo.value?.second_reading != null;
	const first = words.find((word) => !word.absent && word.time_s !== null);
	const [said, read] = [first?.time_s ?? null, row.automatic?.time_s ?? null];
	const delta = said !== null && read !== null ? said - read : null;
	const target = row.used?.run ?? row.automatic?.run ?? first?.run ?? null;
	const name = tName("event", row.event);
	const set = t("events.set", { event: name });
	const absent = t("events.absent", { event: name });
	const key = keyHint(`set.${row.event}` as Action);
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
			<Automatic row={row} wide={reason} blind={blind} />
			{!reason && <td class="event-human">
				{words.map((word) => <Word key={word.author} word={word} used={row.used?.source === "human" && word.run === row.used.run}
					onBack={mayAnnotate() && word.author === user.value?.name ? () => void takeBack(viewer, row.event) : null} />)}
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
	return (
		<section class="panel events" aria-labelledby="events-title">
			<header><h2 id="events-title">{t("events.title")}</h2>
				<UndoTools viewer={viewer} />
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
