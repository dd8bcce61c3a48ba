/* Quality of the laboratory: the indicators with who is in them, how far people agree, the clinic's own times. */
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { Segments } from "../../kit/controls";
import { Left } from "../../kit/icons";
import { go, qualityHref } from "../../kit/route";
import { ConnectionState } from "../../kit/tools";
import { t } from "../../text/text";
import { UserTools } from "../header";
import { AgreementPart } from "./agreement";
import { IndicatorsPart } from "./indicators";
import { ReferencePart } from "./reference";
import "../models/models.css";
import "./quality.css";

const PARTS = ["indicators", "agreement", "reference"] as const;
type Part = (typeof PARTS)[number];
const SPANS = [3, 12, 24, 60];
/* Kept while one goes from part to part and to an embryo and back. */
const span = signal(12);

export function QualityPage({ indicator }: { indicator: string | null }) {
	const part: Part = indicator === "agreement" || indicator === "reference" ? indicator : "indicators";
	useEffect(() => { document.title = `${t("quality.title")} · ${t("product")}`; });
	return (
		<div class="page">
			<header class="head models-head">
				<a class="icon-button" href="#/" aria-label={t("key.board")} title={t("key.board")}><Left /></a>
				<h1 class="models-title">{t("quality.title")}</h1>
				<span class="head-space" />
				<ConnectionState />
				<UserTools />
			</header>
			<main class="quality">
				<div class="quality-tools">
					<Segments label={t("quality.title")} options={PARTS} value={part} shown={(name) => t(`quality.${name}`)}
						onPick={(name) => go(qualityHref(name === "indicators" ? undefined : name))} />
					{part !== "reference" && <Segments label={t("quality.span")} options={SPANS} value={span.value}
						shown={(n) => t("quality.months", { n })} onPick={(n) => { span.value = n; }} />}
				</div>
				{part === "indicators" ? <IndicatorsPart months={span.value} shown={indicator} />
					: part === "agreement" ? <AgreementPart months={span.value} /> : <ReferencePart />}
			</main>
		</div>
	);
}
