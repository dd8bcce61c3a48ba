/* What the tests talk to: the box named by BASE_URL (with USER and PASSWORD), else the pretended one. */
import { mockStart, PASSWORD, USER } from "../mock.mjs";

export async function boxStart(options) {
	const { BASE_URL } = process.env;
	if (BASE_URL) {
		return { url: BASE_URL.replace(/\/$/, ""), user: process.env.USER, password: process.env.PASSWORD, pretended: false, stop: () => {} };
	}
	return { ...(await mockStart(0, options)), user: USER, password: PASSWORD, pretended: true };
}
