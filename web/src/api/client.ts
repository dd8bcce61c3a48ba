/* One function per question to the daemon. Every failure is an ApiError with a code and a sentence. */
import type { Board, Change, Cohort, Embryo, HistoryRow, Import, Model, ModelCard, PatientWithCycles, Reference, Session, Settings } from "./types";

export class ApiError extends Error {
	constructor(readonly status: number, readonly code: string, message: string) {
		super(message);
	}
}

/* Called once for each answer that says the session is over. */
let sessionLost = () => {};
export function onSessionLost(callback: () => void): void {
	sessionLost = callback;
}

/* Called with the box's sentence for each change it refused because somebody else, or another patient, is meant by now. */
let mixedUp = (_sentence: string) => {};
export function onMixUp(callback: (sentence: string) => void): void {
	mixedUp = callback;
}

async function errorOf(response: Response): Promise<ApiError> {
	try {
		const body = (await response.json()) as { error?: { code?: string; message?: string } };
		return new ApiError(response.status, body.error?.code ?? "", body.error?.message ?? "");
	} catch {
		return new ApiError(response.status, "", "");
	}
}

/* Who the page believes is signed in: the box refuses a change when it is somebody else by now. */
let speaker = "";
export function speakAs(name: string): void {
	speaker = name;
}

export async function ask<T>(method: string, path: string, body?: unknown, more?: Record<string, string>, signal?: AbortSignal): Promise<T> {
	const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": document.documentElement.lang, ...more };
	if (method !== "GET") headers["X-Daybreak"] = "1";
	if (method !== "GET" && speaker && path !== "/api/session") headers["X-Daybreak-User"] = encodeURIComponent(speaker);
	if (body !== undefined) headers["Content-Type"] = "application/json";
	let response: Response;
	try {
		response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
	} catch {
		throw new ApiError(0, "unreachable", "");
	}
	if (!response.ok) {
		const error = await errorOf(response);
		if (response.status === 401 && path !== "/api/session") sessionLost();
		if (error.code === "mix-up") mixedUp(error.message);
		throw error;
	}
	const text = await response.text();
	return (text ? JSON.parse(text) : null) as T;
}

export const api = {
	session: () => ask<Session>("GET", "/api/session"),
	signIn: (name: string, password: string) => ask<Session>("POST", "/api/session", { name, password }),
	signOut: () => ask<null>("DELETE", "/api/session"),
	changePassword: (old: string, chosen: string) => ask<null>("PUT", "/api/session/password", { old, new: chosen }),
	health: () => ask<{ state: string; version: string; build: string }>("GET", "/api/health"),
	board: () => ask<Board>("GET", "/api/board"),
	/* profile: whose class takes part in the ranking */
	cohort: (cycle: number, profile?: string) =>
		ask<Cohort>("GET", `/api/cycles/${cycle}${profile ? `?profile=${encodeURIComponent(profile)}` : ""}`),
	changes: (since: number) => ask<{ seq: number; changes: Change[] }>("GET", `/api/changes?since=${since}`),
	patients: () => ask<{ patients: PatientWithCycles[] }>("GET", "/api/patients"),
	addPatient: (patient: { name: string; identifier: string; born: string }) =>
		ask<{ id: number }>("POST", "/api/patients", patient),
	addCycle: (cycle: { patient: number; label: string; method: string; decision: string | null }) =>
		ask<{ id: number }>("POST", "/api/cycles", cycle),
	updatePatient: (id: number, patient: { name: string; identifier: string; born: string }) =>
		ask<null>("PUT", `/api/patients/${id}`, patient),
	updateCycle: (id: number, cycle: { label: string; method: string; decision: string | null }) =>
		ask<null>("PUT", `/api/cycles/${id}`, cycle),
	releaseDish: (dish: number) => ask<null>("DELETE", `/api/dishes/${dish}/assign`),
	assignDish: (dish: number, cycle: number) => ask<null>("POST", `/api/dishes/${dish}/assign`, { cycle }),
	/* patient: whose the page believes the slide to be, 0 for nobody's; first_picture_s: from insemination to its first picture */
	inseminated: (dish: number, patient: number, first_picture_s: number) =>
		ask<null>("PUT", `/api/dishes/${dish}/insemination`, { first_picture_s }, { "X-Daybreak-Patient": String(patient) }),
	imports: () => ask<{ imports: Import[] }>("GET", "/api/imports"),
	models: () => ask<{ models: Model[] }>("GET", "/api/models"),
	model: (label: string) => ask<ModelCard>("GET", `/api/models/${label}`),
	reference: (method: string) => ask<Reference>("GET", `/api/reference?method=${encodeURIComponent(method)}`),
	embryo: (id: number) => ask<Embryo>("GET", `/api/embryos/${id}`),
	history: (id: number) => ask<{ rows: HistoryRow[] }>("GET", `/api/embryos/${id}/history`),
	settings: () => ask<Settings>("GET", "/api/settings"),
	settle: (settings: Partial<Settings>) => ask<null>("PUT", "/api/settings", settings),
};

export function framePath(embryo: number, run: number, focal: number): string {
	return `/api/embryos/${embryo}/frames/${run}/${focal}`;
}
/* last_run is in the address so that a newer picture has a new address. */
export function thumbnailPath(embryo: number, lastRun: number | null): string {
	return `/api/embryos/${embryo}/thumbnail?run=${lastRun ?? 0}`;
}

/* Streams a file from disk; progress is 0..1. XMLHttpRequest, because fetch does not tell how far a body has gone. */
export function uploadExport(file: File, progress: (share: number) => void): Promise<{ import: number }> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		request.open("POST", `/api/imports?name=${encodeURIComponent(file.name)}`);
		request.setRequestHeader("X-Daybreak", "1");
		if (speaker) request.setRequestHeader("X-Daybreak-User", encodeURIComponent(speaker));
		request.setRequestHeader("Content-Type", "application/octet-stream");
		request.setRequestHeader("Accept-Language", document.documentElement.lang);
		request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
		request.onerror = () => reject(new ApiError(0, "unreachable", ""));
		request.onload = () => {
			let body: { import?: number; error?: { code?: string; message?: string } } = {};
			try {
				body = JSON.parse(request.responseText);
			} catch { /* the status speaks for itself */ }
			if (request.status >= 200 && request.status < 300) resolve({ import: body.import ?? 0 });
			else reject(new ApiError(request.status, body.error?.code ?? "", body.error?.message ?? ""));
		};
		request.send(file);
	});
}
