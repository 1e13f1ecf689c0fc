-- More kinds of messages: reminders to partners, requests for approval, notices of all sorts to the operator. What a kind
-- may carry is checked; which kinds there are is the program's business, so that the next one needs no new table.

CREATE TABLE outbox_next (
    message_id TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    edition    TEXT REFERENCES editions (edition_id),
    submission INTEGER REFERENCES submissions (id),
    -- What a reminder asks for.
    partner    TEXT,
    period     TEXT,
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
    CHECK ((kind IN ('report', 'withdrawal', 'approval-request')) = (edition IS NOT NULL)),
    CHECK ((kind IN ('receipt', 'error-letter')) = (submission IS NOT NULL)),
    CHECK ((kind = 'reminder') = (partner IS NOT NULL)),
    CHECK ((partner IS NULL) = (period IS NULL))
) STRICT;

INSERT INTO outbox_next
    (message_id, kind, edition, submission, recipient, mime, sha256, state, claimed, attempts,
     queued_at, changed_at, retry_at, last_reply)
SELECT message_id, CASE kind WHEN 'failure-notice' THEN 'notice' ELSE kind END, edition, submission, recipient, mime,
       sha256, state, claimed, attempts, queued_at, changed_at, retry_at, last_reply
FROM outbox;

CREATE TABLE history_kept AS SELECT * FROM outbox_history;
DROP TABLE outbox_history;
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
CREATE INDEX outbox_by_state ON outbox (state);
CREATE INDEX outbox_by_submission ON outbox (submission) WHERE submission IS NOT NULL;
CREATE INDEX outbox_by_partner ON outbox (partner, period) WHERE partner IS NOT NULL;

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
