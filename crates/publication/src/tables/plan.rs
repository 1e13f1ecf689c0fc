//! Tables without figures: success measures, actions, returns, data quality, what is said and
//! where it all comes from.

use super::dataset::{Cell, Dataset, Kind, Origin, Row, column, number, text, value};
use super::figures::{INDICATOR, MEASURE};
use crate::report_model::{ActionRow, Comment, ReportModel};

pub(super) fn success(model: &ReportModel) -> Dataset {
    let row = |row: &crate::report_model::SuccessRow| -> Row {
        vec![
            text(&row.id),
            text(&row.priority_data),
            text(&row.text),
            value(&row.tag.word),
            text(&row.sentence),
        ]
    };
    Dataset {
        name: "success-measures",
        title: "Success measures",
        about: "What the plan calls a success, and whether it is met.",
        origin: Origin::Plan,
        columns: vec![
            column("Id", Kind::Text, "Key of the success measure."),
            column("Priority", Kind::Text, "Key of the priority it belongs to.")
                .blank("it belongs to the plan as a whole"),
            column("Success measure", Kind::Text, "As the plan words it."),
            column("Verdict", Kind::Text, "Whether it is met."),
            column("Why", Kind::Text, "Why the verdict is what it is."),
        ],
        rows: model.success.rows.iter().map(row).collect(),
    }
}

pub(super) fn actions(model: &ReportModel) -> Dataset {
    Dataset {
        name: "actions",
        title: "Actions",
        about: "Every action of the plan, by when it is due and where it stands.",
        origin: Origin::Plan,
        columns: vec![
            column("Number", Kind::Text, "Number in the plan.").blank("the plan gives none"),
            column("Action", Kind::Text, "What is to be done."),
            column("Lead", Kind::Text, "Lead agency.").blank("the plan gives none"),
            column("Other partners", Kind::Text, "Who else takes part.")
                .blank("the plan gives none"),
            column("Due", Kind::Text, "By when, as it is read.").blank("the plan gives none"),
            column("Due date", Kind::Date, "By when, where it is a date.").blank("it is no date"),
            column("Days late", Kind::Integer, "Days since it was due.").blank("it is not overdue"),
            column("Status", Kind::Text, "Where it stands."),
            column("Update", Kind::Text, "What has happened.").blank("nothing is said"),
        ],
        rows: model.actions.all_data.iter().map(action).collect(),
    }
}

fn action(row: &ActionRow) -> Row {
    vec![
        text(&row.number),
        text(&row.action_data),
        text(&row.lead),
        text(&row.others),
        text(&row.due),
        value(&row.due_data),
        row.days_late.map_or(Cell::Blank, |days| number(days.to_string())),
        value(&row.status),
        text(&row.update),
    ]
}

pub(super) fn returns(model: &ReportModel) -> Dataset {
    let row = |row: &crate::report_model::ReturnRow| -> Row {
        vec![
            text(&row.partner),
            text(&row.title),
            value(&row.due_data),
            value(&row.state_data),
            value(&row.arrived_data),
            text(&row.note),
        ]
    };
    Dataset {
        name: "returns",
        title: "Returns",
        about: "Every return that is asked for, and whether it has arrived.",
        origin: Origin::Books,
        columns: vec![
            column("Partner", Kind::Text, "Who sends it."),
            column("Return", Kind::Text, "What it is."),
            column("Due date", Kind::Date, "The last day on which it is on time.")
                .blank("it is never owed"),
            column("State", Kind::Text, "Where it stands."),
            column("Arrived", Kind::Date, "When the file that counts arrived.")
                .blank("it has not arrived"),
            column("Note", Kind::Text, "What is wrong and what to do.").blank("nothing is wrong"),
        ],
        rows: model.returns.all_data.iter().map(row).collect(),
    }
}

pub(super) fn quality(model: &ReportModel) -> Dataset {
    let row = |row: &crate::report_model::QualityRow| -> Row {
        vec![text(&row.return_title), text(&row.code), text(&row.message)]
    };
    Dataset {
        name: "data-quality",
        title: "Data quality",
        about: "What was found in returns that were taken in.",
        origin: Origin::Books,
        columns: vec![
            column("Return", Kind::Text, "Which return."),
            column("Code", Kind::Text, "What was found, as a stable code."),
            column("What was found", Kind::Text, "The same in words."),
        ],
        rows: model.returns.quality_data.iter().map(row).collect(),
    }
}

pub(super) fn commentary(model: &ReportModel) -> Dataset {
    let mut rows = Vec::new();
    for comment in &model.commentary {
        rows.extend(said(["The report as a whole", ""], comment));
    }
    for detail in &model.details {
        for comment in &detail.commentary {
            rows.extend(said([&detail.name, &detail.id], comment));
        }
    }
    Dataset {
        name: "commentary",
        title: "Commentary",
        about: "What the analyst says about the report and its indicators, one row for each paragraph.",
        origin: Origin::Analyst,
        columns: vec![
            column("About", Kind::Text, "The indicator it is about, or the report as a whole."),
            column("Measure", Kind::Text, "Key of the measure.")
                .blank("it is about the report as a whole"),
            column("By", Kind::Text, "Who says it, and when."),
            column("Paragraph", Kind::Integer, "Paragraphs are counted from 1."),
            column("Text", Kind::Text, "What is said."),
        ],
        rows,
    }
}

fn said([about, measure]: [&str; 2], comment: &Comment) -> Vec<Row> {
    let paragraphs = (1..).zip(comment.paragraphs.iter().filter(|text| !text.is_empty()));
    paragraphs
        .map(|(place, paragraph): (usize, _)| {
            let place = number(place.to_string());
            vec![text(about), text(measure), text(&comment.by), place, text(paragraph)]
        })
        .collect()
}

pub(super) fn definitions(model: &ReportModel) -> Dataset {
    let mut rows = Vec::new();
    for detail in &model.details {
        for fact in &detail.facts {
            let (name, key) = (text(&detail.name), text(&detail.id));
            rows.push(vec![name, key, value(&fact.term), text(&fact.text)]);
        }
    }
    Dataset {
        name: "about-indicators",
        title: "About the indicators",
        about: "What each indicator is, what is better, how it is shown and where it comes from.",
        origin: Origin::Definitions,
        columns: vec![
            INDICATOR,
            MEASURE,
            column("Term", Kind::Text, "What is said of it."),
            column("Text", Kind::Text, "The explanation."),
        ],
        rows,
    }
}

pub(super) fn sources(model: &ReportModel) -> Dataset {
    let row = |row: &crate::report_model::SourceRow| -> Row {
        vec![
            text(&row.partner),
            text(&row.return_title),
            text(&row.file),
            value(&row.arrived_data),
            text(&row.sha256),
            value(&row.outcome),
        ]
    };
    Dataset {
        name: "sources",
        title: "Sources",
        about: "Every file that figures come from, and what became of it.",
        origin: Origin::Books,
        columns: vec![
            column("Partner", Kind::Text, "Who sent or published it."),
            column("Return", Kind::Text, "What it answers."),
            column("File", Kind::Text, "Name of the file."),
            column("Arrived", Kind::Date, "When it arrived."),
            column("SHA-256", Kind::Text, "The first digits of the file's SHA-256."),
            column(
                "Outcome",
                Kind::Text,
                "How many figures were read, or what became of the file.",
            ),
        ],
        rows: model.provenance.sources.iter().map(row).collect(),
    }
}
