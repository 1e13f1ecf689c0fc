//! The tables of the report, and the same as data files: CSV, UTF-8, CRLF (RFC 4180), one table a
//! file.

mod charts;
mod dataset;
mod figures;
mod plan;

#[cfg(test)]
mod tests;

use crate::report_model::ReportModel;

pub(crate) use dataset::{Cell, Column, Dataset, Kind, Origin, Row, text, value};

/// A data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvTable {
    /// Stable name: `indicators`.
    pub name: String,
    /// `2025-26-Q1-indicators.csv`.
    pub file_name: String,
    /// For readers: `Indicators`.
    pub title: String,
    /// What it holds, in one sentence.
    pub description: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Every table of the report as a data file: header row first, one number a cell, marks that
/// stand in place of a number in its cell, marks that qualify it in a status column. Tables
/// without rows are left out.
pub fn tables(model: &ReportModel) -> Vec<CsvTable> {
    datasets(model).iter().map(|dataset| csv_table(dataset, model)).collect()
}

pub(crate) fn csv_table(dataset: &Dataset, model: &ReportModel) -> CsvTable {
    let headings: Row = dataset.columns.iter().map(|column| text(column.heading)).collect();
    CsvTable {
        name: dataset.name.to_owned(),
        file_name: csv_name(dataset, model),
        title: dataset.title.to_owned(),
        description: dataset.about.to_owned(),
        bytes: csv(std::iter::once(&headings).chain(&dataset.rows)),
    }
}

/// Name of the data file of a table.
pub(crate) fn csv_name(dataset: &Dataset, model: &ReportModel) -> String {
    format!("{}-{}.csv", model.period_file_name, dataset.name)
}

/// Every table of the report that has rows. What is not in the model is in no table: it is what
/// disclosure control let through.
pub(crate) fn datasets(model: &ReportModel) -> Vec<Dataset> {
    let mut all = vec![
        figures::indicators(model),
        figures::quarters(model),
        charts::control_charts(model),
        charts::months(model),
        charts::rates(model),
        figures::parts(model),
        plan::success(model),
        plan::actions(model),
        plan::returns(model),
        plan::quality(model),
        figures::revisions(model),
        plan::commentary(model),
        plan::definitions(model),
        plan::sources(model),
    ];
    all.retain(|dataset| !dataset.rows.is_empty());
    all
}

pub(crate) fn header(names: &[&str]) -> Vec<Row> {
    vec![names.iter().map(|name| text(name)).collect()]
}

pub(crate) fn csv<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => unarmed(text),
            other => other.content().to_owned(),
        });
        writer
            .write_record(cells)
            .expect("rows of a table are of one length, and memory takes them");
    }
    writer.into_inner().expect("memory takes what is left")
}

/// Text that a spreadsheet program would take for a formula gets an apostrophe before it.
pub(crate) fn unarmed(text: &str) -> String {
    let is_formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}',
    ]);
    let is_control = text.starts_with(|c: char| c.is_control());
    if is_formula || is_control { format!("'{text}") } else { text.to_owned() }
}
