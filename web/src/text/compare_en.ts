/* English, comparing embryos, and the guards against mixing patients up. */
export const compareEn = {
	"compare.title": "Compare",
};
