//! The demonstration: the real pipeline over the bundled partnership.
//!
//! Only sources, clock and mail transport are set; nothing here is a special case of a line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use model::{Period, ReturnState, Severity};

use crate::clock::Clock;
use crate::error::PipelineError;
use crate::house::House;
use crate::keys::{Problems, Section};
use crate::register::register;
use crate::settings::{SourcePlace, Transport};

/// The demonstration's now: 9 in the morning in London, on the 15th working day after the quarter.
const NOW: &str = "2025-07-21T09:00:00+01:00";
/// Printed on top of its report.
const SENTENCE: &str = "Demonstration. Police figures are real and published. Figures marked (illustrative), \
arrival dates, updates to actions and recipients are made up.";

/// The period the demonstration is about.
pub fn period() -> Period {
    "2025-26Q1".parse().expect("a period")
}

/// The same house with the demonstration's sources, clock and mail transport.
///
/// `fixtures` holds one folder for each folder source under `partners/`; `site` is the address
/// where `fixtures/site` is served.
pub fn demonstration(mut house: House, fixtures: &Path, site: &str) -> House {
    for (id, source) in &mut house.definitions.settings.sources {
        source.place = match &source.place {
            SourcePlace::Folder { .. } => {
                SourcePlace::Folder { path: fixtures.join("partners").join(id.as_str()) }
            }
            SourcePlace::Http { url, .. } => {
                let file = url.rsplit('/').next().unwrap_or_default();
                SourcePlace::Http {
                    url: format!("{site}/{id}/{file}"),
                    internal: true,
                    token: None,
                    ca_file: None,
                }
            }
        };
    }
    house.definitions.settings.settle = Duration::ZERO;
    house.definitions.settings.mail.transport = Transport::Folder;
    house.clock = Clock::Fixed(NOW.parse().expect("a timestamp"));
    house.demonstration = Some(SENTENCE.to_owned());
    house
}

/// A fault: a return, and the code of a finding (or `late`).
pub type Fault = (String, String);

/// Which faults occurred, and which were planted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Occurred as planted.
    pub as_planted: BTreeSet<Fault>,
    /// Planted, and did not occur.
    pub missing: BTreeSet<Fault>,
    /// Occurred, and were not planted.
    pub unexpected: BTreeSet<Fault>,
}

/// Compares what occurred with `planted.toml`.
pub fn faults(house: &House, fixtures: &Path) -> Result<Faults, PipelineError> {
    let planted = planted(&fixtures.join("planted.toml"))?;
    let ledger = house.ledger_to_read()?;
    let mut occurred = BTreeSet::new();
    for line in register(house, ledger.as_ref(), period())? {
        if line.state == ReturnState::Late {
            occurred.insert((line.return_id.to_string(), "late".to_owned()));
        }
        for finding in line.submissions.iter().flat_map(|submission| &submission.findings) {
            if finding.severity != Severity::Repair {
                occurred.insert((line.return_id.to_string(), finding.code.clone()));
            }
        }
    }
    Ok(Faults {
        as_planted: planted.intersection(&occurred).cloned().collect(),
        missing: planted.difference(&occurred).cloned().collect(),
        unexpected: occurred.difference(&planted).cloned().collect(),
    })
}

fn planted(path: &Path) -> Result<BTreeSet<Fault>, PipelineError> {
    let text = fs::read_to_string(path).map_err(crate::house::file_error("read", path))?;
    let problems = Problems::default();
    let label = path.display().to_string();
    let faults = problems.parse(&label, &text).map(|table| {
        let root = Section::root(&label, &table, &problems);
        root.sections("fault")
            .iter()
            .map(|section| (section.text("return"), section.text("code")))
            .collect()
    });
    match faults {
        Some(faults) if problems.is_empty() => Ok(faults),
        _ => Err(PipelineError::Configuration(problems.into_vec())),
    }
}
