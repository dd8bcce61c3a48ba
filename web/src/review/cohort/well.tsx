/* One embryo in its well: all that is weighed about it, and why it stands where it stands. */
import type { CohortEmbryo, ProfileInfo } from "../../api/types";
import { actionFor } from "../../keys";
import { Chip } from "../../kit/controls";
import { sentence } from "../../kit/format";
import { Check, Warn } from "../../kit/icons";
import { embryoHref } from "../../kit/route";
import { t, tName } from "../../text/text";
import { Badges, Picture } from "../board/tile";
import { CompareToggle, trayPick } from "../compare/tray";
import { signedText } from "../decide/sign";
import { isEmpty, looksOf } from "../needs";
import type { Owner } from "../owner";
import { Line } from "./line";

function Decided({ embryo: { decision } }: { embryo: CohortEmbryo }) {
	if (!decision) return null;
	const signed = decision.signatures.length > 0;
	return <p class="well-decided"><Check /><strong>{tName("decision", decision.decision)}</strong>
		<span class="quiet">{signed ? signedText(decision, "author") : t("well.unsigned")}</span></p>;
}

function Score({ embryo, profile }: { embryo: CohortEmbryo; profile: ProfileInfo }) {
	const result = embryo.profiles.find((entry) => entry.id === profile.id);
	if (!result) return null;
	return <p class="well-score"><span class="quiet">{profile.title}</span> {result.state === "value" ? <strong>{result.value}</strong>
		: t(result.state === "excluded" ? "profiles.excluded" : "profiles.notcomputable")}</p>;
}

/* all: of the cycle, which are ranked together */
interface Props { embryo: CohortEmbryo; all: readonly CohortEmbryo[]; owner: Owner; profile: ProfileInfo | undefined; end_s: number }
export function Well({ embryo, all, owner, profile, end_s }: Props) {
	const { well, stage, stage_group: group } = embryo;
	const empty = isEmpty(embryo);
	const onKey = (event: KeyboardEvent) => {
		if (actionFor(event)?.action === "compare.add") trayPick(owner, embryo);
	};
	return (
		<article class={empty ? "well is-empty" : "well"} aria-label={t("tile.well", { n: well })} data-embryo={embryo.embryo} data-well={well} onKeyDown={onKey}>
			<a class="tile-picture" href={embryoHref(embryo.embryo)}>
				<Picture embryo={embryo} /><Badges embryo={embryo} all={all} />
			</a>
			<div class="well-said">
				<p class="tile-line"><span class={`stage-dot g-${group}`} /><strong>{group ? tName("group", group) : t("tile.waiting")}</strong>
					{stage && !empty && <span class="tile-stage">{stage}</span>}</p>
				{embryo.grade && <p class="well-grade"><span class="quiet">{t("grade.title")}</span> <strong>{embryo.grade}</strong></p>}
				{profile && <Score embryo={embryo} profile={profile} />}
				<Decided embryo={embryo} />
				<ul class="well-why">
					{looksOf(embryo).map((look) => <li key={look} class="look"><Warn /><span>{look}</span></li>)}
					{embryo.flags.map((flag) => <li key={flag}><Chip tone="warn">{tName("flag", flag)}</Chip></li>)}
					{embryo.reasons.map((reason) => <li key={reason}>{sentence(reason)}</li>)}
				</ul>
			</div>
			{!empty && <footer><Line embryo={embryo} end_s={end_s} /><CompareToggle of={embryo} owner={owner} /></footer>}
		</article>
	);
}
