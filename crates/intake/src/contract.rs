//! What a return looks like, as agreed with the partner: one TOML file each.
//!
//! The format is described in `docs/return-contracts.md`.

mod checks;
mod clashes;
mod fields;
mod file;
mod known;
mod layout;
mod pointless;
#[cfg(test)]
mod schema;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ActionStatus, AreaCode, Breakdown, Mark, Measure, MeasureId, PartnerId, Partnership, Period,
    ReturnId,
};

pub use checks::{
    ADJUSTABLE_ACTION_CODES, ADJUSTABLE_CODES, AddsUp, Checks, Exception, FIXED_CODES, JumpRule,
    JumpTolerance, Range, Required,
};
pub use layout::{
    AreaFrom, BlankRows, BreakdownFrom, DateOrder, Fill, FixedPeriod, KeyColumn, LabelledCell,
    MeasureFrom, OtherAreas, PeriodFrom, SameKey, Sheets, Side, StrayZeros, TableLayout, ValueFrom,
    Where, YearKind,
};

/// One agreed layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The return, named by the contract's file.
    pub id: ReturnId,
    /// Which version of the agreed layout it is, from 1; stands on the blank return.
    pub version: u32,
    /// For people: who sends what.
    pub title: String,
    /// Who owes it.
    pub partner: PartnerId,
    /// How often it is owed.
    pub frequency: Frequency,
    /// Working days after the period's end by which it is due; none when it is never owed.
    pub due_working_days: Option<u32>,
    /// Whether its figures count.
    pub coverage: Coverage,
    /// The least number of months the content must cover, ending with the period's last month;
    /// none means the months of the period.
    pub content_months: Option<u32>,
    /// Headings of columns that look like personal data and are known not to be.
    pub personal_allowed: Vec<String>,
    /// What it holds.
    pub content: Content,
}

/// How often a return is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Once a financial quarter.
    Quarterly,
    /// Never owed; taken for any past period when it comes.
    AdHoc,
}

/// Whether a return's figures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// They do.
    Full,
    /// Read and traced, never an indicator.
    Sample,
}

/// What a return holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Figures, in one or more tables.
    Figures(Figures),
    /// Items of the action plan.
    Actions(ActionColumns),
}

/// Tables of figures, and how to read and judge them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The tables.
    pub tables: Vec<TableLayout>,
    /// What the partner calls things, as written in the contract.
    pub labels: BTreeMap<String, Label>,
    /// What the partner calls areas, besides the names the partnership has for them.
    pub areas: BTreeMap<String, AreaCode>,
    /// What marks in cells stand for; the empty text is a blank cell.
    pub symbols: BTreeMap<String, Symbol>,
    /// Whether percentages in number cells stand as 0 to 1 (as against 0 to 100).
    pub percent_scale: PercentScale,
    /// What else must hold.
    pub checks: Checks,
}

/// How a percentage is written in a number cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentScale {
    /// Twelve per cent is 12.
    Hundred,
    /// Twelve per cent is 0.12.
    One,
}

/// What a partner's label stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What is counted.
    pub measure: MeasureId,
    /// Which part of it.
    pub breakdown: Breakdown,
    /// The period it is about, where the label itself says one.
    pub period: Option<Period>,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Whether a label must be in every submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What a mark in a cell stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// None were counted.
    Zero,
    /// There is no number, and this mark says why.
    Missing(Mark),
}

/// The columns of an action plan; each a list of headings it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionColumns {
    /// On which sheets the plan stands.
    pub sheets: Sheets,
    /// Number in the plan.
    pub number: Vec<String>,
    /// What is to be done.
    pub action: Vec<String>,
    /// Lead agency.
    pub lead: Vec<String>,
    /// Other partners; empty if the plan has no such column.
    pub others: Vec<String>,
    /// By when.
    pub by_when: Vec<String>,
    /// What has happened; empty if the plan has no such column.
    pub update: Vec<String>,
    /// Where it stands.
    pub status: Vec<String>,
    /// What the owner writes, and what it means.
    pub statuses: BTreeMap<String, ActionStatus>,
    /// How much findings matter, and what is known to be otherwise.
    pub checks: Checks,
}

/// Reads a contract and checks it.
///
/// # Errors
/// Every problem at once, each as `key: what is wrong (line n)`.
pub fn parse(id: ReturnId, text: &str) -> Result<Contract, Vec<String>> {
    file::parse(id, text)
}

/// The JSON Schema of a contract, for editors: what [`parse`] takes, key by key.
pub const SCHEMA: &str = include_str!("contract/contract.schema.json");

/// What a sound contract says that the partnership does not know: areas, measures, a name for an
/// area that is another one's. `text` is what the contract was parsed from.
///
/// Each problem is `key: what is wrong and what to do (line n)`.
pub fn unknown_words(
    contract: &Contract,
    text: &str,
    partnership: &Partnership,
    measures: &BTreeMap<MeasureId, Measure>,
) -> Vec<String> {
    known::unknown_words(contract, text, partnership, measures)
}

impl Contract {
    /// Every measure it names, so that configuration can be checked against `measures.toml`.
    pub fn measures(&self) -> BTreeSet<&MeasureId> {
        let Content::Figures(figures) = &self.content else {
            return BTreeSet::new();
        };
        let fixed = figures.tables.iter().filter_map(|table| match &table.measure {
            MeasureFrom::Fixed(measure) => Some(measure),
            _ => None,
        });
        let labelled = figures.labels.values().map(|label| &label.measure);
        fixed.chain(labelled).chain(figures.checks.measures()).collect()
    }

    /// The parts of a measure that its labels name. Parts that stand in columns are not known here.
    pub fn parts_of(&self, measure: &MeasureId) -> BTreeSet<&Breakdown> {
        let Content::Figures(figures) = &self.content else {
            return BTreeSet::new();
        };
        let mine = figures.labels.values().filter(|label| label.measure == *measure);
        mine.map(|label| &label.breakdown).collect()
    }

    /// Whether parts are read from columns or headings, so that labels do not name them all.
    pub fn reads_parts(&self) -> bool {
        match &self.content {
            Content::Figures(figures) => {
                figures.tables.iter().any(|table| !table.breakdowns.is_empty())
            }
            Content::Actions(_) => false,
        }
    }

    /// The peer set it names, so that configuration can be checked against `partnership.toml`.
    pub fn peer_set(&self) -> Option<&str> {
        match &self.content {
            Content::Figures(figures) => figures.checks.peer_set.as_deref(),
            Content::Actions(_) => None,
        }
    }
}
