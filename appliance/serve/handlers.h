/* Every handler of the routes table, by file, named after its method. serve/api.yaml says what each takes and gives. */
#pragma once

#include "serve/call.h"

/* health.c */
call_handler get_health, get_openapi, get_profiles;

/* sessions.c */
call_handler get_session, post_session, delete_session, put_own_password;

/* people.c: who may sign in */
call_handler get_people, post_person, put_person, post_person_password;

/* board.c */
call_handler get_board;

/* cohort.c */
call_handler get_cycle;

/* patients.c */
call_handler get_patients, post_patient, put_patient, post_cycle, put_cycle;

/* reports.c */
call_handler get_report, get_report_json, get_report_csv;

/* dishes.c */
call_handler post_assign, delete_assign, put_insemination;

/* embryos.c */
call_handler get_embryo;

/* readings.c */
call_handler get_readings;

/* models.c */
call_handler get_models, get_model;

/* words.c: what people say about an embryo */
call_handler post_annotation, post_grade, post_comment, delete_comment, post_decision, delete_decision,
    post_second_reading;

/* observations.c */
call_handler post_observation;

/* history.c */
call_handler get_history;

/* signatures.c */
call_handler post_signatures;

/* settings.c */
call_handler get_settings, put_settings, get_preferences, put_preferences;

/* pictures.c */
call_handler get_frame, get_thumbnail;

/* imports.c */
call_handler get_imports, post_import;

/* quality.c */
call_handler get_quality, get_quality_members, get_agreement, get_reference;

/* console.c: the administrator's */
call_handler get_console_burst, get_console_batches, get_console_status, get_console_egress, get_console_egress_csv,
    get_console_invocations, get_console_costs, get_console_events;

/* updates.c: the appliance's */
call_handler get_updates, post_update;

/* changes.c */
call_handler get_changes;

/* stream.c */
call_handler get_stream;
