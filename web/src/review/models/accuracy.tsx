/* The measured accuracy of a model: an overview of all data sets, real and rendered apart, and the figures of one. No
 * number here joins two data sets. */
import type { ComponentChildren } from "preact";
import { METHODS, METRICS, type Dataset, type EventErrors, type EventFigures, type Measured, type Method, type Metric,
	type Report } from "../../api/types";
import { Chip } from "../../kit/controls";
import { decimal, integer, share } from "../../kit/format";
import { Warn } from "../../kit/icons";
import { modelHref } from "../../kit/route";
import { t, tName, type TextKey } from "../../text/text";
import { CalibrationPlot } from "./calibration";
import { Confusion } from "./confusion";

function Value({ measured, strong }: { measured: Measured | null | undefined; strong?: boolean }) {
	if (!measured) return <span class="quiet" aria-label={t("accuracy.cannot")}>–</span>;
	const text = share(measured.value);
	return (
		<>
			{strong ? <strong>{text}</strong> : text}
			<small class="interval-of">{measured.low === null || measured.high === null ? t("accuracy.one")
				: `${decimal(100 * measured.low)}–${decimal(100 * measured.high)}`}</small>
		</>
	);
}

function Overview({ label, report, kind, shown }: { label: string; report: Report; kind: Dataset["kind"]; shown: number }) {
	const rows = report.datasets.map((set, i) => ({ set, i })).filter(({ set }) => set.kind === kind);
	if (rows.length === 0) return null;
	return (
		<table class="figures overview">
			<caption>{t(`accuracy.${kind}`)}</caption>
			<thead><tr>
				<th scope="col">{t("models.set")}</th><th scope="col" class="number">{t("models.embryos")}</th>
				<th scope="col" class="number">{t("metric.frame_accuracy")}</th><th scope="col" class="number">{t("accuracy.clock")}</th>
				<th scope="col" class="number">{t("metric.within_one")}</th><th scope="col" class="number">{t("metric.event_f1")}</th>
			</tr></thead>
			<tbody>{rows.map(({ set, i }) => (
				<tr key={i} class={i === shown ? "here" : undefined}>
					<th scope="row"><a class="text-link" href={modelHref(label, i)} aria-current={i === shown ? "true" : undefined}>{set.name}</a>
						{set.trained_on && <Chip tone="warn">{t("accuracy.trained")}</Chip>}</th>
					<td class="number">{integer(set.embryos)}</td>
					<td class="number"><Value measured={set.frame_accuracy?.reader} strong /></td>
					<td class="number"><Value measured={set.frame_accuracy?.time_only} /></td>
					<td class="number"><Value measured={set.within_one?.reader} /></td>
					<td class="number"><Value measured={set.event_f1?.reader} /></td>
				</tr>
			))}</tbody>
		</table>
	);
}

function countOf(metric: Metric): string {
	const counted = metric.events === undefined ? t("accuracy.frames", { n: integer(metric.frames ?? 0) })
		: t("accuracy.events", { n: integer(metric.events) });
	return `${counted}, ${t("accuracy.embryos", { n: integer(metric.embryos) })}`;
}

function Metrics({ set }: { set: Dataset }) {
	return (
		<table class="figures">
			<caption class="unseen">{t("accuracy.metrics")}</caption>
			<thead><tr><td />{METHODS.map((method) => <th key={method} scope="col" class="number">{t(`method.${method}`)}</th>)}
				<th scope="col">{t("accuracy.over")}</th></tr></thead>
			<tbody>{METRICS.flatMap((name) => {
				const metric = set[name];
				return metric && METHODS.some((method) => metric[method]) ? [
					<tr key={name}><th scope="row">{t(`metric.${name}`)}</th>
						{METHODS.map((method) => <td key={method} class="number"><Value measured={metric[method]} strong={method === "reader"} /></td>)}
						<td class="quiet">{countOf(metric)}</td></tr>,
				] : [];
			})}</tbody>
		</table>
	);
}

const minutes = (value: number): string => (value >= 120 ? `${decimal(value / 60)} h` : `${decimal(value, 0)} min`);

function ErrorOf({ figures }: { figures: EventFigures | null | undefined }) {
	if (!figures || figures.median_abs_error_min === null) return <span class="quiet">–</span>;
	return <>{minutes(figures.median_abs_error_min)}{figures.low !== null && figures.high !== null
		&& <small class="interval-of">{minutes(figures.low)}–{minutes(figures.high)}</small>}</>;
}

const within = (value: number | null | undefined): string => (value == null ? "–" : share(value));

function EventTable({ events }: { events: EventErrors[] }) {
	const others: Method[] = ["frame_only", "time_only"];
	return (
		<table class="figures">
			<caption>{t("accuracy.errors")}</caption>
			<thead><tr><th scope="col">{t("events.event")}</th><th scope="col" class="number">{t("accuracy.known")}</th>
				<th scope="col" class="number">{t("accuracy.median")}</th>
				{others.map((method) => <th key={method} scope="col" class="number">{t(`method.${method}`)}</th>)}
				<th scope="col" class="number">≤ 30 min</th><th scope="col" class="number">≤ 1 h</th><th scope="col" class="number">≤ 2 h</th>
				<th scope="col" class="number">{t("accuracy.missing")}</th><th scope="col" class="number">{t("accuracy.false")}</th></tr></thead>
			<tbody>{events.map(({ event, n, reader, ...rest }) => (
				<tr key={event}>
					<th scope="row"><span class={`band-dot s-${event}`} />{event}<span class="event-name">{tName("event", event)}</span></th>
					<td class="number">{n}</td>
					<td class="number"><strong><ErrorOf figures={reader} /></strong></td>
					{others.map((method) => <td key={method} class="number"><ErrorOf figures={(rest as EventErrors)[method]} /></td>)}
					<td class="number">{within(reader?.within_30)}</td><td class="number">{within(reader?.within_60)}</td>
					<td class="number">{within(reader?.within_120)}</td>
					<td class="number">{reader?.missing ?? "–"}</td><td class="number">{reader?.false ?? "–"}</td>
				</tr>
			))}</tbody>
		</table>
	);
}

/* A wide table moves inside its own box, not the page. */
function Wide({ label, children }: { label: TextKey; children: ComponentChildren }) {
	return <div class="wide" tabIndex={0} role="region" aria-label={t(label)}>{children}</div>;
}

function DatasetPart({ set, stages }: { set: Dataset; stages: string[] }) {
	return (
		<section class="panel" aria-label={set.name}>
			<header class="set-head"><h2>{set.name}</h2>
				<Chip tone={set.kind === "real" ? "good" : "plain"}>{t(set.kind === "real" ? "accuracy.kind.real" : "accuracy.kind.rendered")}</Chip>
				{set.trained_on && <Chip tone="warn" icon={<Warn />}>{t("accuracy.trained")}</Chip>}
				<span class="quiet">{set.maker && `${set.maker} · `}{t("accuracy.embryos", { n: integer(set.embryos) })}{" · "}
					{t("accuracy.frames", { n: integer(set.frames) })}</span></header>
			{set.notes.length > 0 && <ul class="set-notes">{set.notes.map((note) => <li key={note}>{note}</li>)}</ul>}
			<Wide label="accuracy.metrics"><Metrics set={set} /></Wide>
			<p class="panel-note">{t("accuracy.methods")}</p>
			{set.events && set.events.length > 0 && <Wide label="accuracy.errors"><EventTable events={set.events} /></Wide>}
			<div class="set-pair">
				{set.calibration && <CalibrationPlot calibration={set.calibration} />}
				{set.confusion?.reader && <Confusion stages={stages} rows={set.confusion.reader} />}
			</div>
		</section>
	);
}

export function Accuracy({ label, report, dataset }: { label: string; report: Report; dataset: number | null }) {
	/* unasked, real embryos it did not learn from */
	const proof = report.datasets.findIndex((entry) => entry.kind === "real" && !entry.trained_on);
	const shown = dataset !== null && dataset < report.datasets.length ? dataset : Math.max(0, proof);
	const set = report.datasets[shown];
	return (
		<>
			<section class="panel">
				<h2>{t("accuracy.title")}</h2>
				<p class="panel-note">{t("accuracy.lead")}</p>
				<Wide label="accuracy.title">
					<Overview label={label} report={report} kind="real" shown={shown} />
					<Overview label={label} report={report} kind="rendered" shown={shown} />
				</Wide>
			</section>
			{set && <DatasetPart key={shown} set={set} stages={report.stages} />}
		</>
	);
}
