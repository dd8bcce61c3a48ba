-- Who has been shown what machine or people said of an embryo, and when first: a blind reading that begins later says so.
CREATE TABLE shown (
	embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
	user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	first_us INTEGER NOT NULL,
	PRIMARY KEY (embryo_id, user_id)
) STRICT, WITHOUT ROWID;
-- null: the reader had been shown nothing before it began, or it began before this was kept.
ALTER TABLE second_readings ADD COLUMN shown_us INTEGER;
