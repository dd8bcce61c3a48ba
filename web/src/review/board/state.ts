/* The morning board as the box last told it, and how it keeps up: a change asks for the board anew, a progress event
 * moves one bar at once. */
import { computed, signal } from "@preact/signals";
import { api } from "../../api/client";
import { listen, startStream } from "../../api/stream";
import type { Board, BoardCycle, BoardDish, Import, RankedEmbryo } from "../../api/types";
import { user } from "../../kit/session";
import { sentenceOf } from "../../kit/session";

export const board = signal<Board | null>(null);
export const imports = signal<Import[]>([]);
export const failure = signal("");
export const query = signal("");

/* Changes come in bursts while a slide is being read; the board is asked for at most this often. */
const PAUSE_MS = 600;
let wanted = false;
let importsWanted = false;
let timer = 0;
let busy = false;

export async function loadBoard(): Promise<void> {
	try {
		const answer = await api.board();
		board.value = answer;
		failure.value = "";
		startStream(answer.seq);
	} catch (error) {
		if (user.value) failure.value = sentenceOf(error);
	}
}
export async function loadImports(): Promise<void> {
	try {
		imports.value = (await api.imports()).imports;
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
	return listen({
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
}

/* Time points that wait for their reading, on the whole board. */
export const runsLeft = computed(() => {
	const dishes = [...(board.value?.inbox ?? []), ...(board.value?.cycles.flatMap((cycle) => cycle.dishes) ?? [])];
	return dishes.reduce((sum, { progress }) => sum + Math.max(0, progress.runs_total - progress.runs_read), 0);
});

const holds = (text: string, words: string): boolean => text.toLowerCase().includes(words);

export const shownCycles = computed<BoardCycle[]>(() => {
	const words = query.value.trim().toLowerCase();
	const cycles = board.value?.cycles ?? [];
	const found = words === "" ? cycles : cycles.filter(({ patient, label, dishes }) => holds(patient.name, words)
		|| holds(patient.identifier, words) || holds(label, words) || dishes.some((dish) => holds(dish.slide, words)));
	/* by decision hour, those without one last */
	return [...found].sort((a, b) => (a.decision ?? "9").localeCompare(b.decision ?? "9"));
});

export const shownInbox = computed<BoardDish[]>(() => {
	const words = query.value.trim().toLowerCase();
	const inbox = board.value?.inbox ?? [];
	return words === "" ? inbox : inbox.filter((dish) => holds(dish.slide, words));
});

export const attentionCount = (embryos: RankedEmbryo[]): number =>
	embryos.filter((embryo) => embryo.attention.length > 0).length;
