-- Embryos of one cycle are ranked together from here on, also those of several slides: these are ranked anew.
INSERT INTO jobs (kind, subject, priority, state, added_us, due_us)
	SELECT 'rank', id, 30, 'pending', unixepoch() * 1000000, unixepoch() * 1000000 FROM dishes
	WHERE cycle_id IN (SELECT cycle_id FROM dishes GROUP BY cycle_id HAVING count(*) > 1)
	ON CONFLICT (kind, subject) DO UPDATE SET renewed = state = 'running';
