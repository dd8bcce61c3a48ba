/* A second reading is blind: until it is ended the box tells this person nothing that it or others said. */
import { signal } from "@preact/signals";
import { sayNow } from "../../api/outbox";
import type { Embryo } from "../../api/types";
import { toast } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { Covered, Warn } from "../../kit/icons";
import { sentenceOf } from "../../kit/session";
import { t } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { readersOf } from "./kinds";
import { ReadersDialog } from "./readers";
import "./words.css";

/* The embryo whose readings are shown side by side because its second reading was just ended. */
const ended = signal<number | null>(null);

async function turn(viewer: Viewer, state: "begin" | "end"): Promise<boolean> {
	try {
		await sayNow("POST", `/api/embryos/${viewer.id}/second-reading`, { state }, { patient: viewer.embryo.peek()?.patient?.id ?? 0 });
	} catch (error) {
		toast("bad", sentenceOf(error));
		return false;
	}
	await viewer.load();
	return true;
}
export const blindBegin = (viewer: Viewer): Promise<boolean> => turn(viewer, "begin");

export function ModeBar({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const blind = embryo.second_reading;
	const end = async () => {
		if (await turn(viewer, "end")) ended.value = viewer.id;
	};
	return (
		<>
			{blind && <div class="mode-bar" role="status">
				<Covered /><p><strong>{t("blind.title", { time: clock(blind.since) })}</strong> {t("blind.text")}
					{blind.shown && <> <Warn /> {t("blind.shown", { time: clock(blind.shown), day: dayShort(blind.shown) })}</>}</p>
				<button type="button" class="button" onClick={() => void end()}>{t("blind.end")}</button>
			</div>}
			{ended.value === embryo.embryo && !blind && readersOf(embryo).length > 1
				&& <ReadersDialog embryo={embryo} onClose={() => { ended.value = null; }} />}
		</>
	);
}
