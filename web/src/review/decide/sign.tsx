/* Electronic signatures: who signs types name and password again, and sees beforehand whose embryos these are, what was
 * decided and what the signature means. The witness is another person, who does the same on the same screen. */
import { useSignal } from "@preact/signals";
import { api, ApiError } from "../../api/client";
import { sayNow } from "../../api/outbox";
import type { Cohort, Decision, Embryo, Meaning, Patient } from "../../api/types";
import { Dialog, Field, toast } from "../../kit/controls";
import { born, clock, dayShort } from "../../kit/format";
import { Check, Stop } from "../../kit/icons";
import { sentenceOf, user } from "../../kit/session";
import { t, tName } from "../../text/text";
import "./decide.css";

const MEANINGS: readonly Meaning[] = ["author", "witness"];

export interface Signable { well: number; slide: string; decision: Decision }

const signatureOf = (decision: Decision, meaning: Meaning) => decision.signatures.find((entry) => entry.meaning === meaning);

export function signedText(decision: Decision, meaning: Meaning): string {
	const signature = signatureOf(decision, meaning);
	if (!signature) return t(`sign.${meaning}.none`);
	return t(`sign.${meaning}.done`, { name: signature.name, date: dayShort(signature.made), time: clock(signature.made) });
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.trim().toLowerCase();

/* What this person may sign with this meaning: decisions of one's own, or as a witness those of others. */
const openFor = (items: readonly Signable[], meaning: Meaning, name: string): Signable[] => items.filter(({ decision }) =>
	!signatureOf(decision, meaning) && same(decision.author, name) === (meaning === "author"));

function SignForm({ meaning, items, patient, onSigned }:
	{ meaning: Meaning; items: readonly Signable[]; patient: number; onSigned: () => void }) {
	const name = useSignal(meaning === "author" ? user.value?.name ?? "" : "");
	const wrong = useSignal("");
	const busy = useSignal(false);
	const open = openFor(items, meaning, name.value);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const password = (event.currentTarget as HTMLFormElement).elements.namedItem("password") as HTMLInputElement;
		wrong.value = open.length ? "" : t(`sign.${meaning}.nothing`, { name: name.value });
		if (wrong.value) return;
		busy.value = true;
		try {
			await sayNow("POST", "/api/signatures", { decisions: open.map((entry) => entry.decision.id), name: name.value.trim(),
				password: password.value, meaning }, { patient });
			toast("good", t("sign.saved", { n: open.length, name: name.value.trim() }));
			onSigned();
		} catch (error) {
			const status = error instanceof ApiError ? error.status : 0;
			wrong.value = status === 429 ? t("signin.toomany") : sentenceOf(error);
			password.focus();
		} finally {
			password.value = "";
			busy.value = false;
		}
	};
	return (
		<form class="sign-form" onSubmit={submit} aria-label={t(`sign.${meaning}`)}>
			<h3>{t(`sign.${meaning}`)}</h3>
			<p class="quiet">{t(`sign.${meaning}.means`)}</p>
			<div class="columns">
				<Field label={t("signin.name")}><input name="name" autoComplete="off" autoCapitalize="none" spellcheck={false} required
					value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} /></Field>
				<Field label={t("signin.password")}><input name="password" type="password" autoComplete="off" required /></Field>
			</div>
			<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
			<button class="button" disabled={busy.value}>{t("sign.submit", { n: open.length })}</button>
		</form>
	);
}

function SignDialog({ items, patient, onSigned, onClose }:
	{ items: readonly Signable[]; patient: Patient; onSigned: () => void; onClose: () => void }) {
	const missing = MEANINGS.filter((meaning) => items.some(({ decision }) => !signatureOf(decision, meaning)));
	return (
		<Dialog title={t("sign.title")} onClose={onClose} wide>
			<div class="sign">
				<p class="sign-who"><strong>{patient.name || t("embryo.nobody")}</strong><span class="who-id">{patient.identifier}</span>
					{patient.born && <span class="who-born">{born(patient.born)}</span>}</p>
				<ul class="sign-list">
					{items.map(({ well, slide, decision }) => <li key={decision.id}>
						<span>{t("embryo.slidewell", { slide, well })}</span>
						<strong>{tName("decision", decision.decision)}</strong>
						<span>{decision.reason}</span>
						<span class="quiet">{t("decide.by", { author: decision.author, date: dayShort(decision.made), time: clock(decision.made) })}</span>
						{MEANINGS.map((meaning) => <span key={meaning} class="quiet">
							{signatureOf(decision, meaning) && <Check />}{signedText(decision, meaning)}</span>)}
					</li>)}
				</ul>
				{missing.map((meaning) => <SignForm key={meaning} meaning={meaning} items={items} patient={patient.id} onSigned={onSigned} />)}
				{missing.length === 0 && <p>{t(items.length ? "sign.complete" : "sign.empty")}</p>}
			</div>
		</Dialog>
	);
}

const nobody: Patient = { id: 0, name: "", identifier: "", born: "" };

export function SignOne({ embryo, decision, onSigned }: { embryo: Embryo; decision: Decision; onSigned: () => void }) {
	const shown = useSignal(false);
	return (
		<>
			{decision.signatures.length < MEANINGS.length
				&& <button type="button" class="button" onClick={() => { shown.value = true; }}>{t("sign.open")}</button>}
			{shown.value && <SignDialog items={[{ well: embryo.well, slide: embryo.dish.slide, decision }]} patient={embryo.patient ?? nobody}
				onSigned={onSigned} onClose={() => { shown.value = false; }} />}
		</>
	);
}

/* All decisions of a cycle in one go. */
export function SignCycle({ cycle, onSigned }: { cycle: number; onSigned: () => void }) {
	const cohort = useSignal<Cohort | null>(null);
	const load = async () => {
		try {
			cohort.value = await api.cohort(cycle);
		} catch (error) {
			toast("bad", sentenceOf(error));
		}
	};
	const items = (cohort.value?.dishes ?? []).flatMap((dish) => dish.embryos.flatMap(({ well, decision }) =>
		decision ? [{ well, slide: dish.slide, decision }] : []));
	return (
		<>
			<button type="button" class="button" onClick={() => void load()}>{t("sign.open.all")}</button>
			{cohort.value && <SignDialog items={items} patient={cohort.value.patient} onSigned={() => { void load(); onSigned(); }}
				onClose={() => { cohort.value = null; }} />}
		</>
	);
}
