/* The shortcut list, straight from the keys table, as this person has it. */
import { KEYS, keyShown, keysOf, type KeyGroup } from "../keys";
import { Dialog } from "../kit/controls";
import { wheelMoves } from "../kit/settings";
import { t, tName } from "../text/text";

export const GROUPS: readonly KeyGroup[] = ["time", "plane", "view", "event", "page"];

export function KeyCaps({ keys }: { keys: readonly string[] }) {
	return <span class="keys">{keys.map((key, i) => (
		<>{i > 0 && <span class="keys-or">/</span>}{keyShown(key).map((part) => <kbd key={part}>{tName("cap", part)}</kbd>)}</>
	))}</span>;
}

function Group({ name }: { name: KeyGroup }) {
	return (
		<section>
			<h3>{t(`help.${name}`)}</h3>
			<dl>
				{KEYS.filter((entry) => entry.group === name).map((entry) => (
					<div key={entry.action}><dt>{t(entry.text)}</dt><dd><KeyCaps keys={keysOf(entry.action)} /></dd></div>
				))}
			</dl>
		</section>
	);
}

function Mouse() {
	const wheel = <kbd>{t("help.wheel.key")}</kbd>;
	const [plain, shifted] = wheelMoves.value === "focus" ? (["help.wheel", "help.shiftwheel"] as const) : (["help.shiftwheel", "help.wheel"] as const);
	return (
		<section>
			<h3>{t("help.mouse")}</h3>
			<dl>
				<div><dt>{t(plain)}</dt><dd>{wheel}</dd></div>
				<div><dt>{t(shifted)}</dt><dd><kbd>{t("cap.Shift")}</kbd>{wheel}</dd></div>
				<div><dt>{t("help.ctrlwheel")}</dt><dd><kbd>Ctrl</kbd>{wheel}<span class="keys-or">/</span><kbd>{t("help.pinch.key")}</kbd></dd></div>
				<div><dt>{t("help.drag")}</dt><dd><kbd>{t("help.drag.key")}</kbd></dd></div>
				<div><dt>{t("help.swipe")}</dt><dd><kbd>{t("help.swipe.key")}</kbd></dd></div>
			</dl>
		</section>
	);
}

export function HelpDialog({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title={t("help.title")} onClose={onClose} wide>
			<div class="help" tabIndex={0} role="region" aria-label={t("help.title")}>
				<div><Group name="time" /><Group name="plane" /><Group name="page" /></div>
				<div><Group name="view" /><Mouse /></div>
				<div><Group name="event" /><a class="text-link" href="#/settings" onClick={onClose}>{t("help.change")}</a></div>
			</div>
		</Dialog>
	);
}
