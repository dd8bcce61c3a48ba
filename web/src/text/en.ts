/* English, what both pages say. Plain words, whole sentences, one place. */
export const en = {
	"close": "Close",
	"retry": "Try again",
	"language.en": "English",
	"language.fr": "Français",
	"product": "Daybreak",

	"signin.title": "Sign in",
	"signin.name": "Name",
	"signin.password": "Password",
	"signin.submit": "Sign in",
	"signin.busy": "Checking…",
	"signin.wrong": "That name and password do not belong together. Check both and try again.",
	"signin.toomany": "Too many wrong passwords. Wait a little, then try again.",
	"signin.ended": "Your session has ended. Sign in to go on where you were.",

	"error.unreachable": "The box does not answer. Check the network, then try again.",
	"error.unknown": "The box refused this and gave no reason (status {status}).",

	"head.signout": "Sign out",
	"head.theme.light": "Use the light theme",
	"head.theme.dark": "Use the dark theme",
	"head.help": "Keyboard shortcuts",
	"head.language": "Language",
	"link.starting": "Connecting",
	"link.live": "Live",
	"link.polling": "Live, checked every few seconds",
	"link.unreachable": "Box unreachable since {time}",
};
