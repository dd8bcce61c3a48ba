/* By when, of a cycle: the check that is due and the hour of decision. */
import type { Due } from "../../api/types";
import { clock, dayShort, sameDay } from "../../kit/format";
import { Check, Clock } from "../../kit/icons";
import { t } from "../../text/text";
import { dueText, isDone, isOpen, type Told } from "../needs";

export function Dues({ dishes, now }: { dishes: readonly { due: Due | null }[]; now: string }) {
	return <>{dishes.map(({ due }) => due && <span key={due.check} class={due.now_s < due.from_s ? "due" : "due now"}>
		<Clock />{dueText(due, now)}</span>)}</>;
}

export function DecideBy({ decision, embryos, now }: { decision: string | null; embryos: readonly Told[]; now: string }) {
	if (isDone(embryos)) return <span class="decide-by done"><Check />{t("board.done")}</span>;
	const open = embryos.filter(isOpen).length;
	const time = decision && (sameDay(decision, now) ? clock(decision) : `${dayShort(decision)} ${clock(decision)}`);
	return (
		<span class={decision ? "decide-by" : "decide-by none"}>
			<Clock />{time ? t("board.decide", { time }) : t("board.decide.none")}
			{open > 0 && <span class="decide-open">{t("board.open", { n: open })}</span>}
		</span>
	);
}
