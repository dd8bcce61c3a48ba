/* The indicators as a list, and one of them: what it counts, how it went month by month, and who is in it. */
import { useSignal } from "@preact/signals";
import { Chip, Segments } from "../../kit/controls";
import { integer, percent, share } from "../../kit/format";
import { Check, Warn } from "../../kit/icons";
import { embryoHref, qualityHref } from "../../kit/route";
import { language, t } from "../../text/text";
import { Chart, monthName } from "./chart";
import { fetchMembers, fetchQuality, standing, type Indicator, type Member } from "./data";
import { Failure, useAnswer } from "./answer";

const SHOWN_MAX = 60;
/* Not rounded to whole per cents: 69.8 does not reach 70. */
const exact = (permille: number | null) => (permille === null ? "–" : share(permille / 1000));
const limit = (permille: number | null, better: string) => (permille === null ? "–" : `${better === "lower" ? "≤" : "≥"} ${percent(permille)}`);

function StandingChip({ indicator }: { indicator: Indicator }) {
	const at = standing(indicator);
	if (indicator.value_permille === null) return <Chip>{t("quality.none")}</Chip>;
	if (!at) return <Chip title={t(indicator.few ? "quality.few.why" : "quality.unlike.why")}>{t(indicator.few ? "quality.few" : "quality.unlike")}</Chip>;
	return <Chip tone={at === "below" ? "warn" : at === "benchmark" ? "good" : "plain"} icon={at === "below" ? <Warn /> : <Check />}>{t(`quality.at.${at}`)}</Chip>;
}

function List({ indicators, shown }: { indicators: Indicator[]; shown: string }) {
	const counted = indicators.filter((indicator) => indicator.unavailable === null);
	return (
		<nav class="quality-list" aria-label={t("quality.indicators")}>
			{counted.map((indicator) => (
				<a key={indicator.id} href={qualityHref(indicator.id)} aria-current={indicator.id === shown ? "page" : undefined}>
					<span class="quality-name">{indicator.name}</span>
					<strong>{exact(indicator.value_permille)}</strong>
					<span class="quiet">{integer(indicator.numerator)} / {integer(indicator.denominator)}</span>
					<StandingChip indicator={indicator} />
				</a>
			))}
			<details class="more"><summary>{t("quality.unavailable", { n: indicators.length - counted.length })}</summary>
				<ul>{indicators.filter((indicator) => indicator.unavailable !== null).map((indicator) => (
					<li key={indicator.id}><strong>{indicator.name}</strong> {indicator.unavailable}</li>
				))}</ul></details>
		</nav>
	);
}

const SIDES = ["not", "out", "in"] as const;
type Side = (typeof SIDES)[number];
const sideOf = (member: Member): Side => (member.counted === null ? "out" : member.counted ? "in" : "not");

function Members({ indicator, months, month, onMonth }: { indicator: Indicator; months: number; month: string; onMonth: (month: string) => void }) {
	const side = useSignal<Side>("not");
	const { value, failure } = useAnswer(`${indicator.id} ${months}`, () => fetchMembers(indicator.id, months));
	const inMonth = (value?.members ?? []).filter((member) => !month || member.month === month);
	const listed = inMonth.filter((member) => sideOf(member) === side.value).reverse();
	return (
		<section class="panel" aria-labelledby="quality-members" aria-busy={!value && !failure}>
			<h2 id="quality-members">{t("quality.members")}</h2>
			<div class="quality-tools">
				<Segments label={t("quality.members")} options={SIDES} value={side.value} onPick={(name) => { side.value = name; }}
					shown={(name) => `${t(`quality.side.${name}`)} (${integer(inMonth.filter((member) => sideOf(member) === name).length)})`} />
				<select aria-label={t("quality.month")} value={month} onChange={(event) => onMonth(event.currentTarget.value)}>
					<option value="">{t("quality.month.all")}</option>
					{indicator.months.map((row) => <option key={row.month} value={row.month}>{monthName(row.month)}</option>)}
				</select>
			</div>
			<Failure text={failure} />
			{value && listed.length === 0 && <p class="quiet">{t("quality.nobody")}</p>}
			{listed.length > 0 && <div class="wide"><table class="figures">
				<thead><tr><th scope="col">{t("quality.patient")}</th><th scope="col">{t("quality.slide")}</th><th scope="col" class="number">{t("quality.well")}</th>
					<th scope="col">{t("quality.month")}</th>{side.value === "out" && <th scope="col">{t("quality.why")}</th>}</tr></thead>
				<tbody>{listed.slice(0, SHOWN_MAX).map((member) => (
					<tr key={member.embryo}>
						<th scope="row"><a class="text-link quality-member" href={embryoHref(member.embryo)}>{member.patient ?? t("quality.inbox")}</a></th>
						<td>{member.slide}</td><td class="number">{member.well}</td><td>{monthName(member.month)}</td>
						{side.value === "out" && <td>{indicator.left_out_why.find((row) => row.why === member.left_out)?.sentence}</td>}
					</tr>
				))}</tbody>
			</table></div>}
			{listed.length > SHOWN_MAX && <p class="panel-note">{t("quality.rest", { n: integer(listed.length - SHOWN_MAX) })}</p>}
		</section>
	);
}

function Card({ indicator, months }: { indicator: Indicator; months: number }) {
	const month = useSignal("");
	const { value_permille: value, competence_permille: competence, benchmark_permille: benchmark, better } = indicator;
	return (
		<article class="model" aria-label={indicator.name}>
			<section class="panel">
				<h2>{indicator.name}<Chip>{indicator.kind}</Chip><StandingChip indicator={indicator} /></h2>
				<p class="quality-what">{indicator.what}</p>
				<dl class="facts">
					<div><dt>{t("quality.value")}</dt><dd><strong>{exact(value)}</strong> ({integer(indicator.numerator)} / {integer(indicator.denominator)})</dd></div>
					<div><dt>{t("quality.competence")}</dt><dd>{limit(competence, better)}</dd></div>
					<div><dt>{t("quality.benchmark")}</dt><dd>{limit(benchmark, better)}</dd></div>
					<div><dt>{t("quality.left", { n: integer(indicator.left_out) })}</dt>
						<dd>{indicator.left_out_why.map((row) => `${row.sentence} (${integer(row.embryos)})`).join(", ") || "–"}</dd></div>
				</dl>
				{!indicator.comparable && <p class="panel-note">{t("quality.unlike.why")}</p>}
			</section>
			<Chart indicator={indicator} picked={month.value} onPick={(picked) => { month.value = picked === month.value ? "" : picked; }} />
			<Members indicator={indicator} months={months} month={month.value} onMonth={(picked) => { month.value = picked; }} />
		</article>
	);
}

export function IndicatorsPart({ months, shown }: { months: number; shown: string | null }) {
	const { value, failure } = useAnswer(`${months} ${language.value}`, () => fetchQuality(months));
	if (!value) return <div aria-busy={!failure}><Failure text={failure} /></div>;
	const card = value.indicators.find((indicator) => indicator.id === shown && indicator.unavailable === null) ?? value.indicators[0];
	return (
		<>
			<p class="panel-note">{t("quality.basis", { embryos: integer(value.embryos), times: integer(value.times), automatic: integer(value.times_automatic) })}</p>
			<div class="models quality-body">
				<List indicators={value.indicators} shown={card?.id ?? ""} />
				{card && <Card key={card.id} indicator={card} months={months} />}
			</div>
		</>
	);
}
