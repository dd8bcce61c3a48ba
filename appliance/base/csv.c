#include "base/csv.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

void csv_mark(struct csv *csv)
{
	buf_print(csv->to, "\xEF\xBB\xBF");
}

static void begin_cell(struct csv *csv)
{
	if (csv->begun)
		buf_add_u8(csv->to, ',');
	csv->begun = true;
}

/* What makes a spreadsheet take a text for a formula, the wide letters of East Asian keyboards too. */
static bool is_formula(const char *text)
{
	static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
	text += strspn(text, " "); /* some skip them */
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (text_starts(text, starts[i]))
			return true;
	return false;
}

void csv_text(struct csv *csv, const char *text)
{
	bool formula = is_formula(text);
	bool quoted = formula || text[strcspn(text, ",\"\r\n")] != 0;
	begin_cell(csv);
	if (!quoted) {
		buf_print(csv->to, "%s", text);
		return;
	}
	buf_print(csv->to, formula ? "\"'" : "\"");
	for (const char *c = text; *c; c++) {
		if (*c == '"')
			buf_add_u8(csv->to, '"');
		buf_add_u8(csv->to, (uint8_t)*c);
	}
	buf_add_u8(csv->to, '"');
}

void csv_int(struct csv *csv, int64_t value)
{
	begin_cell(csv);
	buf_print(csv->to, "%" PRId64, value);
}

void csv_json(struct csv *csv, const json_t *value)
{
	if (json_is_integer(value))
		csv_int(csv, json_integer_value(value));
	else
		csv_text(csv, json_is_string(value) ? json_string_value(value) : "");
}

void csv_line(struct csv *csv, const char *const texts[], int count)
{
	for (int i = 0; i < count; i++)
		csv_text(csv, texts[i]);
	csv_end_line(csv);
}

void csv_end_line(struct csv *csv)
{
	buf_print(csv->to, "\r\n");
	csv->begun = false;
}
