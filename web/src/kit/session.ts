/* Who is signed in. */
import { effect, signal } from "@preact/signals";
import { api, ApiError, onSessionLost, speakAs } from "../api/client";
import { stopStream } from "../api/stream";
import type { User } from "../api/types";
import { t } from "../text/text";

/* undefined: not asked yet */
export const user = signal<User | null | undefined>(undefined);
export const sessionEnded = signal(false);
effect(() => speakAs(user.value?.name ?? ""));

onSessionLost(() => {
	if (user.value) sessionEnded.value = true;
	user.value = null;
	stopStream();
});

export async function findSession(): Promise<void> {
	try {
		user.value = (await api.session()).user;
	} catch {
		user.value = null;
	}
}

export async function signIn(name: string, password: string): Promise<void> {
	user.value = (await api.signIn(name, password)).user;
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
		return error.message || t("error.unknown", { status: error.status });
	}
	return String(error);
}
