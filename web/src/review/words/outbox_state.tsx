/* In the head of every page: whether all that was said has reached the box. */
import { effect, signal } from "@preact/signals";
import { putAside, refused, saved, sendAgain, waiting, type Act } from "../../api/outbox";
import { Dialog, toast } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { Check, Clock, Stop } from "../../kit/icons";
import { t } from "../../text/text";
import "./words.css";

const shown = signal(false);
/* The first sentence comes by itself; the words stay in the list until their person has seen to them. */
let told = 0;
effect(() => {
	const { length } = refused.value;
	const last = refused.value.at(-1);
	if (last && length > told) toast("bad", t("outbox.refused.one", { name: last.name, sentence: last.refused ?? "" }));
	told = length;
});
/* A page that is closed now comes back with the words, but not everybody knows. */
window.addEventListener("beforeunload", (event) => {
	if (waiting.peek() > 0) event.preventDefault();
});

function Refused({ act }: { act: Act }) {
	return (
		<li class="refused">
			<div><strong>{act.name || act.path}</strong><span class="quiet">{dayShort(act.made)} {clock(act.made)}</span><p>{act.refused}</p></div>
			<button type="button" class="button" onClick={() => sendAgain(act.key)}>{t("outbox.again")}</button>
			<button type="button" class="button" onClick={() => putAside(act.key)}>{t("outbox.aside")}</button>
		</li>
	);
}

export function OutboxState() {
	const bad = refused.value.length;
	const wait = waiting.value;
	return (
		<>
			{bad > 0 && <button type="button" class="outbox bad" data-n={bad} onClick={() => { shown.value = true; }}>
				<Stop /><span>{t(bad === 1 ? "outbox.refused.1" : "outbox.refused", { n: bad })}</span></button>}
			<span class={wait ? "outbox waiting" : "outbox"} role="status" data-n={wait || undefined}>
				{wait > 0 ? <><Clock /><span>{t(wait === 1 ? "outbox.waiting.1" : "outbox.waiting", { n: wait })}</span></>
					: saved.value && <><Check /><span>{t("outbox.saved", { time: clock(saved.value) })}</span></>}
			</span>
			{shown.value && bad > 0 && <Dialog title={t("outbox.refused.title")} onClose={() => { shown.value = false; }}>
				<ul class="refused-list">{refused.value.map((act) => <Refused key={act.key} act={act} />)}</ul>
			</Dialog>}
		</>
	);
}
