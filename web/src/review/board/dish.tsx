/* One slide: its progress and its ranked embryos. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { BoardDish } from "../../api/types";
import { Chip, Progress } from "../../kit/controls";
import { integer } from "../../kit/format";
import { Covered } from "../../kit/icons";
import { t } from "../../text/text";
import { Tile } from "./tile";

/* How many tiles fit in a row. The rest stays out of the page until asked for, so a board of many patients stays short
 * and quick. */
function useColumns() {
	const ref = useRef<HTMLDivElement>(null);
	const columns = useSignal(6);
	useLayoutEffect(() => {
		const element = ref.current;
		if (!element) return;
		const count = () => {
			const style = getComputedStyle(element);
			columns.value = Math.max(1, style.gridTemplateColumns.split(" ").length);
		};
		const observer = new ResizeObserver(count);
		observer.observe(element);
		count();
		return () => observer.disconnect();
	}, []);
	return { ref, columns };
}

/* bare: the slide's name is the card's title already; all: of the cycle, which are ranked together */
export function DishPart({ dish, bare, all: ranked = [dish] }: { dish: BoardDish; bare?: boolean; all?: readonly BoardDish[] }) {
	const { ref, columns } = useColumns();
	const all = useSignal(false);
	const { runs_read, runs_total } = dish.progress;
	const covered = dish.ranking.filter((embryo) => embryo.covered).length;
	const reading = runs_read < runs_total;
	const total = dish.ranking.length;
	const shown = all.value ? total : Math.min(total, columns.value);
	const siblings = ranked.flatMap((entry) => entry.ranking);
	return (
		<section class="dish" aria-label={`${t("board.slide")} ${dish.slide}`}>
			<div class="dish-head">
				{!bare && <span class="dish-slide">{dish.slide}</span>}
				<span class="dish-facts">{dish.embryos_total === 1 ? t("board.embryos.one") : t("board.embryos", { n: dish.embryos_total })}</span>
				{covered > 0 && <Chip tone="accent" icon={<Covered />} title={t("board.covered.title")}>{t("board.covered", { n: covered })}</Chip>}
				<span class="dish-progress">
					<Progress value={runs_read} max={runs_total} label={t("dish.progress.label", { slide: dish.slide })} />
					<span class="dish-count">{reading ? t("dish.progress", { read: integer(runs_read), total: integer(runs_total) })
						: t("dish.complete", { total: integer(runs_total) })}</span>
				</span>
				{total > columns.value && <button type="button" class="link-button" aria-expanded={all.value}
					onClick={() => { all.value = !all.value; }}>{all.value ? t("board.fewer") : t("board.all", { n: total })}</button>}
			</div>
			<div class="tiles" ref={ref}>
				{dish.ranking.slice(0, shown).map((embryo) => <Tile key={embryo.embryo} embryo={embryo} all={siblings} />)}
			</div>
		</section>
	);
}
