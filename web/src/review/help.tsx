/* The shortcut list, straight from the keys table. */
import { KEYS, keyShown, type KeyGroup } from "../keys";
import { Dialog } from "../kit/controls";
import { t } from "../text/text";

function Keys({ keys }: { keys: readonly string[] }) {
	return <span class="keys">{keys.map((key, i) => (
		<>{i > 0 && <span class="keys-or">/</span>}{keyShown(key).map((part) => <kbd key={part}>{part}</kbd>)}</>
	))}</span>;
}

function Group({ name }: { name: KeyGroup }) {
	return (
		<section>
			<h3>{t(`help.${name}`)}</h3>
			<dl>
				{KEYS.filter((entry) => entry.group === name).map((entry) => (
					<div key={entry.action}><dt>{t(entry.text)}</dt><dd><Keys keys={entry.keys} /></dd></div>
				))}
			</dl>
		</section>
	);
}

function Mouse() {
	const wheel = <kbd>{t("help.wheel.key")}</kbd>;
	return (
		<section>
			<h3>{t("help.mouse")}</h3>
			<dl>
				<div><dt>{t("help.wheel")}</dt><dd>{wheel}</dd></div>
				<div><dt>{t("help.shiftwheel")}</dt><dd><kbd>Shift</kbd>{wheel}</dd></div>
				<div><dt>{t("help.ctrlwheel")}</dt><dd><kbd>Ctrl</kbd>{wheel}</dd></div>
				<div><dt>{t("help.drag")}</dt><dd><kbd>{t("help.drag.key")}</kbd></dd></div>
			</dl>
		</section>
	);
}

export function HelpDialog({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title={t("help.title")} onClose={onClose} wide>
			<div class="help" tabIndex={0} role="region" aria-label={t("help.title")}>
				<div><Group name="time" /><Group name="plane" /></div>
				<div><Group name="view" /><Group name="page" /><Mouse /></div>
				<div><Group name="event" /></div>
			</div>
		</Dialog>
	);
}
