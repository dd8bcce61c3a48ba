import { useSignal } from "@preact/signals";
import { ApiError } from "../api/client";
import { Field } from "./controls";
import { Mark, Stop } from "./icons";
import { t } from "../text/text";
import { sentenceOf, sessionEnded, signIn } from "./session";
import { LanguagePick, ThemeButton } from "./tools";

/* lead: one line that says which page this is. */
export function SignInPage({ lead }: { lead: string }) {
	const busy = useSignal(false);
	const wrong = useSignal("");
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLFormElement;
		const data = new FormData(form);
		busy.value = true;
		wrong.value = "";
		try {
			await signIn(String(data.get("name")), String(data.get("password")));
		} catch (error) {
			const status = error instanceof ApiError ? error.status : 0;
			wrong.value = status === 401 ? t("signin.wrong") : status === 429 ? t("signin.toomany") : sentenceOf(error);
			const password = form.elements.namedItem("password") as HTMLInputElement;
			password.value = "";
			password.focus();
		} finally {
			busy.value = false;
		}
	};
	return (
		<main class="signin">
			<form class="signin-card" onSubmit={submit} aria-label={t("signin.title")}>
				<div class="signin-brand">
					<Mark size={44} />
					<div><h1>{t("product")}</h1><p>{lead}</p></div>
				</div>
				{sessionEnded.value && <p class="notice">{t("signin.ended")}</p>}
				<Field label={t("signin.name")}>
					<input name="name" autoComplete="username" autoCapitalize="none" spellcheck={false} required autofocus />
				</Field>
				<Field label={t("signin.password")}>
					<input name="password" type="password" autoComplete="current-password" required />
				</Field>
				<div role="alert">{wrong.value && <p class="notice bad"><Stop /><span>{wrong.value}</span></p>}</div>
				<button class="button primary big" disabled={busy.value}>
					{busy.value ? t("signin.busy") : t("signin.submit")}
				</button>
			</form>
			<div class="signin-foot"><LanguagePick /><ThemeButton /></div>
		</main>
	);
}
