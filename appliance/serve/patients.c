/* Patients and their cycles. */
#include "base/clock.h"
#include "serve/body.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/whole.h"
#include "store/cycles.h"
#include "store/patients.h"

struct listing {
	struct store *store;
	json_t *list;
	bool failed;
	struct err *err;
};

static bool add_cycle(const struct cycle *cycle, void *context)
{
	return json_array_append_new(context, shape_cycle(cycle)) == 0;
}

static bool add_patient(const struct patient *patient, void *context)
{
	struct listing *listing = context;
	json_t *cycles = json_array();
	json_t *object = shape_patient(patient);
	json_object_set_new(object, "cycles", cycles);
	json_array_append_new(listing->list, object);
	listing->failed = !cycles_each(listing->store, patient->id, add_cycle, cycles, listing->err);
	return !listing->failed;
}

bool get_patients(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	struct listing listing = {.store = call->store, .list = list, .err = err};
	if (!patients_each(call->store, add_patient, &listing, err) || listing.failed)
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "patients", list));
	return true;
}

static void reply_made(struct call *call, int64_t id)
{
	reply_json(call->request, 201, json_pack("{s:I}", "id", (json_int_t)id));
}

bool post_patient(struct call *call, struct err *err)
{
	struct patient patient = {0};
	const json_t *body = call->body;
	if (!body_only(body, "name identifier born", err) ||
	    !body_text(body, "name", true, patient.name, sizeof patient.name, err) ||
	    !body_text(body, "identifier", true, patient.identifier, sizeof patient.identifier, err) ||
	    !body_text(body, "born", false, patient.born, sizeof patient.born, err))
		return false;
	int64_t id;
	if (!patients_add(call->store, call->user.id, &patient, &id, err))
		return false;
	reply_made(call, id);
	return true;
}

/* Members that are left out stay as they are. */
static bool change_text(const json_t *body, const char *name, char *text, size_t size, struct err *err)
{
	return !json_object_get(body, name) || body_text(body, name, false, text, size, err);
}

static bool change_patient(struct call *call, void *word, struct err *err)
{
	(void)word;
	struct patient patient;
	const json_t *body = call->body;
	return patients_get(call->store, call->numbers[0], &patient, err) &&
	    change_text(body, "name", patient.name, sizeof patient.name, err) &&
	    change_text(body, "identifier", patient.identifier, sizeof patient.identifier, err) &&
	    change_text(body, "born", patient.born, sizeof patient.born, err) &&
	    patients_update(call->store, call->user.id, &patient, err);
}

bool put_patient(struct call *call, struct err *err)
{
	return body_only(call->body, "name identifier born", err) && whole_answer(call, change_patient, NULL, err);
}

static bool read_method_and_hour(const json_t *body, struct cycle *cycle, struct err *err)
{
	char method[16] = "", decision[CLOCK_TEXT_SIZE] = "";
	if (!change_text(body, "method", method, sizeof method, err) ||
	    !change_text(body, "decision", decision, sizeof decision, err))
		return false;
	if (method[0] && !insemination_from_name(method, &cycle->method))
		return err_set(err, ERR_BAD_INPUT, "member \"method\" is to be ICSI, IVF or unknown");
	if (json_object_get(body, "decision"))
		cycle->decision_us = 0;
	if (decision[0] && !clock_parse(decision, &cycle->decision_us))
		return err_set(err, ERR_BAD_INPUT, "member \"decision\" is to be a time like 2026-11-21T07:30:00Z");
	return true;
}

bool post_cycle(struct call *call, struct err *err)
{
	struct cycle cycle = {0};
	int64_t id;
	const json_t *body = call->body;
	if (!body_only(body, "patient label method decision", err) ||
	    !body_int(body, "patient", 1, INT64_MAX, &cycle.patient_id, err) ||
	    !body_text(body, "label", true, cycle.label, sizeof cycle.label, err) ||
	    !read_method_and_hour(body, &cycle, err) ||
	    !cycles_add(call->store, call->user.id, &cycle, &id, err))
		return false;
	reply_made(call, id);
	return true;
}

static bool change_cycle(struct call *call, void *word, struct err *err)
{
	(void)word;
	struct cycle cycle;
	return cycles_get(call->store, call->numbers[0], &cycle, err) &&
	    change_text(call->body, "label", cycle.label, sizeof cycle.label, err) &&
	    read_method_and_hour(call->body, &cycle, err) &&
	    cycles_update(call->store, call->user.id, &cycle, err);
}

bool put_cycle(struct call *call, struct err *err)
{
	return body_only(call->body, "label method decision", err) && whole_answer(call, change_cycle, NULL, err);
}
