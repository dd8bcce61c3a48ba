/* One ranked embryo on the board. The whole tile is the link. */
import { useSignal } from "@preact/signals";
import { thumbnailPath } from "../../api/client";
import type { RankedEmbryo } from "../../api/types";
import { Chip } from "../../kit/controls";
import { percent, sentence } from "../../kit/format";
import { Check, Covered, Empty, Ring } from "../../kit/icons";
import { embryoHref } from "../../kit/route";
import { isEmpty } from "../needs";
import { t, tName } from "../../text/text";

const FLAGS_SHOWN = 2;

/* What the board and the cohort page show of an embryo alike. */
type Shown = Omit<RankedEmbryo, "decision"> & { decision: unknown };

export function Picture({ embryo }: { embryo: Shown }) {
	const broken = useSignal(false);
	if (embryo.last_run === null || broken.value) return <span class="tile-nopicture"><Ring size={28} />{t("tile.nopicture")}</span>;
	return <img src={thumbnailPath(embryo.embryo, embryo.last_run)} alt="" loading="lazy" decoding="async" draggable={false}
		onError={() => { broken.value = true; }} />;
}

/* What tells an embryo from the others of its cycle. */
export interface Standing {
	/* others have this rank too */
	shared: boolean;
	/* there is none to compare with */
	alone: boolean;
	/* the first reason that not all of them have */
	reason: string | undefined;
}
export function standingOf(embryo: Shown, all: readonly Shown[]): Standing {
	const ofAll = (reason: string): boolean => all.every((entry) => entry.reasons.includes(reason));
	return {
		shared: embryo.rank !== null && all.filter((entry) => entry.rank === embryo.rank).length > 1,
		alone: all.length === 1,
		reason: embryo.reasons.find((reason) => !ofAll(reason)) ?? embryo.reasons[0],
	};
}

/* Why no rank stands there, where none does. */
function rankTextOf(embryo: Shown, all: readonly Shown[]): string {
	if (embryo.rank !== null) return t(standingOf(embryo, all).shared ? "tile.tied" : "tile.rank", { n: embryo.rank });
	if (embryo.covered) return t("tile.covered");
	return t(all.some((entry) => entry.covered) ? "tile.covered.sibling" : "tile.unranked");
}

/* Rank and well, on the picture. */
export function Badges({ embryo, all }: { embryo: Shown; all: readonly Shown[] }) {
	const { rank } = embryo;
	const { shared, alone } = standingOf(embryo, all);
	const text = rankTextOf(embryo, all);
	return (
		<>
			<span class={rank === 1 && !shared && !alone ? "tile-rank first" : "tile-rank"} title={text}>
				<span class="unseen">{rank === null ? text : `${t("verdict.rank")} `}</span>
				{shared && <span aria-hidden="true">=</span>}
				{rank ?? (embryo.covered ? <Covered /> : isEmpty(embryo) ? <Empty /> : <span aria-hidden="true">–</span>)}
			</span>
			<span class="tile-well">{t("tile.well", { n: embryo.well })}</span>
		</>
	);
}

export function Tile({ embryo, all }: { embryo: RankedEmbryo; all: readonly RankedEmbryo[] }) {
	const { stage, stage_group: group, flags, reasons } = embryo;
	const { reason } = standingOf(embryo, all);
	const empty = isEmpty(embryo);
	const groupText = group ? tName("group", group) : t("tile.waiting");
	return (
		<a class={empty ? "tile is-empty" : "tile"} href={embryoHref(embryo.embryo)} data-embryo={embryo.embryo}>
			<span class="tile-picture">
				<Picture embryo={embryo} />
				<Badges embryo={embryo} all={all} />
				{embryo.graded && !embryo.decision && <span class="tile-decision"><Check />{t("tile.graded")}</span>}
				{embryo.decision && <span class="tile-decision"><Check />{tName("decision", embryo.decision)}</span>}
			</span>
			<span class="tile-line">
				<span class={`stage-dot g-${group}`} />
				<strong>{groupText}</strong>
				{stage && !empty && <span class="tile-stage">{stage}</span>}
				{embryo.class && embryo.class !== group && <span class="tile-class">{embryo.class}</span>}
			</span>
			{group && !empty && <span class="tile-confidence" title={t("tile.confidence", { n: percent(embryo.confidence) })}>
				<span class="meter"><span style={{ transform: `scaleX(${embryo.confidence / 1000})` }} /></span>
				<span>{percent(embryo.confidence)}</span>
			</span>}
			{reason && <span class="tile-reason" title={reasons.join("\n")}>{sentence(reason)}</span>}
			{flags.length > 0 && <span class="tile-flags">
				{flags.slice(0, FLAGS_SHOWN).map((flag) => <Chip key={flag} tone="warn">{tName("flag", flag)}</Chip>)}
				{flags.length > FLAGS_SHOWN && <Chip title={flags.slice(FLAGS_SHOWN).join(", ")}>+{flags.length - FLAGS_SHOWN}</Chip>}
			</span>}
		</a>
	);
}
