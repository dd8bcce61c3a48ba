/* What the head of every page shares. */
import { connection } from "../api/stream";
import { chooseLanguage, language, languages, t } from "../text/text";
import { IconButton } from "./controls";
import { clock } from "./format";
import { Moon, Out, Sun } from "./icons";
import { signOut } from "./session";
import { theme, toggleTheme } from "./settings";

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
			onChange={(event) => void chooseLanguage(event.currentTarget.value === "fr" ? "fr" : "en")}>
			{languages.map((name) => <option key={name} value={name}>{t(`language.${name}`)}</option>)}
		</select>
	);
}

export function ConnectionState() {
	const { state, since } = connection.value;
	const text = t(`link.${state}`, { time: clock(since) });
	return <span class={`link ${state}`} role="status" title={text}><span class="link-dot" /><span class="link-text">{text}</span></span>;
}

export function SignOutButton() {
	return <IconButton label={t("head.signout")} onClick={() => void signOut()}><Out /></IconButton>;
}
