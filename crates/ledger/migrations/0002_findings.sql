-- A finding names every cell it is about, and the change of the contract it proposes.
ALTER TABLE findings ADD COLUMN also TEXT NOT NULL DEFAULT '';
ALTER TABLE findings ADD COLUMN proposal TEXT;
