#include "base/version.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#include <string.h>

enum { OS_RELEASE_MAX = 64 << 10 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool version_valid(const char *version)
{
	size_t length = strlen(version);
	if (length >= VERSION_SIZE || !is_digit(version[0]))
		return false;
	for (const char *at = version; *at; at++)
		if (!is_digit(*at) && !is_letter(*at) && !strchr(".+~", *at))
			return false;
	return true;
}

/* Of what is no digit: '~' before the end, the end before letters, letters before all else. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (c == 0 || is_digit(c))
		return 0;
	return is_letter(c) ? (unsigned char)c : (unsigned char)c + 256;
}

int version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		while ((*a && !is_digit(*a)) || (*b && !is_digit(*b))) {
			if (weight(*a) != weight(*b))
				return weight(*a) - weight(*b);
			a++;
			b++;
		}
		a += strspn(a, "0");
		b += strspn(b, "0");
		size_t digits_a = strspn(a, "0123456789"), digits_b = strspn(b, "0123456789");
		if (digits_a != digits_b)
			return digits_a < digits_b ? -1 : 1;
		int order = strncmp(a, b, digits_a);
		if (order != 0)
			return order;
		a += digits_a;
		b += digits_b;
	}
	return 0;
}

/* IMAGE_VERSION=1.2.3, perhaps in quotes. */
static bool take_line(char *line, char ret_version[VERSION_SIZE])
{
	static const char name[] = "IMAGE_VERSION=";
	if (!text_starts(line, name))
		return false;
	char *value = text_trim(line + strlen(name));
	size_t length = strlen(value);
	if (length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0]) {
		value[length - 1] = 0;
		value++;
	}
	return version_valid(value) && text_copy(ret_version, VERSION_SIZE, value);
}

void version_running(const char *os_release, char ret_version[VERSION_SIZE])
{
	OWN(buf_done) struct buf text = BUF_INIT(OS_RELEASE_MAX);
	text_copy(ret_version, VERSION_SIZE, DAYBREAK_VERSION);
	if (!file_read(os_release ? os_release : "/usr/lib/os-release", &text, NULL))
		return;
	buf_add_u8(&text, 0);
	if (!buf_ok(&text, NULL))
		return;
	char *rest = (char *)text.data;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (take_line(line, ret_version))
			return;
}
