#include "model/gardner.h"

#include <stdio.h>
#include <string.h>

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'D';
}

bool gardner_check(const struct gardner *grade, struct err *err)
{
	if (grade->expansion < 1 || grade->expansion > 6)
		return err_set(err, ERR_BAD_INPUT, "expansion is a number from 1 to 6");
	if (grade->expansion < 3)
		return !grade->icm && !grade->te
		    ? true
		    : err_set(err, ERR_BAD_INPUT, "ICM and TE are graded from expansion 3 on");
	if (!is_letter(grade->icm) || !is_letter(grade->te))
		return err_set(err, ERR_BAD_INPUT, "ICM and TE are each a letter from A to D");
	return true;
}

bool gardner_parse(const char *text, struct gardner *ret_grade, struct err *err)
{
	size_t length = strlen(text);
	if (length != 1 && length != 3)
		return err_set(err, ERR_BAD_INPUT, "a grade is written like 4AA, or 1 or 2 without letters");
	struct gardner grade = {text[0] - '0', length == 3 ? text[1] : 0, length == 3 ? text[2] : 0};
	if (!gardner_check(&grade, err))
		return false;
	*ret_grade = grade;
	return true;
}

void gardner_format(char text[GARDNER_TEXT_MAX], const struct gardner *grade)
{
	text[0] = (char)('0' + grade->expansion);
	text[1] = grade->icm;
	text[2] = grade->te;
	text[3] = 0;
}

bool gardner_has_letters(const struct gardner *grade)
{
	return grade->icm && grade->te;
}

/* A 3, B 2, C 1; 0 for D and none. */
static int letter_value(char letter)
{
	return letter >= 'A' && letter <= 'C' ? 'D' - letter : 0;
}

int gardner_neqsi(const struct gardner *grade)
{
	int icm = letter_value(grade->icm), te = letter_value(grade->te);
	return icm && te ? grade->expansion + icm + te - 1 : 0;
}

int gardner_bqs(const struct gardner *grade)
{
	return grade->expansion * letter_value(grade->icm) * letter_value(grade->te);
}

bool gardner_is_good(const struct gardner *grade)
{
	return grade->expansion >= 3 && letter_value(grade->icm) >= 2 && letter_value(grade->te) >= 2;
}
