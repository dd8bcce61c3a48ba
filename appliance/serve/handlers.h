/* Every handler of the routes table, by file. serve/api.yaml says what each takes and gives. */
#pragma once

#include "serve/call.h"

/* health.c */
call_handler health_get, openapi_get, profiles_get;

/* sessions.c */
call_handler session_get, session_open, session_close;

/* board.c */
call_handler board_get;

/* patients.c */
call_handler patients_get_all, patient_add, cycle_add;

/* dishes.c */
call_handler dish_assign, dish_inseminate;

/* embryos.c */
call_handler embryo_get;

/* words.c: what people say about an embryo */
call_handler embryo_annotate, embryo_grade, embryo_decide;

/* pictures.c */
call_handler frame_get, thumbnail_get;

/* imports.c */
call_handler imports_get_all, import_upload;

/* changes.c */
call_handler changes_get;

/* stream.c */
call_handler stream_get;
