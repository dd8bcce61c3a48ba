/* Table: the facts of a cycle as CSV, a line for each embryo, for statistics and other programs.
 *
 * Columns, in this order; a cell is empty where nothing is known. Times are UTC, "2026-11-21T06:30:00Z".
 *   patient, identifier, born, cycle, method, decision_due, slide, well, embryo, runs_total, runs_read
 *   rank, ranked, rank_shared_by, rank_reasons, stage, stage_confidence (permille)
 *   <event>_s, <event>_source, <event>_author, <event>_made   tPB2 ... tHB: seconds since insemination of the time that
 *       is used; source is automatic, human, or absent where a person said that it did not happen
 *   <flag>                                   yes, no, suspected, not computable
 *   profile_<id>                             its value, or "not computable: ...", "excluded: ..."
 *   grade_<stage>, _author, _made            cleavage, morula, blastocyst
 *   <kind>, <kind>_author, <kind>_made       every kind of model/observation.h; of outcomes <kind>_day too
 *   comments
 *   decision, decision_reason, decision_author, decision_made, signed_by, signed, witnessed_by, witnessed,
 *       decisions_before
 *   reader, reader_digest, engine, priors, report_made, report_digest
 * Where several people said something, it is the word that is used, the newest; the report as JSON has all of them. */
#pragma once

#include "base/buf.h"
#include "report/facts.h"

/* made_us: of the report. */
void table_write(const struct facts *facts, int64_t made_us, struct buf *to);
