/* Gives a slide of the inbox to a patient's cycle. The page never pre-selects a person: the embryologist names them. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { BoardDish, PatientWithCycles } from "../../api/types";
import { Dialog, Field, Segments, toast } from "../../kit/controls";
import { born } from "../../kit/format";
import { Check, Stop, Warn } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { sentenceOf } from "../../kit/session";
import { alike, instant, METHODS, textOf } from "./forms";
import { loadBoard } from "./state";

const FOUND_SHOWN = 6;

function PatientPick({ patients, picked, onPick }:
	{ patients: PatientWithCycles[]; picked: PatientWithCycles | null; onPick: (patient: PatientWithCycles) => void }) {
	const words = useSignal("");
	const wanted = words.value.trim().toLowerCase();
	const found = patients.filter((patient) => patient.name.toLowerCase().includes(wanted)
		|| patient.identifier.toLowerCase().includes(wanted));
	return (
		<>
			<Field label={t("assign.find")}>
				<input type="search" placeholder={t("assign.find.hint")} value={words.value} autofocus
					onInput={(event) => { words.value = event.currentTarget.value; }} />
			</Field>
			<div class="pick" role="group" aria-label={t("assign.find")}>
				{found.slice(0, FOUND_SHOWN).map((patient) => (
					<button key={patient.id} type="button" aria-pressed={picked?.id === patient.id} onClick={() => onPick(patient)}>
						<strong>{patient.name}</strong><span class="who-id">{patient.identifier}</span>
						{patient.born && <span class="who-born">{born(patient.born)}</span>}
						{picked?.id === patient.id && <Check />}
					</button>
				))}
				{found.length === 0 && <p>{t("assign.nobody")}</p>}
			</div>
		</>
	);
}

/* A name of a cycle that is known already: of the same patient it is that cycle, of another one a trap. */
function KnownLabel({ label, picked, chosen, name, patients, onUse }: {
	label: string; picked: PatientWithCycles | null; chosen: boolean; name: string; patients: PatientWithCycles[]; onUse: (cycle: number) => void;
}) {
	if (label.trim() === "") return null;
	const own = !chosen && picked?.cycles.find((entry) => alike(entry.label, label));
	const others = patients.filter((entry) => entry.id !== picked?.id && entry.cycles.some((known) => alike(known.label, label)));
	return <>
		{own && <p class="notice" role="status"><Warn /><span>{t("assign.known", { name })} <button type="button" class="link-button"
			onClick={() => onUse(own.cycle)}>{t("assign.known.use")}</button></span></p>}
		{others.length > 0 && <>
			<p class="notice" role="status"><Warn /><span>{t("assign.same", { name,
				names: others.map((entry) => `${entry.name} (${entry.identifier})`).join(", ") })}</span></p>
			<label class="assign-sure"><input type="checkbox" required />{t("assign.sure", { name })}</label>
		</>}
	</>;
}

export function AssignDialog({ dish, onClose }: { dish: BoardDish; onClose: () => void }) {
	const patients = useSignal<PatientWithCycles[]>([]);
	const picked = useSignal<PatientWithCycles | null>(null);
	const isNew = useSignal(false);
	const newName = useSignal("");
	const label = useSignal("");
	const cycle = useSignal<number | null>(null);
	const method = useSignal<string | null>(null);
	const wrong = useSignal("");
	const busy = useSignal(false);
	useEffect(() => {
		api.patients().then((answer) => {
			patients.value = answer.patients;
			if (answer.patients.length === 0) isNew.value = true;
		}, (error) => { wrong.value = sentenceOf(error); });
	}, []);

	/* Patient, cycle, dish: each step that succeeded is kept, so that a second try does not add a second patient. */
	const obtainCycle = async (data: FormData): Promise<number> => {
		if (isNew.value) {
			const fresh = { name: textOf(data, "name"), identifier: textOf(data, "identifier"), born: textOf(data, "born") };
			const { id } = await api.addPatient(fresh);
			picked.value = { id, ...fresh, cycles: [] };
			patients.value = [...patients.value, picked.value];
			isNew.value = false;
		}
		if (cycle.value !== null) return cycle.value;
		const { id } = await api.addCycle({
			patient: picked.value?.id ?? 0, label: textOf(data, "label"), method: method.value ?? "unknown",
			decision: instant(textOf(data, "decision")),
		});
		cycle.value = id;
		return id;
	};
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const data = new FormData(event.currentTarget as HTMLFormElement);
		wrong.value = !isNew.value && !picked.value ? t("assign.pick")
			: cycle.value === null && !method.value ? t("assign.method.pick") : "";
		if (wrong.value) return;
		busy.value = true;
		try {
			await api.assignDish(dish.dish, await obtainCycle(data));
			toast("good", t("assign.done", { slide: dish.slide, name: picked.value?.name ?? "" }));
			await loadBoard();
			onClose();
		} catch (error) {
			wrong.value = sentenceOf(error);
		} finally {
			busy.value = false;
		}
	};
	const name = isNew.value ? newName.value.trim() : picked.value?.name;
	const shownLabel = picked.value?.cycles.find((entry) => entry.cycle === cycle.value)?.label ?? label.value;
	return (
		<Dialog title={t("assign.title")} onClose={onClose}>
			<form class="assign" onSubmit={submit}>
				<p class="assign-slide">{t("assign.slide", { slide: dish.slide, n: dish.embryos_total })}</p>
				{isNew.value ? <>
					<Field label={t("assign.name")}><input name="name" required maxLength={127} value={newName.value} autofocus
						onInput={(event) => { newName.value = event.currentTarget.value; }} /></Field>
					<div class="columns">
						<Field label={t("assign.identifier")} hint={t("assign.identifier.hint")}><input name="identifier" required maxLength={127} /></Field>
						<Field label={t("assign.born")}><input name="born" type="date" /></Field>
					</div>
				</> : <PatientPick patients={patients.value} picked={picked.value} onPick={(patient) => {
					picked.value = patient;
					cycle.value = null;
				}} />}
				<button type="button" class="link-button" onClick={() => { isNew.value = !isNew.value; picked.value = null; cycle.value = null; }}>
					{isNew.value ? t("assign.existing") : t("assign.new")}</button>
				{!isNew.value && (picked.value?.cycles.length ?? 0) > 0 && <Field label={t("assign.cycle")}>
					<select value={cycle.value ?? ""} onChange={(event) => { cycle.value = Number(event.currentTarget.value) || null; }}>
						<option value="">{t("assign.cycle.new")}</option>
						{picked.value?.cycles.map((entry) => <option key={entry.cycle} value={entry.cycle}>
							{entry.label} · {tName("method", entry.method)}</option>)}
					</select>
				</Field>}
				{cycle.value === null && <>
					<div class="columns">
						<Field label={t("assign.label")}><input name="label" required maxLength={127}
							placeholder={new Date().toISOString().slice(0, 7)} value={label.value}
							onInput={(event) => { label.value = event.currentTarget.value; }} /></Field>
						<Field label={t("assign.decision")}><input name="decision" type="datetime-local" /></Field>
					</div>
					<div class="field"><span class="field-label">{t("assign.method")}</span>
						<Segments label={t("assign.method")} options={METHODS} value={method.value} shown={(entry) => tName("method", entry)}
							onPick={(entry) => { method.value = entry; }} /></div>
				</>}
				{name && <KnownLabel key={`${picked.value?.id} ${shownLabel}`} label={shownLabel} picked={picked.value} chosen={cycle.value !== null} name={name}
					patients={patients.value} onUse={(known) => { cycle.value = known; }} />}
				<p class="notice"><Warn /><span>{t("assign.once")}</span></p>
				<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
				<footer>
					<button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
					<button class="button primary" disabled={busy.value}>{name ? t("assign.submit", { name }) : t("assign.submit.none")}</button>
				</footer>
			</form>
		</Dialog>
	);
}
