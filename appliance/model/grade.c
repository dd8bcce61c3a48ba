#include "model/grade.h"

#include <stdio.h>
#include <string.h>

static const char *const stage_names[GRADE_STAGE_COUNT] = {"cleavage", "morula", "blastocyst"};
static const char *const quality_names[GRADE_QUALITY_COUNT] = {"", "low", "intermediate", "top"};

const char *grade_stage_name(enum grade_stage stage)
{
	return stage < GRADE_STAGE_COUNT ? stage_names[stage] : "unknown";
}

bool grade_stage_from_name(const char *name, enum grade_stage *ret_stage)
{
	for (int i = 0; i < GRADE_STAGE_COUNT; i++) {
		if (strcmp(stage_names[i], name) != 0)
			continue;
		*ret_stage = (enum grade_stage)i;
		return true;
	}
	return false;
}

const char *grade_quality_name(enum grade_quality quality)
{
	return quality < GRADE_QUALITY_COUNT ? quality_names[quality] : "unknown";
}

bool grade_quality_from_name(const char *name, enum grade_quality *ret_quality)
{
	for (int i = 0; i < GRADE_QUALITY_COUNT; i++) {
		if (strcmp(quality_names[i], name) != 0)
			continue;
		*ret_quality = (enum grade_quality)i;
		return true;
	}
	return false;
}

bool grade_check(const struct grade *grade, struct err *err)
{
	const struct gardner *gardner = &grade->gardner;
	if (grade->stage >= GRADE_STAGE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such stage to grade");
	if (grade->stage == GRADE_BLASTOCYST)
		return grade->quality == GRADE_NO_QUALITY
		    ? gardner_check(gardner, err)
		    : err_set(err, ERR_BAD_INPUT, "a blastocyst is graded by expansion, ICM and TE");
	if (gardner->expansion || gardner->icm || gardner->te || grade->quality == GRADE_NO_QUALITY ||
	    grade->quality >= GRADE_QUALITY_COUNT)
		return err_set(err, ERR_BAD_INPUT, "a %s is graded top, intermediate or low",
		    grade->stage == GRADE_MORULA ? "morula" : "cleaving embryo");
	return true;
}

void grade_format(char text[GRADE_TEXT_SIZE], const struct grade *grade)
{
	if (grade->stage == GRADE_BLASTOCYST)
		gardner_format(text, &grade->gardner);
	else
		snprintf(text, GRADE_TEXT_SIZE, "%s", grade_quality_name(grade->quality));
}
