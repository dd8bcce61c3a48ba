/* The cohort page. */
import { t } from "../../text/text";

export function CohortPage({ cycle }: { cycle: number }) {
	return <main class="page"><h1>{t("cohort.title")}</h1><p>{String(cycle)}</p></main>;
}
