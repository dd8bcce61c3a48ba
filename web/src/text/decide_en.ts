/* English, decisions, signatures, outcomes and the report. */
export const decideEn = {
	"decide.title": "Decision",
	"decide.none": "Not decided",
	"decide.reason": "Reason",
	"decide.reason.hint": "Optional",
	"decide.save": "Record: {decision}",
	"decide.saved": "Recorded: {decision}",
	"decide.by": "{author}, {date} {time}",
	"decide.before": "Before: {list}",
	"decision.transfer": "Transfer",
	"decision.freeze": "Freeze",
	"decision.biopsy": "Biopsy",
	"decision.culture": "Culture on",
	"decision.discard": "Discard",
};
