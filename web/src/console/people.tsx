/* Who may sign in, and as what. A password is made by the box and shown once. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { consoleApi, type Person } from "../api/console";
import type { Role } from "../api/types";
import { Dialog, Field, Segments, toast } from "../kit/controls";
import { PasswordButton } from "../kit/password";
import { sentenceOf, user } from "../kit/session";
import { c, tName } from "../text/text";
import { Failure, Panel, State, Waiting, useTitle } from "./parts";
import { follow, people } from "./state";

const ROLES = ["viewer", "embryologist", "admin"] as const satisfies readonly Role[];

interface Made { name: string; password: string }
type Show = (made: Made) => void;

/* Says what went wrong, and asks anew either way: somebody else may be at it, too. */
async function attempt(act: () => Promise<void>): Promise<void> {
	try {
		await act();
	} catch (error) {
		toast("bad", sentenceOf(error));
	}
	await people.ask();
}

function MadePassword({ made, onClose }: { made: Made; onClose: () => void }) {
	return (
		<Dialog title={c("people.made.title", { name: made.name })} onClose={onClose}>
			<div class="dialog-form">
				<p>{c("people.made.lead")}</p>
				<p class="made-password"><code>{made.password}</code></p>
				<p class="quiet">{c("people.made.once")}</p>
				<footer><button type="button" class="button primary" onClick={onClose}>{c("people.made.done")}</button></footer>
			</div>
		</Dialog>
	);
}

function Add({ show }: { show: Show }) {
	const role = useSignal<Role>("embryologist");
	const busy = useSignal(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLFormElement;
		const name = String(new FormData(form).get("person")).trim();
		busy.value = true;
		await attempt(async () => {
			show({ name, password: (await consoleApi.addPerson(name, role.value)).password });
			form.reset();
		});
		busy.value = false;
	};
	return (
		<Panel title={c("people.add")} note={c("people.add.lead")}>
			<form class="people-add" onSubmit={(event) => void submit(event)}>
				<Field label={c("people.name")}><input name="person" required maxLength={127} autoComplete="off" autoCapitalize="none" spellcheck={false} /></Field>
				<div class="field"><span class="field-label">{c("people.role")}</span>
					<Segments label={c("people.role")} options={ROLES} value={role.value} shown={(name) => tName("role", name)} onPick={(name) => { role.value = name; }} /></div>
				<button class="button primary" disabled={busy.value}>{c("people.add.submit")}</button>
			</form>
			<p class="card-note">{tName("role.may", role.value)}</p>
		</Panel>
	);
}

function Row({ person, show }: { person: Person; show: Show }) {
	const self = person.name === user.value?.name;
	const change = (role: Role, disabled: boolean, said: string) => void attempt(async () => {
		await consoleApi.changePerson(person.id, role, disabled);
		toast("good", said);
	});
	const renew = () => void attempt(async () => show({ name: person.name, password: (await consoleApi.makePassword(person.id)).password }));
	return (
		<tr class={person.disabled ? "out" : undefined}>
			<th scope="row">{person.name}{self && <small class="quiet"> {c("people.you")}</small>}</th>
			<td>{self || person.disabled ? tName("role", person.role) : (
				<select aria-label={c("people.role.of", { name: person.name })} value={person.role}
					onChange={(event) => change(event.currentTarget.value as Role, false, c("people.role.done", { name: person.name, role: tName("role", event.currentTarget.value) }))}>
					{ROLES.map((role) => <option key={role} value={role}>{tName("role", role)}</option>)}
				</select>)}</td>
			<td>{person.disabled ? <State tone="plain">{c("people.out")}</State> : <State tone="good">{c("people.in")}</State>}</td>
			<td class="row-tools">{self ? <PasswordButton /> : person.disabled
				? <button type="button" class="button" onClick={() => change(person.role, false, c("people.in.done", { name: person.name }))}>{c("people.in.again")}</button>
				: <>
					<button type="button" class="button" aria-label={c("people.password.of", { name: person.name })} onClick={renew}>{c("people.password")}</button>
					<button type="button" class="button" aria-label={c("people.out.of", { name: person.name })} onClick={() => change(person.role, true, c("people.out.done", { name: person.name }))}>{c("people.out.do")}</button>
				</>}</td>
		</tr>
	);
}

export function PeoplePage() {
	useTitle(c("page.people"));
	useEffect(() => follow(people), []);
	const made = useSignal<Made | null>(null);
	const show: Show = (entry) => { made.value = entry; };
	const { value, failure, failedSince } = people.known.value;
	return (
		<div class="stack">
			{failure && <Failure text={failure} since={failedSince} />}
			{!value ? !failure && <Waiting /> : (
				<Panel title={c("people.title")} note={c("people.lead")}>
					<div class="table-wrap"><table class="table people">
						<thead><tr><th scope="col">{c("people.name")}</th><th scope="col">{c("people.role")}</th><th scope="col">{c("people.state")}</th><th scope="col"><span class="quiet">{c("people.do")}</span></th></tr></thead>
						<tbody>{value.people.map((person) => <Row key={person.id} person={person} show={show} />)}</tbody>
					</table></div>
				</Panel>
			)}
			<Add show={show} />
			{made.value && <MadePassword made={made.value} onClose={() => { made.value = null; }} />}
		</div>
	);
}
