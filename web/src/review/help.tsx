/* The shortcut list, straight from the keys table. */
import { KEYS, keyShown, type KeyGroup } from "../keys";
import { Dialog } from "../kit/controls";
import { t } from "../text/text";

const GROUPS: KeyGroup[] = ["time", "plane", "view", "page", "event"];

function Keys({ keys }: { keys: readonly string[] }) {
	return <span class="keys">{keys.map((key, i) => (
		<>{i > 0 && <span class="keys-or">/</span>}{keyShown(key).map((part) => <kbd key={part}>{part}</kbd>)}</>
	))}</span>;
}

export function HelpDialog({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title={t("help.title")} onClose={onClose} wide>
			<div class="help" tabIndex={0} role="region" aria-label={t("help.title")}>
				{GROUPS.map((group) => (
					<section key={group} class={`help-${group}`}>
						<h3>{t(`help.${group}`)}</h3>
						<dl>
							{KEYS.filter((entry) => entry.group === group).map((entry) => (
								<div key={entry.action}><dt>{t(entry.text)}</dt><dd><Keys keys={entry.keys} /></dd></div>
							))}
						</dl>
					</section>
				))}
				<section>
					<h3>{t("help.mouse")}</h3>
					<dl>
						<div><dt>{t("help.wheel")}</dt><dd><kbd>{t("help.wheel.key")}</kbd></dd></div>
						<div><dt>{t("help.shiftwheel")}</dt><dd><kbd>Shift</kbd><kbd>{t("help.wheel.key")}</kbd></dd></div>
						<div><dt>{t("help.ctrlwheel")}</dt><dd><kbd>Ctrl</kbd><kbd>{t("help.wheel.key")}</kbd></dd></div>
						<div><dt>{t("help.drag")}</dt><dd><kbd>{t("help.drag.key")}</kbd></dd></div>
					</dl>
				</section>
			</div>
		</Dialog>
	);
}
