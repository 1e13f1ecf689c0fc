-- What fell due, and what became of it: the schedule only says when, this says whether.

CREATE TABLE schedules (
    job       TEXT NOT NULL PRIMARY KEY,
    schedule  TEXT NOT NULL,
    seen_at   TEXT NOT NULL,
    -- Since when, if the job had another schedule before.
    edited_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE occurrences (
    job        TEXT NOT NULL,
    -- 2025-26Q1, or 2025-07-21T06:30 of a schedule that does not go by periods.
    occurrence TEXT NOT NULL,
    period     TEXT NOT NULL,
    due_at     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('due', 'done', 'missed')),
    why        TEXT,
    run_id     TEXT REFERENCES runs (run_id),
    changed_at TEXT NOT NULL,
    PRIMARY KEY (job, occurrence)
) STRICT, WITHOUT ROWID;
CREATE INDEX occurrences_by_time ON occurrences (job, due_at);

-- Who runs the schedule. The file lock keeps writers of one machine apart; this says to everybody who it is.
CREATE TABLE leases (
    name     TEXT NOT NULL PRIMARY KEY,
    holder   TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    seen_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
