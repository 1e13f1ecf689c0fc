-- What held personal data is sealed until a day, then destroyed. A CHECK cannot be changed in place, so the table is
-- made anew, and the findings that refer to it with it: dropping a table that is referred to would be refused.

CREATE TABLE submissions_anew (
    id             INTEGER PRIMARY KEY,
    hash           TEXT NOT NULL,
    return_id      TEXT NOT NULL,
    expected       TEXT NOT NULL,
    partner        TEXT NOT NULL,
    source         TEXT NOT NULL,
    file           TEXT NOT NULL,
    arrived_at     TEXT NOT NULL,
    size_bytes     INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('received', 'accepted', 'refused', 'sealed', 'shredded')),
    content_period TEXT,
    observations   INTEGER NOT NULL DEFAULT 0,
    judged_at      TEXT,
    sequence       INTEGER UNIQUE,
    in_lake        INTEGER NOT NULL DEFAULT 0 CHECK (in_lake IN (0, 1)),
    -- The last day on which the bytes are kept: 2025-08-20.
    sealed_until   TEXT,
    destroyed_at   TEXT,
    UNIQUE (hash, return_id, expected),
    CHECK ((state = 'accepted') <= (sequence IS NOT NULL)),
    CHECK (in_lake <= (state = 'accepted')),
    CHECK ((state = 'sealed') <= (sealed_until IS NOT NULL)),
    CHECK ((destroyed_at IS NOT NULL) <= (state = 'shredded'))
) STRICT;
INSERT INTO submissions_anew
    (id, hash, return_id, expected, partner, source, file, arrived_at, size_bytes, state, content_period,
     observations, judged_at, sequence, in_lake)
SELECT id, hash, return_id, expected, partner, source, file, arrived_at, size_bytes, state, content_period,
       observations, judged_at, sequence, in_lake
FROM submissions;

CREATE TABLE findings_anew (
    submission INTEGER NOT NULL REFERENCES submissions_anew (id),
    position   INTEGER NOT NULL,
    severity   TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'repair')),
    code       TEXT NOT NULL,
    sheet      TEXT NOT NULL,
    cell       TEXT,
    message    TEXT NOT NULL,
    hint       TEXT,
    also       TEXT NOT NULL DEFAULT '',
    proposal   TEXT,
    PRIMARY KEY (submission, position)
) STRICT, WITHOUT ROWID;
INSERT INTO findings_anew SELECT submission, position, severity, code, sheet, cell, message, hint, also, proposal
FROM findings;

DROP TABLE findings;
DROP TABLE submissions;
-- Renaming changes the reference from findings as well.
ALTER TABLE submissions_anew RENAME TO submissions;
ALTER TABLE findings_anew RENAME TO findings;
CREATE INDEX submissions_by_return ON submissions (return_id, expected);
CREATE INDEX submissions_by_state ON submissions (state, in_lake);
