/* What people say of the pretended clinic's embryos: kept in memory, one current word an author and thing, as the box does. */
export function wordsMake(user, iso, change) {
	let id = 100;
	const acts = new Map();
	const current = (list, row, same) => [...list.filter((entry) => entry.author !== user() || !same(entry)), ...(row ? [row] : [])];
	const signed = (row) => ({ ...row, author: user(), made: iso() });

	const gradeText = (body) => (body.quality ? body.quality : `${body.expansion}${body.icm ?? ""}${body.te ?? ""}`);
	const grade = (embryo, body) => {
		const stage = body.stage ?? "blastocyst";
		const row = body.withdrawn ? null : signed({ stage, expansion: body.expansion ?? null, icm: body.icm ?? null, te: body.te ?? null,
			quality: body.quality ?? null, text: gradeText(body) });
		embryo.grades = current(embryo.grades, row, (entry) => entry.stage === stage).reverse();
		const newest = embryo.grades.find((entry) => entry.stage === "blastocyst");
		embryo.grade = newest ? { ...newest, gardner: newest.text } : null;
		change("annotation", embryo.id);
		return [204];
	};
	const annotation = (embryo, body) => {
		const row = body.withdrawn ? null : signed({ event: body.event, run: body.run, absent: body.absent });
		embryo.annotations = current(embryo.annotations, row, (entry) => entry.event === body.event);
		change("annotation", embryo.id);
		return [204];
	};
	const observation = (embryo, { kind, value, run = null, day = "", withdrawn }) => {
		embryo.observations = current(embryo.observations, withdrawn ? null : signed({ kind, value, run, day }), (entry) => entry.kind === kind);
		change("annotation", embryo.id);
		return [204];
	};
	const comment = (embryo, { text, run = null }) => {
		embryo.comments.push(signed({ id: ++id, text, run }));
		change("annotation", embryo.id);
		return [201, { id }];
	};
	const decision = (embryo, body) => {
		embryo.decisions.unshift(signed({ id: ++id, ...body, signatures: [] }));
		change("decision", embryo.id);
		return [201, { id }];
	};
	const takeBack = (list) => (embryo, _, row) => {
		embryo[list] = embryo[list].filter((entry) => entry.id !== Number(row));
		change("annotation", embryo.id);
		return [204];
	};
	const handlers = { "POST grade": grade, "POST annotations": annotation, "POST observations": observation, "POST comments": comment,
		"POST decisions": decision, "DELETE comments": takeBack("comments"), "DELETE decisions": takeBack("decisions") };
	/* null: no such word. A key that came before answers as it did and adds nothing. */
	return (method, embryo, kind, row, body, key) => {
		const handler = handlers[`${method} ${kind}`];
		if (!handler) return null;
		if (key && acts.has(key)) return acts.get(key);
		const answer = handler(embryo, body, row);
		if (key) acts.set(key, answer);
		return answer;
	};
}
