-- What people say of an embryo beside events. As events: append-only, one author each; a newer word of an author on the
-- same thing replaces the older, which stays; a row is current while replaced_by and withdrawn_us are null.

-- Grades of every stage; the thing is the stage. icm and te: A to D, '' where not graded. Those there were are of
-- blastocysts.
DROP INDEX grades_by_embryo;
ALTER TABLE grades RENAME TO grades_before;
CREATE TABLE grades (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	stage TEXT NOT NULL CHECK (stage IN ('cleavage', 'morula', 'blastocyst')),
	expansion INTEGER NOT NULL CHECK (expansion BETWEEN 0 AND 6), -- 0: no blastocyst
	icm TEXT NOT NULL,
	te TEXT NOT NULL,
	quality TEXT NOT NULL CHECK (quality IN ('', 'top', 'intermediate', 'low')), -- '': a blastocyst
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL,
	replaced_by INTEGER REFERENCES grades (id) ON DELETE SET NULL,
	withdrawn_us INTEGER
) STRICT;
CREATE INDEX grades_by_embryo ON grades (embryo_id);
CREATE INDEX grades_by_replaced ON grades (replaced_by);
INSERT INTO grades (id, embryo_id, stage, expansion, icm, te, quality, user_id, made_us)
	SELECT id, embryo_id, 'blastocyst', expansion, icm, te, '', user_id, made_us FROM grades_before ORDER BY id;
DROP TABLE grades_before;
UPDATE grades SET replaced_by = (SELECT min(n.id) FROM grades n
	WHERE n.embryo_id = grades.embryo_id AND n.user_id = grades.user_id AND n.id > grades.id);

-- What was looked at: the kinds and values of model/observation.h. day: of outcomes, '' or yyyy-mm-dd.
CREATE TABLE observations (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	run INTEGER,
	day TEXT NOT NULL DEFAULT '',
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL,
	replaced_by INTEGER REFERENCES observations (id) ON DELETE SET NULL,
	withdrawn_us INTEGER
) STRICT;
CREATE INDEX observations_by_embryo ON observations (embryo_id);
CREATE INDEX observations_by_replaced ON observations (replaced_by);

-- No comment replaces another.
CREATE TABLE comments (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	text BLOB NOT NULL, -- sealed
	run INTEGER,
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL,
	withdrawn_us INTEGER
) STRICT;
CREATE INDEX comments_by_embryo ON comments (embryo_id);

-- A decision may be taken back by its author until it is signed; the newest that was not stands.
ALTER TABLE decisions ADD COLUMN withdrawn_us INTEGER;

-- name: the signer's, as it was printed. seal: HMAC over the decision and the signature (store/signatures.h).
CREATE TABLE signatures (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
	meaning TEXT NOT NULL CHECK (meaning IN ('author', 'witness')),
	user_id INTEGER NOT NULL REFERENCES users (id),
	name TEXT NOT NULL,
	made_us INTEGER NOT NULL,
	seal BLOB NOT NULL CHECK (length(seal) = 32),
	UNIQUE (decision_id, meaning)
) STRICT;

-- While one is open its user sees nobody else's words on the embryo, and no machine's.
CREATE TABLE second_readings (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	user_id INTEGER NOT NULL REFERENCES users (id),
	begun_us INTEGER NOT NULL,
	ended_us INTEGER
) STRICT;
CREATE INDEX second_readings_by_embryo ON second_readings (embryo_id);
CREATE UNIQUE INDEX second_readings_open ON second_readings (embryo_id, user_id) WHERE ended_us IS NULL;

-- The clinic's: 'score-after-grade' 1 or 0; 'pixel-nm:<format>' whole nanometres.
CREATE TABLE settings (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Each user's own.
CREATE TABLE preferences (
	user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	json TEXT NOT NULL,
	made_us INTEGER NOT NULL
) STRICT;

-- Requests that were carried out, by the key that their sender gave them: one sent again is answered as it was.
CREATE TABLE acts (
	key TEXT PRIMARY KEY,
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL,
	result TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX acts_by_age ON acts (made_us);

-- The events of the last evaluation as numbers, so that many embryos can be counted without reading their texts.
CREATE TABLE milestones (
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	event TEXT NOT NULL,
	used_s INTEGER,      -- null: none is used
	source TEXT NOT NULL CHECK (source IN ('none', 'automatic', 'human')),
	automatic_s INTEGER, -- null: the machine has none
	confidence INTEGER NOT NULL,
	PRIMARY KEY (embryo_id, event)
) STRICT, WITHOUT ROWID;

-- When the dish's newest run came. Of those there are, nothing better is known than their first delivery.
ALTER TABLE dishes ADD COLUMN latest_us INTEGER NOT NULL DEFAULT 0;
UPDATE dishes SET latest_us = imported_us;

-- Every evaluation is made again, so that it has its milestones; 5: behind what today's lab waits for.
INSERT INTO jobs (kind, subject, priority, state, added_us, due_us)
	SELECT 'evaluate', embryo_id, 5, 'pending', unixepoch() * 1000000, unixepoch() * 1000000 FROM evaluations
	WHERE true
	ON CONFLICT (kind, subject) DO UPDATE SET renewed = state = 'running';
