/* English, the cohort page. */
export const cohortEn = {
	"cohort.title": "Cohort",
};
