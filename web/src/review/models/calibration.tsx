/* How often the reader was right against how often it said it would be (uPlot): on the diagonal they are the same. The
 * figures stand beside it for those who cannot see the plot. */
import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Calibration } from "../../api/types";
import { decimal, integer, share } from "../../kit/format";
import { theme } from "../../kit/settings";
import { language, t } from "../../text/text";

const SIDE = 300;
/* The share of so few says little: shown hollow and not joined. */
const FEW = 20;
const TENTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

function draw(target: HTMLElement, { bins }: Calibration): uPlot {
	const style = getComputedStyle(target);
	const colour = (name: string) => style.getPropertyValue(name).trim();
	const axis = (label: string): uPlot.Axis => ({
		label, labelSize: 20, size: 40, stroke: colour("--muted"), font: `11px ${style.fontFamily}`, labelFont: `12px ${style.fontFamily}`,
		splits: TENTHS, values: (_, splits) => splits.map((value) => `${Math.round(100 * value)} %`),
		grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
	});
	const points = [...bins].sort((a, b) => a.said - b.said);
	/* both ends of the diagonal join the x values; they are no points of the reader */
	const at = [0, ...points.map((bin) => bin.said), 1];
	const right = (few: boolean) => [null, ...points.map((bin) => ((bin.n < FEW) === few ? bin.right : null)), null];
	return new uPlot({
		width: SIDE, height: SIDE, padding: [10, 20, 0, 0], legend: { show: false }, cursor: { show: false },
		scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
		axes: [axis(t("accuracy.said")), axis(t("accuracy.right"))],
		series: [{}, { stroke: colour("--muted"), dash: [5, 5], width: 1, points: { show: false } },
			{ stroke: colour("--accent"), width: 2, points: { show: true, size: 8, fill: colour("--accent") }, spanGaps: true },
			{ stroke: colour("--accent"), width: 0, points: { show: true, size: 8, width: 1.5, stroke: colour("--accent"), fill: colour("--surface") } }],
	}, [at, at, right(false), right(true)], target);
}

export function CalibrationPlot({ calibration }: { calibration: Calibration }) {
	const box = useRef<HTMLDivElement>(null);
	const look = theme.value;
	const words = language.value;
	useLayoutEffect(() => {
		if (!box.current) return;
		const plot = draw(box.current, calibration);
		return () => plot.destroy();
	}, [calibration, look, words]);
	const { ece, low, high } = calibration;
	return (
		<figure class="calibration">
			<figcaption><h3>{t("accuracy.calibration")}</h3>
				<p class="panel-note">{t("accuracy.ece", { value: share(ece) })}{low !== null && high !== null && ` (${decimal(100 * low)}–${decimal(100 * high)})`}</p></figcaption>
			{calibration.bins.some((bin) => bin.n < FEW) && <p class="panel-note">{t("accuracy.few", { n: FEW })}</p>}
			<div class="calibration-plot" ref={box} aria-hidden="true" />
			<details class="more"><summary>{t("accuracy.figures")}</summary>
				<table class="figures">
					<thead><tr><th scope="col" class="number">{t("accuracy.said")}</th><th scope="col" class="number">{t("accuracy.right")}</th>
						<th scope="col" class="number">{t("models.pictures")}</th></tr></thead>
					<tbody>{calibration.bins.map((bin) => (
						<tr key={bin.said}><td class="number">{share(bin.said)}</td><td class="number">{share(bin.right)}</td>
							<td class="number">{integer(bin.n)}</td></tr>
					))}</tbody>
				</table></details>
		</figure>
	);
}
