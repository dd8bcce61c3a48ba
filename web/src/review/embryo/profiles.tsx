/* Published scores side by side, each with its source and its doubts, and the intervals they are made of. */
import type { Embryo, Interval, Profile } from "../../api/types";
import { Chip } from "../../kit/controls";
import { hours, hoursSigned } from "../../kit/format";
import { Check, Covered, Cross, Warn } from "../../kit/icons";
import { t } from "../../text/text";

function Result({ profile }: { profile: Profile }) {
	if (profile.state === "value") return <strong class="profile-value">{profile.value}</strong>;
	return (
		<span class={`profile-not ${profile.state === "excluded" ? "excluded" : ""}`}>
			<strong>{t(profile.state === "excluded" ? "profiles.excluded" : "profiles.notcomputable")}</strong>
			{profile.reason && <span>{profile.reason}</span>}
		</span>
	);
}

function ProfileCard({ profile }: { profile: Profile }) {
	return (
		<li class={profile.verified ? "profile" : "profile unverified"} data-profile={profile.id}>
			<details>
				<summary class="profile-head" title={t("profiles.steps")}>
					<span class="profile-title">{profile.title}</span>
					{!profile.verified && <Chip tone="warn" icon={<Warn />} title={t("profiles.unverified.long")}>
						{t("profiles.unverified")}</Chip>}
					<Result profile={profile} />
				</summary>
				{!profile.verified && <p class="profile-caution"><Warn /><span>{t("profiles.unverified.long")}</span></p>}
				{profile.caution && <p class="profile-caution"><Warn /><span>{profile.caution}</span></p>}
				<ol class="steps">{profile.steps.map((step) => (
					<li key={step.text} class={step.fired ? "fired" : ""}>
						{step.fired ? <Check /> : <Cross />}<span>{step.text}</span>
						<span class="step-margin">{t(step.fired ? "profiles.fired" : "profiles.notfired")}
							{step.margin_s !== null && step.margin_s !== undefined && <>, {t("profiles.margin", { time: hoursSigned(step.margin_s) })}</>}</span>
					</li>
				))}</ol>
				<p class="profile-source">{t("profiles.citation")}: {profile.citation}</p>
				<p class="profile-source">{t("profiles.digest", { version: profile.version, digest: profile.digest.slice(0, 12) })}</p>
			</details>
		</li>
	);
}

function IntervalRow({ interval }: { interval: Interval }) {
	return (
		<div class="interval">
			<dt><strong>{interval.name}</strong><span>{interval.formula}</span></dt>
			<dd>{interval.value_s === null ? <span class="event-none">{interval.missing ?? "–"}</span>
				: <>{hours(interval.value_s)}<small> h</small></>}</dd>
		</div>
	);
}

export function Profiles({ embryo }: { embryo: Embryo }) {
	const evaluation = embryo.evaluation;
	if (!evaluation) return null;
	return (
		<section class="panel profiles" aria-labelledby="profiles-title">
			<header><h2 id="profiles-title">{t("profiles.title")}</h2></header>
			{(embryo.covered || embryo.second_reading) && <p class="cover"><Covered />
				<span>{t(embryo.second_reading ? "blind.hidden" : "cover.text")}</span></p>}
			<ul>{evaluation.profiles.map((profile) => <ProfileCard key={profile.id} profile={profile} />)}</ul>
			<p class="panel-note">{t("profiles.note")}</p>
			{evaluation.intervals.length > 0 && <>
				<h3 class="panel-sub">{t("intervals.title")}</h3>
				<dl class="intervals">{evaluation.intervals.map((interval) => <IntervalRow key={interval.name} interval={interval} />)}</dl>
			</>}
		</section>
	);
}
