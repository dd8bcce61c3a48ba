/* Words of a person on their way to the box. */
import { ask } from "./client";

/* patient: whose embryo the page shows, 0 for nobody's; the box refuses what belongs to another by now. */
export interface About { patient: number }

export function say<T>(method: string, path: string, body: unknown, _about: About): Promise<T> {
	return ask<T>(method, path, body);
}

/* The same, sent at once or failed, and kept nowhere: for what holds a password. */
export function sayNow<T>(method: string, path: string, body: unknown, _about: About): Promise<T> {
	return ask<T>(method, path, body);
}
