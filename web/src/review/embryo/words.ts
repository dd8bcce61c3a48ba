/* What people said about an embryo. What this person said and the answer of the box does not hold yet (it waits in the
 * outbox, or the box evaluates anew) is laid over that answer, so that nobody wonders whether it was taken. */
import type { Act } from "../../api/outbox";
import type { DecisionName, Embryo, EventName, EventRow, Grade, GradeWord, HumanEvent } from "../../api/types";

/* null: nothing said, or taken back */
export type Word = { run: number } | { absent: true } | null;
export type GradeBody = Pick<GradeWord, "stage"> & Partial<Pick<GradeWord, "expansion" | "icm" | "te" | "quality">>;

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

/* "4AB", or what its quality is called in the tables. */
export function gradeText(grade: GradeBody): string {
	return grade.stage === "blastocyst" ? `${grade.expansion}${grade.icm ?? ""}${grade.te ?? ""}` : grade.quality ?? "";
}

/* What the path of an act is about: /api/embryos/ID/THING[/ROW]. */
function about(act: Act, embryo: number): { thing: string; row: string | undefined } | null {
	const [, , , id, thing, row] = act.path.split("/");
	return act.refused === undefined && id === String(embryo) && thing ? { thing, row } : null;
}

interface EventBody { event: EventName; run?: number; absent?: true }
const wordOf = ({ run, absent }: EventBody): Word => (absent ? { absent } : run === undefined ? null : { run });
const same = (a: Word, b: Word): boolean => JSON.stringify(a) === JSON.stringify(b);

function withEvent(told: Embryo, body: EventBody, author: string, made: string): Embryo {
	if (!told.evaluation) return told;
	const word = wordOf(body);
	const run = word && "run" in word ? word.run : null;
	const time_s = told.runs.find((entry) => entry.run === run)?.time_s ?? null;
	const events = told.evaluation.events.map((row) => {
		if (row.event !== body.event) return row;
		const human = row.human.filter((entry) => entry.author !== author);
		if (word) human.push({ author, made, run, time_s, absent: "absent" in word });
		return { ...row, human };
	});
	return { ...told, evaluation: { ...told.evaluation, events } };
}

function withGrade(told: Embryo, body: GradeBody & { withdrawn?: true }, author: string, made: string): Embryo {
	const grades = told.grades.filter((entry) => entry.author !== author || entry.stage !== body.stage);
	if (!body.withdrawn) {
		grades.unshift({ expansion: null, icm: null, te: null, quality: null, ...body, text: gradeText(body), author, made });
	}
	const gardner = grades.find((entry) => entry.stage === "blastocyst");
	return { ...told, grades, grade: gardner ? { ...gardner, gardner: gardner.text } as Grade : null };
}

function withObservation(told: Embryo, body: { kind: string; value?: string; run?: number; day?: string }, author: string, made: string): Embryo {
	const observations = told.observations.filter((entry) => entry.author !== author || entry.kind !== body.kind);
	if (body.value !== undefined) {
		observations.push({ kind: body.kind, value: body.value, run: body.run ?? null, day: body.day ?? "", author, made });
	}
	return { ...told, observations };
}

function laid(told: Embryo, act: Act, author: string): Embryo {
	const on = about(act, told.embryo);
	if (!on) return told;
	const { made } = act;
	switch (on.thing) {
		case "annotations": return withEvent(told, act.body as EventBody, author, made);
		case "grade": return withGrade(told, act.body as GradeBody, author, made);
		case "observations": return withObservation(told, act.body as { kind: string }, author, made);
		/* rows the box has not numbered yet are number 0 */
		case "comments": return on.row ? { ...told, comments: told.comments.filter((entry) => String(entry.id) !== on.row) }
			: { ...told, comments: [...told.comments, { id: 0, run: null, ...act.body as { text: string }, author, made }] };
		case "decisions": return on.row ? { ...told, decisions: told.decisions.filter((entry) => String(entry.id) !== on.row) }
			: { ...told, decisions: [{ id: 0, signatures: [], ...act.body as { decision: DecisionName; reason: string }, author, made }, ...told.decisions] };
		default: return told;
	}
}

export function withWords(told: Embryo | null, acts: readonly Act[], author: string): Embryo | null {
	if (!told) return null;
	/* a row that was made and taken away again while the box was away */
	const gone = new Set(acts.map((act) => about(act, told.embryo)?.row));
	return acts.filter((act) => !gone.has(act.key)).reduce((embryo, act) => laid(embryo, act, author), told);
}

/* Whether the answer of the box holds an act that was sent before it was asked. All but an event's time are there at
 * once; that comes with the next evaluation. */
export function knows(told: Embryo, acts: readonly Act[], author: string): (act: Act) => boolean {
	return (act) => {
		const on = about(act, told.embryo);
		if (on?.thing !== "annotations" || !told.evaluation) return on !== null;
		const { event } = act.body as EventBody;
		const last = acts.filter((entry) => about(entry, told.embryo)?.thing === on.thing && (entry.body as EventBody).event === event).at(-1);
		return same(ownWord(told, event, author), wordOf((last ?? act).body as EventBody));
	};
}
