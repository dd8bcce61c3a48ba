/* Who is signed in. */
import { effect, signal } from "@preact/signals";
import { api, ApiError, onSessionLost, speakAs } from "../api/client";
import { stopStream } from "../api/stream";
import type { Session, User } from "../api/types";
import { t } from "../text/text";
import { sentence } from "./format";

/* undefined: not asked yet */
export const user = signal<User | null | undefined>(undefined);
/* The change number the box stood at when it said who is signed in: what happens after it comes by the stream. */
export let signedInAt = 0;
export const sessionEnded = signal(false);
effect(() => speakAs(user.value?.name ?? ""));

onSessionLost(() => {
	if (user.value) sessionEnded.value = true;
	user.value = null;
	stopStream();
});

function enter(answer: Session): void {
	signedInAt = answer.seq;
	user.value = answer.user;
}

export async function findSession(): Promise<void> {
	try {
		enter(await api.session());
	} catch {
		user.value = null;
	}
}

export async function signIn(name: string, password: string): Promise<void> {
	enter(await api.signIn(name, password));
	sessionEnded.value = false;
}

export async function signOut(): Promise<void> {
	try {
		await api.signOut();
	} finally {
		stopStream();
		user.value = null;
	}
}

export const mayAnnotate = (): boolean => user.value?.role !== "viewer";

/* One sentence for any failure. */
export function sentenceOf(error: unknown): string {
	if (error instanceof ApiError) {
		if (error.status === 0) return t("error.unreachable");
		return error.message ? sentence(error.message) : t("error.unknown", { status: error.status });
	}
	return String(error);
}
