/* The embryos of one patient that somebody wants to see side by side. It lives as long as the page is open, and is emptied
 * when an embryo of another patient comes in. */
import { signal } from "@preact/signals";
import type { Embryo } from "../../api/types";
import { toast } from "../../kit/controls";
import { Check, Pair } from "../../kit/icons";
import { COMPARE_MAX, compareHref, go } from "../../kit/route";
import { t } from "../../text/text";
import { ownerName, ownerOf, sameOwner, type Owner } from "../owner";

export interface Picked { embryo: number; well: number }
export const tray = signal<{ owner: Owner; picked: readonly Picked[] } | null>(null);
export const COMPARE_MIN = 2;

const picksOf = (owner: Owner): readonly Picked[] => (tray.value && sameOwner(tray.value.owner, owner) ? tray.value.picked : []);

/* In if it is out, out if it is in. */
export function trayPick(owner: Owner, { embryo, well }: Picked): void {
	const now = picksOf(owner);
	const rest = now.filter((entry) => entry.embryo !== embryo);
	if (rest.length === COMPARE_MAX) return toast("warn", t("tray.full", { n: COMPARE_MAX }));
	if (tray.value && !sameOwner(tray.value.owner, owner)) toast("warn", t("tray.emptied", { name: ownerName(tray.value.owner) }));
	const picked = rest.length < now.length ? rest : [...rest, { embryo, well }];
	tray.value = picked.length > 0 ? { owner, picked } : null;
	toast("good", t(rest.length < now.length ? "tray.out" : "tray.in", { well, n: picked.length }));
}
export const trayToggle = (embryo: Embryo): void => trayPick(ownerOf(embryo), embryo);

export function trayOpen(): void {
	const picked = tray.value?.picked ?? [];
	if (picked.length < COMPARE_MIN) toast("warn", t("tray.few"));
	else go(compareHref(picked.map((entry) => entry.embryo)));
}

/* Puts one embryo in the tray, or takes it out. */
export function CompareToggle({ of, owner }: { of: Picked; owner: Owner }) {
	const isIn = picksOf(owner).some((entry) => entry.embryo === of.embryo);
	const label = t(isIn ? "tray.remove" : "tray.add", { well: of.well });
	return (
		<button type="button" class="icon-button compare-toggle" aria-pressed={isIn} aria-label={label} title={`${label}  (C)`}
			onClick={() => trayPick(owner, of)}>{isIn ? <Check /> : <Pair />}</button>
	);
}

/* How many are in the tray, and the way to see them; in the head of every page. */
export function TrayButton() {
	const picked = tray.value?.picked ?? [];
	if (picked.length === 0) return null;
	const wells = picked.map((entry) => entry.well).join(", ");
	return (
		<button type="button" class="button tray-button" title={`${t("tray.wells", { wells })}  (⇧C)`} onClick={trayOpen}>
			<Pair />{t("tray.compare")}<span class="count">{picked.length}</span></button>
	);
}
