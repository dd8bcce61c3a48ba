/* How far people agree with each other and with the box: kappa for classes, differences for times. */
import { useSignal } from "@preact/signals";
import { decimal, hours, integer } from "../../kit/format";
import { mayAnnotate } from "../../kit/session";
import { t, tName } from "../../text/text";
import { fetchAgreement, type EventDifference, type Scale } from "./data";
import { Failure, useAnswer } from "./answer";

const FEW = 30;
const raters = ({ a, b }: { a: string | null; b: string | null }) => `${a ?? t("quality.everybody")} – ${b ?? t("quality.box")}`;
const kappa = (permille: number | null) => (permille === null ? "–" : decimal(permille / 1000, 2));

/* Two digits: the first divisions are marked to the minute. */
const signed = (seconds: number) => `${seconds < 0 ? "−" : "+"}${hours(Math.abs(seconds), 2)}`;

function Rated({ n }: { n: number }) {
	return <td class="number">{integer(n)}{n < FEW && <span class="quiet"> {t("quality.few")}</span>}</td>;
}

function Scales({ rows }: { rows: Scale[] }) {
	return (
		<section class="panel" aria-labelledby="quality-scales">
			<h2 id="quality-scales">{t("quality.scales")}</h2>
			<p class="panel-note">{t("quality.kappa")}</p>
			{rows.length === 0 ? <p class="quiet">{t("quality.pairs.none")}</p> : <div class="wide"><table class="figures">
				<thead><tr><th scope="col">{t("quality.scale")}</th><th scope="col">{t("quality.who")}</th><th scope="col" class="number">{t("quality.ratings")}</th>
					<th scope="col" class="number">{t("quality.same")}</th><th scope="col" class="number">κ</th><th scope="col" class="number">{t("quality.interval")}</th>
					<th scope="col" class="number">{t("quality.published")}</th></tr></thead>
				<tbody>{rows.map((row) => (
					<tr key={`${row.scale} ${raters(row)}`}><th scope="row">{tName("scale", row.scale)}</th><td>{raters(row)}</td><Rated n={row.ratings} />
						<td class="number">{integer(row.same)}</td><td class="number"><strong>{kappa(row.kappa_permille)}</strong></td>
						<td class="number">{row.low_permille === null ? "–" : `${kappa(row.low_permille)} – ${kappa(row.high_permille)}`}</td>
						<td class="number">{kappa(row.published_permille)}</td></tr>
				))}</tbody>
			</table></div>}
		</section>
	);
}

function Times({ rows }: { rows: EventDifference[] }) {
	return (
		<section class="panel" aria-labelledby="quality-times">
			<h2 id="quality-times">{t("quality.times")}</h2>
			<p class="panel-note">{t("quality.times.how")}</p>
			{rows.length === 0 ? <p class="quiet">{t("quality.pairs.none")}</p> : <div class="wide"><table class="figures">
				<thead><tr><th scope="col">{t("quality.event")}</th><th scope="col">{t("quality.who")}</th><th scope="col" class="number">{t("quality.embryos")}</th>
					<th scope="col" class="number">{t("quality.median")}</th><th scope="col" class="number">{t("quality.sd")}</th><th scope="col" class="number">{t("quality.range")}</th></tr></thead>
				<tbody>{rows.map((row) => (
					<tr key={`${row.event} ${raters(row)}`}><th scope="row">{row.event}</th><td>{raters(row)}</td><Rated n={row.embryos} />
						<td class="number"><strong>{signed(row.median_s)}</strong></td><td class="number">{row.sd_s === null ? "–" : hours(row.sd_s, 2)}</td>
						<td class="number">{row.low_s === null || row.high_s === null ? "–" : `${signed(row.low_s)} … ${signed(row.high_s)}`}</td></tr>
				))}</tbody>
			</table></div>}
		</section>
	);
}

function Tables({ months }: { months: number }) {
	const person = useSignal("");
	const { value, failure } = useAnswer(String(months), () => fetchAgreement(months));
	if (!value) return <div aria-busy={!failure}><Failure text={failure} /></div>;
	const people = [...new Set([...value.scales, ...value.events].flatMap(({ a, b }) => [a, b]))].filter((name) => name !== null).sort();
	const chosen = <T extends { a: string | null; b: string | null }>(rows: T[]) =>
		rows.filter(({ a, b }) => !person.value || a === person.value || b === person.value);
	return (
		<article class="model">
			<select class="quality-person" aria-label={t("quality.person")} value={person.value} onChange={(event) => { person.value = event.currentTarget.value; }}>
				<option value="">{t("quality.person.all")}</option>
				{people.map((name) => <option key={name} value={name}>{name}</option>)}
			</select>
			<Scales rows={chosen(value.scales)} />
			<Times rows={chosen(value.events)} />
		</article>
	);
}

export function AgreementPart({ months }: { months: number }) {
	return mayAnnotate() ? <Tables months={months} /> : <p class="notice">{t("quality.agreement.who")}</p>;
}
