/* What was read of one picture, in one line on it: cells, fragments, evenness, nuclei. What cannot be told is left out;
 * a doubt is said in words. */
import type { Run } from "../../api/types";
import { percent } from "../../kit/format";
import { Warn } from "../../kit/icons";
import { t } from "../../text/text";

export const CELLS_MAX = 9;
/* Below these a probability says "perhaps" about nearly every picture, and nobody would read it. */
const LIKELY = 650;
/* Fewer than 1 in 40 pictures kept out of training look so unusual. */
const UNFAMILIAR = 975;

export const cellCount = (cells: number): string => (cells >= CELLS_MAX ? `${CELLS_MAX}+` : String(cells));

function wordsOf(run: Run): { text: string; sure?: number | null; warn?: boolean }[] {
	const words: { text: string; sure?: number | null; warn?: boolean }[] = [];
	if (run.cells !== null) {
		words.push({ text: run.cells === 1 ? t("reading.cell") : t("reading.cells", { n: cellCount(run.cells) }), sure: run.cells_confidence });
	}
	if (run.fragmentation !== null) words.push({ text: t("reading.fragments", { n: percent(run.fragmentation) }) });
	/* one cell has no sister */
	const uneven = (run.cells ?? 0) > 1 ? run.uneven : null;
	if (uneven !== null && uneven >= LIKELY) words.push({ text: t("reading.uneven"), sure: uneven });
	if (uneven !== null && uneven <= 1000 - LIKELY) words.push({ text: t("reading.even"), sure: 1000 - uneven });
	if (run.multinucleated !== null && run.multinucleated >= LIKELY) {
		words.push({ text: t("reading.nuclei"), sure: run.multinucleated, warn: true });
	}
	return words;
}

export function ReadingCaption({ run }: { run: Run }) {
	const words = run.read && run.stage_group !== "empty" ? wordsOf(run) : [];
	const unfamiliar = run.unfamiliar !== null && run.unfamiliar >= UNFAMILIAR;
	return (
		<div class="caption-column">
			{unfamiliar && <div class="caption warn" title={t("reading.unfamiliar.long")}><Warn />{t("reading.unfamiliar")}
				<span class="unseen">{t("reading.unfamiliar.long")}</span></div>}
			{words.length > 0 && <div class="caption caption-reading">
				{words.map(({ text, sure, warn }) => (
					<span key={text} class={warn ? "warn" : undefined}>{warn && <Warn />}{text}{sure != null && <small>{percent(sure)}</small>}</span>
				))}
			</div>}
		</div>
	);
}
