/* What was taken for what: a row a true stage, a column a stage that was said. Every cell has its count; the shade says
 * which share of its row it is, and right answers are framed. */
import { integer, percent } from "../../kit/format";
import { t, tName } from "../../text/text";

function Cell({ count, total, right, title }: { count: number; total: number; right: boolean; title: string }) {
	if (count === 0) return <td class={right ? "right zero" : "zero"}>{right ? "0" : ""}</td>;
	const part = count / total;
	return <td class={right ? "right" : undefined} style={{ "--part": part }} title={`${title}: ${percent(1000 * part)}`}>{integer(count)}</td>;
}

export function Confusion({ stages, rows }: { stages: string[]; rows: number[][] }) {
	const column = (j: number) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0);
	const total = (i: number) => (rows[i] ?? []).reduce((sum, count) => sum + count, 0);
	/* stages that neither happened nor were said are only empty lines */
	const used = stages.map((_, i) => i).filter((i) => total(i) + column(i) > 0);
	return (
		<figure class="confusion">
			<figcaption><h3>{t("accuracy.confusion")}</h3><p class="panel-note">{t("accuracy.confusion.lead")}</p></figcaption>
			<div class="wide" tabIndex={0} role="region" aria-label={t("accuracy.confusion")}>
				<table class="matrix">
					<thead><tr><td />{used.map((j) => <th key={j} scope="col">{stages[j]}</th>)}<th scope="col" class="sum">n</th></tr></thead>
					<tbody>{used.map((i) => (
						<tr key={i}><th scope="row" title={tName("event", stages[i] ?? "")}>{stages[i]}</th>
							{used.map((j) => <Cell key={j} count={rows[i]?.[j] ?? 0} total={total(i)} right={i === j} title={`${stages[i]} → ${stages[j]}`} />)}
							<td class="sum">{integer(total(i))}</td></tr>
					))}</tbody>
				</table>
			</div>
		</figure>
	);
}
