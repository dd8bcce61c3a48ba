/* The compare page. */
import { t } from "../../text/text";

export function ComparePage({ embryos }: { embryos: number[] }) {
	return <main class="page"><h1>{t("compare.title")}</h1><p>{String(embryos)}</p></main>;
}
