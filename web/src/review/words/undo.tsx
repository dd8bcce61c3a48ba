/* Undo and redo of whatever was said last, in any panel. */
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
		<>
			<IconButton label={label("undo")} keys="Ctrl Z" disabled={!names.undo} onClick={() => void undo(viewer)}><Undo /></IconButton>
			<IconButton label={label("redo")} keys="Ctrl Shift Z" disabled={!names.redo} onClick={() => void redo(viewer)}><Redo /></IconButton>
		</>
	);
}
