//! The ledger as the pipeline uses it.

mod runs;
mod sealed;
mod sending;
mod submissions;

use jiff::Timestamp;
use model::{
    EditionId, Finding, JobId, MessageId, Period, ReturnId, RunId, SourceId, Submission,
    SubmissionHash, SubmissionState,
};

use crate::*;

/// A ledger in a folder of its own.
struct Shelf {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite")).expect("opens");
        Self { folder, ledger }
    }

    /// The same file as another process would see it after a crash: nothing is closed first.
    fn again(&self) -> Ledger {
        Ledger::open(&self.folder.path().join("ledger.sqlite")).expect("opens again")
    }
}

/// So many minutes after nine in the morning.
fn at(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2025-07-21T08:00:00Z".parse().expect("valid");
    nine + jiff::SignedDuration::from_mins(minutes)
}

fn q1() -> Period {
    "2025-26Q1".parse().expect("valid")
}

fn said<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> String {
    result.expect_err("refused").to_string()
}

fn submission(content: &str, minutes: i64) -> Submission {
    Submission {
        hash: SubmissionHash::of(content.as_bytes()),
        file: format!("{content}.xlsx"),
        source: SourceId::new("police-folder"),
        partner: model::PartnerId::new("police"),
        return_id: ReturnId::new("police-monthly"),
        arrived_at: at(minutes),
        size_bytes: 1234,
    }
}

fn key(content: &str) -> SubmissionKey {
    SubmissionKey {
        hash: SubmissionHash::of(content.as_bytes()),
        return_id: ReturnId::new("police-monthly"),
        expected: q1(),
    }
}

fn judged<'a>(content: &str, state: SubmissionState, findings: &'a [Finding]) -> Judgement<'a> {
    Judgement {
        key: key(content),
        content_period: Some(q1()),
        state,
        sealed_until: (state == SubmissionState::Sealed)
            .then(|| "2025-08-20".parse().expect("valid")),
        observations: 7,
        findings,
        judged_at: at(30),
        letter: None,
    }
}

fn commit(version: i64) -> CommitRecord {
    CommitRecord {
        table: "observations".to_owned(),
        version,
        transaction_id: format!("tx-{version}"),
        files: vec![FileRecord {
            path: "part-1.parquet".to_owned(),
            size_bytes: 99,
            sha256: "ab".to_owned(),
        }],
        log_sha256: "cd".to_owned(),
        rows: 7,
        control_sum: 700,
    }
}

fn start(key: &str) -> RunStart {
    RunStart {
        job: JobId::new("quarterly-monitoring"),
        period: q1(),
        key: key.to_owned(),
        started_at: at(0),
    }
}

fn edition(id: &str) -> EditionRecord {
    EditionRecord {
        edition_id: EditionId::new(id),
        report: "quarterly-monitoring".to_owned(),
        period: q1(),
        lake_version: "o3.a1".to_owned(),
        definitions_hash: "def".to_owned(),
        content_sha256: "sha".to_owned(),
        folder: format!("reports/2025-26-Q1/{id}"),
        created_at: at(1),
        state: EditionState::Prepared,
    }
}

fn figure(shown: &str) -> PublishedFigure {
    PublishedFigure {
        measure: "police-asb".into(),
        area: "E07000111".into(),
        breakdown: "risk=high".parse().expect("valid"),
        period: q1(),
        shown: shown.to_owned(),
        verdict: "no-change".to_owned(),
        reason: "within its expected range".to_owned(),
        position: "4 of 12".to_owned(),
    }
}

fn message(name: &str) -> OutboxMessage {
    OutboxMessage {
        reminds: None,
        message_id: MessageId::new(format!("{name}@reports.example")),
        kind: MessageKind::Report,
        edition: Some(EditionId::new("2025-26-Q1-01")),
        recipient: format!("{name}@sevenoaks.example"),
        mime: format!("To: {name}\r\n").into_bytes(),
        sha256: "ef".to_owned(),
    }
}

/// Runs once, with one edition and these messages.
fn issued(ledger: &Ledger, release: Release, names: &[&str]) -> RunId {
    let begun = ledger.begin_run(&start("o3.a1 def")).expect("begins");
    let messages: Batch = names.iter().map(|name| message(name)).collect();
    ledger
        .finish_run(&FinishedRun {
            run_id: &begun.run_id,
            outcome: RunOutcome::Succeeded,
            finished_at: at(2),
            edition: Some(&edition("2025-26-Q1-01")),
            figures: &[figure("1,234")],
            success: &[],
            messages: &messages,
            release,
        })
        .expect("finishes");
    begun.run_id
}

fn claimed(ledger: &Ledger, minutes: i64) -> String {
    let claimed = ledger.claim_due(at(minutes), 10, crate::Claim::All).expect("claims");
    let line = |m: ClaimedMessage| format!("{} try {}", m.message.message_id, m.attempt);
    claimed.into_iter().map(line).collect::<Vec<_>>().join(", ")
}

fn settle(ledger: &Ledger, name: &str, state: MessageState) -> Result<(), LedgerError> {
    ledger.settle(
        &message(name).message_id,
        &Settlement {
            state,
            reply: format!("said {}", state.as_str()),
            at: at(10),
            retry_at: (state == MessageState::Deferred).then(|| at(40)),
        },
    )
}
