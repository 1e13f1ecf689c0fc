//! Submissions: what arrived, what was found in it, what became of it; and what need not come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use model::{Finding, Period, ReturnId, Submission, SubmissionHash, SubmissionState};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::{Fault, refused};
use crate::outbox::{self, OutboxMessage};
use crate::sources::{KnownFileRow, remember_file};
use crate::stored::{self, integer, key, parsed, parsed_if_any, size, text, time};
use crate::{Ledger, LedgerError};

/// What makes a submission the same one: same bytes, same return, same expected period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionKey {
    /// Its bytes.
    pub hash: SubmissionHash,
    /// The return it answers.
    pub return_id: ReturnId,
    /// The period it was expected for.
    pub expected: Period,
}

/// What is judged again when it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing: the same bytes are one submission.
    Nothing,
    /// What was refused, as long as nothing was accepted for its return.
    Refused,
}

/// Whether bytes are new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceivedAs {
    /// Never seen for this return and period: now to be judged.
    New,
    /// Seen before; this is what became of it.
    AlreadyThere(SubmissionState),
    /// Accepted before, and another submission for the same return and period was accepted since.
    /// Nothing is changed: whether the older figures are meant to hold again is for a person to say.
    Replaced,
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub struct Judgement<'a> {
    /// Which submission.
    pub key: SubmissionKey,
    /// The period its content is about, if that could be read.
    pub content_period: Option<Period>,
    /// What became of it; never `Received` or `Shredded`.
    pub state: SubmissionState,
    /// The last day on which a sealed one is kept; of the same bytes the earliest day holds.
    pub sealed_until: Option<Date>,
    /// How many figures (or actions) were read from it.
    pub observations: i64,
    /// Everything found in it, in the order it was found.
    pub findings: &'a [Finding],
    /// When it was judged.
    pub judged_at: Timestamp,
    /// What the partner is told about it, queued in the same transaction.
    pub letter: Option<&'a OutboxMessage>,
}

/// A submission and all the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionRecord {
    /// What arrived.
    pub submission: Submission,
    /// The period it was expected for.
    pub expected: Period,
    /// The period its content is about, if that could be read.
    pub content_period: Option<Period>,
    /// What became of it.
    pub state: SubmissionState,
    /// How many figures (or actions) were read from it.
    pub observations: i64,
    /// When it was judged; `None` while it is only received.
    pub judged_at: Option<Timestamp>,
    /// The last day on which its bytes are kept, if it was ever sealed.
    pub sealed_until: Option<Date>,
    /// When its bytes were destroyed, if they were.
    pub destroyed_at: Option<Timestamp>,
    /// Its place in the order of acceptance, from 1; only when accepted.
    pub sequence: Option<i64>,
    /// Whether a recorded lake commit holds it.
    pub in_lake: bool,
    /// Everything found in it, in the order it was found.
    pub findings: Vec<Finding>,
}

impl SubmissionRecord {
    /// What makes it the same submission.
    pub fn key(&self) -> SubmissionKey {
        SubmissionKey {
            hash: self.submission.hash.clone(),
            return_id: self.submission.return_id.clone(),
            expected: self.expected,
        }
    }
}

/// Which submissions are wanted; what is not said is not asked.
#[derive(Clone, Debug, Default)]
pub struct SubmissionFilter {
    /// Only this return.
    pub return_id: Option<ReturnId>,
    /// Only this expected period.
    pub expected: Option<Period>,
}

/// A return that need not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The return.
    pub return_id: ReturnId,
    /// For this period.
    pub period: Period,
    /// Why, in the words of whoever decided.
    pub why: String,
    /// When it was decided.
    pub waived_at: Timestamp,
}

fn judge(tx: &Connection, judgement: &Judgement<'_>) -> Result<Option<i64>, Fault> {
    match (judgement.state, judgement.sealed_until) {
        (SubmissionState::Received | SubmissionState::Shredded, _) => {
            return refused(format!("a judgement cannot be `{}`", judgement.state.as_str()));
        }
        (SubmissionState::Sealed, None) => {
            return refused("a sealed submission needs a last day on which it is kept");
        }
        _ => {}
    }
    let (id, in_lake, earlier) = row_of(tx, &judgement.key)?;
    if in_lake {
        return refused("it is in the lake, so it stays accepted");
    }
    let sequence = match (judgement.state, earlier) {
        (SubmissionState::Accepted, Some(earlier)) => Some(earlier),
        (SubmissionState::Accepted, None) => Some(next_sequence(tx)?),
        _ => None,
    };
    tx.prepare_cached(
        "UPDATE submissions SET state = ?2, content_period = ?3, observations = ?4,
             judged_at = ?5, sequence = ?6,
             sealed_until = (SELECT min(known) FROM (
                 SELECT ?7 AS known WHERE ?7 IS NOT NULL
                 UNION SELECT sealed_until FROM submissions
                     WHERE hash = ?8 AND state = 'sealed' AND ?7 IS NOT NULL))
         WHERE id = ?1",
    )?
    .execute(params![
        id,
        judgement.state.as_str(),
        judgement.content_period.map(text),
        judgement.observations,
        time(judgement.judged_at),
        sequence,
        judgement.sealed_until.map(text),
        judgement.key.hash.as_str()
    ])?;
    keep_findings(tx, id, judgement.findings)?;
    if let Some(letter) = judgement.letter {
        outbox::queue_letter(tx, letter, id, judgement.judged_at)?;
    }
    Ok(sequence)
}

/// Whether another submission for the same return and period was accepted after these bytes.
fn is_replaced(db: &Connection, submission: &Submission, expected: Period) -> Result<bool, Fault> {
    let newer: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM submissions AS newer JOIN submissions AS known
                 ON newer.return_id = known.return_id AND newer.expected = known.expected
             WHERE known.hash = ?1 AND known.return_id = ?2 AND known.expected = ?3
                 AND newer.state = 'accepted' AND newer.sequence > known.sequence)",
        )?
        .query_row(
            params![submission.hash.as_str(), submission.return_id.as_str(), text(expected)],
            |row| row.get(0),
        )?;
    Ok(newer)
}

/// Opens a submission to be judged anew, if it was refused, its return is wanted still and its bytes were not
/// destroyed. Whether it was.
fn is_opened_again(
    tx: &Connection,
    submission: &Submission,
    expected: Period,
) -> Result<bool, Fault> {
    let opened = tx
        .prepare_cached(
            "UPDATE submissions SET state = 'received'
             WHERE hash = ?1 AND return_id = ?2 AND expected = ?3 AND state = 'refused' AND destroyed_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM submissions AS other WHERE other.return_id = ?2
                     AND other.expected = ?3 AND other.state = 'accepted')",
        )?
        .execute(params![submission.hash.as_str(), submission.return_id.as_str(), text(expected)])?;
    Ok(opened > 0)
}

/// Takes a submission in, if it is not there.
fn receive(
    tx: &Connection,
    submission: &Submission,
    expected: Period,
    again: Again,
) -> Result<ReceivedAs, Fault> {
    let Submission { hash, file, source, partner, return_id, arrived_at, size_bytes } = submission;
    let known = tx
        .prepare_cached(
            "SELECT state FROM submissions WHERE hash = ?1 AND return_id = ?2 AND expected = ?3",
        )?
        .query_row(params![hash.as_str(), return_id.as_str(), text(expected)], |row| {
            stored::submission_state(row, "state")
        })
        .optional()?;
    if let Some(state) = known {
        if again == Again::Refused && is_opened_again(tx, submission, expected)? {
            return Ok(ReceivedAs::New);
        }
        let replaced = state == SubmissionState::Accepted && is_replaced(tx, submission, expected)?;
        return Ok(if replaced { ReceivedAs::Replaced } else { ReceivedAs::AlreadyThere(state) });
    }
    tx.prepare_cached(
        "INSERT INTO submissions
             (hash, return_id, expected, partner, source, file, arrived_at, size_bytes, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'received')",
    )?
    .execute(params![
        hash.as_str(),
        return_id.as_str(),
        text(expected),
        partner.as_str(),
        source.as_str(),
        file,
        time(*arrived_at),
        integer(*size_bytes)
    ])?;
    Ok(ReceivedAs::New)
}

pub(crate) const FIRST_ARRIVED_FIRST: &str = "ORDER BY arrived_at, id";

impl Ledger {
    /// Takes a submission in. The same bytes for the same return and period are one submission.
    pub fn receive(
        &self,
        submission: &Submission,
        expected: Period,
    ) -> Result<ReceivedAs, LedgerError> {
        self.writing("receive a submission", |tx| receive(tx, submission, expected, Again::Nothing))
    }

    /// Takes in what one folder brought, all or nothing, and keeps how those of its files were seen
    /// for which that is known. Says of each what it was received as.
    pub fn receive_files(
        &self,
        files: &[(Submission, Option<KnownFileRow>)],
        expected: Period,
        again: Again,
    ) -> Result<Vec<ReceivedAs>, LedgerError> {
        self.writing("receive submissions", |tx| {
            files
                .iter()
                .map(|(submission, known)| {
                    let received = receive(tx, submission, expected, again)?;
                    if let Some(known) = known {
                        remember_file(tx, &submission.source, &submission.file, known)?;
                    }
                    Ok(received)
                })
                .collect()
        })
    }

    /// What has been received and not judged, oldest first, with the period it was expected for.
    pub fn to_judge(&self) -> Result<Vec<(Submission, Period)>, LedgerError> {
        self.doing("list what is to be judged", |db| {
            let sql =
                format!("SELECT * FROM submissions WHERE state = 'received' {FIRST_ARRIVED_FIRST}");
            let rows = db
                .prepare_cached(&sql)?
                .query_map([], |row| Ok((submission(row)?, parsed(row, "expected")?)))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// Keeps what became of a submission, with all findings. When accepted it gets the next place
    /// in the order of acceptance, which is returned.
    ///
    /// # Errors
    /// Refused when the submission was never received, or is already in the lake.
    pub fn judge(&self, judgement: &Judgement<'_>) -> Result<Option<i64>, LedgerError> {
        Ok(self.judge_all(std::slice::from_ref(judgement))?.pop().flatten())
    }

    /// Judges submissions that were read together, all or none: so that a crash in between cannot
    /// part them, and what is accepted together enters the lake together.
    pub fn judge_all(&self, judgements: &[Judgement<'_>]) -> Result<Vec<Option<i64>>, LedgerError> {
        self.writing("keep what became of a submission", |tx| {
            judgements.iter().map(|judgement| judge(tx, judgement)).collect()
        })
    }

    /// The place the next accepted submission will get.
    pub fn next_sequence(&self) -> Result<i64, LedgerError> {
        self.doing("look up the order of acceptance", |db| Ok(next_sequence(db)?))
    }

    /// Submissions with their findings, in order of arrival.
    pub fn submissions(
        &self,
        filter: &SubmissionFilter,
    ) -> Result<Vec<SubmissionRecord>, LedgerError> {
        let wanted =
            params![filter.return_id.as_ref().map(ReturnId::as_str), filter.expected.map(text)];
        self.doing("list submissions", |db| {
            records(
                db,
                "(?1 IS NULL OR return_id = ?1) AND (?2 IS NULL OR expected = ?2)",
                FIRST_ARRIVED_FIRST,
                wanted,
            )
        })
    }

    /// Accepted submissions that no recorded lake commit holds, in order of acceptance.
    pub fn accepted_not_in_lake(&self) -> Result<Vec<SubmissionRecord>, LedgerError> {
        self.doing("list what must go into the lake", |db| {
            records(db, "state = 'accepted' AND in_lake = 0", "ORDER BY sequence", &[])
        })
    }

    /// Notes that a return need not come; a second time, the newer reason holds.
    pub fn waive(
        &self,
        return_id: &ReturnId,
        period: Period,
        why: &str,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        self.writing("waive a return", |tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO waivers VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![return_id.as_str(), text(period), why, time(at)])?;
            Ok(())
        })
    }

    /// All waivers, by return and period.
    pub fn waivers(&self) -> Result<Vec<Waiver>, LedgerError> {
        self.doing("list waived returns", |db| {
            let rows = db
                .prepare_cached("SELECT * FROM waivers ORDER BY return_id, period")?
                .query_map([], |row| {
                    Ok(Waiver {
                        return_id: key(row, "return_id")?,
                        period: parsed(row, "period")?,
                        why: row.get("why")?,
                        waived_at: parsed(row, "waived_at")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}

/// Marks an accepted submission as in the lake.
pub(crate) fn mark_in_lake(db: &Connection, key: &SubmissionKey) -> Result<(), Fault> {
    let marked = db
        .prepare_cached(
            "UPDATE submissions SET in_lake = 1
             WHERE hash = ?1 AND return_id = ?2 AND expected = ?3 AND state = 'accepted'",
        )?
        .execute(params![key.hash.as_str(), key.return_id.as_str(), text(key.expected)])?;
    match marked {
        1 => Ok(()),
        _ => refused(format!(
            "submission {} for {} {} is not an accepted one",
            key.hash.short(),
            key.return_id,
            key.expected
        )),
    }
}

/// Row number, whether it is in the lake, and its place in the order of acceptance.
fn row_of(db: &Connection, key: &SubmissionKey) -> Result<(i64, bool, Option<i64>), Fault> {
    let row = db
        .prepare_cached(
            "SELECT id, in_lake, sequence FROM submissions
             WHERE hash = ?1 AND return_id = ?2 AND expected = ?3",
        )?
        .query_row(params![key.hash.as_str(), key.return_id.as_str(), text(key.expected)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match row {
        Some(row) => Ok(row),
        None => refused(format!(
            "submission {} for {} {} was never received",
            key.hash.short(),
            key.return_id,
            key.expected
        )),
    }
}

fn next_sequence(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(sequence), 0) + 1 FROM submissions")?
        .query_row([], |row| row.get(0))
}

fn keep_findings(db: &Connection, id: i64, findings: &[Finding]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM findings WHERE submission = ?1")?.execute([id])?;
    let mut insert =
        db.prepare_cached("INSERT INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
    for (position, finding) in (0_i64..).zip(findings) {
        let Finding { severity, code, place, message, hint, also, proposal } = finding;
        insert.execute(params![
            id,
            position,
            severity.as_str(),
            code,
            place.sheet,
            place.cell.map(text),
            message,
            hint,
            stored::cells_text(also),
            proposal
        ])?;
    }
    Ok(())
}

fn submission(row: &Row<'_>) -> rusqlite::Result<Submission> {
    Ok(Submission {
        hash: key(row, "hash")?,
        file: row.get("file")?,
        source: key(row, "source")?,
        partner: key(row, "partner")?,
        return_id: key(row, "return_id")?,
        arrived_at: parsed(row, "arrived_at")?,
        size_bytes: size(row, "size_bytes")?,
    })
}

pub(crate) fn records(
    db: &Connection,
    condition: &str,
    order: &str,
    wanted: &[&dyn rusqlite::ToSql],
) -> Result<Vec<SubmissionRecord>, Fault> {
    let mut rows: Vec<(i64, SubmissionRecord)> = db
        .prepare_cached(&format!("SELECT * FROM submissions WHERE {condition} {order}"))?
        .query_map(wanted, |row| {
            let record = SubmissionRecord {
                submission: submission(row)?,
                expected: parsed(row, "expected")?,
                content_period: parsed_if_any(row, "content_period")?,
                state: stored::submission_state(row, "state")?,
                observations: row.get("observations")?,
                judged_at: parsed_if_any(row, "judged_at")?,
                sealed_until: parsed_if_any(row, "sealed_until")?,
                destroyed_at: parsed_if_any(row, "destroyed_at")?,
                sequence: row.get("sequence")?,
                in_lake: row.get("in_lake")?,
                findings: Vec::new(),
            };
            Ok((row.get("id")?, record))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut findings: BTreeMap<i64, Vec<Finding>> = BTreeMap::new();
    let sql = format!(
        "SELECT * FROM findings WHERE submission IN (SELECT id FROM submissions WHERE {condition})
         ORDER BY submission, position"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(wanted)?;
    while let Some(row) = found.next()? {
        let of = findings.entry(row.get("submission")?).or_default();
        of.push(stored::finding(row)?);
    }
    for (id, record) in &mut rows {
        record.findings = findings.remove(id).unwrap_or_default();
    }
    Ok(rows.into_iter().map(|(_, record)| record).collect())
}
