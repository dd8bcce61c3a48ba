/* Every word there ever was about the embryo, newest first, also what was replaced or taken back. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Embryo, HistoryRow } from "../../api/types";
import { clock, dayShort, hours } from "../../kit/format";
import { sentenceOf } from "../../kit/session";
import { t, tName } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { gradeName, kindText, pair, valueText } from "./kinds";
import "./words.css";

const moment = (made: string): string => `${dayShort(made)} ${clock(made)}`;

function said({ what, name, value, run, time_s }: HistoryRow): string {
	switch (what) {
		case "event": return pair(tName("event", name), value === "absent" ? t("events.absent.short")
			: time_s === null ? t("player.run", { run: run ?? "–" }) : `${hours(time_s)} h`);
		case "grade": return gradeName({ stage: name, text: value });
		case "observation": return pair(kindText(name), valueText(name, value));
		case "comment": return value;
		case "decision": return value ? pair(tName("decision", name), value) : tName("decision", name);
		case "signature": return pair(tName("history.signed", name), tName("decision", value));
		case "second-reading": return t(name !== "begin" ? "history.ended" : value ? "history.begun.shown" : "history.begun");
	}
}

function Row({ row, viewer }: { row: HistoryRow; viewer: Viewer }) {
	const over = row.withdrawn ? t("history.withdrawn", { time: moment(row.withdrawn) })
		: row.replaced ? t("history.replaced", { time: moment(row.replaced) }) : "";
	return (
		<li class={over ? "history-row over" : "history-row"} data-what={row.what}>
			<span class="history-when">{moment(row.made)}<strong>{row.author}</strong></span>
			<span class="history-what"><span>{said(row)}</span>{over && <small>{over}</small>}</span>
			{row.run !== null && <button type="button" class="link-button" onClick={() => viewer.goToRun(row.run ?? 0)}>{t("player.run", { run: row.run })}</button>}
		</li>
	);
}

export function HistoryPanel({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const rows = useSignal<HistoryRow[] | null>(null);
	const failure = useSignal("");
	useEffect(() => {
		api.history(embryo.embryo).then((answer) => {
			rows.value = answer.rows;
			failure.value = "";
		}, (error: unknown) => { failure.value = sentenceOf(error); });
	}, [embryo]);
	return (
		<section class="panel history" aria-labelledby="history-title" aria-busy={!rows.value}>
			<header><h2 id="history-title">{t("history.title")}</h2></header>
			{failure.value && <p class="notice bad">{failure.value}</p>}
			{rows.value?.length === 0 && <p class="quiet-line">{t("history.none")}</p>}
			<ol>{rows.value?.map((row, i) => <Row key={`${row.made} ${row.what} ${row.name} ${i}`} row={row} viewer={viewer} />)}</ol>
		</section>
	);
}
