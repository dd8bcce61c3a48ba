-- What the learned reader says beside the stage. Readings made before it know none of it: no count of cells, and
-- 65535, READING_UNKNOWN, elsewhere. As in struct reading.
ALTER TABLE readings ADD COLUMN cells INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readings ADD COLUMN cells_confidence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readings ADD COLUMN fragmentation_confidence INTEGER NOT NULL DEFAULT 65535;
ALTER TABLE readings ADD COLUMN uneven INTEGER NOT NULL DEFAULT 65535;
ALTER TABLE readings ADD COLUMN multinucleated INTEGER NOT NULL DEFAULT 65535;
-- Which readers an embryo was read by, without its readings.
CREATE INDEX readings_by_reader ON readings (embryo_id, reader_id);

-- What other readers said of a time point before it was read again: the last word of each. Columns as in readings.
CREATE TABLE readings_before (
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
	cells INTEGER NOT NULL,
	cells_confidence INTEGER NOT NULL,
	fragmentation_confidence INTEGER NOT NULL,
	uneven INTEGER NOT NULL,
	multinucleated INTEGER NOT NULL,
	replaced_us INTEGER NOT NULL,
	PRIMARY KEY (embryo_id, run, reader_id),
	FOREIGN KEY (embryo_id, run) REFERENCES runs (embryo_id, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
