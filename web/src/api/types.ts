/* What the daemon answers, by hand from appliance/serve/api.yaml. Shares are permille; times are whole seconds
 * since insemination, null where unknown: a missing time is never zero. */

export type Role = "viewer" | "embryologist" | "admin";
export interface User { name: string; role: Role }
export interface Session { seq: number; user: User }

export interface Patient { id: number; name: string; identifier: string; born: string }
export interface Cycle { cycle: number; label: string; method: string; decision: string | null }
export interface PatientWithCycles extends Patient { cycles: Cycle[] }

/* Stages in the order they are reached; an event carries the name of the stage it begins. */
export const STAGES = ["tPB2", "tPNa", "tPNf", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "tM", "tSB", "tB",
	"tEB", "tHB"] as const;
export type EventName = (typeof STAGES)[number];
export type StageGroup = "empty" | "zygote" | "cleavage" | "morula" | "blastocyst";
export type Timing = "exact" | "unknown";

export interface RankedEmbryo {
	embryo: number;
	well: number;
	rank: number | null;
	class: string;
	stage: string;
	stage_group: string;
	confidence: number;
	reasons: string[];
	flags: string[];
	last_run: number | null;
	best_focal: number | null;
	attention: string[];
	/* events whose automatic time is used and little sure */
	unsure: string[];
	decision: string | null;
	/* covered: no rank or score until this user has graded; one that is covers the ranks of its dish */
	covered: boolean;
	graded: boolean;
}

/* The check window of the Istanbul Consensus 2025 that the dish is in now, or that begins within two hours. */
export interface Due { check: string; from_s: number; to_s: number; now_s: number }

interface DishFacts {
	dish: number;
	slide: string;
	format: string;
	imported: string;
	timing: Timing;
	embryos_total: number;
	progress: { runs_total: number; runs_read: number };
	latest: string | null;
	due: Due | null;
}
export interface BoardDish extends DishFacts { ranking: RankedEmbryo[] }

export interface BoardCycle extends Cycle {
	patient: Patient;
	dishes: BoardDish[];
}

/* ready_in_s: by the rate at home; ready: when the planner expects all to be read, with a burst's help if there is one;
 * problem: why nothing can be read now */
export interface Work { pending: number; running: number; rate_per_min: number; ready_in_s: number | null; ready: string | null; problem: string | null }
export interface CohortEvent { event: EventName; time_s: number | null; run: number; source: "automatic" | "human" }
export interface ProfileResult { id: string; state: "value" | "not computable" | "excluded"; value: string | null; reason: string | null }
export interface CohortEmbryo extends Omit<RankedEmbryo, "decision"> {
	last_time_s: number | null;
	/* those that have a time in use */
	events: CohortEvent[];
	profiles: ProfileResult[];
	grade: string | null;
	decision: Decision | null;
}
export interface CohortDish extends DishFacts { embryos: CohortEmbryo[] }
/* A rule profile as the box has it; classes: best to worst. */
export interface ProfileInfo { id: string; title: string; citation: string; verified: boolean; version: string; caution: string; classes?: string[] }
export interface Cohort extends Cycle { seq: number; now: string; patient: Patient; dishes: CohortDish[]; profiles: ProfileInfo[] }
export interface Board { seq: number; now: string; cycles: BoardCycle[]; inbox: BoardDish[]; work: Work }

export interface Run {
	run: number;
	time_s: number | null;
	planes: number[];
	read: boolean;
	stage: string | null;
	stage_group: string | null;
	/* how likely empty, zygote, cleavage, morula, blastocyst are */
	groups: number[] | null;
	confidence: number | null;
	occupied: number | null;
	/* 9: nine or more; null: none can be counted */
	cells: number | null;
	cells_confidence: number | null;
	/* these four are null where they cannot be told */
	fragmentation: number | null;
	fragmentation_confidence: number | null;
	uneven: number | null;
	multinucleated: number | null;
	unfamiliar: number | null;
	area: number | null;
	sharpness: number | null;
	motion: number | null;
	best: number;
	damaged: boolean;
	location: { x: number; y: number; r: number } | null;
}

/* The clinic's own embryos of one method; not enough: too few to be measured against. */
export interface ReferenceEvent { event: EventName; n: number; p10_s: number; p25_s: number; p50_s: number; p75_s: number; p90_s: number; istanbul_s: number | null }
export interface Reference { embryos: number; enough: boolean; events: ReferenceEvent[] }

export interface AutomaticEvent {
	run: number;
	time_s: number | null;
	earliest_s: number | null;
	latest_s: number | null;
	confidence: number;
}
export interface HumanEvent {
	author: string;
	made: string;
	run: number | null;
	time_s: number | null;
	absent: boolean;
}
export interface EventRow {
	event: EventName;
	automatic: AutomaticEvent | null;
	human: HumanEvent[];
	used: { source: "automatic" | "human"; run: number; time_s: number | null } | null;
	plausibility: "ok" | "soft" | "hard" | "unknown";
	missing: string | null;
}
export interface Interval { name: string; formula: string; value_s: number | null; missing?: string | null }
export interface Flag { flag: string; state: "yes" | "no" | "suspected" | "not computable"; reason: string; run: number | null }
export interface ProfileStep { text: string; fired: boolean; margin_s?: number | null }
export interface Profile {
	id: string;
	title: string;
	citation: string;
	verified: boolean;
	version: string;
	digest: string;
	state: "value" | "not computable" | "excluded";
	value?: string | null;
	reason?: string | null;
	steps: ProfileStep[];
	caution?: string | null;
}
export interface GradeResult {
	state: "value" | "not computable" | "excluded";
	gardner?: string | null;
	neqsi?: number | null;
	good_blastocyst?: boolean | null;
	reason?: string | null;
}
export interface Anomaly { kind: string; run: number | null; text: string }
export interface Evaluation {
	engine: string;
	stage: string;
	stage_group: string;
	points: number;
	read: number;
	empty: number;
	timing: Timing;
	events: EventRow[];
	intervals: Interval[];
	flags: Flag[];
	profiles: Profile[];
	grade: GradeResult;
	anomalies: Anomaly[];
}

export type DecisionName = "transfer" | "freeze" | "biopsy" | "culture" | "discard";
export type Meaning = "author" | "witness";
export interface Signature { meaning: Meaning; name: string; made: string }
export interface Decision { id: number; decision: DecisionName; reason: string; author: string; made: string; signatures: Signature[] }
/* What a person noted, by the kinds of model/observation.h; day: of outcomes, else "". */
export interface Observation { kind: string; value: string; run: number | null; day: string; author: string; made: string }
export interface Comment { id: number; text: string; run: number | null; author: string; made: string }
export type GradeStage = "cleavage" | "morula" | "blastocyst";
export interface GradeWord {
	stage: GradeStage;
	expansion: number | null;
	icm: string | null;
	te: string | null;
	quality: "top" | "intermediate" | "low" | null;
	text: string;
	author: string;
	made: string;
}
export interface Grade {
	expansion: number;
	icm: string | null;
	te: string | null;
	gardner: string;
	author: string;
	made: string;
}

export interface Embryo {
	embryo: number;
	well: number;
	/* who made the readings; more than one only while the embryo is read again */
	readers: { version: string; digest: string; runs: number }[];
	dish: { dish: number; slide: string; format: string; imported: string; timing: Timing };
	patient: Patient | null;
	cycle: Cycle | null;
	siblings: { embryo: number; well: number }[];
	planes: number[];
	runs: Run[];
	evaluation: Evaluation | null;
	/* rank is null for one that is not ranked, for the reasons given; shared: how many have this rank */
	rank: { rank: number | null; of: number; shared: number; class: string; reasons: string[] } | null;
	decisions: Decision[];
	grade: Grade | null;
	/* current ones: grades newest first, observations and comments oldest first */
	grades: GradeWord[];
	observations: Observation[];
	comments: Comment[];
	/* the score stays covered until this user has graded; its rank until all of the dish are */
	covered: boolean;
	rank_covered: boolean;
	/* this user reads blind: nobody else's words, and nothing automatic, are here */
	/* shown: when the reader had been shown what others or the machine said, before it began */
	second_reading: { since: string; shown: string | null } | null;
	pixel_um: number | null;
}

/* A word that was said, whatever became of it. name: the event, the kind, the stage graded, the decision, the meaning of a
 * signature, "begin" or "end"; value: "absent" or "", the grade, the value, the text, the reason, the decision signed. */
export interface HistoryRow {
	made: string;
	author: string;
	what: "event" | "grade" | "observation" | "comment" | "decision" | "signature" | "second-reading";
	name: string;
	value: string;
	run: number | null;
	time_s: number | null;
	replaced: string | null;
	withdrawn: string | null;
}

/* What the clinic has settled; micrometres a pixel by format of export. */
export interface Settings { score_after_grade: boolean; pixel_um: Record<string, number | null> }

export interface Model {
	label: string;
	shipped: boolean;
	current: boolean;
	problem: string | null;
	digest: string | null;
	signer: string | null;
	name: string | null;
	version: string | null;
	made: string | null;
	summary: string | null;
}
export interface TrainingSet { set: string; pictures: number; embryos?: number | null; licence: string }
export interface ModelCard extends Model {
	manifest: {
		training?: TrainingSet[];
		outputs?: Record<string, unknown>;
		/* same: share of cuts on which whole numbers gave the answer that fractions gave */
		quantisation?: { cuts: number; outputs?: Record<string, { same?: number }> };
	} | null;
	report: Report | null;
}

/* What was measured, as "daybreak evaluate" writes it. Shares are 0..1. Methods: the reader with its decoder (what the
 * product says), the reader alone, the clock alone, always the commonest stage; null where a method cannot be had. */
export const METHODS = ["reader", "frame_only", "time_only", "majority"] as const;
export type Method = (typeof METHODS)[number];
export interface Measured { value: number; low: number | null; high: number | null }
export type Metric = { frames?: number; events?: number; embryos: number; tolerance_min?: number | Record<string, number> }
	& Partial<Record<Method, Measured | null>>;
export interface EventFigures {
	found: number;
	missing: number;
	false: number;
	median_abs_error_min: number | null;
	low: number | null;
	high: number | null;
	within_30: number | null;
	within_60: number | null;
	within_120: number | null;
}
export type EventErrors = { event: string; n: number } & Partial<Record<Method, EventFigures | null>>;
export interface Calibration {
	frames: number;
	ece: number;
	low: number | null;
	high: number | null;
	bins: { said: number; right: number; n: number }[];
}
export const METRICS = ["frame_accuracy", "within_one", "macro_f1", "consistent", "group_accuracy", "occupied_accuracy",
	"event_f1", "event_f1_expert"] as const;
export type MetricName = (typeof METRICS)[number];
export type Dataset = {
	name: string;
	kind: "real" | "rendered";
	maker?: string | null;
	trained_on: boolean;
	embryos: number;
	frames: number;
	notes: string[];
	events?: EventErrors[] | null;
	calibration?: Calibration | null;
	confusion?: Partial<Record<Method, number[][] | null>> | null;
} & Partial<Record<MetricName, Metric | null>>;
export interface Report { made: string; stages: string[]; datasets: Dataset[] }

export interface Import {
	import: number;
	name: string;
	state: "running" | "done" | "quarantined";
	sentence: string;
	notes: string[];
	counts: Record<string, number>;
	started: string;
	ended: string | null;
}

export type ChangeKind = "dish" | "embryo" | "reading" | "evaluation" | "import" | "patient" | "cycle" | "annotation"
	| "decision";
export interface Change { seq: number; kind: ChangeKind; subject: number }
export interface Progress { dish: number; runs_read: number; runs_total: number }
