#include "setup/people.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

#include <string.h>

struct task {
	char store[LIMIT_PATH];
	const char *name;
	char password[USER_PASSWORD_MAX + 2];
};

static bool see_admin(const struct user *user, void *context)
{
	bool *found = context;
	*found |= user->role == ROLE_ADMIN && !user->disabled;
	return !*found;
}

static bool make(void *context, json_t *answer, struct err *err)
{
	const struct task *task = context;
	OWN(store_close) struct store *store = NULL;
	bool found = false;
	int64_t id;
	struct err why = {0};
	if (!store_create(task->store, &why) && why.code != ERR_CONFLICT) {
		*err = why;
		return false;
	}
	if (!store_open(task->store, &store, err) || !users_each(store, see_admin, &found, err))
		return false;
	json_object_set_new(answer, "added", json_boolean(!found));
	return found || users_add(store, 0, task->name, task->password, ROLE_ADMIN, &id, err);
}

/* The file's first and only line. */
static bool read_password(const struct answers *answers, char *to, size_t size, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf given = BUF_INIT(USER_PASSWORD_MAX + 2);
	bool ok = answers_path(answers, answers->password_file, path, err) && file_read(path, &given, err);
	if (ok) {
		text_copy(to, size, buf_text(&given));
		memmove(to, text_trim(to), strlen(text_trim(to)) + 1);
	}
	crypto_wipe(given.data, given.size);
	if (!ok)
		return err_add(err, "the password");
	size_t length = strlen(to);
	return (length >= USER_PASSWORD_MIN && length <= USER_PASSWORD_MAX && !strchr(to, '\n')) ||
	    err_set(err, ERR_BAD_INPUT, "%s holds the password alone, %d to %d bytes in one line", path,
	        USER_PASSWORD_MIN, USER_PASSWORD_MAX);
}

static bool prepare(
    const struct box *box, const struct answers *answers, struct task *task, bool *ret_new, struct err *err)
{
	char database[LIMIT_PATH];
	*task = (struct task){.name = answers->admin};
	if (!box_path(box, PEOPLE_STORE, task->store, err) ||
	    !folder_path(task->store, "daybreak.db", database, err))
		return false;
	*ret_new = !file_exists(database);
	if (!*box->root && !folder_is(task->store))
		return err_set(err, ERR_NOT_FOUND,
		    "there is no folder %s: install the package daybreak first, or run "
		    "systemd-tmpfiles --create",
		    task->store);
	if (answers->password_file[0])
		return read_password(answers, task->password, sizeof task->password, err);
	users_make_password(task->password);
	return true;
}

bool people_make(
    struct box *box, const struct answers *answers, char ret_made[USER_PASSWORD_MADE_SIZE], struct err *err)
{
	struct task task;
	OWN(json_decref) json_t *answer = NULL;
	bool is_new;
	if (!prepare(box, answers, &task, &is_new, err))
		return false;
	if (is_new)
		box_tell(box, "make the store %s and its administrator %s", task.store, answers->admin);
	bool ok = box->dry || box_as_owner(box, task.store, make, &task, &answer, err);
	if (ok) {
		bool made = json_bool(answer, "added", false) && !answers->password_file[0];
		text_copy(ret_made, USER_PASSWORD_MADE_SIZE, made ? task.password : "");
	}
	crypto_wipe(task.password, sizeof task.password);
	return ok;
}

static bool try_to_sign_in(void *context, json_t *answer, struct err *err)
{
	const struct task *task = context;
	OWN(store_close) struct store *store = NULL;
	struct user user;
	struct err why;
	if (!store_open(task->store, &store, err))
		return false;
	bool can = users_check(store, task->name, task->password, &user, &why);
	json_object_set_new(answer, "can", json_boolean(can));
	if (can || why.code == ERR_UNAUTHENTICATED)
		return true;
	*err = why;
	return false;
}

bool people_can_sign_in(
    const struct box *box, const char *name, const char *password, bool *ret_can, struct err *err)
{
	struct task task = {.name = name};
	OWN(json_decref) json_t *answer = NULL;
	text_copy(task.password, sizeof task.password, password);
	bool ok = box_path(box, PEOPLE_STORE, task.store, err) &&
	    box_as_owner(box, task.store, try_to_sign_in, &task, &answer, err);
	crypto_wipe(task.password, sizeof task.password);
	if (ok)
		*ret_can = json_bool(answer, "can", false);
	return ok;
}
