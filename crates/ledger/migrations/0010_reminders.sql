-- Of what each reminder reminded, and how far into the chase it was.
CREATE TABLE reminders (
    return_id  TEXT NOT NULL,
    period     TEXT NOT NULL,
    -- Which of the days before, on and after the due date, counted from 1.
    stage      INTEGER NOT NULL,
    message_id TEXT NOT NULL REFERENCES outbox (message_id),
    queued_at  TEXT NOT NULL,
    PRIMARY KEY (return_id, period, stage)
) STRICT, WITHOUT ROWID;
