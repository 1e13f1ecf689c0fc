-- What somebody decided about an edition, and of which content: approvals, and editions held.
CREATE TABLE decisions (
    id             INTEGER PRIMARY KEY,
    edition        TEXT NOT NULL REFERENCES editions (edition_id),
    decision       TEXT NOT NULL CHECK (decision IN ('approved', 'held')),
    content_sha256 TEXT NOT NULL,
    comment        TEXT NOT NULL,
    decided_at     TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_edition ON decisions (edition);
