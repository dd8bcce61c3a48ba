/* The morning board as the box last told it, and how it keeps up: a change asks for the board anew, a progress event
 * moves one bar at once. */
import { computed, effect, signal } from "@preact/signals";
import { api } from "../../api/client";
import { inOrder, listen } from "../../api/stream";
import type { Board, BoardCycle, BoardDish, Cycle, Import, PatientWithCycles, RankedEmbryo } from "../../api/types";
import { sentenceOf, user } from "../../kit/session";
import { isDone, isOpen, needsLook } from "../needs";

export const board = signal<Board | null>(null);
export const imports = signal<Import[]>([]);
export const failure = signal("");
export const query = signal("");

/* Changes come in bursts while a slide is being read; the board is asked for at most this often. */
const PAUSE_MS = 600;
/* Windows for checks open and close without a change. */
const CLOCK_MS = 60000;
let wanted = false;
let importsWanted = false;
let timer = 0;
let busy = false;

const askBoard = inOrder(api.board, (answer) => {
	board.value = answer;
	failure.value = "";
});
export async function loadBoard(): Promise<void> {
	try {
		await askBoard();
	} catch (error) {
		if (user.value) failure.value = sentenceOf(error);
	}
}
const askImports = inOrder(api.imports, (answer) => { imports.value = answer.imports; });
export async function loadImports(): Promise<void> {
	try {
		await askImports();
	} catch { /* the board's own failure is shown already */ }
}

async function refresh(): Promise<void> {
	if (busy) return;
	busy = true;
	timer = 0;
	const both = [wanted && loadBoard(), importsWanted && loadImports()];
	wanted = importsWanted = false;
	await Promise.all(both);
	busy = false;
	if (wanted || importsWanted) later();
}
function later(): void {
	if (!timer && !busy) timer = window.setTimeout(() => void refresh(), PAUSE_MS);
}

export function followBoard(): () => void {
	void loadBoard();
	void loadImports();
	const minute = window.setInterval(() => {
		wanted = true;
		if (!document.hidden) later();
	}, CLOCK_MS);
	const stop = listen({
		change: (change) => {
			wanted = true;
			if (change.kind === "import") importsWanted = true;
			later();
		},
		progress: ({ dish, runs_read, runs_total }) => {
			const now = board.value;
			if (!now) return;
			const step = (entry: BoardDish): BoardDish =>
				entry.dish === dish ? { ...entry, progress: { runs_read, runs_total } } : entry;
			board.value = {
				...now,
				inbox: now.inbox.map(step),
				cycles: now.cycles.map((cycle) => ({ ...cycle, dishes: cycle.dishes.map(step) })),
			};
		},
	});
	return () => {
		window.clearInterval(minute);
		stop();
	};
}

/* Time points that wait for their reading, on the whole board. */
export const runsLeft = computed(() => {
	const dishes = [...(board.value?.inbox ?? []), ...(board.value?.cycles.flatMap((cycle) => cycle.dishes) ?? [])];
	return dishes.reduce((sum, { progress }) => sum + Math.max(0, progress.runs_total - progress.runs_read), 0);
});

/* A person types without accents and in any case. */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const holds = (texts: string[]): boolean => texts.some((text) => plain(text).includes(plain(query.value.trim())));

/* What a card is asked for by the buttons above the board. */
type Card = Pick<BoardCycle, "dishes" | "method">;
export const embryosOf = (card: Card): RankedEmbryo[] => card.dishes.flatMap((dish) => dish.ranking);
export const FILTERS = {
	look: (card: Card) => card.dishes.some((dish) => dish.timing === "unknown") || embryosOf(card).some(needsLook),
	due: (card: Card) => card.dishes.some((dish) => dish.due),
	grade: (card: Card) => embryosOf(card).some((embryo) => embryo.covered),
	open: (card: Card) => embryosOf(card).some(isOpen),
	ICSI: (card: Card) => card.method === "ICSI",
	IVF: (card: Card) => card.method === "IVF",
};
export type Filter = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as Filter[];
export const filters = signal<readonly Filter[]>([]);

/* Nobody is of both methods: one lets go of the other. */
const OTHER: Partial<Record<Filter, Filter>> = { ICSI: "IVF", IVF: "ICSI" };
export function toggleFilter(name: Filter): void {
	const rest = filters.value.filter((entry) => entry !== name && entry !== OTHER[name]);
	filters.value = filters.value.includes(name) ? rest : [...rest, name];
}
const passes = (card: Card): boolean => filters.value.every((name) => FILTERS[name](card));

const inboxCard = (dish: BoardDish): Card => ({ dishes: [dish], method: "unknown" });

/* How many cards each button would leave. */
export const filterCounts = computed(() => {
	const cards: Card[] = [...(board.value?.cycles ?? []), ...(board.value?.inbox.map(inboxCard) ?? [])];
	return Object.fromEntries(FILTER_NAMES.map((name) => [name, cards.filter(FILTERS[name]).length])) as Record<Filter, number>;
});

/* By decision hour, those without one later, what is all decided last. */
const placeOf = (cycle: BoardCycle): string => `${Number(isDone(embryosOf(cycle)))}${cycle.decision ?? "9"}`;

export const shownCycles = computed<BoardCycle[]>(() => (board.value?.cycles ?? [])
	.filter((cycle) => passes(cycle)
		&& holds([cycle.patient.name, cycle.patient.identifier, cycle.label, ...cycle.dishes.map((dish) => dish.slide)]))
	.sort((a, b) => placeOf(a).localeCompare(placeOf(b))));

export const shownInbox = computed<BoardDish[]>(() => (board.value?.inbox ?? []).filter((dish) => passes(inboxCard(dish)) && holds([dish.slide])));

/* Cycles that are no longer on the board are found by the search too. */
export interface Earlier extends Cycle { patient: PatientWithCycles }
const patients = signal<PatientWithCycles[]>([]);
effect(() => {
	if (query.value && board.value) void api.patients().then((answer) => { patients.value = answer.patients; }, () => { /* the board says it */ });
});
export const earlier = computed<Earlier[]>(() => {
	if (query.value.trim() === "") return [];
	const here = new Set(board.value?.cycles.map((cycle) => cycle.cycle));
	return patients.value.flatMap((patient) => patient.cycles
		.filter(({ cycle, label }) => !here.has(cycle) && holds([patient.name, patient.identifier, label]))
		.map((cycle) => ({ ...cycle, patient })));
});
