/* What a person likes, and what the clinic has settled. Each setting is kept as soon as it is changed. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Settings } from "../../api/types";
import { Segments, toast } from "../../kit/controls";
import { Left } from "../../kit/icons";
import { PasswordButton } from "../../kit/password";
import { sentenceOf, user } from "../../kit/session";
import { theme, wheelMoves } from "../../kit/settings";
import { ConnectionState } from "../../kit/tools";
import { chooseLanguage, language, languages, t } from "../../text/text";
import { UserTools } from "../header";
import { KeySettings } from "../keys_settings";
import "./settings.css";

const ON_OFF = ["on", "off"] as const;

function Own() {
	return (
		<section class="panel settings-part" aria-labelledby="settings-own">
			<header><h2 id="settings-own">{t("settings.own")}</h2></header>
			<div class="setting"><h3>{t("head.language")}</h3>
				<Segments label={t("head.language")} options={languages} value={language.value} shown={(name) => t(`language.${name}`)}
					onPick={(name) => void chooseLanguage(name)} /></div>
			<div class="setting"><h3>{t("settings.theme")}</h3>
				<Segments label={t("settings.theme")} options={["dark", "light"]} value={theme.value} shown={(name) => t(`settings.theme.${name}`)}
					onPick={(name) => { theme.value = name; }} /></div>
			<div class="setting"><h3>{t("player.wheel")}</h3>
				<Segments label={t("player.wheel")} options={["focus", "time"]} value={wheelMoves.value} shown={(name) => t(`player.wheel.${name}`)}
					onPick={(name) => { wheelMoves.value = name; }} /></div>
			<div class="setting"><h3>{t("signin.password")}</h3><div><PasswordButton /></div></div>
		</section>
	);
}

type Put = (change: Partial<Settings>) => void;

function PixelSize({ format, um, put, locked }: { format: string; um: number | null; put: Put; locked: boolean }) {
	const change = (input: HTMLInputElement) => {
		if (input.value === "" && !input.validity.badInput) return put({ pixel_um: { [format]: null } });
		if (input.checkValidity()) return put({ pixel_um: { [format]: input.valueAsNumber } });
		toast("warn", t("settings.pixel.wrong"));
	};
	return (
		<label class="setting-pixel"><span>{format}</span>
			<input type="number" min="0.001" max="100" step="0.001" inputMode="decimal" defaultValue={um ?? ""} readOnly={locked}
				onChange={(event) => change(event.currentTarget)} /><span>µm</span></label>
	);
}

function Clinic() {
	const settings = useSignal<Settings | null>(null);
	const failure = useSignal("");
	const locked = user.value?.role !== "admin";
	const load = () => api.settings().then((answer) => {
		settings.value = answer;
		failure.value = "";
	}, (error: unknown) => { failure.value = sentenceOf(error); });
	useEffect(() => {
		void load();
	}, []);
	const put: Put = (change) => void api.settle(change)
		.then(() => toast("good", t("settings.saved")), (error: unknown) => toast("bad", sentenceOf(error))).then(load);
	const now = settings.value;
	return (
		<section class="panel settings-part" aria-labelledby="settings-clinic" aria-busy={!now}>
			<header><h2 id="settings-clinic">{t("settings.clinic")}</h2></header>
			{locked && <p class="quiet-line">{t("settings.clinic.admin")}</p>}
			{failure.value && <p class="notice bad">{failure.value}</p>}
			{now && <>
				<div class="setting"><h3>{t("settings.score")}</h3>
					<Segments label={t("settings.score")} options={ON_OFF} value={now.score_after_grade ? "on" : "off"} disabled={locked}
						shown={(name) => t(`settings.${name}`)} onPick={(name) => put({ score_after_grade: name === "on" })} />
					<p>{t("settings.score.long")}</p></div>
				<div class="setting"><h3>{t("settings.pixel")}</h3>
					<div class="setting-pixels">{Object.entries(now.pixel_um).map(([format, um]) => (
						<PixelSize key={format} format={format} um={um} put={put} locked={locked} />))}</div>
					<p>{t("settings.pixel.long")}</p></div>
			</>}
		</section>
	);
}

export function SettingsPage() {
	useEffect(() => {
		document.title = `${t("settings.title")} · ${t("product")}`;
	});
	return (
		<div class="page">
			<header class="head settings-head">
				<a class="icon-button" href="#/" aria-label={t("key.board")} title={t("key.board")}><Left /></a>
				<h1>{t("settings.title")}</h1>
				<span class="head-space" />
				<ConnectionState />
				<UserTools />
			</header>
			<main class="settings">
				<div><Own /><Clinic /></div>
				<KeySettings />
			</main>
		</div>
	);
}
