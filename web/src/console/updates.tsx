/* The appliance's updates: what runs, what waits and why, and the administrator's word that it may be installed. */
import { useSignal } from "@preact/signals";
import { consoleApi, type Fetch, type Updater, type Updates, type WaitingUpdate } from "../api/console";
import { Dialog, Progress, toast } from "../kit/controls";
import { bytes, moment, sentence } from "../kit/format";
import { House, Stop } from "../kit/icons";
import { sentenceOf } from "../kit/session";
import { c, tName } from "../text/text";
import { updateCheck, type CheckTone } from "./checks";
import { Ago, Command, Digest, Failure, Nothing, Panel, State, ToneIcon, Waiting, Why, useTitle } from "./parts";
import { now, updates } from "./state";

async function say(update: WaitingUpdate, approved: boolean): Promise<void> {
	try {
		await consoleApi.approveUpdate(update.digest, approved);
		toast("good", c(approved ? "updates.said.yes" : "updates.said.no", { version: update.version ?? update.file }));
	} catch (error) {
		toast("bad", sentenceOf(error));
	}
	await updates.ask();
}

function Approve({ update, onClose }: { update: WaitingUpdate; onClose: () => void }) {
	const busy = useSignal(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		busy.value = true;
		await say(update, true);
		onClose();
	};
	return (
		<Dialog title={c("updates.approve.title", { version: update.version ?? update.file })} onClose={onClose}>
			<form class="dialog-form" onSubmit={(event) => void submit(event)}>
				<p>{c("updates.approve.lead")}</p>
				<p class="quiet">{c("updates.approve.back")}</p>
				<dl class="facts"><Fact name={c("updates.digest")}><code class="fingerprint">{update.digest.match(/.{1,8}/g)?.join(" ")}</code></Fact></dl>
				<footer>
					<button type="button" class="button" onClick={onClose}>{c("updates.cancel")}</button>
					<button class="button primary" disabled={busy.value}>{c("updates.approve")}</button>
				</footer>
			</form>
		</Dialog>
	);
}

const TONES: Record<WaitingUpdate["state"], CheckTone> = { approved: "good", "waits-for-approval": "warn", "waits-for-window": "plain", refused: "bad" };

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
	return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Bundle({ update, told }: { update: WaitingUpdate; told: Updates }) {
	const asking = useSignal(false);
	const approved = told.approved === update.digest;
	/* the updater has not looked since */
	const noted = approved && update.state === "waits-for-approval";
	const tone = noted ? "good" : TONES[update.state] ?? "plain";
	return (
		<article class={`peer ${tone}`} aria-label={update.version ?? update.file}>
			<header><h3>{update.version ?? update.file}</h3><State tone={tone}>{noted ? c("updates.state.noted") : tName("updates.state", update.state)}</State></header>
			<Why reason={noted ? c("updates.noted.lead") : update.why ?? ""} next="" />
			<dl class="facts">
				<Fact name={c("updates.from")}>{tName("updates.from", update.from)}</Fact>
				<Fact name={c("updates.file")}>{update.file}, {bytes(update.size)}</Fact>
				<Fact name={c("updates.digest")}><Digest text={update.digest} digits={16} /></Fact>
			</dl>
			{update.state === "refused" ? null : approved
				? <button type="button" class="button" onClick={() => void say(update, false)}>{c("updates.back")}</button>
				: update.state === "waits-for-approval" && <button type="button" class="button primary" onClick={() => { asking.value = true; }}>{c("updates.approve")}</button>}
			{asking.value && <Approve update={update} onClose={() => { asking.value = false; }} />}
		</article>
	);
}

function Hero({ told, updater }: { told: Updates; updater: Updater }) {
	const known = updateCheck(told, now.value);
	const tone = known?.tone ?? "plain";
	return (
		<section class={`hero ${tone}`} aria-label={c("overview.verdict")} role="status">
			<ToneIcon tone={tone} size={40} />
			<div><h2>{c("updates.runs", { version: updater.version })}</h2>
				<p>{tName("check.update", known?.word ?? "none").replace(/\{(\w+)\}/g, (_, name: string) => String(known?.values[name] ?? ""))}{updater.why ? `. ${sentence(updater.why)}.` : "."}</p></div>
		</section>
	);
}

function Halves({ updater }: { updater: Updater }) {
	const { other, last } = updater;
	return (
		<Panel title={c("updates.box")} note={c("updates.box.lead")}>
			<dl class="facts row">
				<Fact name={c("updates.running")}>{updater.version}{updater.slot && ` (${updater.slot})`}</Fact>
				<Fact name={c("updates.confirmed")}>{updater.confirmed ? <State tone="good">{c("updates.confirmed.yes")}</State> : <State tone="warn">{c("updates.confirmed.no")}</State>}</Fact>
				<Fact name={c("updates.other")}>{other?.version ? `${other.version}, ${c(other.bootable ? "updates.other.good" : "updates.other.bad")}` : c("updates.other.none")}</Fact>
				<Fact name={c("updates.last")}>{last ? <>{tName("updates.result", last.result)}: {last.from ?? "–"} → {last.to ?? "–"}, <time dateTime={last.at}>{moment(last.at, now.value)}</time></> : c("updates.last.none")}</Fact>
			</dl>
			{last?.why && <p class={last.result === "confirmed" || last.result === "installed" ? "notice" : "notice bad"}><Stop /><span>{sentence(last.why)}</span></p>}
			{other?.version && other.bootable && <p class="card-note">{c("updates.previous")} <Command text="daybreak update previous" /></p>}
		</Panel>
	);
}

const FETCH_TONES: Record<Fetch["state"], CheckTone> = { off: "plain", waiting: "plain", current: "good", fetching: "plain", fetched: "good", failing: "warn" };

function Sources({ told }: { told: Updates }) {
	const { fetch, agent } = told;
	const reached = fetch && fetch.state !== "off";
	return (
		<Panel title={c("updates.sources")} note={c("updates.sources.lead")}>
			<div class="sums">
				<div class="identity-state"><h3>{c("updates.network")}</h3>
					{!reached ? <Why reason={fetch ? c("updates.network.off") : agent.state === "off" ? c("updates.network.off") : agent.reason} next={fetch || agent.state === "off" ? "" : agent.next} /> : <>
						<State tone={FETCH_TONES[fetch.state] ?? "plain"}>{tName("fetch", fetch.state)}</State>
						{fetch.offer && fetch.state !== "current" && <p>{c("fetch.offer", { version: fetch.offer.version, have: bytes(fetch.offer.have), size: bytes(fetch.offer.size) })}</p>}
						{fetch.offer && fetch.state === "fetching" && <Progress value={fetch.offer.have} max={fetch.offer.size} label={c("fetch.fetching")} />}
						<Why reason={fetch.reason} since={fetch.state === "failing" ? fetch.since : null} next={fetch.next} />
						<p class="quiet">{c("fetch.checked")} <Ago at={fetch.checked} /></p>
					</>}
				</div>
				<div class="identity-state"><h3>{c("updates.stick")}</h3><p class="quiet">{c("updates.stick.lead")}</p></div>
			</div>
		</Panel>
	);
}

/* Installed as packages: there is nothing to be approved here. */
function Packages() {
	return (
		<div class="gate">
			<span class="tone"><House size={36} /></span>
			<h2>{c("updates.packages")}</h2>
			<p>{c("updates.packages.lead")}</p>
			<Command text="apt update && apt upgrade" />
		</div>
	);
}

function Told({ told }: { told: Updates }) {
	const { updater } = told;
	if (told.problem) return <p class="notice bad"><Stop /><span>{sentence(told.problem)}. {c("updates.problem.next")} <Command text="journalctl -u daybreak-update" /></span></p>;
	if (!updater?.appliance) return <Packages />;
	return (
		<>
			<Hero told={told} updater={updater} />
			<Panel title={c("updates.waiting")} note={<>{c("updates.waiting.lead")} <Ago at={told.told} /></>}>
				{updater.waiting.length === 0 ? <Nothing>{c("updates.waiting.none")}</Nothing>
					: <div class="peers">{updater.waiting.map((update) => <Bundle key={update.digest} update={update} told={told} />)}</div>}
			</Panel>
			<Sources told={told} />
			<Halves updater={updater} />
		</>
	);
}

export function UpdatesPage() {
	useTitle(c("page.updates"));
	const { value, failure, failedSince } = updates.known.value;
	return (
		<div class="stack">
			{failure && <Failure text={failure} since={failedSince} />}
			{value ? <Told told={value} /> : !failure && <Waiting />}
		</div>
	);
}
