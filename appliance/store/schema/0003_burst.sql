-- A cut may wait for its reading: it was made at home and is read there later, or in the cloud. Its run stays unread
-- until then. motion: against the cut before, permille; kept here for the reading that comes. since_us: when the job to
-- read it was added, of cuts that wait.
ALTER TABLE cuts ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1));
ALTER TABLE cuts ADD COLUMN motion INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cuts ADD COLUMN since_us INTEGER;
CREATE INDEX cuts_waiting ON cuts (embryo_id, run) WHERE waiting = 1;
-- What is left to do, without looking at all that was ever done.
CREATE INDEX embryos_unread ON embryos (dish_id) WHERE runs_read < runs_total;

-- The plan of the last second, as the screens show it.
CREATE TABLE burst_plan (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	json TEXT NOT NULL,
	made_us INTEGER NOT NULL
) STRICT;

-- Batches that left for the cloud. No patient, no dish, no embryo.
CREATE TABLE batches (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL UNIQUE,
	lane TEXT NOT NULL,
	why TEXT NOT NULL,
	cuts INTEGER NOT NULL,
	embryos INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'failed', 'home')),
	made_us INTEGER NOT NULL,
	ended_us INTEGER,
	sentence TEXT NOT NULL DEFAULT '',
	hedge INTEGER NOT NULL CHECK (hedge IN (0, 1))
) STRICT;
CREATE INDEX batches_sent ON batches (seq) WHERE state = 'sent';
