-- Times are RFC 3339 text in UTC with nine decimals, so that text order is time order.
-- Periods are written as on the command line: 2025-26Q1.

CREATE TABLE sources (
    source        TEXT NOT NULL PRIMARY KEY,
    etag          TEXT,
    last_modified TEXT,
    hash          TEXT NOT NULL,
    file          TEXT NOT NULL,
    fetched_at    TEXT NOT NULL
) STRICT;

CREATE TABLE source_files (
    source     TEXT NOT NULL,
    file       TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified   TEXT NOT NULL,
    hash       TEXT NOT NULL,
    PRIMARY KEY (source, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE submissions (
    id             INTEGER PRIMARY KEY,
    hash           TEXT NOT NULL,
    return_id      TEXT NOT NULL,
    expected       TEXT NOT NULL,
    partner        TEXT NOT NULL,
    source         TEXT NOT NULL,
    file           TEXT NOT NULL,
    arrived_at     TEXT NOT NULL,
    size_bytes     INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('received', 'accepted', 'refused', 'shredded')),
    content_period TEXT,
    observations   INTEGER NOT NULL DEFAULT 0,
    judged_at      TEXT,
    sequence       INTEGER UNIQUE,
    in_lake        INTEGER NOT NULL DEFAULT 0 CHECK (in_lake IN (0, 1)),
    UNIQUE (hash, return_id, expected),
    CHECK ((state = 'accepted') <= (sequence IS NOT NULL)),
    CHECK (in_lake <= (state = 'accepted'))
) STRICT;
CREATE INDEX submissions_by_return ON submissions (return_id, expected);
CREATE INDEX submissions_by_state ON submissions (state, in_lake);

CREATE TABLE findings (
    submission INTEGER NOT NULL REFERENCES submissions (id),
    position   INTEGER NOT NULL,
    severity   TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'repair')),
    code       TEXT NOT NULL,
    sheet      TEXT NOT NULL,
    cell       TEXT,
    message    TEXT NOT NULL,
    hint       TEXT,
    PRIMARY KEY (submission, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE waivers (
    return_id TEXT NOT NULL,
    period    TEXT NOT NULL,
    why       TEXT NOT NULL,
    waived_at TEXT NOT NULL,
    PRIMARY KEY (return_id, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE lake_commits (
    lake_table     TEXT NOT NULL,
    version        INTEGER NOT NULL,
    transaction_id TEXT NOT NULL,
    files          TEXT NOT NULL,
    log_sha256     TEXT NOT NULL,
    row_count      INTEGER NOT NULL,
    control_sum    INTEGER NOT NULL,
    recorded_at    TEXT NOT NULL,
    PRIMARY KEY (lake_table, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE editions (
    edition_id       TEXT NOT NULL PRIMARY KEY,
    report           TEXT NOT NULL,
    period           TEXT NOT NULL,
    lake_version     TEXT NOT NULL,
    definitions_hash TEXT NOT NULL,
    content_sha256   TEXT NOT NULL,
    folder           TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('prepared', 'released', 'held')),
    state_at         TEXT NOT NULL,
    why              TEXT
) STRICT;

CREATE TABLE published_figures (
    edition   TEXT NOT NULL REFERENCES editions (edition_id),
    measure   TEXT NOT NULL,
    area      TEXT NOT NULL,
    breakdown TEXT NOT NULL,
    period    TEXT NOT NULL,
    shown     TEXT NOT NULL,
    PRIMARY KEY (edition, measure, area, breakdown, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    run_id      TEXT NOT NULL PRIMARY KEY,
    job         TEXT NOT NULL,
    period      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    key         TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    resumed_at  TEXT,
    failed_at   TEXT,
    failure     TEXT,
    outcome     TEXT CHECK (outcome IN ('up-to-date', 'succeeded', 'succeeded-with-findings', 'held', 'failed')),
    finished_at TEXT,
    edition     TEXT REFERENCES editions (edition_id),
    UNIQUE (job, period, number),
    CHECK ((outcome IS NULL) = (finished_at IS NULL))
) STRICT;
-- One unfinished run per job, period and key: it is taken up again, never doubled.
CREATE UNIQUE INDEX runs_unfinished ON runs (job, period, key) WHERE outcome IS NULL;

CREATE TABLE outbox (
    message_id TEXT NOT NULL PRIMARY KEY,
    edition    TEXT NOT NULL REFERENCES editions (edition_id),
    recipient  TEXT NOT NULL,
    mime       BLOB NOT NULL,
    sha256     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN
        ('planned', 'approved', 'sending', 'accepted', 'deferred', 'refused', 'unknown', 'cancelled')),
    claimed    INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),
    attempts   INTEGER NOT NULL DEFAULT 0,
    queued_at  TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    retry_at   TEXT,
    last_reply TEXT,
    UNIQUE (edition, recipient)
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state);

-- Every state a message was ever in. A trigger writes it, so that no code path can forget to.
CREATE TABLE outbox_history (
    id         INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES outbox (message_id),
    at         TEXT NOT NULL,
    state      TEXT NOT NULL,
    reply      TEXT
) STRICT;
CREATE INDEX outbox_history_by_message ON outbox_history (message_id);

CREATE TRIGGER outbox_queued AFTER INSERT ON outbox BEGIN
    INSERT INTO outbox_history (message_id, at, state, reply)
    VALUES (NEW.message_id, NEW.changed_at, NEW.state, NULL);
END;

CREATE TRIGGER outbox_changed AFTER UPDATE OF state ON outbox BEGIN
    INSERT INTO outbox_history (message_id, at, state, reply)
    VALUES (NEW.message_id, NEW.changed_at, NEW.state, NEW.last_reply);
END;
