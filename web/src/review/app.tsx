import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { actionFor } from "../keys";
import { Toasts } from "../kit/controls";
import { go, route } from "../kit/route";
import { user } from "../kit/session";
import { toggleTheme } from "../kit/settings";
import { SignInPage } from "../kit/signin";
import { t } from "../text/text";
import { BoardPage } from "./board/board";
import { EmbryoPage } from "./embryo/page";
import { HelpDialog } from "./help";
import { ModelsPage } from "./models/page";

export const helpShown = signal(false);

/* Keys that mean the same on every page. Each page listens for its own. */
function onKey(event: KeyboardEvent): void {
	if (isTyping(event) || document.querySelector("dialog[open]")) return;
	const action = actionFor(event)?.action;
	if (action === "page.help") helpShown.value = true;
	else if (action === "page.theme") toggleTheme();
	else if (action === "page.models" && route.value.page !== "models") go("#/models");
	else if (action === "page.board" && route.value.page !== "board") go("#/");
	else return;
	event.preventDefault();
}

export function isTyping(event: Event): boolean {
	const { target } = event;
	return target instanceof Element && target.closest("input:not([type=range]), textarea, select, [contenteditable]") !== null;
}

export function App() {
	useEffect(() => {
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
	if (user.value === undefined) return null;
	const at = route.value;
	return (
		<>
			{user.value === null ? <SignInPage lead={t("signin.lead")} />
				: at.page === "embryo" ? <EmbryoPage key={at.embryo} id={at.embryo} />
				: at.page === "models" ? <ModelsPage label={at.label} dataset={at.dataset} /> : <BoardPage />}
			{helpShown.value && <HelpDialog onClose={() => { helpShown.value = false; }} />}
			<Toasts />
		</>
	);
}
