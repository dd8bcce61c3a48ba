/* Who the box is, and whom it talks to: its certificate, and each endpoint with what it last proved. */
import type { Certificate, Endpoint, SyncStatus } from "../api/console";
import { Chip } from "../kit/controls";
import { bytes, day, dayShort, integer, milliseconds, sentence } from "../kit/format";
import { c, tName } from "../text/text";
import { certificateTone, confirmedLately, endpointTone, endpointWord } from "./checks";
import { AgentGate, Ago, Command, Digest, Nothing, Panel, State, Why, useTitle } from "./parts";
import { daysUntil } from "./overview";
import { now, status } from "./state";

const RENEWAL_DAYS = 30;
const DAY_MS = 86400000;
const full = (at: string): string => `${sentence(day(at))} ${new Date(at).getFullYear()}`;

/* From its first day to its last, where today is, and from when on it renews itself. */
function Life({ from, to }: { from: string; to: string }) {
	const start = new Date(from).getTime();
	const end = new Date(to).getTime();
	const part = (at: number) => `${Math.min(100, Math.max(0, (100 * (at - start)) / (end - start)))}%`;
	/* short certificates renew in their last third */
	const renewal = Math.max(end - RENEWAL_DAYS * DAY_MS, start + (2 * (end - start)) / 3);
	return (
		<div class="life">
			<div class="life-track"><span class="life-gone" style={{ width: part(now.value) }} /><span class="life-renew" style={{ left: part(renewal) }} /><span class="life-now" style={{ left: part(now.value) }} /></div>
			<div class="life-text"><span>{dayShort(from)}</span><span>{c("cert.left", { n: daysUntil(to) })}</span><span>{dayShort(to)}</span></div>
		</div>
	);
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
	return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function Identity({ told }: { told: SyncStatus }) {
	const certificate: Certificate = told.certificate;
	const peers = told.endpoints.some((entry) => confirmedLately(entry, now.value));
	const tone = certificateTone(certificate, peers);
	return (
		<Panel title={c("cert.title")} note={c("cert.lead")}>
			<div class="identity">
				<div class="identity-state">
					<State tone={tone}>{tName("check.certificate", certificate.state === "valid" && !peers ? "unproven" : certificate.state)}</State>
					<Why reason={certificate.reason} since={certificate.since} next={certificate.next} />
					{certificate.not_before && certificate.not_after && <Life from={certificate.not_before} to={certificate.not_after} />}
				</div>
				<dl class="facts">
					<Fact name={c("cert.site")}>{told.site}</Fact>
					{certificate.subject && <Fact name={c("cert.subject")}>{certificate.subject}</Fact>}
					{certificate.serial && <Fact name={c("cert.serial")}><code>{certificate.serial}</code></Fact>}
					{certificate.not_after && <Fact name={c("cert.until")}>{full(certificate.not_after)}</Fact>}
					{certificate.fingerprint && <Fact name={c("cert.fingerprint")}><code class="fingerprint">{certificate.fingerprint.match(/.{1,8}/g)?.join(" ")}</code></Fact>}
				</dl>
			</div>
			<details class="more"><summary>{c("cert.how")}</summary>
				<dl class="howto">
					<div><dt>{c("cert.how.enrol")}</dt><dd>{c("cert.how.enrol.lead")} <Command text="daybreak-sync enrol" /> <Command text={`daybreak-authority approve FINGERPRINT --site ${told.site}`} /></dd></div>
					<div><dt>{c("cert.how.rotate")}</dt><dd>{c("cert.how.rotate.lead")} <Command text="daybreak-sync rotate" /></dd></div>
					<div><dt>{c("cert.how.revoke")}</dt><dd>{c("cert.how.revoke.lead")} <Command text={`daybreak-authority revoke --site ${told.site}`} /></dd></div>
				</dl></details>
		</Panel>
	);
}

function Peer({ endpoint }: { endpoint: Endpoint }) {
	const tone = endpointTone(endpoint, now.value);
	return (
		<article class={`peer ${tone}`} aria-label={endpoint.name}>
			<header><h3>{endpoint.name}</h3><State tone={tone}>{tName("endpoint", endpointWord(endpoint, now.value))}</State></header>
			<Why reason={endpoint.reason} since={endpoint.since} next={endpoint.next} />
			<dl class="facts">
				<Fact name={c("peer.region")}>{endpoint.region} {endpoint.allowed ? <Chip tone="good">{c("peer.allowed")}</Chip> : <Chip tone="bad">{c("peer.forbidden")}</Chip>}</Fact>
				<Fact name={c("peer.confirmed")}><Ago at={endpoint.confirmed} /></Fact>
				<Fact name={c("peer.reader")}>{endpoint.reader ? <>{endpoint.reader.label} <Digest text={endpoint.reader.digest} /></> : "–"}</Fact>
				<Fact name={c("peer.server")}>{endpoint.server_not_after ? c("peer.server.until", { date: dayShort(endpoint.server_not_after), n: daysUntil(endpoint.server_not_after) }) : "–"}</Fact>
				<Fact name={c("peer.address")}>{endpoint.url}</Fact>
				<Fact name={c("lane.slots")}>{c("lane.busy", { busy: endpoint.in_flight, slots: endpoint.slots })}</Fact>
				<Fact name={c("lane.rate")}>{endpoint.rate_per_min ? integer(endpoint.rate_per_min) : "–"}</Fact>
				<Fact name={c("lane.latency")}>{endpoint.latency_ms ? milliseconds(endpoint.latency_ms) : "–"}</Fact>
				{!!endpoint.errors_in_row && <Fact name={c("peer.errors")}>{integer(endpoint.errors_in_row)}</Fact>}
			</dl>
		</article>
	);
}

export function SitesPage() {
	useTitle(c("page.sites"));
	return (
		<div class="stack">
			<AgentGate known={status.known.value}>{(told) => (
				<>
					<Identity told={told} />
					<Panel title={c("peers.title")} note={c("peers.lead")}>
						{told.endpoints.length === 0 ? <Nothing>{c("peers.none")}</Nothing>
							: <div class="peers">{told.endpoints.map((endpoint) => <Peer key={endpoint.name} endpoint={endpoint} />)}</div>}
					</Panel>
					<Panel title={c("line.title")} note={c("line.lead")}>
						<dl class="facts row">
							<Fact name={c("line.cap")}>{told.uplink.bytes_s > 0 ? c("line.rate", { rate: bytes(told.uplink.bytes_s) }) : c("line.free")}</Fact>
							<Fact name={c("line.now")}>{c("line.rate", { rate: bytes(told.uplink.measured_bytes_s) })}</Fact>
							<Fact name={c("line.agent")}>{told.version}</Fact>
							<Fact name={c("line.since")}><Ago at={told.since} /></Fact>
						</dl>
					</Panel>
				</>
			)}</AgentGate>
		</div>
	);
}
