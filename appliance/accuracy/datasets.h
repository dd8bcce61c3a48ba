/* The layouts of data sets that can be evaluated, one table:
 *
 *   predictions   a CSV of a classifier's answers beside the truth, no pictures
 *                   file,embryo,hours,truth,empty,tPB2,...,tHB    truth: stages between '|'; hours may lack
 *                   filename,class,predicted_class,confidence     as the Adelaide classifier's table
 *   marks         a folder with labels.csv and frames/: single frames at an expert's marks
 *   stills        pictures with a Gardner grade in their names: <id>_<focal um>_<grade>.jpg; an id's planes
 *                 are one time point
 *   film          whatever intake takes (.pdb, image folders), with its truth beside it: <path>.truth.json of
 *                 a rendered export, <code>_phases.csv, events_visual.csv; or what the options know
 *
 * A film whose annotations are on another clock than its pictures is not scored unless a clock is given:
 * the notes say so, and which clock would fit. */
#pragma once

#include "accuracy/dataset.h"
#include "reading/reader.h"

enum { DATASETS_KNOWN_MAX = 8 };

/* Runs first..last show one of these stages. */
struct known_runs {
	int first, last;
	stage_set stages;
};

struct datasets_options {
	bool has_clock;
	double clock_a, clock_b; /* RUN = a * index + b, for films whose clocks disagree */
	double interval_min;     /* between runs, for films without times; 0: leave them untimed */
	double start_h;          /* of the first run, with interval_min */
	struct known_runs known[DATASETS_KNOWN_MAX];
	size_t known_count;
	const char *events;      /* a table of event times or run lengths (intake/timelines.h); or NULL */
};

/* ERR_UNSUPPORTED: the path is no data set of these layouts. ERR_BAD_INPUT and such with a sentence.
 * reader may be NULL for data sets without pictures; others then fail with ERR_NOT_FOUND. */
bool datasets_open(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *ret_dataset, struct err *err);
/* The path holds pictures, so that a reader is needed. */
bool datasets_need_reader(const char *path);

/* One layout. */
struct layout {
	const char *name;
	bool pictures;
	bool (*detect)(const char *path);
	bool (*load)(const char *path, const struct datasets_options *options, struct reader *reader,
	    struct dataset *dataset, struct err *err);
};
extern const struct layout layout_predictions, layout_marks, layout_stills, layout_film;
