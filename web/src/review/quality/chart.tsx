/* The control chart of one indicator: a point a month within its limits, or outside of them and then a diamond with a word.
 * The numbers stand below it in a table. */
import { Chip } from "../../kit/controls";
import { integer, percent } from "../../kit/format";
import { Warn } from "../../kit/icons";
import { language, t } from "../../text/text";
import type { Indicator, Month } from "./data";

const WIDTH = 840;
const HEIGHT = 220;
const EDGE = { left: 44, right: 12, top: 12, bottom: 26 };

export function monthName(month: string, short = false): string {
	const [year, of] = month.split("-").map(Number);
	return new Date(year ?? 0, (of ?? 1) - 1, 1).toLocaleDateString(language.value, { month: short ? "narrow" : "short", year: short ? undefined : "numeric" });
}

const share = (permille: number | null) => (permille === null ? "–" : percent(permille));

function Plot({ indicator, picked, onPick }: { indicator: Indicator; picked: string; onPick: (month: string) => void }) {
	const { months, value_permille: middle } = indicator;
	const step = (WIDTH - EDGE.left - EDGE.right) / months.length;
	const x = (index: number) => EDGE.left + step * (index + 0.5);
	const y = (permille: number) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - permille / 1000);
	const points = months.flatMap((month, index) => (month.value_permille === null ? [] : [{ month, x: x(index), y: y(month.value_permille) }]));
	/* Limits are steps, as each month has its own. */
	const steps = (of: (month: Month) => number | null) => months.map((month, index) => {
		const at = of(month);
		return at === null ? "" : `M${x(index) - step / 2} ${y(at)}h${step}`;
	}).join("");
	const line = (permille: number | null, name: string) => permille !== null && <path class={`chart-${name}`} d={`M${EDGE.left} ${y(permille)}H${WIDTH - EDGE.right}`} />;
	return (
		<svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
			{[0, 250, 500, 750, 1000].map((at) => <g key={at}><path class="chart-grid" d={`M${EDGE.left} ${y(at)}H${WIDTH - EDGE.right}`} />
				<text x={EDGE.left - 8} y={y(at) + 4} text-anchor="end">{percent(at)}</text></g>)}
			{indicator.comparable && line(indicator.competence_permille, "competence")}
			{indicator.comparable && line(indicator.benchmark_permille, "benchmark")}
			{line(middle, "middle")}
			<path class="chart-limit" d={steps((month) => month.low_permille)} />
			<path class="chart-limit" d={steps((month) => month.high_permille)} />
			<path class="chart-line" d={points.map((point, index) => `${index ? "L" : "M"}${point.x} ${point.y}`).join("")} />
			{points.map(({ month, ...at }) => (
				<g key={month.month} class={picked === month.month ? "chart-point picked" : "chart-point"} onClick={() => onPick(month.month)}>
					<rect x={at.x - step / 2} y={EDGE.top} width={step} height={HEIGHT - EDGE.top - EDGE.bottom} />
					{month.out ? <path class="chart-out" d={`M${at.x} ${at.y - 8}l8 8l-8 8l-8-8z`} />
						: <circle class={month.few ? "few" : undefined} cx={at.x} cy={at.y} r="4.5" />}
					<title>{`${monthName(month.month)}: ${share(month.value_permille)} (${month.numerator} / ${month.denominator})`}</title>
				</g>
			))}
			{months.map((month, index) => (months.length <= 24 || index % 6 === 0) && (
				<text key={month.month} x={x(index)} y={HEIGHT - 8} text-anchor="middle">{monthName(month.month, true)}</text>
			))}
		</svg>
	);
}

function Key({ indicator }: { indicator: Indicator }) {
	return (
		<p class="panel-note chart-key"><span class="k-limit">{t("quality.limits")}</span><span class="k-middle">{t("quality.middle")}</span>
			{indicator.comparable && <span class="k-competence">{t("quality.competence")}</span>}
			{indicator.comparable && indicator.benchmark_permille !== null && <span class="k-benchmark">{t("quality.benchmark")}</span>}
			<span class="k-few">{t("quality.few.mark")}</span></p>
	);
}

function Figures({ months }: { months: Month[] }) {
	return (
		<details class="more"><summary>{t("quality.figures")}</summary><div class="wide"><table class="figures">
			<thead><tr><th scope="col">{t("quality.month")}</th><th scope="col" class="number">{t("quality.value")}</th><th scope="col" class="number">{t("quality.cases")}</th>
				<th scope="col" class="number">{t("quality.limits")}</th><td /></tr></thead>
			<tbody>{months.map((month) => (
				<tr key={month.month}><th scope="row">{monthName(month.month)}</th><td class="number">{share(month.value_permille)}</td>
					<td class="number">{integer(month.numerator)} / {integer(month.denominator)}</td>
					<td class="number">{month.low_permille === null ? "–" : `${share(month.low_permille)} – ${share(month.high_permille)}`}</td>
					<td>{month.out ? t("quality.out") : month.few && month.denominator > 0 ? t("quality.few") : ""}</td></tr>
			))}</tbody>
		</table></div></details>
	);
}

export function Chart({ indicator, picked, onPick }: { indicator: Indicator; picked: string; onPick: (month: string) => void }) {
	const { months } = indicator;
	const out = months.filter((month) => month.out);
	return (
		<section class="panel" aria-labelledby="quality-chart">
			<h2 id="quality-chart">{t("quality.chart")}{out.length > 0 && <Chip tone="warn" icon={<Warn />}>{t("quality.outside", { months: out.map((month) => monthName(month.month)).join(", ") })}</Chip>}</h2>
			{indicator.denominator === 0 ? <p class="quiet">{t("quality.nothing")}</p>
				: <><Plot indicator={indicator} picked={picked} onPick={onPick} /><Key indicator={indicator} /><Figures months={months} /></>}
		</section>
	);
}
