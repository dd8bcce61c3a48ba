/* The tools in the head of every page of the lab. */
import { IconButton } from "../kit/controls";
import { Bars, Gear, Help, Model, Sliders } from "../kit/icons";
import { qualityHref } from "../kit/route";
import { user } from "../kit/session";
import { SignOutButton, ThemeButton } from "../kit/tools";
import { t } from "../text/text";
import { helpShown } from "./app";
import { TrayButton } from "./compare/tray";
import { OutboxState } from "./words/outbox_state";

export function UserTools() {
	return (
		<div class="tools">
			<TrayButton />
			<OutboxState />
			<ThemeButton />
			<a class="icon-button" href="#/models" aria-label={t("models.title")} title={`${t("models.title")}  (R)`}><Model /></a>
			<a class="icon-button" href={qualityHref()} aria-label={t("quality.title")} title={t("quality.title")}><Bars /></a>
			{user.value?.role === "admin" && <a class="icon-button" href="/console" aria-label={t("lab.console")} title={t("lab.console")}><Sliders /></a>}
			<a class="icon-button" href="#/settings" aria-label={t("settings.title")} title={t("settings.title")}><Gear /></a>
			<IconButton label={t("head.help")} onClick={() => { helpShown.value = true; }} keys="?"><Help /></IconButton>
			<span class="tools-user">{user.value?.name}</span>
			<SignOutButton />
		</div>
	);
}
