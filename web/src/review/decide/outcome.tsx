/* What became of a transfer, weeks and months later: each finding with the day it was made. */
import { useSignal } from "@preact/signals";
import type { Embryo } from "../../api/types";
import { Field, Segments } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { mayAnnotate, user } from "../../kit/session";
import { t, tName } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { perform } from "../words/stack";

const YES_NO = ["yes", "no"] as const;
const OUTCOMES = [["outcome-hcg", YES_NO], ["outcome-sac", YES_NO], ["outcome-sacs", ["0", "1", "2", "3", "4"]],
	["outcome-heartbeat", YES_NO], ["outcome-live-birth", YES_NO]] as const;

function today(): string {
	const now = new Date();
	return new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
}

function Outcome({ viewer, embryo, kind, values, day }:
	{ viewer: Viewer; embryo: Embryo; kind: string; values: readonly string[]; day: string }) {
	const said = embryo.observations.filter((entry) => entry.kind === kind);
	const used = said.at(-1);
	const label = tName("kind", kind);
	const shown = (value: string): string => tName("value", value);
	const own = said.find((entry) => entry.author === user.value?.name);
	const withdrawn = { kind, withdrawn: true };
	/* the same again takes it back */
	const pick = (value: string) => void perform(viewer, { name: label, path: `/api/embryos/${embryo.embryo}/observations`,
		body: own?.value === value && own.day === day ? withdrawn : { kind, value, day },
		before: own ? { kind, value: own.value, day: own.day } : withdrawn }, t("outcome.saved", { what: label }));
	return (
		<li>
			<span>{label}</span>
			<Segments label={label} options={values} value={used?.value ?? null} disabled={!mayAnnotate()} shown={shown} onPick={pick} />
			{said.map((entry) => <small key={entry.author} class="quiet">{t("outcome.by", { value: shown(entry.value), day: entry.day,
				author: entry.author, date: dayShort(entry.made), time: clock(entry.made) })}</small>)}
		</li>
	);
}

export function OutcomeForm({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const day = useSignal(today());
	return (
		<details class="outcome">
			<summary>{t("outcome.title")}</summary>
			<Field label={t("outcome.day")}><input type="date" max={today()} value={day.value} required
				onInput={(event) => { day.value = event.currentTarget.value; }} /></Field>
			<ul>{OUTCOMES.map(([kind, values]) => <Outcome key={kind} viewer={viewer} embryo={embryo} kind={kind} values={values} day={day.value} />)}</ul>
		</details>
	);
}
