/* English, the console's. */
export const consoleEn = {
	"console.title": "Sync console",
};
