/* What the box makes of the embryo, and why: rank, reasons, stage, flags, what to look at. */
import type { Embryo, Evaluation, Flag } from "../../api/types";
import { Chip } from "../../kit/controls";
import { sentence } from "../../kit/format";
import { Check, Covered, Ring, Warn } from "../../kit/icons";
import { modelHref } from "../../kit/route";
import { t, tName } from "../../text/text";
import type { Viewer } from "./viewer";

/* Where the score would be: why it is not there, and what to do. */
function Cover({ title, text }: { title?: string; text: string }) {
	return <p class="cover"><Covered /><span>{title && <strong>{title}. </strong>}{text}</span></p>;
}

function Rank({ embryo }: { embryo: Embryo }) {
	const { rank } = embryo;
	if (embryo.covered) return <Cover title={t("cover.title")} text={t("cover.text")} />;
	if (embryo.rank_covered) return <Cover text={t("cover.rank")} />;
	/* without a profile's class the box names the stage group, which stands below anyway */
	const classed = rank?.class && rank.class !== embryo.evaluation?.stage_group;
	return (
		<div class="verdict-rank">
			{rank && rank.rank !== null ? <>
				<span class="rank-number" aria-label={`${t("verdict.rank")} ${rank.rank}`}><small>{t("verdict.rank")}</small>{rank.rank}</span>
				<span class="rank-of">{rank.shared > 1 ? t("verdict.tied", { n: rank.shared, of: rank.of }) : t("verdict.of", { n: rank.of })}{classed && <strong class="tile-class">{rank.class}</strong>}</span>
			</> : <span class="rank-of">{t("verdict.unranked")}</span>}
		</div>
	);
}

function FlagRow({ flag, viewer }: { flag: Flag; viewer: Viewer }) {
	const name = tName("flag", flag.flag);
	return (
		<li class={`flag ${flag.state === "yes" ? "yes" : "maybe"}`}>
			<Warn />
			<div>
				<div class="flag-head"><strong>{name}</strong><Chip tone={flag.state === "yes" ? "bad" : "warn"}>{t(`flag.${flag.state}`)}</Chip></div>
				{flag.reason && <p>{sentence(flag.reason)}</p>}
				{flag.run !== null && flag.run !== undefined && <button type="button" class="link-button"
					onClick={() => viewer.goToRun(flag.run ?? 0)}>{t("player.run", { run: flag.run })}</button>}
			</div>
		</li>
	);
}

function Raised({ flags, viewer }: { flags: Flag[]; viewer: Viewer }) {
	return <ul class="flags">{flags.map((flag) => <FlagRow key={flag.flag} flag={flag} viewer={viewer} />)}</ul>;
}

/* While the score is covered the own grade comes first: only what is raised is shown before it. */
function Flags({ evaluation, viewer, covered }: { evaluation: Evaluation; viewer: Viewer; covered: boolean }) {
	const raised = evaluation.flags.filter((flag) => flag.state === "yes" || flag.state === "suspected");
	const clear = evaluation.flags.filter((flag) => flag.state === "no");
	const cannot = evaluation.flags.filter((flag) => flag.state === "not computable");
	if (covered) return <Raised flags={raised} viewer={viewer} />;
	return (
		<>
			<h2 class="panel-sub">{t("verdict.flags")}</h2>
			{raised.length === 0 && <p class="quiet-line"><Check />{t("verdict.flags.none")}</p>}
			<Raised flags={raised} viewer={viewer} />
			{clear.length > 0 && <p class="panel-note">
				{t("verdict.flags.no", { list: clear.map((flag) => tName("flag", flag.flag)).join(", ") })}</p>}
			{cannot.length > 0 && <details class="more"><summary>{t("verdict.flags.cannot")} ({cannot.length})</summary>
				<ul>{cannot.map((flag) => <li key={flag.flag}><strong>{tName("flag", flag.flag)}</strong> {flag.reason}</li>)}</ul></details>}
		</>
	);
}

/* The model that read it, by its card. Two only while the embryo is read again. */
function ReadBy({ embryo: { readers } }: { embryo: Embryo }) {
	const versions = [...new Set(readers.map((reader) => reader.version))];
	return versions.length > 0 && <p class="panel-note">{t(versions.length > 1 ? "verdict.readers" : "verdict.reader")}{" "}
		{versions.map((version, i) => <>{i > 0 && ", "}<a class="text-link" href={modelHref(version)}>{version}</a></>)}</p>;
}

export function Verdict({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const { evaluation } = embryo;
	const reasons = embryo.rank?.reasons ?? [];
	if (embryo.second_reading) return <section class="panel verdict" aria-label={t("verdict.rank")}><Cover text={t("blind.hidden")} /></section>;
	return (
		<section class="panel verdict" aria-label={t("verdict.rank")}>
			<Rank embryo={embryo} />
			{!evaluation && <p class="quiet-line"><Ring />{t("embryo.unread")}</p>}
			{evaluation && <p class="verdict-stage"><span class={`stage-dot g-${evaluation.stage_group}`} />
				<strong>{tName("group", evaluation.stage_group)}</strong>
				{evaluation.stage_group !== "empty" && <span>{evaluation.stage} · {tName("event", evaluation.stage)}</span>}</p>}
			{reasons.length > 0 && <><h2 class="panel-sub">{t("verdict.why")}</h2>
				<ul class="reasons">{reasons.map((reason) => <li key={reason}>{sentence(reason)}</li>)}</ul></>}
			{evaluation && evaluation.anomalies.length > 0 && <><h2 class="panel-sub">{t("verdict.anomalies")}</h2>
				<ul class="anomalies">{evaluation.anomalies.map((anomaly) => (
					<li key={`${anomaly.kind} ${anomaly.run}`}><Warn /><span>{sentence(anomaly.text)}</span>
						{anomaly.run !== null && anomaly.run !== undefined && <button type="button" class="link-button"
							onClick={() => viewer.goToRun(anomaly.run ?? 0)}>{t("player.run", { run: anomaly.run })}</button>}</li>
				))}</ul></>}
			{evaluation && <Flags evaluation={evaluation} viewer={viewer} covered={embryo.covered} />}
			{evaluation && !embryo.covered && <p class="panel-note">
				{t("verdict.points", { read: evaluation.read, points: evaluation.points, empty: evaluation.empty })}</p>}
			<ReadBy embryo={embryo} />
		</section>
	);
}
