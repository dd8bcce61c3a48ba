/* What every page's head shares. */
import { connection } from "../api/stream";
import { IconButton } from "../kit/controls";
import { clock } from "../kit/format";
import { Help, Model, Moon, Out, Sun } from "../kit/icons";
import { theme, toggleTheme } from "../kit/settings";
import { language, languages, t } from "../text/text";
import { helpShown } from "./app";
import { signOut, user } from "./session";

export function ThemeButton() {
	const dark = theme.value === "dark";
	return (
		<IconButton label={t(dark ? "head.theme.light" : "head.theme.dark")} onClick={toggleTheme} keys="T">
			{dark ? <Sun /> : <Moon />}
		</IconButton>
	);
}

export function LanguagePick() {
	return (
		<select class="language" aria-label={t("head.language")} value={language.value}
			onChange={(event) => { language.value = event.currentTarget.value === "fr" ? "fr" : "en"; }}>
			{languages.map((name) => <option key={name} value={name}>{t(`language.${name}`)}</option>)}
		</select>
	);
}

export function ConnectionState() {
	const { state, since } = connection.value;
	const text = t(`link.${state}`, { time: clock(since) });
	return <span class={`link ${state}`} role="status" title={text}><span class="link-dot" /><span class="link-text">{text}</span></span>;
}

export function UserTools() {
	return (
		<div class="tools">
			<ThemeButton />
			<a class="icon-button" href="#/models" aria-label={t("models.title")} title={`${t("models.title")}  (R)`}><Model /></a>
			<IconButton label={t("head.help")} onClick={() => { helpShown.value = true; }} keys="?"><Help /></IconButton>
			<span class="tools-user">{user.value?.name}</span>
			<IconButton label={t("head.signout")} onClick={() => void signOut()}><Out /></IconButton>
		</div>
	);
}
