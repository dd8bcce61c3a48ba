/* Beside the pictures: what the box makes of the embryo, what people decide, and one of the tables of it at a time. On a
 * screen that has the room all tables stand side by side. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Embryo } from "../../api/types";
import { remembered } from "../../kit/settings";
import { t } from "../../text/text";
import { DecisionPanel } from "../decide/panel";
import { AssessPanel } from "../words/assess";
import { GradePanel } from "../words/grade";
import { HistoryPanel } from "../words/history";
import { ModeBar } from "../words/mode";
import { UndoTools } from "../words/undo";
import { Events } from "./events";
import { Profiles } from "./profiles";
import { Verdict } from "./verdict";
import type { Viewer } from "./viewer";

const TABS = ["events", "assess", "scores", "history"] as const;
type Tab = (typeof TABS)[number];
const chosen = remembered("tab", TABS, "events");

const roomy = window.matchMedia("(min-width: 2000px) and (min-height: 1100px)");
const wide = signal(roomy.matches);
roomy.addEventListener("change", () => { wide.value = roomy.matches; });

function panelOf(tab: Tab, viewer: Viewer, embryo: Embryo): ComponentChildren {
	switch (tab) {
		case "events": return embryo.evaluation ? <Events viewer={viewer} /> : <p class="panel panel-note">{t("embryo.unread")}</p>;
		case "assess": return <AssessPanel viewer={viewer} embryo={embryo} />;
		case "scores": return <Profiles embryo={embryo} />;
		case "history": return <HistoryPanel viewer={viewer} embryo={embryo} />;
	}
}

/* Arrows walk along the tabs, not through time, while one of them has the focus. */
function Tabs() {
	const walk = (event: KeyboardEvent) => {
		const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		if (by === 0 || event.altKey || event.shiftKey || event.ctrlKey) return;
		event.preventDefault();
		event.stopPropagation();
		chosen.value = TABS[(TABS.indexOf(chosen.value) + by + TABS.length) % TABS.length] ?? "events";
		document.getElementById(`tab-${chosen.value}`)?.focus();
	};
	return (
		<div class="tabs" role="tablist" aria-label={t("side.tabs")} onKeyDown={walk}>
			{TABS.map((tab) => (
				<button key={tab} type="button" role="tab" id={`tab-${tab}`} aria-selected={tab === chosen.value} aria-controls="side-panel"
					tabIndex={tab === chosen.value ? 0 : -1} onClick={() => { chosen.value = tab; }}>{t(`side.${tab}`)}</button>
			))}
		</div>
	);
}

function Detail({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	if (wide.value) return <div class="side-detail">{TABS.map((tab) => <div key={tab}>{panelOf(tab, viewer, embryo)}</div>)}</div>;
	return (
		<div class="side-tabbed">
			<div class="tabs-row"><Tabs /><UndoTools viewer={viewer} /></div>
			<div class="side-detail" id="side-panel" role="tabpanel" aria-labelledby={`tab-${chosen.value}`} tabIndex={0}>
				{panelOf(chosen.value, viewer, embryo)}
			</div>
		</div>
	);
}

export function Side({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const verdict = <Verdict key="verdict" viewer={viewer} embryo={embryo} />;
	const grade = <GradePanel key="grade" viewer={viewer} embryo={embryo} />;
	return (
		<div class="side" role="region" aria-label={t("embryo.side")}>
			<ModeBar viewer={viewer} embryo={embryo} />
			<div class="side-verdict">
				<div class="side-scroll">
					{/* what is covered comes after what uncovers it */}
					{embryo.covered ? [grade, verdict] : [verdict, grade]}
				</div>
				<DecisionPanel viewer={viewer} embryo={embryo} />
			</div>
			<Detail viewer={viewer} embryo={embryo} />
		</div>
	);
}
