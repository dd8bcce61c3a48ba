import { useEffect } from "preact/hooks";
import { Toasts } from "../kit/controls";
import { clock } from "../kit/format";
import { Left, Mark, Stop } from "../kit/icons";
import { PasswordButton } from "../kit/password";
import { user } from "../kit/session";
import { toggleTheme } from "../kit/settings";
import { SignInPage } from "../kit/signin";
import { LanguagePick, SignOutButton, ThemeButton } from "../kit/tools";
import { c } from "../text/text";
import { BurstPage } from "./burst";
import { verdictOf, type CheckTone } from "./checks";
import { CostsPage } from "./costs";
import { EgressPage } from "./egress";
import { FunctionsPage } from "./functions";
import { currentChecks, OverviewPage, VERDICT_TONES } from "./overview";
import { PeoplePage } from "./people";
import { ToneIcon } from "./parts";
import { href, PAGES, place, type PageName } from "./route";
import { SitesPage } from "./sites";
import { burst, follow, startTicking, status, unreachable, updates } from "./state";
import { UpdatesPage } from "./updates";

const VIEWS: Record<PageName, () => preact.JSX.Element> = {
	overview: OverviewPage, burst: BurstPage, functions: FunctionsPage, egress: EgressPage, costs: CostsPage, sites: SitesPage,
	updates: UpdatesPage, people: PeoplePage,
};

/* The worst of a page's checks stands beside its name. */
function Rail() {
	const checks = currentChecks();
	const verdict = verdictOf(checks);
	const tones = new Map<PageName, CheckTone>(verdict === "home" ? [] : [["overview", VERDICT_TONES[verdict]]]);
	for (const { page, tone } of checks) if ((tone === "bad" || tone === "warn") && tones.get(page) !== "bad") tones.set(page, tone);
	return (
		<aside class="rail">
			<a class="rail-brand" href="#/"><Mark /><span><strong>{c("product")}</strong><small>{c("console.title")}</small></span></a>
			<nav aria-label={c("console.pages")}>
				{PAGES.map((page) => {
					const tone = tones.get(page);
					return (
						<a key={page} href={href(page)} aria-current={place.value.page === page ? "page" : undefined}>
							{c(`page.${page}`)}{tone && <ToneIcon tone={tone} />}
						</a>
					);
				})}
			</nav>
			<div class="rail-foot">
				<a class="rail-lab" href="/"><Left />{c("console.lab")}</a>
				<span class="rail-user">{user.value?.name}</span>
				<PasswordButton class="rail-password" />
				<div class="rail-tools"><LanguagePick /><ThemeButton /><SignOutButton /></div>
			</div>
		</aside>
	);
}

function Shell() {
	useEffect(() => {
		const stop = [startTicking(), follow(burst, status, updates)];
		return () => stop.forEach((end) => end());
	}, []);
	const { page } = place.value;
	const View = VIEWS[page];
	return (
		<div class="console">
			<Rail />
			<main class="console-page" id="page">
				<header class="console-head">
					<div><h1>{c(`page.${page}`)}</h1><p>{c(`page.${page}.lead`)}</p></div>
					{unreachable.value > 0 && <p class="head-lost" role="alert"><Stop />{c("link.unreachable", { time: clock(unreachable.value) })}</p>}
				</header>
				<View key={page} />
			</main>
		</div>
	);
}

function NotForYou() {
	return (
		<main class="empty">
			<Mark size={44} />
			<h2>{c("role.title")}</h2>
			<p>{c("role.lead", { name: user.value?.name ?? "" })}</p>
			<a class="button" href="/">{c("console.lab")}</a>
			<SignOutButton />
		</main>
	);
}

function onKey(event: KeyboardEvent): void {
	const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
	if (!typing && event.key.toLowerCase() === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) toggleTheme();
}

export function App() {
	useEffect(() => {
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
	if (user.value === undefined) return null;
	return (
		<>
			{user.value === null ? <SignInPage lead={c("console.title")} /> : user.value.role === "admin" ? <Shell /> : <NotForYou />}
			<Toasts />
		</>
	);
}
