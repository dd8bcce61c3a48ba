/* Every rule profile for every embryo of a slide: what cannot be computed says what it needs. */
import type { CohortDish, CohortEmbryo, ProfileInfo } from "../../api/types";
import { Chip } from "../../kit/controls";
import { Covered, Warn } from "../../kit/icons";
import { t } from "../../text/text";
import { isEmpty } from "../needs";

function Cell({ embryo, profile }: { embryo: CohortEmbryo; profile: ProfileInfo }) {
	if (embryo.covered) return <td class="quiet" title={t("tile.covered")}><Covered /><span class="unseen">{t("tile.covered")}</span></td>;
	const result = embryo.profiles.find((entry) => entry.id === profile.id);
	if (result?.state === "value") return <td><strong>{result.value}</strong></td>;
	return <td class="quiet">{t(result?.state === "excluded" ? "profiles.excluded" : "scores.none")}{result?.reason && <small>{result.reason}</small>}</td>;
}

/* embryos: in the order of the page. */
export function Scores({ dish, embryos, profiles, chosen }:
	{ dish: CohortDish; embryos: CohortEmbryo[]; profiles: ProfileInfo[]; chosen: string }) {
	const columns = embryos.filter((embryo) => !isEmpty(embryo));
	if (columns.length === 0) return null;
	return (
		<div class="scores" tabIndex={0} role="region" aria-label={t("scores.of", { slide: dish.slide })}>
			<table>
				<thead><tr><th scope="col">{t("scores.title")}</th>
					{columns.map((embryo) => <th key={embryo.embryo} scope="col">{t("tile.well", { n: embryo.well })}</th>)}</tr></thead>
				<tbody>{profiles.map((profile) => <tr key={profile.id} class={profile.id === chosen ? "chosen" : ""} data-profile={profile.id}>
					<th scope="row"><span>{profile.title}</span>
						{!profile.verified && <Chip tone="warn" icon={<Warn />} title={t("profiles.unverified.long")}>{t("profiles.unverified")}</Chip>}
						<small>{profile.citation}</small></th>
					{columns.map((embryo) => <Cell key={embryo.embryo} embryo={embryo} profile={profile} />)}
				</tr>)}</tbody>
			</table>
		</div>
	);
}
