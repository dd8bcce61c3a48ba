-- The first schema. A released migration is never edited: its digest is kept in the database and compared.
--
-- Ids of things a person can name are AUTOINCREMENT: an erased id never comes back, as seals and file names are
-- bound to ids. Columns called _us are UTC microseconds; clock_s are seconds on the export's own clock.

-- Facts about this box: 'key check'.
CREATE TABLE box (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrapped keys, one row each, so that a rewrap leaves nothing behind. patient_id is null where the box key wraps.
CREATE TABLE keys (
	subject TEXT NOT NULL CHECK (subject IN ('patient', 'dish')),
	id INTEGER NOT NULL,
	patient_id INTEGER REFERENCES patients (id),
	sealed BLOB NOT NULL,
	PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_patient ON keys (patient_id);

CREATE TABLE patients (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name BLOB NOT NULL,       -- sealed
	identifier BLOB NOT NULL, -- sealed
	born BLOB NOT NULL,       -- sealed
	identifier_index BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE cycles (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	patient_id INTEGER NOT NULL REFERENCES patients (id) ON DELETE CASCADE,
	label BLOB NOT NULL, -- sealed
	method TEXT NOT NULL,
	decision_us INTEGER
) STRICT;
CREATE INDEX cycles_by_patient ON cycles (patient_id);

CREATE TABLE dishes (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	cycle_id INTEGER REFERENCES cycles (id) ON DELETE CASCADE, -- null: in the inbox
	slide TEXT NOT NULL UNIQUE,
	format TEXT NOT NULL,
	insemination_clock_s INTEGER,
	imported_us INTEGER NOT NULL
) STRICT;
CREATE INDEX dishes_by_cycle ON dishes (cycle_id);

-- The two counts are kept by the triggers on runs.
CREATE TABLE embryos (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	dish_id INTEGER NOT NULL REFERENCES dishes (id) ON DELETE CASCADE,
	well INTEGER NOT NULL CHECK (well BETWEEN 1 AND 24),
	runs_total INTEGER NOT NULL DEFAULT 0,
	runs_read INTEGER NOT NULL DEFAULT 0,
	UNIQUE (dish_id, well)
) STRICT;

-- Ranges of the blob files. address = HMAC of the plain content.
CREATE TABLE blobs (
	id INTEGER PRIMARY KEY,
	dish_id INTEGER NOT NULL REFERENCES dishes (id) ON DELETE CASCADE,
	kind TEXT NOT NULL CHECK (kind IN ('frames', 'cuts')),
	address BLOB NOT NULL CHECK (length(address) = 32),
	offset INTEGER NOT NULL CHECK (offset >= 0),
	length INTEGER NOT NULL CHECK (length > 28),
	UNIQUE (dish_id, kind, address),
	UNIQUE (dish_id, kind, offset)
) STRICT;

CREATE TABLE frames (
	id INTEGER PRIMARY KEY,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	run INTEGER NOT NULL CHECK (run >= 0),
	focal_um INTEGER NOT NULL,
	clock_s INTEGER,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	blob_id INTEGER NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
	UNIQUE (embryo_id, run, focal_um)
) STRICT;
CREATE INDEX frames_by_blob ON frames (blob_id);

-- Time points. state: 0 unread, 1 read, 2 damaged (no plane decodes).
CREATE TABLE runs (
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	run INTEGER NOT NULL,
	clock_s INTEGER,
	planes INTEGER NOT NULL,
	state INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
	PRIMARY KEY (embryo_id, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_unread ON runs (embryo_id, run) WHERE state = 0;

CREATE TRIGGER runs_added AFTER INSERT ON runs BEGIN
	UPDATE embryos SET runs_total = runs_total + 1, runs_read = runs_read + (new.state <> 0)
	WHERE id = new.embryo_id;
END;
CREATE TRIGGER runs_changed AFTER UPDATE OF state ON runs WHEN (new.state <> 0) <> (old.state <> 0) BEGIN
	UPDATE embryos SET runs_read = runs_read + (new.state <> 0) - (old.state <> 0)
	WHERE id = new.embryo_id;
END;

-- planes, damaged, width ...: as in struct cut_row. blob_id is null where no cut was made.
CREATE TABLE cuts (
	embryo_id INTEGER NOT NULL,
	run INTEGER NOT NULL,
	planes INTEGER NOT NULL,
	planes_damaged INTEGER NOT NULL,
	damaged INTEGER NOT NULL CHECK (damaged IN (0, 1)),
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	focal_1 INTEGER,
	focal_2 INTEGER,
	focal_3 INTEGER,
	radius_permille INTEGER NOT NULL,
	occupied INTEGER NOT NULL CHECK (occupied IN (0, 1)),
	x REAL NOT NULL,
	y REAL NOT NULL,
	radius REAL NOT NULL,
	well_x REAL NOT NULL,
	well_y REAL NOT NULL,
	well_radius REAL NOT NULL,
	confidence INTEGER NOT NULL,
	blob_id INTEGER REFERENCES blobs (id) ON DELETE CASCADE,
	PRIMARY KEY (embryo_id, run),
	FOREIGN KEY (embryo_id, run) REFERENCES runs (embryo_id, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX cuts_by_blob ON cuts (blob_id);

-- Programs and weights that made readings.
CREATE TABLE readers (
	id INTEGER PRIMARY KEY,
	version TEXT NOT NULL,
	digest TEXT NOT NULL,
	UNIQUE (version, digest)
) STRICT;

-- stage: a little-endian 16-bit probability for each stage in the order of model/stage.h; outline: a byte for each
-- angle. As in struct reading.
CREATE TABLE readings (
	embryo_id INTEGER NOT NULL,
	run INTEGER NOT NULL,
	reader_id INTEGER NOT NULL REFERENCES readers (id),
	occupied INTEGER NOT NULL,
	stage BLOB NOT NULL,
	confidence INTEGER NOT NULL,
	unfamiliar INTEGER NOT NULL,
	sharpness INTEGER NOT NULL,
	area_permille INTEGER NOT NULL,
	texture INTEGER NOT NULL,
	fragmentation_permille INTEGER NOT NULL,
	outline BLOB NOT NULL,
	motion INTEGER NOT NULL,
	PRIMARY KEY (embryo_id, run),
	FOREIGN KEY (embryo_id, run) REFERENCES runs (embryo_id, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE COLLATE NOCASE,
	role TEXT NOT NULL,
	password TEXT NOT NULL, -- argon2id, encoded with its parameters
	disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))
) STRICT;

-- Failed sign-ins of the last minutes by a blind index of the name, whether there is such a user or not.
CREATE TABLE attempts (
	name_index BLOB PRIMARY KEY,
	failures INTEGER NOT NULL,
	since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
	token BLOB PRIMARY KEY, -- SHA-256 of it
	user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	made_us INTEGER NOT NULL,
	seen_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Human annotations; append-only. A row is current while replaced_by and withdrawn_us are null. user_id is null for
-- annotations that came with an export; author then names it.
CREATE TABLE events (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	event TEXT NOT NULL,
	absent INTEGER NOT NULL CHECK (absent IN (0, 1)),
	run INTEGER,
	time_s INTEGER,
	user_id INTEGER REFERENCES users (id),
	author TEXT NOT NULL,
	made_us INTEGER NOT NULL,
	replaced_by INTEGER REFERENCES events (id) ON DELETE SET NULL,
	withdrawn_us INTEGER
) STRICT;
CREATE INDEX events_by_embryo ON events (embryo_id);
CREATE INDEX events_by_replaced ON events (replaced_by);

-- Append-only; the newest counts.
CREATE TABLE grades (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	expansion INTEGER NOT NULL CHECK (expansion BETWEEN 1 AND 6),
	icm TEXT NOT NULL,
	te TEXT NOT NULL,
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL
) STRICT;
CREATE INDEX grades_by_embryo ON grades (embryo_id);

-- Append-only; the newest counts. evaluation: what stood on the screen.
CREATE TABLE decisions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	decision TEXT NOT NULL,
	reason BLOB NOT NULL, -- sealed
	user_id INTEGER NOT NULL REFERENCES users (id),
	made_us INTEGER NOT NULL,
	evaluation TEXT
) STRICT;
CREATE INDEX decisions_by_embryo ON decisions (embryo_id);

CREATE TABLE evaluations (
	embryo_id INTEGER PRIMARY KEY REFERENCES embryos (id) ON DELETE CASCADE,
	json TEXT NOT NULL,
	made_us INTEGER NOT NULL
) STRICT;

CREATE TABLE rankings (
	dish_id INTEGER PRIMARY KEY REFERENCES dishes (id) ON DELETE CASCADE,
	json TEXT NOT NULL,
	made_us INTEGER NOT NULL
) STRICT;

-- due_us: a pending job may be taken from then on, a running one is lost by its worker from then on.
CREATE TABLE jobs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	subject INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'failed')),
	renewed INTEGER NOT NULL DEFAULT 0 CHECK (renewed IN (0, 1)),
	attempts INTEGER NOT NULL DEFAULT 0,
	lease INTEGER NOT NULL DEFAULT 0,
	added_us INTEGER NOT NULL,
	due_us INTEGER NOT NULL,
	sentence TEXT NOT NULL DEFAULT '',
	UNIQUE (kind, subject)
) STRICT;

CREATE TABLE imports (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name BLOB NOT NULL, -- sealed
	state TEXT NOT NULL,
	sentence TEXT NOT NULL DEFAULT '',
	notes TEXT NOT NULL DEFAULT '[]',
	wells INTEGER NOT NULL DEFAULT 0,
	frames_seen INTEGER NOT NULL DEFAULT 0,
	frames_added INTEGER NOT NULL DEFAULT 0,
	frames_known INTEGER NOT NULL DEFAULT 0,
	frames_conflict INTEGER NOT NULL DEFAULT 0,
	frames_damaged INTEGER NOT NULL DEFAULT 0,
	started_us INTEGER NOT NULL,
	ended_us INTEGER,
	mark BLOB -- blind index of what was taken; null until the import has ended by verdict
) STRICT;
CREATE INDEX imports_by_mark ON imports (mark) WHERE mark IS NOT NULL;

CREATE TABLE changes (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL,
	subject INTEGER NOT NULL,
	made_us INTEGER NOT NULL
) STRICT;

-- No references: the log outlives what it tells of.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	made_us INTEGER NOT NULL,
	user_id INTEGER NOT NULL,
	action TEXT NOT NULL,
	subject INTEGER NOT NULL,
	detail TEXT NOT NULL,
	chain BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
	SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN
	SELECT raise(ABORT, 'the audit log is append-only');
END;

-- Blob files to be deleted once their rows are gone; emptied when the store is opened.
CREATE TABLE leftovers (
	file TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
