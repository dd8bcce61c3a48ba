/* What each reader said, side by side, and where they differ. Nothing is averaged. */
import type { Embryo } from "../../api/types";
import { Dialog } from "../../kit/controls";
import { hours } from "../../kit/format";
import { Check, Warn } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { latestWords } from "../embryo/words";
import { currentOf, gradeName, kindText, PARTS, readersOf, STAGES_GRADED, valueText } from "./kinds";

interface Line { name: string; cells: (string | null)[]; differs: string | null }

/* null where nobody can be said to differ: less than two have said something */
function difference(cells: (string | null)[]): string | null {
	const said = cells.filter((cell) => cell !== null);
	return said.length < 2 ? null : new Set(said).size > 1 ? t("readers.differ") : "";
}

function eventLines(embryo: Embryo, readers: string[]): Line[] {
	return (embryo.evaluation?.events ?? []).flatMap((row): Line[] => {
		const words = latestWords(row);
		if (words.length === 0) return [];
		const mine = readers.map((reader) => words.find((word) => word.author === reader));
		const when = (run: number | null, time_s: number | null) => (time_s === null ? t("player.run", { run: run ?? "–" }) : hours(time_s));
		const cells = mine.map((word) => (word ? (word.absent ? t("events.absent.short") : when(word.run, word.time_s)) : null));
		const times = mine.flatMap((word) => (word && !word.absent && word.time_s !== null ? [word.time_s] : []));
		const spread = Math.max(...times) - Math.min(...times);
		const whole = times.length > 1 && times.length === words.length;
		return [{ name: tName("event", row.event), cells: [row.automatic ? when(row.automatic.run, row.automatic.time_s) : null, ...cells],
			differs: whole && spread > 0 ? `${hours(spread)} h` : difference(cells) }];
	});
}

function lines(embryo: Embryo, readers: string[]): Line[] {
	const said = (name: string, of: (reader: string) => string | null): Line[] => {
		const cells = readers.map(of);
		return cells.every((cell) => cell === null) ? [] : [{ name, cells: [null, ...cells], differs: difference(cells) }];
	};
	return [
		...eventLines(embryo, readers),
		...PARTS.flatMap(({ kinds }) => kinds).flatMap(({ kind }) => said(kindText(kind), (reader) => {
			const word = currentOf(embryo, kind).find((entry) => entry.author === reader);
			return word ? valueText(kind, word.value) : null;
		})),
		...STAGES_GRADED.flatMap((stage) => said(`${t("grade.title")}, ${tName("group", stage)}`, (reader) => {
			const grade = embryo.grades.find((entry) => entry.author === reader && entry.stage === stage);
			return grade ? gradeName(grade) : null;
		})),
	];
}

export function ReadersDialog({ embryo, onClose }: { embryo: Embryo; onClose: () => void }) {
	const readers = readersOf(embryo);
	return (
		<Dialog title={t("readers.title")} onClose={onClose} wide>
			<div class="readers" tabIndex={0} role="region" aria-label={t("readers.title")}>
				<table>
					<thead><tr><td /><th scope="col">{t("events.automatic")}</th>{readers.map((reader) => <th key={reader} scope="col">{reader}</th>)}
						<th scope="col">{t("readers.difference")}</th></tr></thead>
					<tbody>{lines(embryo, readers).map((line) => (
						<tr key={line.name} class={line.differs ? "differs" : ""}>
							<th scope="row">{line.name}</th>
							{line.cells.map((cell, i) => <td key={i}>{cell ?? "–"}</td>)}
							<td class="readers-difference">{line.differs ? <><Warn />{line.differs}</> : line.differs === "" ? <><Check />{t("readers.same")}</> : "–"}</td>
						</tr>
					))}</tbody>
				</table>
			</div>
		</Dialog>
	);
}
