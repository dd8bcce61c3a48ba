/* Guards against mixing patients up. One browser is at work on one patient: what shows another one's pictures asks first.
 * And a page whose ground has changed (another person signed in, another patient, a newer box) says so before a word is
 * written. The box holds the same by itself; here it is said in time. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { effect, signal } from "@preact/signals";
import { api, onMixUp } from "../api/client";
import { connection } from "../api/stream";
import { Dialog, toast } from "../kit/controls";
import { born } from "../kit/format";
import { Person, Stop, Warn } from "../kit/icons";
import { go, route } from "../kit/route";
import { user } from "../kit/session";
import { t } from "../text/text";
import { ownerName, sameOwner, type Owner } from "./owner";

/* How long the other windows of this browser have to say on whom they are. */
const ANSWER_MS = 150;

const work = signal<Owner | null>(null);
/* whom the browser's other windows are at work on, by window */
const elsewhere = signal<ReadonlyMap<string, Owner>>(new Map());
const heard = signal(false);
const stale = signal<{ title: string; text: string } | null>(null);

type Said = { ask: true } | { from: string; at: Owner | null; user: string | undefined } | { leave: Owner };
const me = crypto.randomUUID();
const windows = new BroadcastChannel("daybreak.work");
const tell = (said: Said): void => windows.postMessage(said);
const tellWork = (at = work.peek()): void => tell({ from: me, at, user: user.peek()?.name });
const isOther = (here: Owner | null, owner: Owner): here is Owner => here !== null && !sameOwner(here, owner);

windows.onmessage = ({ data }: MessageEvent<Said>) => {
	if ("ask" in data) return tellWork();
	if ("leave" in data) {
		if (!isOther(work.peek(), data.leave)) return;
		go("#/");
		return toast("warn", t("guard.left", { name: ownerName(data.leave) }));
	}
	const next = new Map(elsewhere.peek());
	if (data.at) next.set(data.from, data.at);
	else next.delete(data.from);
	elsewhere.value = next;
	if (data.user && data.user !== user.peek()?.name) void look();
};
tell({ ask: true });
window.setTimeout(() => { heard.value = true; }, ANSWER_MS);
window.addEventListener("pagehide", () => tellWork(null));
effect(() => {
	const { page } = route.value;
	/* these pages show many patients, each by name: who goes on from here chooses anew */
	if (page === "board" || page === "quality" || !user.value) work.value = null;
});
effect(() => {
	user.value;
	tellWork(work.value);
});

/* Who is signed in, and which build the box is of, when this page was loaded. */
let build = "";
async function look(): Promise<void> {
	const mine = user.peek();
	if (!mine) return;
	try {
		const [{ user: now }, health] = await Promise.all([api.session(), api.health()]);
		if (now.name !== user.peek()?.name) stale.value = { title: t("guard.user"), text: t("guard.user.text", { now: now.name, then: mine.name }) };
		build ||= health.build;
		if (health.build !== build) stale.value = { title: t("guard.build"), text: t("guard.build.text") };
	} catch { /* a box that does not answer is told by the connection */ }
}
effect(() => {
	if (user.value && connection.value.state === "live") void look();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) void look(); });
window.addEventListener("focus", () => void look());
onMixUp((sentence) => { stale.value = { title: t("guard.refused"), text: sentence }; });

/* Nothing but a reload makes such a page true again; there is no way past it. */
export function StaleDialog() {
	const now = stale.value;
	if (!now || !user.value) return null;
	return (
		<Dialog title={now.title} onClose={() => location.reload()}>
			<div class="guard" role="alert">
				<p class="notice bad"><Stop /><span>{now.text}</span></p>
				<footer><button type="button" class="button primary big" autofocus onClick={() => location.reload()}>{t("guard.reload")}</button></footer>
			</div>
		</Dialog>
	);
}

function Who({ owner, label }: { owner: Owner; label: string }) {
	const { patient, slide } = owner;
	return (
		<div class="guard-who">
			<span class="field-label">{label}</span>
			<strong>{patient ? patient.name : slide}</strong>
			<span>{patient ? patient.identifier : t("embryo.nobody")}</span>
			{patient?.born && <span>{t("embryo.born", { date: born(patient.born) })}</span>}
		</div>
	);
}

interface Choice { title: string; text: string; from: Owner; to: Owner; stay: string; onStay: () => void; onGo: () => void }
function ChoiceDialog({ title, text, from, to, stay, onStay, onGo }: Choice) {
	const name = to.patient?.name ?? to.slide;
	useEffect(() => {
		document.title = `${title} · ${t("product")}`;
	}, [title]);
	return (
		<div class="page"><main />
			<Dialog title={title} onClose={onStay}>
				<div class="guard">
					<p class="notice"><Warn /><span>{text}</span></p>
					<div class="columns"><Who owner={from} label={t("guard.from")} /><Who owner={to} label={t("guard.to")} /></div>
					<footer>
						<button type="button" class="button big" autofocus onClick={onStay}>{stay}</button>
						<button type="button" class="button primary big" onClick={onGo}><Person />{t("guard.open", { name })}</button>
					</footer>
				</div>
			</Dialog>
		</div>
	);
}

/* Where the patient at work was seen last, to go back to. */
let lastHash = "";

/* Shows its page only where its patient is the one at work; owner is null until it is known. */
export function Guarded({ owner, children }: { owner: Owner | null; children: ComponentChildren }) {
	const [mine, setMine] = useState<Owner | null>(null);
	/* by the time another one is asked for, the address is the other one's */
	const [hash] = useState(location.hash);
	const window_ = owner && [...elsewhere.value.values()].find((at) => isOther(at, owner));
	const other = owner && (isOther(work.value, owner) ? work.value : work.value ? null : window_);
	const takeUp = () => {
		if (owner && window_) tell({ leave: owner });
		elsewhere.value = new Map([...elsewhere.peek()].filter(([, at]) => owner && !isOther(at, owner)));
		work.value = owner;
		lastHash = hash;
		setMine(owner);
	};
	const free = owner !== null && heard.value && !other;
	useEffect(() => {
		if (free) takeUp();
	}, [free, owner?.patient?.id, owner?.dish]);
	if (!owner || free) return children;
	/* the other dialog has the first word */
	if (!other || stale.value) return <main class="empty" aria-busy="true" />;
	/* the slide on this page was given to somebody else under our eyes */
	if (mine && mine.dish === owner.dish) {
		return <ChoiceDialog title={t("guard.moved")} text={t("guard.moved.text", { slide: owner.slide })} from={other} to={owner}
			stay={t("guard.board")} onStay={() => go("#/")} onGo={() => location.reload()} />;
	}
	const here = work.value !== null;
	return <ChoiceDialog title={t("guard.other")} text={t(here ? "guard.other.text" : "guard.elsewhere.text")} from={other} to={owner}
		stay={here ? t("guard.stay", { name: other.patient?.name ?? other.slide }) : t("guard.board")}
		onStay={() => go(here && lastHash ? lastHash : "#/", true)} onGo={takeUp} />;
}
