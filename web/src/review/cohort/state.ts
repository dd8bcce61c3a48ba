/* One cohort on the screen: what the box told of it, and how a person wants it shown. */
import { computed, signal } from "@preact/signals";
import { api } from "../../api/client";
import { inOrder, listen } from "../../api/stream";
import { STAGES, type Change, type Cohort, type CohortDish, type CohortEmbryo } from "../../api/types";
import { sentenceOf, user } from "../../kit/session";
import { isOpen, needsLook } from "../needs";

export const SORTS = ["well", "rank", "stage", "profile"] as const;
export type Sort = (typeof SORTS)[number];
/* Of an embryo. */
export const FILTERS = {
	look: needsLook,
	grade: (embryo: CohortEmbryo) => embryo.covered,
	flags: (embryo: CohortEmbryo) => embryo.flags.length > 0,
	open: isOpen,
};
export type Filter = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as Filter[];

/* Changes come in bursts while a slide is being read. */
const PAUSE_MS = 600;
const LAST = 1e9;

export class CohortView {
	readonly cohort = signal<Cohort | null>(null);
	readonly failure = signal("");
	readonly sort = signal<Sort>("well");
	readonly filters = signal<readonly Filter[]>([]);
	/* "": no profile takes part in the ranking */
	readonly profile = signal("");
	readonly embryos = computed(() => this.cohort.value?.dishes.flatMap((dish) => dish.embryos) ?? []);
	readonly chosen = computed(() => this.cohort.value?.profiles.find((entry) => entry.id === this.profile.value));
	private timer = 0;

	constructor(private readonly id: number) {}

	private readonly askCohort = inOrder(async (profile: string) => ({ profile, cohort: await api.cohort(this.id, profile) }), ({ profile, cohort }) => {
		/* of a profile that is no longer wanted */
		if (profile !== this.profile.value) return;
		this.cohort.value = cohort;
		this.failure.value = "";
	});
	load = async (): Promise<void> => {
		try {
			await this.askCohort(this.profile.value);
		} catch (error) {
			if (user.value) this.failure.value = sentenceOf(error);
		}
	};

	choose(profile: string): void {
		this.profile.value = profile;
		if (profile === "" && this.sort.value === "profile") this.sort.value = "well";
		void this.load();
	}

	toggle(name: Filter): void {
		const now = this.filters.value;
		this.filters.value = now.includes(name) ? now.filter((entry) => entry !== name) : [...now, name];
	}

	/* Patients, cycles and dishes may have moved; of embryos only the own ones matter. */
	private concerns({ kind, subject }: Change): boolean {
		if (kind === "import") return false;
		if (kind === "patient" || kind === "cycle" || kind === "dish") return true;
		return this.embryos.value.some((embryo) => embryo.embryo === subject);
	}

	follow = (): (() => void) => {
		void this.load();
		const stop = listen({
			change: (change) => {
				if (this.timer || !this.concerns(change)) return;
				this.timer = window.setTimeout(() => {
					this.timer = 0;
					void this.load();
				}, PAUSE_MS);
			},
			progress: () => {},
		});
		return () => {
			window.clearTimeout(this.timer);
			stop();
		};
	};

	private placeOf(embryo: CohortEmbryo): number {
		if (this.sort.value === "rank") return embryo.rank ?? LAST;
		/* the furthest first; an empty well is at none */
		if (this.sort.value === "stage") return -(STAGES as readonly string[]).indexOf(embryo.stage);
		const value = embryo.profiles.find((entry) => entry.id === this.profile.value)?.value;
		const index = this.chosen.value?.classes?.indexOf(value ?? "") ?? -1;
		return this.sort.value === "profile" && index >= 0 ? index : LAST;
	}

	/* Sorted, and by well among what is equal. */
	shown(dish: CohortDish): CohortEmbryo[] {
		return dish.embryos.filter((embryo) => this.filters.value.every((name) => FILTERS[name](embryo)))
			.sort((a, b) => this.placeOf(a) - this.placeOf(b) || a.well - b.well);
	}
}
