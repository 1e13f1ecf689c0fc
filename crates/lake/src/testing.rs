//! A lake in a temporary folder, and submissions to put into it.

use jiff::Timestamp;
use model::{
    ActionItem, ActionStatus, ByWhen, CellAddress, Figure, Mark, Observation, Observations, Place,
    SubmissionHash,
};
use tempfile::TempDir;

use crate::encode::Encoded;
use crate::records::{Appended, Batch, Stamp};
use crate::store::Lake;

/// A lake that goes when it is dropped.
pub(crate) struct TestLake {
    pub(crate) lake: Lake,
    pub(crate) folder: TempDir,
}

/// An empty lake.
pub(crate) async fn empty_lake() -> TestLake {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    TestLake { lake, folder }
}

impl TestLake {
    /// Adds figures as one submission, named by its sequence.
    pub(crate) async fn add(&self, sequence: i64, figures: &[&str]) -> Appended {
        self.add_stamped(stamp(sequence), figures).await
    }

    /// Adds figures as one submission.
    pub(crate) async fn add_stamped(&self, stamp: Stamp, figures: &[&str]) -> Appended {
        let observations = observations(figures).into_iter().collect::<Observations>();
        let transaction = format!("add/{}", stamp.sequence);
        let batch = Batch { stamp, observations: &observations, actions: &[] };
        self.lake.append(&transaction, Encoded::of(&[batch]).unwrap()).await.unwrap()
    }
}

/// The papers of a submission.
pub(crate) fn stamp(sequence: i64) -> Stamp {
    Stamp {
        submission: submission(sequence),
        return_id: "kent-police-quarterly".into(),
        partner: "kent-police".into(),
        source: "police-folder".into(),
        file: format!("Return {sequence}.xlsx"),
        reference: "2025-26Q1".parse().unwrap(),
        arrived_at: Timestamp::from_second(1_752_000_000 + sequence * 3600).unwrap(),
        sequence,
        sample: false,
    }
}

/// The submission of that sequence.
pub(crate) fn submission(sequence: i64) -> SubmissionHash {
    SubmissionHash::of(sequence.to_string().as_bytes())
}

/// Figures written `measure area period breakdown value`; the breakdown may be `-`, the value a
/// mark such as `[c]`.
pub(crate) fn observations(figures: &[&str]) -> Vec<Observation> {
    (1..).zip(figures).map(|(row, text)| observation(text, row)).collect()
}

fn observation(text: &str, row: u32) -> Observation {
    let words: Vec<&str> = text.split(' ').collect();
    let [measure, area, period, breakdown, value] = words[..] else {
        panic!("`{text}`: write measure area period breakdown value");
    };
    let mark = value.trim_matches(['[', ']']);
    let figure = match Mark::from_letter(mark) {
        Some(mark) => Figure::missing(mark),
        None => Figure::number(value.parse().unwrap()),
    };
    Observation {
        measure: measure.into(),
        area: area.into(),
        period: period.parse().unwrap(),
        breakdown: breakdown.trim_matches('-').parse().unwrap(),
        figure,
        place: Place::cell("Q1", CellAddress::new(row, 2)),
        raw: value.to_owned(),
        repair: (value == "7").then(|| "text read as a number".to_owned()),
    }
}

/// An item of an action plan.
pub(crate) fn action(number: &str, by_when: ByWhen, status: ActionStatus) -> ActionItem {
    ActionItem {
        number: number.to_owned(),
        action: format!("Do {number}"),
        lead: "Kent Police".to_owned(),
        others: String::new(),
        by_when,
        update: "Under way, \"mostly\"".to_owned(),
        status,
        place: Place::cell("Plan", CellAddress::new(3, 0)),
    }
}
