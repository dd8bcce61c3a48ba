#include "store/rankings.h"

#include "store/dishes.h"
#include "store/json_texts.h"

static const char put_sql[] =
    "INSERT OR REPLACE INTO rankings (dish_id, json, made_us) VALUES (?1, ?2, ?3)";
static const char get_sql[] = "SELECT json, made_us FROM rankings WHERE dish_id = ?1";

bool rankings_put(struct store *store, int64_t dish_id, const char *json, struct err *err)
{
	struct dish dish;
	return dishes_get(store, dish_id, &dish, err) &&
	    json_text_put(store, put_sql, dish_id, json, CHANGE_DISH, err);
}

bool rankings_get(struct store *store, int64_t dish_id, struct buf *to, int64_t *ret_made_us,
    bool *ret_found, struct err *err)
{
	return json_text_get(store, get_sql, dish_id, to, ret_made_us, ret_found, err);
}
