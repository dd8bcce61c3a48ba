/* The clinic's own times of embryos that became blastocysts, beside the medians of the Istanbul consensus. */
import { useSignal } from "@preact/signals";
import { Segments } from "../../kit/controls";
import { hours, integer } from "../../kit/format";
import { t, tName } from "../../text/text";
import { fetchReference, METHODS, type Method, type ReferenceEvent } from "./data";
import { Failure, useAnswer } from "./answer";

const WIDTH = 320;

function Strip({ row, end_s }: { row: ReferenceEvent; end_s: number }) {
	const x = (seconds: number) => (WIDTH * seconds) / end_s;
	return (
		<svg class="strip-plot" viewBox={`0 0 ${WIDTH} 20`} aria-hidden="true">
			<path class="chart-grid" d={`M0 10H${WIDTH}`} />
			<path class="strip-tenths" d={`M${x(row.p10_s)} 10H${x(row.p90_s)}`} />
			<rect class="strip-half" x={x(row.p25_s)} y="4" width={Math.max(1, x(row.p75_s) - x(row.p25_s))} height="12" />
			<path class="strip-median" d={`M${x(row.p50_s)} 2v16`} />
			{row.istanbul_s !== null && <path class="strip-istanbul" d={`M${x(row.istanbul_s)} 5l5 5l-5 5l-5-5z`} />}
		</svg>
	);
}

export function ReferencePart() {
	const method = useSignal<Method>("ICSI");
	const { value, failure } = useAnswer(method.value, () => fetchReference(method.value));
	const end_s = Math.max(...(value?.events ?? []).map((row) => row.p90_s), 1) * 1.04;
	return (
		<article class="model">
			<Segments label={t("quality.method")} options={METHODS} value={method.value} shown={(name) => tName("method", name)} onPick={(name) => { method.value = name; }} />
			<Failure text={failure} />
			{value && <section class="panel" aria-labelledby="quality-own">
				<h2 id="quality-own">{t("quality.own", { method: tName("method", value.method) })}</h2>
				<p class="quality-what">{t(value.enough ? "quality.own.what" : "quality.own.few", { n: integer(value.embryos), needed: value.needed })}</p>
				{value.events.length > 0 && <>
					<div class="wide"><table class="figures">
						<thead><tr><th scope="col">{t("quality.event")}</th><th scope="col" class="number">{t("quality.embryos")}</th><th scope="col" class="number">{t("quality.automatic")}</th>
							{[10, 25, 50, 75, 90].map((n) => <th key={n} scope="col" class="number">{t("quality.percentile", { n })}</th>)}
							<th scope="col" class="number">Istanbul 2025</th><td /></tr></thead>
						<tbody>{value.events.map((row) => (
							<tr key={row.event}><th scope="row">{row.event}</th><td class="number">{integer(row.n)}</td><td class="number">{integer(row.automatic)}</td>
								{[row.p10_s, row.p25_s, row.p50_s, row.p75_s, row.p90_s].map((at, index) => <td key={index} class="number">{index === 2 ? <strong>{hours(at)}</strong> : hours(at)}</td>)}
								<td class="number">{row.istanbul_s === null ? "–" : hours(row.istanbul_s, 0)}</td><td class="strip-cell"><Strip row={row} end_s={end_s} /></td></tr>
						))}</tbody>
					</table></div>
					<p class="panel-note">{t("quality.own.note")}</p>
				</>}
			</section>}
		</article>
	);
}
