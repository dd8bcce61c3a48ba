/* What a person sees of the embryo, one tap each, and comments. Everybody's words stand side by side. */
import { signal } from "@preact/signals";
import { useComputed, useSignal } from "@preact/signals";
import type { Comment, Embryo } from "../../api/types";
import { Chip, Segments } from "../../kit/controls";
import { clock, dayShort, initials } from "../../kit/format";
import { mayAnnotate, user } from "../../kit/session";
import { t, tName } from "../../text/text";
import { timeText } from "../embryo/player";
import type { Viewer } from "../embryo/viewer";
import { currentOf, kindShort, kindText, PARTS, partOf, readersOf, valueText, type Part } from "./kinds";
import { blindBegin } from "./mode";
import { ReadersDialog } from "./readers";
import { perform } from "./stack";
import "./words.css";

interface Here { viewer: Viewer; embryo: Embryo }

function KindRow({ viewer, embryo, kind, values }: Here & { kind: string; values: readonly string[] }) {
	const current = currentOf(embryo, kind);
	const own = current.find((entry) => entry.author === user.value?.name);
	const others = current.filter((entry) => entry !== own);
	const say = (value: string) => {
		const run = viewer.seen.peek()?.run;
		const taken = own?.value === value;
		void perform(viewer, {
			name: kindText(kind), path: `/api/embryos/${embryo.embryo}/observations`,
			body: taken ? { kind, withdrawn: true } : { kind, value, ...(run === undefined ? {} : { run }) },
			before: own ? { kind, value: own.value, ...(own.run === null ? {} : { run: own.run }) } : { kind, withdrawn: true },
		});
	};
	const shown = (value: string) => valueText(kind, value);
	/* the row says that they are per cent */
	const short = (value: string) => (kind.startsWith("fragmentation") ? value : shown(value));
	/* a value between the ones offered here, said elsewhere */
	const offered = own && !values.includes(own.value) ? [...values, own.value] : values;
	return (
		<div class="kind" data-kind={kind}>
			<span class="kind-name">{kindShort(kind)}</span>
			<Segments label={kindText(kind)} options={offered} value={own?.value ?? null} shown={short} disabled={!mayAnnotate()} onPick={say} />
			{others.length > 0 && <span class="kind-others">{others.map((entry) => (
				<span key={entry.author} class={own && own.value !== entry.value ? "differs" : ""}>
					<span class="event-author" aria-hidden="true">{initials(entry.author)}</span><span class="unseen">{entry.author}</span> {shown(entry.value)}
				</span>
			))}</span>}
		</div>
	);
}

function PartRows({ viewer, embryo, part, kinds, here }: Here & Part & { here: boolean }) {
	return (
		<div class={here ? "part here" : "part"} role="group" aria-label={tName("part", part)}>
			<h3 class="panel-sub">{tName("part", part)}{here && <Chip tone="accent">{t("assess.here")}</Chip>}</h3>
			{kinds.map((entry) => <KindRow key={entry.kind} viewer={viewer} embryo={embryo} {...entry} />)}
		</div>
	);
}

/* What was typed and not added yet: going to a sibling and back does not lose it. */
const drafts = signal<ReadonlyMap<number, string>>(new Map());
const draft = (embryo: number, text: string): void => {
	drafts.value = new Map(drafts.peek()).set(embryo, text);
};

function CommentRow({ viewer, embryo, comment }: Here & { comment: Comment }) {
	const run = viewer.runs.value.find((entry) => entry.run === comment.run);
	const remove = () => void perform(viewer, { name: t("comment.one"), path: `/api/embryos/${embryo.embryo}/comments`, id: comment.id,
		row: { text: comment.text, ...(comment.run === null ? {} : { run: comment.run }) } });
	return (
		<li class="comment">
			<p>{comment.text}</p>
			<span class="quiet">{t("decide.by", { author: comment.author, date: dayShort(comment.made), time: clock(comment.made) })}</span>
			{run && <button type="button" class="link-button" onClick={() => viewer.goToRun(run.run)}>{timeText(run)}</button>}
			{comment.author === user.value?.name && comment.id > 0 && <button type="button" class="link-button" onClick={remove}>{t("words.takeback")}</button>}
		</li>
	);
}

function Comments({ viewer, embryo }: Here) {
	const text = drafts.value.get(embryo.embryo) ?? "";
	const add = async () => {
		const run = viewer.seen.peek()?.run;
		draft(embryo.embryo, "");
		const taken = await perform(viewer, { name: t("comment.one"), path: `/api/embryos/${embryo.embryo}/comments`,
			row: { text: text.trim(), ...(run === undefined ? {} : { run }) } });
		if (!taken && !drafts.peek().get(embryo.embryo)) draft(embryo.embryo, text);
	};
	return (
		<>
			<h3 class="panel-sub">{t("comment.title")}</h3>
			<ul>{embryo.comments.map((comment) => <CommentRow key={comment.id || comment.made} viewer={viewer} embryo={embryo} comment={comment} />)}</ul>
			{mayAnnotate() && <div class="comment-new">
				<textarea rows={2} maxLength={1999} aria-label={t("comment.new")} placeholder={t("comment.new")} value={text}
					onInput={(event) => draft(embryo.embryo, event.currentTarget.value)} />
				<button type="button" class="button" disabled={!text.trim()} onClick={() => void add()}>{t("comment.add")}</button>
			</div>}
		</>
	);
}

export function AssessPanel({ viewer, embryo }: Here) {
	const part = useComputed(() => partOf(viewer.current.value?.stage ?? null));
	const compared = useSignal(false);
	const readers = readersOf(embryo);
	const mine = readers.includes(user.value?.name ?? "");
	return (
		<section class="panel assess" aria-labelledby="assess-title">
			<header><h2 id="assess-title">{t("assess.title")}</h2>
				{mayAnnotate() && !embryo.second_reading && !mine && <button type="button" class="link-button" title={t("blind.begin.long")}
					onClick={() => void blindBegin(viewer)}>{t("blind.begin")}</button>}
				{readers.length > 1 && <button type="button" class="link-button" onClick={() => { compared.value = true; }}>{t("readers.open")}</button>}</header>
			{PARTS.map((entry) => <PartRows key={entry.part} viewer={viewer} embryo={embryo} {...entry} here={entry.part === part.value} />)}
			<Comments viewer={viewer} embryo={embryo} />
			{compared.value && <ReadersDialog embryo={embryo} onClose={() => { compared.value = false; }} />}
		</section>
	);
}
