import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { effect, signal } from "@preact/signals";
import { startStream } from "../api/stream";
import { actionFor } from "../keys";
import { Toasts } from "../kit/controls";
import { go, route, type Route } from "../kit/route";
import { signedInAt, user } from "../kit/session";
import { toggleTheme } from "../kit/settings";
import { SignInPage } from "../kit/signin";
import { loadTexts, t, type Texts } from "../text/text";
import { trayOpen } from "./compare/tray";
import { StaleDialog } from "./guard";
import { HelpDialog } from "./help";

export const helpShown = signal(false);
const EMBRYO_SOON_MS = 1500;

/* Before a page asks the box for anything, so that no change falls between its answer and the stream. */
effect(() => {
	if (user.value) startStream(signedInAt);
});

/* Keys that mean the same on every page. Each page listens for its own. */
function onKey(event: KeyboardEvent): void {
	if (isTyping(event) || document.querySelector("dialog[open]")) return;
	const action = actionFor(event)?.action;
	if (action === "page.help") helpShown.value = true;
	else if (action === "page.theme") toggleTheme();
	else if (action === "compare.open") trayOpen();
	else if (action === "page.models" && route.value.page !== "models") go("#/models");
	else if (action === "page.board" && route.value.page !== "board") go("#/");
	else return;
	event.preventDefault();
}

export function isTyping(event: Event): boolean {
	const { target } = event;
	return target instanceof Element && target.closest("input:not([type=range]), textarea, select, [contenteditable]") !== null;
}

/* A page that is loaded, with the texts of its own, when it is first opened. */
function later<Props extends object>(load: () => Promise<ComponentType<Props>>, texts?: Texts): ComponentType<Props> {
	const page = signal<ComponentType<Props> | null>(null);
	const failed = signal(false);
	const fetchIt = () => {
		failed.value = false;
		Promise.all([load(), texts && loadTexts(texts)]).then(([found]) => { page.value = found; }, () => { failed.value = true; });
	};
	return function Later(props: Props) {
		useEffect(() => {
			if (!page.value) fetchIt();
		}, []);
		const Page = page.value;
		if (Page) return <Page {...props} />;
		return (
			<main class="empty" aria-busy={!failed.value}>
				{failed.value && <><p class="notice bad">{t("error.unreachable")}</p>
					<button type="button" class="button" onClick={fetchIt}>{t("retry")}</button></>}
			</main>
		);
	};
}
const BoardPage = later(() => import("./board/page").then((room) => room.BoardPage));
const loadEmbryo = () => import("./embryo/page").then((room) => room.EmbryoPage);
const EmbryoPage = later(loadEmbryo);
const CohortPage = later(() => import("./cohort/page").then((room) => room.CohortPage));
const ComparePage = later(() => import("./compare/page").then((room) => room.ComparePage),
	{ en: () => import("../text/compare_en"), fr: () => import("../text/compare_fr") });
const QualityPage = later(() => import("./quality/page").then((room) => room.QualityPage),
	{ en: () => import("../text/quality_en"), fr: () => import("../text/quality_fr") });
const ModelsPage = later(() => import("./models/page").then((room) => room.ModelsPage),
	{ en: () => import("../text/models_en"), fr: () => import("../text/models_fr") });
const SettingsPage = later(() => import("./settings/page").then((room) => room.SettingsPage));

function Page({ at }: { at: Route }) {
	switch (at.page) {
		case "embryo": return <EmbryoPage key={at.embryo} id={at.embryo} />;
		case "cohort": return <CohortPage key={at.cycle} cycle={at.cycle} />;
		case "compare": return <ComparePage embryos={at.embryos} />;
		case "quality": return <QualityPage indicator={at.indicator} />;
		case "models": return <ModelsPage label={at.label} dataset={at.dataset} />;
		case "settings": return <SettingsPage />;
		case "board": return <BoardPage />;
	}
}

export function App() {
	useEffect(() => {
		window.addEventListener("keydown", onKey);
		/* From the board every way leads to an embryo. */
		const timer = window.setTimeout(() => void loadEmbryo().catch(() => {}), EMBRYO_SOON_MS);
		return () => {
			window.removeEventListener("keydown", onKey);
			window.clearTimeout(timer);
		};
	}, []);
	if (user.value === undefined) return null;
	return (
		<>
			{user.value === null ? <SignInPage lead={t("signin.lead")} /> : <Page at={route.value} />}
			{helpShown.value && <HelpDialog onClose={() => { helpShown.value = false; }} />}
			<StaleDialog />
			<Toasts />
		</>
	);
}
