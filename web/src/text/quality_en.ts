/* English, the quality page. */
export const qualityEn = {
	"quality.title": "Quality",
};
