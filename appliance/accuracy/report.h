/* The report: figures of one data set as JSON, and the whole as a page of text.
 *
 *   {"format": 1, "model": {"name","version","digest"}, "engine", "made", "stages": [17 names],
 *    "bootstrap": {"unit": "embryo", "resamples", "seed", "level"},
 *    "datasets": [{"name", "kind": "real"|"rendered", "maker", "trained_on",
 *                  "embryos", "frames", "frames_read", "frames_timed", "notes": [sentences],
 *                  "frame_accuracy": METRIC, "within_one": METRIC, ...          (metric_name)
 *                  "events": [{"event", "n", "absent", METHOD: {"found", "missing", "false",
 *                              "median_abs_error_min", "low", "high", "median_abs_error_frames",
 *                              "within_30", "within_60", "within_120"}}],
 *                  "calibration": {"frames", "ece", "low", "high", "bins": [{"said", "right", "n"}]},
 *                  "confusion": {"reader": 17 x 17, "frame_only": 17 x 17}}]}     [true stage][said]
 *
 * METRIC is {"frames" or "events", "embryos", METHOD: {"value", "low", "high"} or null, "gain": likewise}
 * with METHOD each of method_name(); gain is the reader's figure less the clock's, drawn together. Shares
 * are 0..1; what cannot be computed is null; low and high are null with one embryo. Shares within so many
 * minutes are of all events that the truth saw: one that was not found is not within. */
#pragma once

#include "accuracy/metrics.h"

#include <stdio.h>

/* One data set's part; a new reference. */
bool report_dataset(
    const struct dataset *dataset, const struct priors *priors, json_t **ret_json, struct err *err);

struct report_head {
	const char *model_name, *model_version, *model_digest; /* "" where the readings came from tables */
	int64_t made_us;
};
/* The whole report without data sets; a new reference, NULL without memory. They are appended to its
 * "datasets". */
json_t *report_new(const struct report_head *head);

/* A compact table, a data set after the other. Takes any value that report_new began. */
void report_print(const json_t *report, FILE *to);
