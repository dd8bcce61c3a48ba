/* The quality page. */
import { t } from "../../text/text";

export function QualityPage({ indicator }: { indicator: string | null }) {
	return <main class="page"><h1>{t("quality.title")}</h1><p>{String(indicator)}</p></main>;
}
