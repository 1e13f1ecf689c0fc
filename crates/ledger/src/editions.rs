//! Editions: what was issued, from which data, and whether it may go out.

use jiff::Timestamp;
use model::{AreaCode, Breakdown, EditionId, MeasureId, Period};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::{Fault, refused};
use crate::outbox::{self, MessageState, OutboxMessage};
use crate::stored::{key, parsed, text, time, word};
use crate::{Ledger, LedgerError};

/// Whether an edition may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EditionState {
    /// Made; waits for somebody to approve it.
    Prepared,
    /// May go out: its messages may be sent.
    Released,
    /// Somebody decided it must not go out.
    Held,
}

impl EditionState {
    const ALL: [Self; 3] = [Self::Prepared, Self::Released, Self::Held];

    /// `prepared`, `released` or `held`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Released => "released",
            Self::Held => "held",
        }
    }
}

/// One issue of a report, as a run made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionRecord {
    /// `2025-26-Q1-01`.
    pub edition_id: EditionId,
    /// The report: the job that made it.
    pub report: String,
    /// What it is about.
    pub period: Period,
    /// The lake version it was computed from, as text.
    pub lake_version: String,
    /// Hash of the definitions it was computed with.
    pub definitions_hash: String,
    /// SHA-256 over everything that goes out; approval is bound to it.
    pub content_sha256: String,
    /// Where its files are, relative to the data folder.
    pub folder: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it may go out.
    pub state: EditionState,
}

/// An edition on record, and who last decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEdition {
    /// The edition, with its present state.
    pub record: EditionRecord,
    /// When it came into that state.
    pub state_at: Timestamp,
    /// Why it is held, if it is.
    pub why: Option<String>,
    /// When and why somebody took it back, if they did.
    pub withdrawn: Option<(Timestamp, String)>,
}

/// A figure as printed in an edition: later editions must not let it be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedFigure {
    /// The measure.
    pub measure: MeasureId,
    /// The area.
    pub area: AreaCode,
    /// Which part of the measure.
    pub breakdown: Breakdown,
    /// The reference period.
    pub period: Period,
    /// The text that was printed: `1,234` or `[c]`.
    pub shown: String,
    /// The verdict that was printed with it; empty for figures that have none of their own.
    pub verdict: String,
    /// Why, as printed; empty without a verdict.
    pub reason: String,
    /// Place among peers, as printed: `4 of 12`; empty without one.
    pub position: String,
}

/// The verdict on a success measure as printed in an edition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedSuccess {
    /// Its key in the plan.
    pub id: String,
    /// `met`, `on-track`, `at-risk`, `not-met` or `cannot-judge`.
    pub verdict: String,
    /// Why.
    pub sentence: String,
}

/// Every edition with its withdrawal, if there is one.
const EDITIONS: &str =
    "SELECT editions.*, withdrawals.withdrawn_at, withdrawals.why AS withdrawn_why
     FROM editions LEFT JOIN withdrawals ON withdrawals.edition = editions.edition_id";

impl Ledger {
    /// The id the next edition for a period gets: `2025-26-Q1-01`. It stays the same until a run
    /// that uses it has finished.
    pub fn next_edition_id(&self, period: Period) -> Result<EditionId, LedgerError> {
        self.doing("number an edition", |db| {
            let made: i64 = db
                .prepare_cached("SELECT count(*) FROM editions WHERE period = ?1")?
                .query_row([text(period)], |row| row.get(0))?;
            Ok(EditionId::new(format!("{}-{:02}", period.file_name(), made + 1)))
        })
    }

    /// All editions, oldest first.
    pub fn editions(&self) -> Result<Vec<StoredEdition>, LedgerError> {
        self.doing("list editions", |db| {
            let rows = db
                .prepare_cached(&format!("{EDITIONS} ORDER BY created_at, edition_id"))?
                .query_map([], edition)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// One edition.
    pub fn edition(&self, id: &EditionId) -> Result<Option<StoredEdition>, LedgerError> {
        self.doing("look up an edition", |db| Ok(find(db, id)?))
    }

    /// The figures an edition printed, in order.
    pub fn published_figures(&self, id: &EditionId) -> Result<Vec<PublishedFigure>, LedgerError> {
        self.doing("list published figures", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT * FROM published_figures WHERE edition = ?1
                     ORDER BY measure, area, breakdown, period",
                )?
                .query_map([id.as_str()], |row| {
                    Ok(PublishedFigure {
                        measure: key(row, "measure")?,
                        area: key(row, "area")?,
                        breakdown: parsed(row, "breakdown")?,
                        period: parsed(row, "period")?,
                        shown: row.get("shown")?,
                        verdict: row.get("verdict")?,
                        reason: row.get("reason")?,
                        position: row.get("position")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// The verdicts on success measures that an edition printed, by key.
    pub fn published_success(&self, id: &EditionId) -> Result<Vec<PublishedSuccess>, LedgerError> {
        self.doing("list published success measures", |db| {
            let rows = db
                .prepare_cached("SELECT * FROM published_success WHERE edition = ?1 ORDER BY id")?
                .query_map([id.as_str()], |row| {
                    Ok(PublishedSuccess {
                        id: row.get("id")?,
                        verdict: row.get("verdict")?,
                        sentence: row.get("sentence")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }

    /// Lets an edition out: its planned messages may now be sent. Returns how many.
    ///
    /// # Errors
    /// Refused when there is no such edition, or `content_sha256` is not what was made: approval
    /// is of what somebody has looked at.
    pub fn release_edition(
        &self,
        id: &EditionId,
        content_sha256: &str,
        comment: &str,
        at: Timestamp,
    ) -> Result<usize, LedgerError> {
        self.writing("release an edition", |tx| {
            let Some(known) = find(tx, id)? else {
                return refused(format!("there is no edition {id}"));
            };
            if known.record.content_sha256 != content_sha256 {
                return refused(format!(
                    "edition {id} is not the one that was approved: its content differs"
                ));
            }
            set_state(tx, id, EditionState::Released, None, at)?;
            note_decision(tx, &known, "approved", comment, at)?;
            let freed = tx
                .prepare_cached(
                    "UPDATE outbox SET state = 'approved', changed_at = ?2
                     WHERE edition = ?1 AND state = 'planned'",
                )?
                .execute(params![id.as_str(), time(at)])?;
            Ok(freed)
        })
    }

    /// Takes an edition back, and queues what says so to whoever got it; what has not been sent of
    /// it is cancelled. Returns how many messages that were.
    ///
    /// # Errors
    /// Refused when there is no such edition, or it was taken back before.
    pub fn withdraw_edition(
        &self,
        id: &EditionId,
        why: &str,
        at: Timestamp,
        messages: &[OutboxMessage],
    ) -> Result<usize, LedgerError> {
        self.writing("withdraw an edition", |tx| {
            match find(tx, id)? {
                None => return refused(format!("there is no edition {id}")),
                Some(known) if known.withdrawn.is_some() => {
                    return refused(format!("edition {id} was withdrawn before"));
                }
                Some(_) => {}
            }
            tx.prepare_cached("INSERT INTO withdrawals VALUES (?1, ?2, ?3)")?.execute(params![
                id.as_str(),
                why,
                time(at)
            ])?;
            let cancelled = outbox::cancel_withdrawn(tx, id, at)?;
            for message in messages {
                outbox::queue(tx, message, MessageState::Approved, at)?;
            }
            Ok(cancelled)
        })
    }

    /// Queues a notice to the operator, unless it is there already. Says whether it is new.
    pub fn queue_notice(&self, notice: &OutboxMessage, at: Timestamp) -> Result<bool, LedgerError> {
        self.writing("queue a notice", |tx| outbox::queue_notice(tx, notice, at))
    }

    /// Keeps an edition in: messages not yet on their way go back to planned. Returns how many are kept in.
    pub fn hold_edition(
        &self,
        id: &EditionId,
        why: &str,
        at: Timestamp,
    ) -> Result<usize, LedgerError> {
        self.writing("hold an edition", |tx| {
            let Some(known) = find(tx, id)? else {
                return refused(format!("there is no edition {id}"));
            };
            set_state(tx, id, EditionState::Held, Some(why), at)?;
            note_decision(tx, &known, "held", why, at)?;
            tx.prepare_cached(
                "UPDATE outbox SET state = 'planned', changed_at = ?2, claimed = 0, retry_at = NULL
                 WHERE edition = ?1 AND kind = 'report' AND state IN ('approved', 'deferred')",
            )?
            .execute(params![id.as_str(), time(at)])?;
            let kept: i64 = tx
                .prepare_cached(
                    "SELECT count(*) FROM outbox
                     WHERE edition = ?1 AND kind = 'report' AND state = 'planned'",
                )?
                .query_row([id.as_str()], |row| row.get(0))?;
            Ok(usize::try_from(kept).unwrap_or_default())
        })
    }
}

/// Writes an edition and the figures it prints.
pub(crate) fn insert(
    db: &Connection,
    edition: &EditionRecord,
    (figures, success): (&[PublishedFigure], &[PublishedSuccess]),
) -> Result<(), Fault> {
    let EditionRecord {
        edition_id,
        report,
        period,
        lake_version,
        definitions_hash,
        content_sha256,
        folder,
        created_at,
        state,
    } = edition;
    if find(db, edition_id)?.is_some() {
        return refused(format!("edition {edition_id} is on record already"));
    }
    db.prepare_cached(
        "INSERT INTO editions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, NULL)",
    )?
    .execute(params![
        edition_id.as_str(),
        report,
        text(period),
        lake_version,
        definitions_hash,
        content_sha256,
        folder,
        time(*created_at),
        state.as_str()
    ])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO published_figures
                 (edition, measure, area, breakdown, period, shown, verdict, reason, position)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for figure in figures {
        insert.execute(params![
            edition_id.as_str(),
            figure.measure.as_str(),
            figure.area.as_str(),
            text(&figure.breakdown),
            text(figure.period),
            figure.shown,
            figure.verdict,
            figure.reason,
            figure.position
        ])?;
    }
    let mut insert = db.prepare_cached("INSERT INTO published_success VALUES (?1, ?2, ?3, ?4)")?;
    for it in success {
        insert.execute(params![edition_id.as_str(), it.id, it.verdict, it.sentence])?;
    }
    Ok(())
}

fn find(db: &Connection, id: &EditionId) -> rusqlite::Result<Option<StoredEdition>> {
    db.prepare_cached(&format!("{EDITIONS} WHERE edition_id = ?1"))?
        .query_row([id.as_str()], edition)
        .optional()
}

/// Keeps who decided what about which content; the state alone would only say what was decided last.
fn note_decision(
    db: &Connection,
    edition: &StoredEdition,
    decision: &str,
    comment: &str,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let EditionRecord { edition_id, content_sha256, .. } = &edition.record;
    db.prepare_cached(
        "INSERT INTO decisions (edition, decision, content_sha256, comment, decided_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![edition_id.as_str(), decision, content_sha256, comment, time(at)])?;
    Ok(())
}

fn set_state(
    db: &Connection,
    id: &EditionId,
    state: EditionState,
    why: Option<&str>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE editions SET state = ?2, why = ?3, state_at = ?4 WHERE edition_id = ?1",
    )?
    .execute(params![id.as_str(), state.as_str(), why, time(at)])?;
    Ok(())
}

fn edition(row: &Row<'_>) -> rusqlite::Result<StoredEdition> {
    Ok(StoredEdition {
        record: EditionRecord {
            edition_id: key(row, "edition_id")?,
            report: row.get("report")?,
            period: parsed(row, "period")?,
            lake_version: row.get("lake_version")?,
            definitions_hash: row.get("definitions_hash")?,
            content_sha256: row.get("content_sha256")?,
            folder: row.get("folder")?,
            created_at: parsed(row, "created_at")?,
            state: word(row, "state", &EditionState::ALL, EditionState::as_str)?,
        },
        state_at: parsed(row, "state_at")?,
        why: row.get("why")?,
        withdrawn: match row.get::<_, Option<String>>("withdrawn_why")? {
            Some(why) => Some((parsed(row, "withdrawn_at")?, why)),
            None => None,
        },
    })
}
