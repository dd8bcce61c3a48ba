#include "setup/ask.h"

#include "base/text.h"

#include <string.h>

static const struct question {
	const char *name, *text;
} questions[] = {
    {"clinic", "The clinic's name, as it stands on reports"},
    {"time_zone", "Its time zone"},
    {"decision_hour", "When the laboratory decides in the morning"},
    {"admin", "Name of the first administrator (others are added on the console)"},
    {"password_file", "A file with the administrator's password (empty: one is made and shown once)"},
    {"names", "Host names and addresses that browsers reach this box by, the first one shown to people"},
    {"tls", "Certificate: self-made, or request (a request for the hospital's authority is written as well)"},
    {"site", "Pseudonym of this box towards the cloud"},
    {"regions",
        "Cloud regions that anonymous pictures may be read in, by comma (-: none, nothing ever leaves)"},
    {"budget_day", "US dollars a day for that"},
    {"budget_month", "US dollars a month"},
    {"working_hours", "When the clinic works, so that no update is installed then"},
    {"automatic_updates", "Install updates by themselves outside these hours: yes or no"},
};

static bool read_line(FILE *in, char *line, size_t size)
{
	if (!fgets(line, (int)size, in))
		return false;
	line[strcspn(line, "\n")] = 0;
	return true;
}

static bool stopped(struct err *err)
{
	return err_set(err, ERR_CONFLICT, "stopped; nothing was changed");
}

static const char *shown(const struct conf_option *option)
{
	if (option->kind == CONF_BOOL)
		return *(bool *)option->value ? "yes" : "no";
	return *(char *)option->value ? option->value : "none";
}

/* Takes it into a copy first, so that a wrong answer leaves the old one. */
static bool take(struct answers *answers, const char *name, const char *value, struct err *err)
{
	OWN(free) struct answers *tried = malloc(sizeof *tried);
	OWN(buf_done) struct buf line = BUF_INIT(1 << 14);
	if (!tried)
		return err_set(err, ERR_NO_MEMORY, "taking an answer");
	*tried = *answers;
	buf_print(&line, "%s = %s\n", name, strcmp(value, "-") == 0 ? "" : value);
	if (!buf_ok(&line, err) || !answers_take(tried, buf_text(&line), err) ||
	    !answers_check(tried, name, err))
		return false;
	*answers = *tried;
	return true;
}

static const struct conf_option *find(const struct conf_option *options, size_t count, const char *name)
{
	size_t i = 0;
	while (i + 1 < count && strcmp(options[i].name, name) != 0)
		i++;
	return &options[i];
}

static bool ask(
    struct answers *answers, const struct question *question, FILE *in, FILE *out, struct err *err)
{
	struct conf_option options[ANSWERS_COUNT];
	size_t count = answers_options(answers, options);
	const struct conf_option *option = find(options, count, question->name);
	char line[4 * ANSWER_SIZE];
	struct err why;
	for (;;) {
		fprintf(out, "%s\n  [%s] ", question->text, shown(option));
		fflush(out);
		if (!read_line(in, line, sizeof line))
			return stopped(err);
		const char *value = text_trim(line);
		if (!*value || take(answers, question->name, value, &why))
			return true;
		fprintf(out, "  %s\n", why.detail);
	}
}

static bool ask_shares(struct answers *answers, FILE *in, FILE *out, struct err *err)
{
	char line[4 * ANSWER_SIZE];
	struct err why;
	fprintf(out,
	    "Folders that incubators export to, one a line, an empty line ends:\n"
	    "  NAME smb //HOST/SHARE credentials=FILE, NAME nfs HOST:/PATH, NAME local FOLDER, NAME none\n%s",
	    answers->shares);
	for (;;) {
		fprintf(out, "  [] ");
		fflush(out);
		if (!read_line(in, line, sizeof line))
			return stopped(err);
		const char *value = text_trim(line);
		if (!*value)
			return true;
		if (!take(answers, "share", value, &why))
			fprintf(out, "  %s\n", why.detail);
	}
}

static bool agree(FILE *in, FILE *out, struct err *err)
{
	char line[ANSWER_SIZE];
	fprintf(out, "Set this box up so? [yes] ");
	fflush(out);
	if (!read_line(in, line, sizeof line))
		return stopped(err);
	const char *value = text_trim(line);
	return !*value || strcmp(value, "yes") == 0 || strcmp(value, "y") == 0 || stopped(err);
}

bool ask_all(struct answers *answers, FILE *in, FILE *out, struct err *err)
{
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (!ask(answers, &questions[i], in, out, err))
			return false;
	return ask_shares(answers, in, out, err) && agree(in, out, err);
}
