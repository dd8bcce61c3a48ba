/* Exports: sending one, and what came of each. */
import { useRef } from "preact/hooks";
import { signal, useSignal } from "@preact/signals";
import { uploadExport } from "../../api/client";
import type { Import } from "../../api/types";
import { Progress, toast } from "../../kit/controls";
import { clock, dayShort, sameDay } from "../../kit/format";
import { Check, Ring, Stop, Upload } from "../../kit/icons";
import { t } from "../../text/text";
import { mayAnnotate, sentenceOf } from "../../kit/session";
import { loadImports } from "./state";

interface Sending { key: number; name: string; share: number }
const sending = signal<Sending[]>([]);
let keys = 0;
const SHOWN = 6;

export function takesFiles(event: DragEvent): boolean {
	return mayAnnotate() && (event.dataTransfer?.types.includes("Files") ?? false);
}

async function send(file: File): Promise<void> {
	const key = ++keys;
	sending.value = [...sending.value, { key, name: file.name, share: 0 }];
	try {
		await uploadExport(file, (share) => {
			sending.value = sending.value.map((entry) => (entry.key === key ? { ...entry, share } : entry));
		});
		toast("good", t("import.sent", { name: file.name }));
		await loadImports();
	} catch (error) {
		toast("bad", sentenceOf(error));
	} finally {
		sending.value = sending.value.filter((entry) => entry.key !== key);
	}
}

export function sendFiles(files: FileList | null | undefined): void {
	for (const file of files ?? []) void send(file);
}

function Entry({ entry }: { entry: Import }) {
	const when = sameDay(entry.started, new Date()) ? clock(entry.started) : dayShort(entry.started);
	return (
		<li class={`import ${entry.state}`} data-import={entry.import}>
			<span class="import-icon">{entry.state === "done" ? <Check /> : entry.state === "quarantined" ? <Stop /> : <Ring />}</span>
			<div>
				<div class="import-name" title={entry.name}>{entry.name}</div>
				<div class="import-state"><strong>{t(`import.${entry.state}`)}</strong><time dateTime={entry.started}>{when}</time></div>
				{entry.sentence && <p>{entry.sentence}</p>}
				{entry.notes.length > 0 && <details>
					<summary>{entry.notes.length === 1 ? t("import.notes.one") : t("import.notes", { n: entry.notes.length })}</summary>
					<ul>{entry.notes.map((note) => <li key={note}>{note}</li>)}</ul>
				</details>}
			</div>
		</li>
	);
}

export function ImportsRail({ list }: { list: Import[] }) {
	const input = useRef<HTMLInputElement>(null);
	const all = useSignal(false);
	/* what went wrong first, then newest first as the box sends it */
	const sorted = [...list].sort((a, b) => Number(b.state === "quarantined") - Number(a.state === "quarantined"));
	const shown = all.value ? sorted : sorted.slice(0, SHOWN);
	return (
		<aside class="rail" aria-labelledby="rail-title">
			<h2 id="rail-title" class="section-title">{t("import.title")}</h2>
			{mayAnnotate() && <div class="rail-send">
				<button type="button" class="button" onClick={() => input.current?.click()}><Upload />{t("import.choose")}</button>
				<span>{t("import.drop")}</span>
				<input ref={input} type="file" class="unseen" tabIndex={-1} aria-hidden="true" multiple onChange={(event) => {
					sendFiles(event.currentTarget.files);
					event.currentTarget.value = "";
				}} />
			</div>}
			{sending.value.map((entry) => (
				<div key={entry.key} class="sending">
					<span class="import-name">{t("import.sending", { name: entry.name })}</span>
					<Progress value={Math.round(entry.share * 100)} max={100} label={t("import.sending", { name: entry.name })} />
				</div>
			))}
			{list.length === 0 && <p class="rail-none">{t("import.none")}</p>}
			<ul class="imports">{shown.map((entry) => <Entry key={entry.import} entry={entry} />)}</ul>
			{sorted.length > shown.length && <button type="button" class="link-button"
				onClick={() => { all.value = true; }}>{t("import.more", { n: sorted.length - shown.length })}</button>}
		</aside>
	);
}
