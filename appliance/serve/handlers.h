/* Every handler of the routes table, by file, named after its method. serve/api.yaml says what each takes and gives. */
#pragma once

#include "serve/call.h"

/* health.c */
call_handler get_health, get_openapi, get_profiles;

/* sessions.c */
call_handler get_session, post_session, delete_session;

/* board.c */
call_handler get_board;

/* cohort.c */
call_handler get_cycle;

/* patients.c */
call_handler get_patients, post_patient, post_cycle;

/* reports.c */
call_handler get_report;

/* dishes.c */
call_handler post_assign, delete_assign, put_insemination;

/* embryos.c */
call_handler get_embryo;

/* readings.c */
call_handler get_readings;

/* models.c */
call_handler get_models, get_model;

/* words.c: what people say about an embryo */
call_handler post_annotation, post_grade, post_decision;

/* pictures.c */
call_handler get_frame, get_thumbnail;

/* imports.c */
call_handler get_imports, post_import;

/* console.c: the administrator's */
call_handler get_console_burst, get_console_batches, get_console_status, get_console_egress, get_console_egress_csv,
    get_console_invocations, get_console_costs, get_console_events;

/* changes.c */
call_handler get_changes;

/* stream.c */
call_handler get_stream;
