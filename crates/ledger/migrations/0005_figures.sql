-- Figures that somebody let through the plausibility gate, with the figure as it then was; and, of what was printed,
-- the verdict and why, so that a later edition can say which verdicts a revision has changed.

CREATE TABLE released_figures (
    measure     TEXT NOT NULL,
    area        TEXT NOT NULL,
    breakdown   TEXT NOT NULL,
    period      TEXT NOT NULL,
    value       INTEGER NOT NULL,
    why         TEXT NOT NULL,
    released_at TEXT NOT NULL,
    PRIMARY KEY (measure, area, breakdown, period)
) STRICT, WITHOUT ROWID;

ALTER TABLE published_figures ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE published_figures ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- `4 of 12`; empty without a position.
ALTER TABLE published_figures ADD COLUMN position TEXT NOT NULL DEFAULT '';

CREATE TABLE published_success (
    edition  TEXT NOT NULL REFERENCES editions (edition_id),
    id       TEXT NOT NULL,
    verdict  TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (edition, id)
) STRICT, WITHOUT ROWID;
