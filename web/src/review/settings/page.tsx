/* The settings page. */
import { t } from "../../text/text";

export function SettingsPage() {
	return <main class="page"><h1>{t("settings.title")}</h1></main>;
}
