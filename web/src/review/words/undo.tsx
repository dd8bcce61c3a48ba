/* Undo and redo of whatever was said last, in any panel: beside the tabs, and where there are none with the events. */
import { IconButton } from "../../kit/controls";
import { Redo, Undo } from "../../kit/icons";
import { mayAnnotate } from "../../kit/session";
import { t } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { next, redo, undo } from "./stack";

export function UndoTools({ viewer }: { viewer: Viewer }) {
	if (!mayAnnotate()) return null;
	const names = next.value;
	const label = (action: "undo" | "redo") => (names[action] ? `${t(`key.${action}`)}: ${names[action]}` : t(`key.${action}`));
	return (
		<span class="undo">
			<IconButton label={label("undo")} keys="Ctrl Z" disabled={!names.undo} onClick={() => void undo(viewer)}><Undo /></IconButton>
			<IconButton label={label("redo")} keys="Ctrl Shift Z" disabled={!names.redo} onClick={() => void redo(viewer)}><Redo /></IconButton>
		</span>
	);
}
