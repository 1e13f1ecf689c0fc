//! `learn`: a contract proposed for a workbook nobody has described yet.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use intake::learn::{FoundTable, Known, Learned};
use intake::understand::Vocabulary;
use model::{MeasureId, Severity};
use serde::Serialize;

use crate::check::{CheckedFile, read_file};
use crate::error::PipelineError;
use crate::house::House;
use crate::schedule::default_period;
use crate::views::{FindingView, finding_views};

/// What was learned of a workbook.
#[derive(Clone, Debug, Serialize)]
pub struct LearnOutcome {
    /// The file.
    pub submission: CheckedFile,
    /// The proposed contract, as TOML with comments; none if nothing may or can be proposed.
    pub contract: Option<String>,
    /// The tables it is about.
    pub tables: Vec<TableView>,
    /// What a person has to decide, each as `key: what`.
    pub decisions: Vec<String>,
    /// How many figures the proposal gives on this file as it stands.
    pub figures: usize,
    /// Everything found, worst first.
    pub findings: Vec<FindingView>,
}

/// A table as it was found.
#[derive(Clone, Debug, Serialize)]
pub struct TableView {
    /// Sheet.
    pub sheet: String,
    /// Cells of its headings.
    pub headings: String,
    /// All its cells.
    pub range: String,
    /// Rows below the headings.
    pub rows: usize,
}

impl LearnOutcome {
    /// Whether there is a proposal and nothing that a person must look at first.
    pub fn is_clean(&self) -> bool {
        let quiet = self.findings.iter().all(|finding| finding.severity == Severity::Repair);
        self.contract.is_some() && quiet
    }
}

/// Proposes a contract for a workbook, without keeping anything of it.
pub fn learn(house: &House, file: &Path) -> Result<LearnOutcome, PipelineError> {
    let (submission, read) = read_file(house, file)?;
    let definitions = &house.definitions;
    let taken: BTreeSet<MeasureId> =
        definitions.contracts.values().flat_map(|contract| contract.measures()).cloned().collect();
    let known = Known {
        vocabulary: Vocabulary {
            partnership: &definitions.partnership,
            measures: &definitions.measures,
        },
        taken: &taken,
        file: &submission.file,
        expected: default_period(house.clock.today()),
    };
    let learned = match read {
        Ok(workbook) => intake::learn::learn(&workbook, &known),
        Err(finding) => Learned {
            contract: None,
            tables: Vec::new(),
            decisions: Vec::new(),
            figures: 0,
            findings: vec![finding],
        },
    };
    let Learned { contract, tables, decisions, figures, findings } = learned;
    Ok(LearnOutcome {
        submission,
        contract,
        tables: tables.into_iter().map(TableView::from).collect(),
        decisions,
        figures,
        findings: finding_views(findings),
    })
}

/// Writes a proposal to a new file; one that is there already may have been edited and is kept.
pub fn save_proposal(path: &Path, text: &str) -> Result<(), PipelineError> {
    let written = std::fs::File::create_new(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => PipelineError::Usage(format!(
            "{} is there already and was not touched: name another file",
            path.display()
        )),
        std::io::ErrorKind::NotFound => {
            PipelineError::Usage(format!("there is no folder for {}", path.display()))
        }
        _ => {
            PipelineError::File { doing: "write", path: path.display().to_string(), source: error }
        }
    })
}

impl From<FoundTable> for TableView {
    fn from(table: FoundTable) -> Self {
        let FoundTable { sheet, headings, range, rows } = table;
        Self { sheet, headings, range, rows }
    }
}
