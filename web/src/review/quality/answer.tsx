/* What a part of the page asks of the box. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Warn } from "../../kit/icons";
import { sentenceOf } from "../../kit/session";

/* Asks anew when what is wanted changes; an answer that comes late is not shown. */
export function useAnswer<T>(wanted: string, load: () => Promise<T>) {
	const answer = useSignal<{ wanted: string; value: T } | null>(null);
	const failure = useSignal("");
	useEffect(() => {
		let alive = true;
		failure.value = "";
		load().then((value) => { if (alive) answer.value = { wanted, value }; }, (error: unknown) => { if (alive) failure.value = sentenceOf(error); });
		return () => { alive = false; };
	}, [wanted]);
	return { value: answer.value?.wanted === wanted ? answer.value.value : null, failure: failure.value };
}

export function Failure({ text }: { text: string }) {
	return text ? <p class="notice bad"><Warn /><span>{text}</span></p> : null;
}
