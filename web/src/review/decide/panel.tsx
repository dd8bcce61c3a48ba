/* What is decided for an embryo, and who signed it. All decisions look alike: the page never leans towards one. A newer
 * decision stands before the older ones, which stay. */
import { useSignal } from "@preact/signals";
import type { Decision, DecisionName, Embryo } from "../../api/types";
import { Chip, Field } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { Check } from "../../kit/icons";
import { mayAnnotate, user } from "../../kit/session";
import { t, tName } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { perform } from "../words/stack";
import { OutcomeForm } from "./outcome";
import { SignOne, signedText } from "./sign";
import "./decide.css";

const DECISIONS: readonly DecisionName[] = ["transfer", "freeze", "biopsy", "culture", "discard"];

const byText = ({ author, made }: { author: string; made: string }): string =>
	t("decide.by", { author, date: dayShort(made), time: clock(made) });

const deedOf = (embryo: Embryo, decision: DecisionName, reason: string) =>
	({ name: tName("decision", decision), path: `/api/embryos/${embryo.embryo}/decisions`, row: { decision, reason } });

function Standing({ viewer, embryo, now, onChange }: { viewer: Viewer; embryo: Embryo; now: Decision; onChange: () => void }) {
	const mine = now.author === user.value?.name && now.signatures.length === 0;
	const takeBack = () => void perform(viewer, { ...deedOf(embryo, now.decision, now.reason), id: now.id }, t("decide.takenback"));
	return (
		<div class="decide-now">
			{now.reason && <span>{now.reason}</span>}
			<span class="quiet">{byText(now)}</span>
			<span>{signedText(now, "author")} · {signedText(now, "witness")}</span>
			{/* 0: it waits to be sent; there is nothing to sign yet */}
			{mayAnnotate() && now.id !== 0 && <div class="decide-sign">
				<SignOne embryo={embryo} decision={now} onSigned={() => void viewer.load()} />
				<button type="button" class="button" onClick={onChange}>{t("decide.change")}</button>
				{mine && <button type="button" class="button" onClick={takeBack}>{t("decide.takeback")}</button>}
			</div>}
		</div>
	);
}

function Choose({ viewer, embryo, onSaved }: { viewer: Viewer; embryo: Embryo; onSaved: () => void }) {
	const picked = useSignal<DecisionName | null>(null);
	const reason = useSignal("");
	const save = async () => {
		if (!picked.value || !(await perform(viewer, deedOf(embryo, picked.value, reason.value.trim()),
			t("decide.saved", { decision: tName("decision", picked.value) })))) return;
		picked.value = null;
		reason.value = "";
		onSaved();
	};
	return (
		<>
			<div class="decide-buttons" role="group" aria-label={t("decide.title")}>
				{DECISIONS.map((name) => <button key={name} type="button" aria-pressed={picked.value === name}
					onClick={() => { picked.value = picked.value === name ? null : name; }}>{tName("decision", name)}</button>)}
			</div>
			{picked.value && <div class="decide-save">
				<Field label={t("decide.reason")}><input value={reason.value} maxLength={500} placeholder={t("decide.reason.hint")}
					onInput={(event) => { reason.value = event.currentTarget.value; }} /></Field>
				<button type="button" class="button primary" onClick={() => void save()}>
					{t("decide.save", { decision: tName("decision", picked.value) })}</button>
			</div>}
		</>
	);
}

export function DecisionPanel({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const [now, ...before] = embryo.decisions;
	const blind = embryo.second_reading;
	const changing = useSignal(false);
	return (
		<section class="panel decide" aria-labelledby="decide-title">
			<header><h2 id="decide-title">{t("decide.title")}</h2>
				{now ? <Chip tone="good" icon={<Check />}>{tName("decision", now.decision)}</Chip> : !blind && <Chip>{t("decide.none")}</Chip>}</header>
			{blind && <p class="panel-note">{t("decide.blind")}</p>}
			{now && <Standing viewer={viewer} embryo={embryo} now={now} onChange={() => { changing.value = !changing.value; }} />}
			{before.length > 0 && <p class="panel-note">{t("decide.before", { list: before.map((entry) =>
				`${tName("decision", entry.decision)} (${byText(entry)}${entry.signatures.length ? `; ${signedText(entry, "author")}` : ""})`).join("; ") })}</p>}
			{!blind && mayAnnotate() && (!now || changing.value)
				&& <Choose viewer={viewer} embryo={embryo} onSaved={() => { changing.value = false; }} />}
			{now?.decision === "transfer" && <OutcomeForm viewer={viewer} embryo={embryo} />}
		</section>
	);
}
