//! From the contract's TOML to [`Contract`].

use std::collections::BTreeMap;

use model::{ActionStatus, AreaCode, Breakdown, Mark, MeasureId, PartnerId, Period, ReturnId};
use toml::de::DeTable;

use super::checks;
use super::fields::{Fields, Problems};
use super::{
    ActionColumns, Checks, Content, Contract, Coverage, Figures, Frequency, Label, PercentScale,
    Presence, Sheets, Symbol, TableLayout, clashes, tables,
};

#[derive(Clone, Copy)]
enum Kind {
    Figures,
    Actions,
}

pub(super) fn parse(id: ReturnId, text: &str) -> Result<Contract, Vec<String>> {
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let before = error.span().map_or(0, |span| span.start);
            let line = text.get(..before).unwrap_or_default().matches('\n').count() + 1;
            let what = error.message().replace('\n', " ");
            return Err(vec![format!("not TOML: {what} (line {line})")]);
        }
    };
    let problems = Problems::of(text);
    let contract = contract(id, Fields::root(&root, &problems));
    if let Some(contract) = &contract
        && problems.is_empty()
    {
        clashes::find(contract, &Fields::root(&root, &problems));
    }
    let problems = problems.into_sorted();
    match contract {
        Some(contract) if problems.is_empty() => Ok(contract),
        _ => Err(problems),
    }
}

pub(super) fn contract(id: ReturnId, fields: Fields<'_>) -> Option<Contract> {
    let version = fields.integer("version", 1, 999).and_then(|version| u32::try_from(version).ok());
    let title = fields.required_text("title");
    let partner = fields.required_text("partner").map(PartnerId::new);
    let frequency = fields.required_choice(
        "frequency",
        &[("quarterly", Frequency::Quarterly), ("ad-hoc", Frequency::AdHoc)],
    );
    let due_working_days =
        fields.integer("due_working_days", 1, 250).and_then(|days| u32::try_from(days).ok());
    match (frequency, due_working_days) {
        (Some(Frequency::Quarterly), None) if !fields.has("due_working_days") => {
            fields.problem("due_working_days", "is missing: a quarterly return is due some day");
        }
        (Some(Frequency::AdHoc), Some(_)) => {
            fields.problem("due_working_days", "an ad-hoc return is never owed: leave it out");
        }
        _ => {}
    }
    let coverage =
        fields.choice("coverage", &[("full", Coverage::Full), ("sample", Coverage::Sample)]);
    let content_months =
        fields.integer("content_months", 1, 120).and_then(|months| u32::try_from(months).ok());
    let kind = fields.choice("kind", &[("figures", Kind::Figures), ("actions", Kind::Actions)]);
    let content = match kind.unwrap_or(Kind::Figures) {
        Kind::Figures => figures(&fields).map(Content::Figures),
        Kind::Actions => actions(&fields).map(Content::Actions),
    };
    let personal_allowed = fields.table("personal").map_or_else(Vec::new, |personal| {
        let columns = personal.required_texts("allowed_columns");
        personal.finish();
        columns.unwrap_or_default()
    });
    fields.finish();
    Some(Contract {
        id,
        version: version.unwrap_or(1),
        title: title?,
        partner: partner?,
        frequency: frequency?,
        due_working_days,
        coverage: coverage.unwrap_or(Coverage::Full),
        content_months,
        personal_allowed,
        content: content?,
    })
}

fn figures(fields: &Fields<'_>) -> Option<Figures> {
    let layouts = fields.tables("table");
    if layouts.is_empty() && !fields.has("table") {
        fields.problem("table", "is missing: a return of figures has at least one [[table]]");
    }
    let layouts: Vec<Option<TableLayout>> = layouts.into_iter().map(tables::layout).collect();
    let labels = fields.table("labels").map_or_else(BTreeMap::new, labels);
    let areas = fields.table("areas").map_or_else(BTreeMap::new, areas);
    let symbols = fields.table("symbols").map_or_else(BTreeMap::new, symbols);
    let percent_scale =
        fields.choice("percent", &[("0-100", PercentScale::Hundred), ("0-1", PercentScale::One)]);
    let mut checks = fields.table("checks").map_or_else(Checks::default, checks::checks);
    checks.exceptions = checks::exceptions(fields);
    let read: Vec<&TableLayout> = layouts.iter().flatten().collect();
    let needs_labels = read.iter().any(|layout| !layout.measure.is_fixed());
    if needs_labels && labels.is_empty() {
        fields.problem("labels", "is missing: say what the partner's labels stand for");
    }
    if !labels.is_empty() && !read.is_empty() && !needs_labels {
        fields.problem(
            "labels",
            "are not used: every table's measure is fixed; take them out, or read the measure from the table",
        );
    }
    Some(Figures {
        tables: layouts.into_iter().collect::<Option<_>>()?,
        labels,
        areas,
        symbols,
        percent_scale: percent_scale.unwrap_or(PercentScale::Hundred),
        checks,
    })
}

fn areas(fields: Fields<'_>) -> BTreeMap<String, AreaCode> {
    let names = fields.names();
    let areas = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), AreaCode::new(fields.text(&name)?))))
        .collect();
    fields.finish();
    areas
}

fn labels(fields: Fields<'_>) -> BTreeMap<String, Label> {
    let mut labels = BTreeMap::new();
    for name in fields.names() {
        let Some(entry) = fields.table(&name) else {
            continue;
        };
        let measure = entry.required_text("measure").map(MeasureId::new);
        let breakdown = match entry.text("breakdown").map(|text| text.parse::<Breakdown>()) {
            None => Breakdown::all(),
            Some(Ok(breakdown)) => breakdown,
            Some(Err(error)) => {
                entry.problem("breakdown", &error.to_string());
                Breakdown::all()
            }
        };
        let period = entry.text("period").map(|text| text.parse::<Period>());
        if let Some(Err(error)) = &period {
            entry.problem("period", &error.to_string());
        }
        let presence = match entry.boolean("optional") {
            Some(true) => Presence::Optional,
            Some(false) | None => Presence::Required,
        };
        entry.finish();
        if let Some(measure) = measure {
            let period = period.and_then(Result::ok);
            let label = Label { measure, breakdown, period, presence };
            labels.insert(name, label);
        }
    }
    fields.finish();
    labels
}

fn symbols(fields: Fields<'_>) -> BTreeMap<String, Symbol> {
    let meanings = [
        ("zero", Symbol::Zero),
        ("x", Symbol::Missing(Mark::X)),
        ("c", Symbol::Missing(Mark::C)),
        ("z", Symbol::Missing(Mark::Z)),
    ];
    let mut symbols = BTreeMap::new();
    for mark in fields.names() {
        let Some(symbol) = fields.choice(&mark, &meanings) else {
            continue;
        };
        if mark.trim().is_empty() && symbol == Symbol::Zero {
            fields.problem(&mark, "a blank cell is never zero: say x, c or z");
        }
        symbols.insert(mark.trim().to_owned(), symbol);
    }
    fields.finish();
    symbols
}

fn actions(fields: &Fields<'_>) -> Option<ActionColumns> {
    let sheets = match fields.table("sheets") {
        Some(table) => tables::sheets(table),
        None => Some(Sheets::First),
    };
    let columns = fields.required_table("columns")?;
    let number = columns.required_texts("number");
    let action = columns.required_texts("action");
    let lead = columns.required_texts("lead");
    let others = columns.texts("others").unwrap_or_default();
    let by_when = columns.required_texts("by_when");
    let update = columns.texts("update").unwrap_or_default();
    let status = columns.required_texts("status");
    columns.finish();
    let meanings = [
        ("not-started", ActionStatus::NotStarted),
        ("in-progress", ActionStatus::InProgress),
        ("complete", ActionStatus::Complete),
        ("closed", ActionStatus::Closed),
        ("not-reported", ActionStatus::NotReported),
    ];
    let mut statuses = BTreeMap::new();
    if let Some(table) = fields.required_table("statuses") {
        for word in table.names() {
            if let Some(status) = table.choice(&word, &meanings) {
                statuses.insert(word, status);
            }
        }
        table.finish();
    }
    let mut checks = fields.table("checks").map_or_else(Checks::default, checks::action_checks);
    checks.exceptions = checks::action_exceptions(fields);
    Some(ActionColumns {
        sheets: sheets?,
        number: number?,
        action: action?,
        lead: lead?,
        others,
        by_when: by_when?,
        update,
        status: status?,
        statuses,
        checks,
    })
}
