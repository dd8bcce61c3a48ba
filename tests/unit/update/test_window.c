/* The window: each reason for which an update is refused or waits, and their order. */
#include "unit/unit.h"

#include "update/window.h"

#include <string.h>

struct scene {
	struct hours hours;
	struct window_box box;
	struct window_bundle bundle;
};

/* Nothing stands against it. */
static void begin(struct scene *scene)
{
	struct err err;
	memset(scene, 0, sizeof *scene);
	must(hours_parse("mon-sun 05:00-20:00", &scene->hours, &err));
	scene->box = (struct window_box){.version = "1.4.0",
	    .compatible = "box",
	    .floor = "1.4.0",
	    .automatic = true,
	    .hours = &scene->hours,
	    .minute = 3 * HOURS_DAY_MINUTES};
	scene->bundle = (struct window_bundle){.version = "1.5.0", .compatible = "box"};
}

static void decides(const struct scene *scene, enum window_state state, const char *why)
{
	struct window_verdict verdict;
	window_decide(&scene->box, &scene->bundle, &verdict);
	assert_int_equal(verdict.state, state);
	if (!strstr(verdict.why, why))
		fail_msg("\"%s\" is not in \"%s\"", why, verdict.why);
	assert_int_equal(verdict.why[0] == 0, state == WINDOW_OPEN);
}

static void open_when_nothing_stands_against_it(void **state)
{
	struct scene scene;
	(void)state;
	begin(&scene);
	decides(&scene, WINDOW_OPEN, "");
	scene.bundle.failures = WINDOW_FAILURES_MAX - 1;
	scene.bundle.failed = "the disk";
	decides(&scene, WINDOW_OPEN, "");
	scene.box.automatic = false;
	scene.bundle.from_stick = scene.bundle.approved = true;
	decides(&scene, WINDOW_OPEN, "");
}

static void refused_for_good(void **state)
{
	struct scene scene;
	(void)state;
	begin(&scene);
	scene.bundle.approved = true; /* which helps against none of these */
	scene.bundle.refused = "the signature is wrong";
	decides(&scene, WINDOW_REFUSED, "the signature is wrong");
	scene.bundle.refused = NULL;
	scene.bundle.version = "";
	decides(&scene, WINDOW_REFUSED, "not one");
	scene.bundle.version = "1.5.0";
	scene.bundle.compatible = "oven";
	decides(&scene, WINDOW_REFUSED, "another kind of machine (oven)");
	scene.bundle.compatible = "box";
	scene.bundle.version = "1.4.0";
	decides(&scene, WINDOW_REFUSED, "not newer than the installed 1.4.0");
	scene.bundle.version = "1.4.0~rc1";
	decides(&scene, WINDOW_REFUSED, "not newer than the installed 1.4.0");
	scene.bundle.version = "1.10.0";
	decides(&scene, WINDOW_OPEN, "");
	scene.box.floor = "1.10.0"; /* the previous version runs again */
	decides(&scene, WINDOW_REFUSED, "ran here already");
}

static void asked_for_after_failures(void **state)
{
	struct scene scene;
	(void)state;
	begin(&scene);
	scene.bundle.failed = "the daemon ended";
	scene.bundle.failures = 1;
	scene.bundle.went_back = true;
	decides(&scene, WINDOW_APPROVAL, "went back: the daemon ended");
	scene.bundle.went_back = false;
	scene.bundle.failures = WINDOW_FAILURES_MAX;
	decides(&scene, WINDOW_APPROVAL, "in 3 tries: the daemon ended");
}

static void approval(void **state)
{
	struct scene scene;
	(void)state;
	begin(&scene);
	scene.bundle.from_stick = true;
	decides(&scene, WINDOW_APPROVAL, "stick");
	scene.bundle.from_stick = false;
	scene.box.automatic = false;
	decides(&scene, WINDOW_APPROVAL, "automatic = no");
	scene.bundle.approved = true;
	decides(&scene, WINDOW_OPEN, "");
	scene.box.minute += 12 * 60; /* which is not for people to decide */
	decides(&scene, WINDOW_WAITS, "working hours");
}

static void waiting(void **state)
{
	struct scene scene;
	(void)state;
	begin(&scene);
	scene.box.minute += 3 * 60 + 59;
	decides(&scene, WINDOW_OPEN, "");
	scene.box.minute += 1; /* an hour before the clinic works */
	decides(&scene, WINDOW_WAITS, "working hours");
	begin(&scene);
	scene.box.on_trial = true;
	decides(&scene, WINDOW_WAITS, "confirmed");
	begin(&scene);
	scene.box.unknown = "the store is away";
	decides(&scene, WINDOW_WAITS, "the store is away");
	begin(&scene);
	scene.box.pending = (struct pending){.imports = 1, .jobs = 2, .embryos = 3, .decision_us = 1};
	decides(&scene, WINDOW_WAITS, "1 imports");
	scene.box.pending.imports = 0;
	decides(&scene, WINDOW_WAITS, "2 readings");
	scene.box.pending.jobs = 0;
	decides(&scene, WINDOW_WAITS, "3 embryos are decided around 1970-01-01T00:00:00Z");
}

static void states_have_the_names_of_the_interface(void **state)
{
	(void)state;
	assert_string_equal(window_state_name(WINDOW_REFUSED), "refused");
	assert_string_equal(window_state_name(WINDOW_APPROVAL), "waits-for-approval");
	assert_string_equal(window_state_name(WINDOW_WAITS), "waits-for-window");
	assert_string_equal(window_state_name(WINDOW_OPEN), "approved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(open_when_nothing_stands_against_it),
	    cmocka_unit_test(refused_for_good), cmocka_unit_test(asked_for_after_failures), cmocka_unit_test(approval),
	    cmocka_unit_test(waiting), cmocka_unit_test(states_have_the_names_of_the_interface)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
