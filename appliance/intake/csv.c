#include "intake/csv.h"

#include "base/text.h"

#include <string.h>

static void keep_field(struct csv_row *row, const char *from, size_t length)
{
	if (row->count < CSV_FIELDS_MAX) {
		char *field = row->field[row->count];
		if (length >= CSV_FIELD_SIZE)
			length = CSV_FIELD_SIZE - 1;
		memcpy(field, from, length);
		field[length] = 0;
		char *trimmed = text_trim(field);
		size_t left = strlen(trimmed);
		if (left >= 2 && trimmed[0] == '"' && trimmed[left - 1] == '"') {
			trimmed[left - 1] = 0;
			trimmed++;
		}
		memmove(field, trimmed, strlen(trimmed) + 1);
	}
	row->count++;
}

bool csv_next(struct csv *csv, struct csv_row *ret_row)
{
	if (csv->at == 0 && csv->size >= 3 && memcmp(csv->text, "\xEF\xBB\xBF", 3) == 0)
		csv->at = 3;
	while (csv->at < csv->size && strchr("\r\n", csv->text[csv->at]))
		csv->at++;
	if (csv->at == csv->size)
		return false;
	*ret_row = (struct csv_row){0};
	size_t start = csv->at;
	for (;; csv->at++) {
		bool end = csv->at == csv->size || csv->text[csv->at] == '\n' || csv->text[csv->at] == '\r';
		if (!end && csv->text[csv->at] != ',')
			continue;
		keep_field(ret_row, csv->text + start, csv->at - start);
		start = csv->at + 1;
		if (end)
			return true;
	}
}
