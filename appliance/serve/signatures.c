/* Electronic signatures: who signs gives the password again, in whosever session it is. */
#include "base/crypto.h"
#include "serve/body.h"
#include "serve/cover.h"
#include "serve/guards.h"
#include "serve/handlers.h"
#include "serve/passwords.h"
#include "serve/whole.h"
#include "store/decisions.h"
#include "store/signatures.h"

/* A cycle has seldom more than 30 embryos. */
enum { SIGNED_AT_ONCE_MAX = 64 };

struct signing {
	int64_t decisions[SIGNED_AT_ONCE_MAX];
	size_t count;
	enum signature_meaning meaning;
	struct user signer;
};

static bool read_signing(const json_t *body, struct signing *signing, struct err *err)
{
	char meaning[16];
	const json_t *list = json_object_get(body, "decisions"), *entry;
	size_t index;
	if (!body_only(body, "decisions name password meaning", err) ||
	    !body_text(body, "meaning", true, meaning, sizeof meaning, err))
		return false;
	if (!signature_meaning_from_name(meaning, &signing->meaning))
		return err_set(err, ERR_BAD_INPUT, "member \"meaning\" is to be author or witness");
	signing->count = json_array_size(list);
	if (signing->count < 1 || signing->count > SIGNED_AT_ONCE_MAX)
		return err_set(err, ERR_BAD_INPUT, "member \"decisions\" is to be a list of 1 to %d numbers",
		    SIGNED_AT_ONCE_MAX);
	json_array_foreach(list, index, entry) {
		signing->decisions[index] = json_integer_value(entry);
		if (signing->decisions[index] < 1)
			return err_set(err, ERR_BAD_INPUT, "member \"decisions\" is to hold numbers of decisions");
	}
	return true;
}

/* 401 would say that the session is over, and it is not. */
static bool check_signer(struct call *call, struct user *ret_signer, struct err *err)
{
	char name[LIMIT_NAME], password[USER_PASSWORD_MAX + 1];
	if (!body_text(call->body, "name", true, name, sizeof name, err) ||
	    !body_text(call->body, "password", true, password, sizeof password, err))
		return false;
	bool right = passwords_check(call, name, password, ret_signer, err);
	crypto_wipe(password, sizeof password);
	if (!right && err->code == ERR_UNAUTHENTICATED)
		err->code = ERR_FORBIDDEN;
	return right;
}

static bool sign(struct call *call, int64_t decision_id, const struct signing *signing, struct err *err)
{
	struct store *store = call->store;
	struct decision *decision = request_alloc(call->request, sizeof *decision);
	if (!decision)
		return err_set(err, ERR_NO_MEMORY, "signing");
	return decisions_get(store, decision_id, decision, err) &&
	    guards_embryo(call, decision->embryo_id, err) &&
	    cover_embryo_free(store, call->user.id, decision->embryo_id, err) &&
	    cover_embryo_free(store, signing->signer.id, decision->embryo_id, err) &&
	    signatures_add(store, decision_id, signing->meaning, signing->signer.id, err);
}

static bool sign_all(struct call *call, void *word, struct err *err)
{
	const struct signing *signing = word;
	for (size_t i = 0; i < signing->count; i++)
		if (!sign(call, signing->decisions[i], signing, err))
			return false;
	return true;
}

bool post_signatures(struct call *call, struct err *err)
{
	struct signing signing;
	if (!read_signing(call->body, &signing, err) || !check_signer(call, &signing.signer, err) ||
	    !whole_do(call, sign_all, &signing, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:I}", "signed", (json_int_t)signing.count));
	return true;
}
