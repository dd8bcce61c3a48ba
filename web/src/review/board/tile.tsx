/* One ranked embryo on the board. The whole tile is the link. */
import { useSignal } from "@preact/signals";
import { thumbnailPath } from "../../api/client";
import type { RankedEmbryo } from "../../api/types";
import { Chip } from "../../kit/controls";
import { percent, sentence } from "../../kit/format";
import { Check, Empty, Ring, Warn } from "../../kit/icons";
import { embryoHref } from "../../kit/route";
import { t, tName } from "../../text/text";

const FLAGS_SHOWN = 2;

function Picture({ embryo }: { embryo: RankedEmbryo }) {
	const broken = useSignal(false);
	if (embryo.last_run === null || broken.value) return <span class="tile-nopicture"><Ring size={28} />{t("tile.nopicture")}</span>;
	return <img src={thumbnailPath(embryo.embryo, embryo.last_run)} alt="" loading="lazy" decoding="async" draggable={false}
		onError={() => { broken.value = true; }} />;
}

export function Tile({ embryo }: { embryo: RankedEmbryo }) {
	const { rank, well, stage, stage_group: group, attention, flags, reasons } = embryo;
	const rankText = rank === null ? t("tile.unranked") : t("tile.rank", { n: rank });
	const empty = group === "empty";
	const groupText = group ? tName("group", group) : t("tile.waiting");
	const first = attention[0] ?? reasons[0];
	return (
		<a class={`tile ${empty ? "is-empty" : ""} ${rank === 1 ? "is-first" : ""}`} href={embryoHref(embryo.embryo)} data-embryo={embryo.embryo}>
			<span class="tile-picture">
				<Picture embryo={embryo} />
				<span class="tile-rank" title={rankText}>
					<span class="unseen">{rank === null ? rankText : `${t("verdict.rank")} `}</span>
					{rank ?? (empty ? <Empty /> : <span aria-hidden="true">–</span>)}
				</span>
				<span class="tile-well">{t("tile.well", { n: well })}</span>
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
			{first && <span class={attention[0] ? "tile-reason look" : "tile-reason"} title={[...attention, ...reasons].join("\n")}>
				{attention[0] && <Warn />}<span>{sentence(first)}</span></span>}
			{flags.length > 0 && <span class="tile-flags">
				{flags.slice(0, FLAGS_SHOWN).map((flag) => <Chip key={flag} tone="warn">{tName("flag", flag)}</Chip>)}
				{flags.length > FLAGS_SHOWN && <Chip title={flags.slice(FLAGS_SHOWN).join(", ")}>+{flags.length - FLAGS_SHOWN}</Chip>}
			</span>}
		</a>
	);
}
