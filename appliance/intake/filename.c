#include "intake/filename.h"

#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Moves on past `word` if it stands there, letters of either case alike. */
static bool take_word(const char **at, const char *word)
{
	size_t length = strlen(word);
	if (strncasecmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

static bool take_number(const char **at, int digits_min, int digits_max, int *ret_value)
{
	int value = 0, digits = 0;
	while (digits < digits_max && isdigit((unsigned char)(*at)[digits])) {
		value = value * 10 + ((*at)[digits] - '0');
		digits++;
	}
	if (digits < digits_min || isdigit((unsigned char)(*at)[digits]))
		return false;
	*at += digits;
	*ret_value = value;
	return true;
}

static bool take_slide(const char **at, char ret_slide[SLIDE_CODE_SIZE])
{
	const char *from = *at;
	int year, month, day, slide, instrument;
	bool whole = take_word(&from, "D") && take_number(&from, 4, 4, &year) && take_word(&from, ".") &&
	    take_number(&from, 1, 2, &month) && take_word(&from, ".") && take_number(&from, 1, 2, &day) &&
	    take_word(&from, "_S") && take_number(&from, 1, 9, &slide) && take_word(&from, "_I") &&
	    take_number(&from, 1, 9, &instrument);
	if (!whole || month < 1 || month > 12 || day < 1 || day > 31 || isalpha((unsigned char)*from))
		return false;
	snprintf(ret_slide, SLIDE_CODE_SIZE, "D%04d.%02d.%02d_S%05d_I%04d", year, month, day, slide, instrument);
	*at = from;
	return true;
}

bool filename_slide(const char *name, char ret_slide[SLIDE_CODE_SIZE])
{
	return take_slide(&name, ret_slide);
}

/* The letter after the instrument: D for a database, P for an EmbryoScope+. */
static void take_letter(const char **at)
{
	if ((*at)[0] == '_' && isalpha((unsigned char)(*at)[1]) && (*at)[2] == '_')
		*at += 2;
}

static const char *ending(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot : name + strlen(name);
}

bool filename_is_picture(const char *name)
{
	const char *dot = ending(name);
	return strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".png") == 0;
}

/* Where the stem ends: before the ending and before the " (2)" of a second copy. */
static const char *stem_end(const char *name)
{
	const char *end = ending(name);
	if (end - name < 4 || end[-1] != ')')
		return end;
	const char *at = end - 2;
	while (at > name && isdigit((unsigned char)*at))
		at--;
	return at > name && *at == '(' && at[-1] == ' ' && at + 2 < end ? at - 1 : end;
}

static bool complete_name(const char *name, struct frame_name *ret_frame)
{
	struct frame_name frame = {.complete = true};
	const char *at = name;
	if (!take_slide(&at, frame.slide))
		return false;
	take_letter(&at);
	if (!take_word(&at, "_WELL") || !take_number(&at, 1, 4, &frame.well) || !take_word(&at, "_RUN") ||
	    !take_number(&at, 1, 6, &frame.run) || at != stem_end(name))
		return false;
	*ret_frame = frame;
	return true;
}

bool filename_frame(const char *name, struct frame_name *ret_frame)
{
	if (!filename_is_picture(name))
		return false;
	if (complete_name(name, ret_frame))
		return true;
	char slide[SLIDE_CODE_SIZE];
	if (filename_slide(name, slide))
		return false; /* a maker's name with the well or the run missing: no guess */
	const char *end = stem_end(name), *digits = end;
	while (digits > name && isdigit((unsigned char)digits[-1]))
		digits--;
	struct frame_name frame = {.well = 1, .prefix_length = (int)(digits - name)};
	if (digits == end || end - digits > 6)
		return false;
	for (; digits < end; digits++)
		frame.run = frame.run * 10 + (*digits - '0');
	*ret_frame = frame;
	return true;
}

bool filename_plane(const char *folder, int *ret_focal_um)
{
	const char *at = strrchr(folder, '_');
	at = at ? at + 1 : folder;
	int focal;
	if (!take_word(&at, "F"))
		return false;
	bool below = *at == '-';
	at += below || *at == '+';
	if (!take_number(&at, 1, 4, &focal) || *at)
		return false;
	*ret_focal_um = below ? -focal : focal;
	return true;
}

bool filename_is_noise(const char *name)
{
	return name[0] == '.' || strcasecmp(name, "Thumbs.db") == 0 || strcasecmp(name, "desktop.ini") == 0 ||
	    strcasecmp(name, "__MACOSX") == 0;
}
