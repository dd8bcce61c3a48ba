/* The report of a cycle: links, so that a browser opens, prints or saves it in its own way. */
import { mayAnnotate } from "../../kit/session";
import { languages, t } from "../../text/text";
import "./decide.css";

const VARIANTS = ["lab", "patient"] as const;
const DATA = ["json", "csv"] as const;

export function ReportMenu({ cycle }: { cycle: number }) {
	if (!mayAnnotate()) return null;
	const path = `/api/cycles/${cycle}/report`;
	return (
		<details class="report-menu" tabIndex={-1} onKeyDown={(event) => { if (event.key === "Escape") event.currentTarget.open = false; }}
			onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) event.currentTarget.open = false; }}>
			<summary class="button">{t("report.title")}</summary>
			<ul>
				{VARIANTS.map((variant) => <li key={variant}><span>{t(`report.${variant}`)}</span>
					{languages.map((name) => <a key={name} class="button" target="_blank" rel="noopener" lang={name}
						href={`${path}.pdf?variant=${variant}&language=${name}`}>{t(`language.${name}`)}</a>)}</li>)}
				<li><span>{t("report.data")}</span>
					{DATA.map((kind) => <a key={kind} class="button" href={`${path}.${kind}`}>{kind.toUpperCase()}</a>)}</li>
			</ul>
		</details>
	);
}
