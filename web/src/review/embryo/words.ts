/* What people said about events. The box evaluates anew a moment after a word was said; until then the page shows the
 * word itself, so that nobody wonders whether it was taken. */
import type { Embryo, EventName, EventRow, HumanEvent } from "../../api/types";

/* null: nothing said, or taken back */
export type Word = { run: number } | { absent: true } | null;
export interface Said { word: Word; run: number | null; time_s: number | null; made: string }

/* The last word of each person. */
export function latestWords(row: EventRow): HumanEvent[] {
	const last = new Map<string, HumanEvent>();
	for (const word of [...row.human].sort((a, b) => a.made.localeCompare(b.made))) last.set(word.author, word);
	return [...last.values()];
}

export function ownWord(embryo: Embryo | null, event: EventName, author: string): Word {
	const row = embryo?.evaluation?.events.find((entry) => entry.event === event);
	const own = row && latestWords(row).find((word) => word.author === author);
	if (!own) return null;
	return own.absent ? { absent: true } : own.run === null ? null : { run: own.run };
}

const same = (a: Word, b: Word): boolean => JSON.stringify(a) === JSON.stringify(b);

/* Words the evaluation has caught up with need no remembering. */
export function stillUnknown(told: Embryo, said: ReadonlyMap<EventName, Said>, author: string): ReadonlyMap<EventName, Said> {
	return new Map([...said].filter(([event, { word }]) => !same(ownWord(told, event, author), word)));
}

export function withWords(told: Embryo | null, said: ReadonlyMap<EventName, Said>, author: string): Embryo | null {
	if (!told?.evaluation || said.size === 0) return told;
	const events = told.evaluation.events.map((row) => {
		const own = said.get(row.event);
		if (!own) return row;
		const human = row.human.filter((word) => word.author !== author);
		if (own.word) human.push({ author, made: own.made, run: own.run, time_s: own.time_s, absent: "absent" in own.word });
		return { ...row, human };
	});
	return { ...told, evaluation: { ...told.evaluation, events } };
}
