/* One's own password. The old one is asked for, so that who finds a screen open cannot keep the account. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { t } from "../text/text";
import { Dialog, Field, toast } from "./controls";
import { Stop } from "./icons";
import { findSession, sentenceOf, sessionEnded, user } from "./session";

const LEAST = 8;

function PasswordDialog({ onClose }: { onClose: () => void }) {
	const busy = useSignal(false);
	const wrong = useSignal("");
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const data = new FormData(event.currentTarget as HTMLFormElement);
		const [old, chosen, again] = ["old", "new", "again"].map((name) => String(data.get(name)));
		wrong.value = "";
		if (chosen !== again) {
			wrong.value = t("password.differ");
			return;
		}
		busy.value = true;
		try {
			await api.changePassword(old ?? "", chosen ?? "");
			onClose();
			toast("good", t("password.done"));
			/* a question that was under way came with the old cookie, and its answer ended the session here */
			await findSession();
			sessionEnded.value = false;
		} catch (error) {
			wrong.value = sentenceOf(error);
		} finally {
			busy.value = false;
		}
	};
	return (
		<Dialog title={t("password.title")} onClose={onClose}>
			<form class="dialog-form" onSubmit={(event) => void submit(event)}>
				<input type="hidden" name="name" autoComplete="username" value={user.value?.name} />
				<Field label={t("password.old")}><input name="old" type="password" autoComplete="current-password" required autofocus /></Field>
				<Field label={t("password.new")} hint={t("password.hint", { n: LEAST })}><input name="new" type="password" autoComplete="new-password" required minLength={LEAST} maxLength={256} /></Field>
				<Field label={t("password.again")}><input name="again" type="password" autoComplete="new-password" required /></Field>
				<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
				<footer>
					<button type="button" class="button" onClick={onClose}>{t("password.cancel")}</button>
					<button class="button primary" disabled={busy.value}>{t("password.submit")}</button>
				</footer>
			</form>
		</Dialog>
	);
}

export function PasswordButton({ class: look = "button" }: { class?: string }) {
	const open = useSignal(false);
	return (
		<>
			<button type="button" class={look} onClick={() => { open.value = true; }}>{t("password.title")}</button>
			{open.value && <PasswordDialog onClose={() => { open.value = false; }} />}
		</>
	);
}
