/* When a slide was inseminated, said as a lab knows it: how old its embryos were at the first picture. */
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import { Dialog, Field, toast } from "../../kit/controls";
import { Stop } from "../../kit/icons";
import { mayAnnotate, sentenceOf } from "../../kit/session";
import { t } from "../../text/text";
import { textOf } from "./forms";

const HOURS_MAX = 48;
const nameOf = (dish: number): string => `first-${dish}`;

/* "17.5" and "17,5"; undefined where it is no such time. */
function secondsOf(text: string): number | undefined {
	const hours = /^\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : Infinity;
	return hours <= HOURS_MAX ? Math.round(hours * 3600) : undefined;
}

/* Undefined where the field was left empty: the browser lets nothing else pass that is no time. */
export const firstPictureOf = (data: FormData, dish: number): number | undefined => secondsOf(textOf(data, nameOf(dish)));

export function FirstPictureField({ dish, label, hint, required }: { dish: number; label: string; hint: string; required?: boolean }) {
	const check = (field: HTMLInputElement) => {
		const text = field.value.trim();
		field.setCustomValidity(text === "" || secondsOf(text) !== undefined ? "" : t("first.wrong", { max: HOURS_MAX }));
	};
	return <Field label={label} hint={hint}>
		<input name={nameOf(dish)} inputMode="decimal" autocomplete="off" maxLength={8} required={required} autofocus={required}
			onInput={(event) => check(event.currentTarget)} /></Field>;
}

interface What { dish: number; slide: string; patient: number; onDone: () => void }

function FirstPictureDialog({ dish, slide, patient, onDone, onClose }: What & { onClose: () => void }) {
	const wrong = useSignal("");
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		try {
			const seconds = firstPictureOf(new FormData(event.currentTarget as HTMLFormElement), dish);
			if (seconds !== undefined) await api.inseminated(dish, patient, seconds);
			toast("good", t("first.saved", { slide }));
			onClose();
			onDone();
		} catch (error) {
			wrong.value = sentenceOf(error);
		}
	};
	return (
		<Dialog title={t("first.title")} onClose={onClose}>
			<form class="assign" onSubmit={submit}>
				<p class="assign-slide">{slide}</p>
				<FirstPictureField dish={dish} label={t("first.hours")} hint={t("first.hint")} required />
				<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
				<footer>
					<button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
					<button class="button primary">{t("edit.save")}</button>
				</footer>
			</form>
		</Dialog>
	);
}

/* Stands where a page says that the time is missing. patient: 0 for nobody's slide. */
export function FirstPictureButton(what: What) {
	const open = useSignal(false);
	if (!mayAnnotate()) return null;
	return <>
		<button type="button" class="button" onClick={() => { open.value = true; }}>{t("first.enter")}</button>
		{open.value && <FirstPictureDialog {...what} onClose={() => { open.value = false; }} />}
	</>;
}
