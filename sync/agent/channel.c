#include "agent/channel.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

static bool is_file(const char *name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-";
	size_t length = strlen(name);
	return length < CHANNEL_FILE_SIZE && name[0] != '.' && strspn(name, known) == length &&
	    text_ends(name, ".raucb");
}

static bool take_offer(const json_t *object, struct channel_offer *offer, struct err *err)
{
	const char *version = json_text(object, "version", ""), *file = json_text(object, "file", "");
	const char *digest = json_text(object, "sha256", "");
	offer->size = json_int(object, "size", 0);
	if (!version_valid(version))
		return err_set(err, ERR_BAD_INPUT, "\"version\" is such as 1.2.0");
	if (!is_file(file))
		return err_set(err, ERR_BAD_INPUT, "\"file\" is the name of a .raucb file beside channel.json");
	if (offer->size < 1 || offer->size > CHANNEL_SIZE_MAX)
		return err_set(err, ERR_BAD_INPUT, "\"size\" is a number of bytes, at most 2 GiB");
	if (strlen(digest) != 2 * CRYPTO_DIGEST_SIZE || !text_unhex(offer->digest, sizeof offer->digest, digest))
		return err_set(err, ERR_BAD_INPUT, "\"sha256\" has 64 hexadecimal digits");
	text_copy(offer->version, sizeof offer->version, version);
	text_copy(offer->file, sizeof offer->file, file);
	return true;
}

bool channel_parse(const char *text, size_t size, struct channel_offer *ret_offer, struct err *err)
{
	OWN(json_decref) json_t *object = NULL;
	struct channel_offer offer = {0};
	if (!json_parse(text, size, &object, err))
		return false;
	if (!take_offer(object, &offer, err))
		return false;
	*ret_offer = offer;
	return true;
}

/* Digits up to the end character, which is passed over. */
static bool take_number(const char **at, char end, int64_t *ret_number)
{
	char digits[20];
	size_t length = strspn(*at, "0123456789");
	if (length == 0 || length >= sizeof digits - 1 || (*at)[length] != end)
		return false;
	memcpy(digits, *at, length);
	digits[length] = 0;
	*at += length + (end != 0);
	return text_to_i64(digits, ret_number);
}

bool channel_part_parse(const char *value, struct channel_part *ret_part)
{
	static const char unit[] = "bytes ";
	struct channel_part part;
	const char *at = value + strlen(unit);
	if (!text_starts(value, unit) || !take_number(&at, '-', &part.from) || !take_number(&at, '/', &part.to) ||
	    !take_number(&at, 0, &part.size))
		return false;
	if (part.from > part.to || part.to >= part.size)
		return false;
	*ret_part = part;
	return true;
}
