/* The life of an embryo in one line: stages from event to event, on one scale for all of a slide, a tick a day; pale where a
 * stage between may not have been seen. */
import { STAGES, type CohortEmbryo, type EventName } from "../../api/types";
import { hours } from "../../kit/format";
import { t } from "../../text/text";

const DAY_S = 86400;
const WIDTH = 1000;
const HEIGHT = 16;
const orderOf = (event: EventName): number => STAGES.indexOf(event);

/* end_s: where the line of the whole slide ends. */
export function Line({ embryo, end_s }: { embryo: CohortEmbryo; end_s: number }) {
	const known = embryo.events.flatMap((entry) => (entry.time_s === null ? [] : [{ ...entry, at: entry.time_s }])).sort((a, b) => a.at - b.at);
	const last = known.at(-1);
	if (!last) return <p class="line-none">{t("line.none")}</p>;
	const x = (seconds: number): number => (WIDTH * seconds) / end_s;
	const told = known.map((entry) => `${entry.event} ${hours(entry.at)} h`).join(", ");
	return (
		<div class="line" title={told}>
			<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={told}>
				<rect class="line-ground" width={x(Math.max(embryo.last_time_s ?? 0, last.at))} height={HEIGHT} />
				{known.map((entry, i) => {
					const next = known[i + 1];
					const to = next?.at ?? Math.max(embryo.last_time_s ?? 0, entry.at);
					/* a later stage may have begun unseen */
					const sure = next ? orderOf(next.event) === orderOf(entry.event) + 1 : entry.event === embryo.stage;
					return <rect key={entry.event} class={`s-${entry.event}`} opacity={sure ? 1 : 0.5} x={x(entry.at)} width={Math.max(2, x(to - entry.at))} height={HEIGHT} />;
				})}
				{known.map((entry) => entry.source === "human" && <rect key={entry.event} class="line-human" x={x(entry.at) - 2} width={5} height={HEIGHT} />)}
				{Array.from({ length: Math.floor(end_s / DAY_S) }, (_, i) => <rect key={i} class="line-day" x={x((i + 1) * DAY_S)} width={1.5} height={HEIGHT} />)}
			</svg>
			<span><strong>{last.event}</strong> {hours(last.at)} h</span>
		</div>
	);
}
