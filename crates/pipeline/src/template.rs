//! `template`: the blank return to send to a partner.

use std::path::Path;

use intake::blank::blank;
use intake::contract::{Content, Contract, Frequency, Symbol};
use intake::understand::Vocabulary;
use model::{Mark, Period, ReturnId};
use publication::{BlankReturn, blank_workbook};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::out_file::{Existing, Kind, OutFile};
use crate::schedule::default_period;

/// A blank return that was written.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateWritten {
    /// The return.
    #[serde(rename = "return")]
    pub return_id: String,
    /// The period it is for.
    pub period: Period,
    /// The version of its layout.
    pub version: u32,
    /// Its sheets.
    pub sheets: Vec<String>,
    /// How many cells are to be filled in.
    pub entries: usize,
    /// Where it is.
    pub file: String,
}

/// Writes the blank return of a contract for a period. A file that is there already stays.
pub fn template(
    house: &House,
    name: &str,
    period: Option<Period>,
    out: &Path,
) -> Result<TemplateWritten, PipelineError> {
    let contract = contract_named(house, name)?;
    let period = period.unwrap_or_else(|| default_period(house.clock.today()));
    if contract.frequency == Frequency::Quarterly && period.grain() != model::Grain::Quarter {
        return Err(PipelineError::Usage(format!(
            "{name} is owed for a quarter, not for {period}: write --period like 2025-26Q1"
        )));
    }
    let place = OutFile::at(out, (Kind::Workbook, Existing::Keep), &[])?;
    let definitions = &house.definitions;
    let vocabulary =
        Vocabulary { partnership: &definitions.partnership, measures: &definitions.measures };
    let form = blank(contract, &vocabulary, period);
    let due = contract
        .due_working_days
        .filter(|_| contract.frequency == Frequency::Quarterly)
        .map(|days| definitions.calendar.working_day_after_period(period, days))
        .map(|due| due.strftime("%-d %B %Y").to_string());
    let bytes = blank_workbook(&BlankReturn {
        form: &form,
        return_id: name,
        version: contract.version,
        period: &period.to_string(),
        title: &contract.title,
        period_title: &period.title(),
        due: due.as_deref(),
        partnership: &definitions.partnership.name,
        marks: &marks(contract),
        made_on: house.clock.today(),
    })?;
    place.write(&bytes)?;
    let is_entry = |cell: &&model::FormCell| matches!(cell, model::FormCell::Entry(_));
    Ok(TemplateWritten {
        return_id: name.to_owned(),
        period,
        version: contract.version,
        sheets: form.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        entries: form
            .sheets
            .iter()
            .map(|sheet| sheet.cells.values().filter(is_entry).count())
            .sum(),
        file: out.display().to_string(),
    })
}

fn contract_named<'h>(house: &'h House, name: &str) -> Result<&'h Contract, PipelineError> {
    let contracts = &house.definitions.contracts;
    contracts.get(&ReturnId::new(name)).ok_or_else(|| {
        let known: Vec<&str> = contracts.keys().map(ReturnId::as_str).collect();
        let hint = model::nearest(name, known.iter().copied()).map_or_else(
            || format!("known are {}", known.join(", ")),
            |nearest| format!("did you mean `{nearest}`?"),
        );
        PipelineError::Usage(format!("there is no return `{name}`: {hint}"))
    })
}

/// What may stand instead of a number: the contract's own marks, then those that need no mention.
fn marks(contract: &Contract) -> Vec<(String, String)> {
    let meaning = |mark: Mark| match mark {
        Mark::C => "there is a figure, and it must be withheld (small numbers)",
        Mark::Z => "a figure does not apply here",
        _ => "there is no figure (not available)",
    };
    let own = match &contract.content {
        Content::Figures(figures) => figures
            .symbols
            .iter()
            .filter(|(mark, _)| !mark.is_empty())
            .map(|(mark, symbol)| {
                let said = match symbol {
                    Symbol::Zero => "there were none, the same as 0",
                    Symbol::Missing(mark) => meaning(*mark),
                };
                (mark.clone(), said.to_owned())
            })
            .collect(),
        Content::Actions(_) => Vec::new(),
    };
    let mut marks: Vec<(String, String)> = own;
    for mark in [Mark::X, Mark::C, Mark::Z] {
        let text = format!("[{}]", mark.letter());
        if !marks.iter().any(|(known, _)| *known == text) {
            marks.push((text, meaning(mark).to_owned()));
        }
    }
    marks
}
