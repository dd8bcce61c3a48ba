/* Corrects what was mistyped of a patient and a cycle, says when slides were inseminated, and takes a slide back that was given to the wrong person. */
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Cycle, Patient } from "../../api/types";
import { Dialog, Field, IconButton, Segments, toast } from "../../kit/controls";
import { Pen, Stop, Warn } from "../../kit/icons";
import { mayAnnotate, sentenceOf } from "../../kit/session";
import { t, tName } from "../../text/text";
import { instant, METHODS, textOf } from "./forms";
import { FirstPictureField, firstPictureOf } from "./inseminated";

interface What { patient: Patient; cycle: Cycle; dishes: readonly { dish: number; slide: string }[]; onDone: () => void }

/* The first press asks, the second does it: what was said of the embryos stays, the patient's name leaves them. */
function Release({ dish, slide, onDone }: { dish: number; slide: string; onDone: () => void }) {
	const sure = useSignal(false);
	const wrong = useSignal("");
	const press = async () => {
		if (!sure.value) return void (sure.value = true);
		try {
			await api.releaseDish(dish);
			toast("good", t("edit.released", { slide }));
			onDone();
		} catch (error) {
			wrong.value = sentenceOf(error);
		}
	};
	return <>
		<button type="button" class="button" onClick={() => void press()}>{sure.value && <Warn />}{t(sure.value ? "edit.release.sure" : "edit.release", { slide })}</button>
		{wrong.value && <p class="notice bad" role="alert"><Stop /><span>{wrong.value}</span></p>}
	</>;
}

/* datetime-local has no zone: it is the clock on the wall. */
function wallClock(iso: string | null): string {
	if (!iso) return "";
	const at = new Date(iso);
	return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function EditDialog({ patient, cycle, dishes, onDone, onClose }: What & { onClose: () => void }) {
	const method = useSignal(cycle.method);
	const wrong = useSignal("");
	const done = () => {
		onClose();
		onDone();
	};
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const data = new FormData(event.currentTarget as HTMLFormElement);
		const person = { name: textOf(data, "name"), identifier: textOf(data, "identifier"), born: textOf(data, "born") };
		const plan = { label: textOf(data, "label"), method: method.value, decision: instant(textOf(data, "decision")) };
		try {
			if (person.name !== patient.name || person.identifier !== patient.identifier || person.born !== patient.born) await api.updatePatient(patient.id, person);
			await api.updateCycle(cycle.cycle, plan);
			for (const { dish } of dishes) {
				const seconds = firstPictureOf(data, dish);
				if (seconds !== undefined) await api.inseminated(dish, patient.id, seconds);
			}
			toast("good", t("edit.saved"));
			done();
		} catch (error) {
			wrong.value = sentenceOf(error);
		}
	};
	return (
		<Dialog title={t("edit.title")} onClose={onClose}>
			<form class="assign" onSubmit={submit}>
				<p class="notice"><Warn /><span>{t("edit.lead")}</span></p>
				<Field label={t("assign.name")}><input name="name" required maxLength={127} defaultValue={patient.name} /></Field>
				<div class="columns">
					<Field label={t("assign.identifier")}><input name="identifier" required maxLength={127} defaultValue={patient.identifier} /></Field>
					<Field label={t("assign.born")}><input name="born" type="date" defaultValue={patient.born} /></Field>
					<Field label={t("assign.label")}><input name="label" required maxLength={127} defaultValue={cycle.label} /></Field>
					<Field label={t("assign.decision")}><input name="decision" type="datetime-local" defaultValue={wallClock(cycle.decision)} /></Field>
				</div>
				<div class="field"><span class="field-label">{t("assign.method")}</span>
					<Segments label={t("assign.method")} options={METHODS} value={method.value} shown={(entry) => tName("method", entry)}
						onPick={(entry) => { method.value = entry; }} /></div>
				{dishes.map(({ dish, slide }) => <FirstPictureField key={dish} dish={dish} label={t("first.hours.of", { slide })}
					hint={`${t("first.hint")} ${t("first.keep")}`} />)}
				<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
				{dishes.map((entry) => <Release key={entry.dish} {...entry} onDone={done} />)}
				<footer>
					<button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
					<button class="button primary">{t("edit.save")}</button>
				</footer>
			</form>
		</Dialog>
	);
}

export function EditButton(what: What) {
	const open = useSignal(false);
	if (!mayAnnotate()) return null;
	return <>
		<IconButton label={t("edit.title")} onClick={() => { open.value = true; }}><Pen /></IconButton>
		{open.value && <EditDialog {...what} onClose={() => { open.value = false; }} />}
	</>;
}
