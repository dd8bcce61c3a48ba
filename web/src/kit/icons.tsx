/* Inline icons, 16 px grid, drawn with the colour of the text. */
import type { ComponentChildren } from "preact";

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
	return (
		<svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor"
			stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
			{children}
		</svg>
	);
}
type Props = { size?: number };

export const Mark = ({ size = 24 }: Props) => (
	<svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
		<path d="M5 19a11 11 0 0 1 22 0z" fill="currentColor" />
		<path d="M3 23.5h26M9 28h14" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
	</svg>
);
export const Warn = (p: Props) => <Icon {...p}><path d="M8 2.2 14.4 13.4H1.6zM8 6.5v3M8 11.6v.01" /></Icon>;
export const Stop = (p: Props) => <Icon {...p}><path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM8 5v3.6M8 11v.01" /></Icon>;
export const Check = (p: Props) => <Icon {...p}><path d="m3 8.5 3.2 3.2L13 4.8" /></Icon>;
export const Cross = (p: Props) => <Icon {...p}><path d="m4 4 8 8M12 4l-8 8" /></Icon>;
export const Person = (p: Props) => <Icon {...p}><circle cx="8" cy="5" r="2.7" /><path d="M2.8 14c.5-3 2.6-4.4 5.2-4.4s4.7 1.4 5.2 4.4" /></Icon>;
export const Tray = (p: Props) => <Icon {...p}><path d="M2 9.5 4 3h8l2 6.5v3.5H2zM2 9.5h3.6l1 1.7h2.8l1-1.7H14" /></Icon>;
export const Upload = (p: Props) => <Icon {...p}><path d="M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v3h11v-3" /></Icon>;
export const Search = (p: Props) => <Icon {...p}><circle cx="7" cy="7" r="4.3" /><path d="m10.3 10.3 3.5 3.5" /></Icon>;
export const Sun = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" /></Icon>;
export const Moon = (p: Props) => <Icon {...p}><path d="M13.5 9.5A5.8 5.8 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7z" /></Icon>;
export const Play = (p: Props) => <Icon {...p}><path d="M4.5 2.8v10.4L13 8z" fill="currentColor" /></Icon>;
export const Pause = (p: Props) => <Icon {...p}><path d="M5 3v10M11 3v10" stroke-width="2.6" /></Icon>;
export const Left = (p: Props) => <Icon {...p}><path d="M10 3 5 8l5 5" /></Icon>;
export const Right = (p: Props) => <Icon {...p}><path d="m6 3 5 5-5 5" /></Icon>;
export const Down = (p: Props) => <Icon {...p}><path d="m3.5 6 4.5 4.5L12.5 6" /></Icon>;
export const First = (p: Props) => <Icon {...p}><path d="M12 3 7 8l5 5M4 3v10" /></Icon>;
export const Last = (p: Props) => <Icon {...p}><path d="m4 3 5 5-5 5M12 3v10" /></Icon>;
export const Undo = (p: Props) => <Icon {...p}><path d="M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6" /></Icon>;
export const Redo = (p: Props) => <Icon {...p}><path d="m10.5 3 3 3-3 3M13.5 6H6a3.5 3.5 0 0 0 0 7h4" /></Icon>;
export const Model = (p: Props) => <Icon {...p}><circle cx="3.4" cy="4.5" r="1.7" /><circle cx="3.4" cy="11.5" r="1.7" /><circle cx="12.6" cy="8" r="1.7" /><path d="m5 5.2 6 2.3M5 10.8l6-2.3" /></Icon>;
export const Help = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="6.3" /><path d="M6.2 6.3a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.9.7-.9 1.3M8 11.5v.01" /></Icon>;
export const Ring = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 1.8" /></Icon>;
export const Sliders = (p: Props) => <Icon {...p}><path d="M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6" /><circle cx="9.7" cy="4.5" r="1.6" /><circle cx="6.2" cy="11.5" r="1.6" /></Icon>;
export const Measure = (p: Props) => <Icon {...p}><path d="M1.8 10.6 10.6 1.8l3.6 3.6-8.8 8.8zM4.4 8l1.6 1.6M6.8 5.6l2.2 2.2M9.2 3.2l1.6 1.6" /></Icon>;
export const Pen = (p: Props) => <Icon {...p}><path d="M2.5 13.5v-2.6l8-8 2.6 2.6-8 8zM9 4.5l2.5 2.5" /></Icon>;
export const Pair = (p: Props) => <Icon {...p}><rect x="1.8" y="3" width="5.4" height="10" rx="1" /><rect x="8.8" y="3" width="5.4" height="10" rx="1" /></Icon>;
export const Tied = (p: Props) => <Icon {...p}><rect x="3.2" y="7" width="9.6" height="7" rx="1" /><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" /></Icon>;
export const Untied = (p: Props) => <Icon {...p}><rect x="3.2" y="7" width="9.6" height="7" rx="1" /><path d="M5.2 7V5a2.8 2.8 0 0 1 5.4-.9" /></Icon>;
export const Out = (p: Props) => <Icon {...p}><path d="M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6" /></Icon>;
export const Clock = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="6.3" /><path d="M8 4.5V8l2.4 1.6" /></Icon>;
export const Link = (p: Props) => <Icon {...p}><path d="M6.5 9.5 9.5 6.5M7 4.5l1.3-1.3a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.3 1.3a3.2 3.2 0 0 1-4.5-4.5L4.5 7" /></Icon>;
export const House = (p: Props) => <Icon {...p}><path d="M2.5 7.5 8 2.8l5.5 4.7M4 6.6v6.6h8V6.6M6.7 13.2V9.5h2.6v3.7" /></Icon>;
export const Empty = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="6" /><path d="m3.8 12.2 8.4-8.4" /></Icon>;
export const Covered = (p: Props) => <Icon {...p}><path d="M1.8 8c1.6-2.7 3.7-4 6.2-4s4.6 1.3 6.2 4c-1.6 2.7-3.7 4-6.2 4s-4.6-1.3-6.2-4zM2.8 13.2 13.2 2.8" /></Icon>;
export const Gear = (p: Props) => <Icon {...p}><circle cx="8" cy="8" r="2.2" /><path d="M8 1.6v1.8M8 12.6v1.8M1.6 8h1.8M12.6 8h1.8M3.5 3.5l1.3 1.3M11.2 11.2l1.3 1.3M12.5 3.5l-1.3 1.3M4.8 11.2l-1.3 1.3" /><circle cx="8" cy="8" r="4.6" /></Icon>;
export const Bars = (p: Props) => <Icon {...p}><path d="M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6" /></Icon>;
