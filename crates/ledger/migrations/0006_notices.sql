-- Editions that somebody took back, and messages that say so; notices to the operator, which carry
-- no edition and answer no submission. SQLite cannot change a CHECK, so the table is made anew; the
-- history is copied first, since it refers to it.

CREATE TABLE withdrawals (
    edition      TEXT NOT NULL PRIMARY KEY REFERENCES editions (edition_id),
    why          TEXT NOT NULL,
    withdrawn_at TEXT NOT NULL
) STRICT;

-- What messages share: the same attachments go to every recipient. See outbox/parts.rs.
CREATE TABLE message_parts (
    sha256   TEXT NOT NULL PRIMARY KEY,
    deflated BLOB NOT NULL
) STRICT;

CREATE TABLE outbox_next (
    message_id TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN
        ('report', 'receipt', 'error-letter', 'withdrawal', 'failure-notice')),
    edition    TEXT REFERENCES editions (edition_id),
    submission INTEGER REFERENCES submissions (id),
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
    UNIQUE (kind, edition, recipient),
    CHECK ((kind IN ('report', 'withdrawal')) = (edition IS NOT NULL)),
    CHECK ((kind IN ('receipt', 'error-letter')) = (submission IS NOT NULL))
) STRICT;

INSERT INTO outbox_next
    (message_id, kind, edition, submission, recipient, mime, sha256, state, claimed, attempts,
     queued_at, changed_at, retry_at, last_reply)
SELECT message_id, kind, edition, submission, recipient, mime, sha256, state, claimed, attempts,
       queued_at, changed_at, retry_at, last_reply
FROM outbox;

CREATE TABLE history_kept AS SELECT * FROM outbox_history;
DROP TABLE outbox_history;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
CREATE INDEX outbox_by_state ON outbox (state);
CREATE INDEX outbox_by_submission ON outbox (submission) WHERE submission IS NOT NULL;

CREATE TABLE outbox_history (
    id         INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES outbox (message_id),
    at         TEXT NOT NULL,
    state      TEXT NOT NULL,
    reply      TEXT
) STRICT;
INSERT INTO outbox_history (id, message_id, at, state, reply)
SELECT id, message_id, at, state, reply FROM history_kept ORDER BY id;
DROP TABLE history_kept;
CREATE INDEX outbox_history_by_message ON outbox_history (message_id);

CREATE TRIGGER outbox_queued AFTER INSERT ON outbox BEGIN
    INSERT INTO outbox_history (message_id, at, state, reply)
    VALUES (NEW.message_id, NEW.changed_at, NEW.state, NULL);
END;

CREATE TRIGGER outbox_changed AFTER UPDATE OF state ON outbox BEGIN
    INSERT INTO outbox_history (message_id, at, state, reply)
    VALUES (NEW.message_id, NEW.changed_at, NEW.state, NEW.last_reply);
END;
