//! From the contract's TOML to [`Contract`].

use std::collections::BTreeMap;

use model::{ActionStatus, AreaCode, Breakdown, Mark, MeasureId, PartnerId, ReturnId};
use toml::de::DeTable;

use super::fields::{Fields, Problems};
use super::{
    ActionColumns, AddsUp, AreaFrom, BreakdownColumn, Checks, Content, Contract, Coverage,
    DateOrder, Figures, Frequency, Label, MeasureFrom, OtherAreas, PercentScale, PeriodFrom,
    Presence, Sheets, Symbol, TableLayout, ValueFrom,
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
    let problems = problems.into_sorted();
    match contract {
        Some(contract) if problems.is_empty() => Ok(contract),
        _ => Err(problems),
    }
}

fn contract(id: ReturnId, fields: Fields<'_>) -> Option<Contract> {
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
    let tables = fields.tables("table");
    if tables.is_empty() {
        fields.problem("table", "is missing: a return of figures has at least one [[table]]");
    }
    let tables: Vec<Option<TableLayout>> = tables.into_iter().map(table_layout).collect();
    let labels = fields.table("labels").map_or_else(BTreeMap::new, labels);
    let symbols = fields.table("symbols").map_or_else(BTreeMap::new, symbols);
    let percent_scale =
        fields.choice("percent", &[("0-100", PercentScale::Hundred), ("0-1", PercentScale::One)]);
    let checks = fields.table("checks").map_or_else(Checks::default, checks);
    let needs_labels = tables
        .iter()
        .flatten()
        .any(|table| matches!(table.measure, MeasureFrom::Column(_) | MeasureFrom::HeaderRow));
    if needs_labels && labels.is_empty() {
        fields.problem("labels", "is missing: say what the partner's labels stand for");
    }
    Some(Figures {
        tables: tables.into_iter().collect::<Option<_>>()?,
        labels,
        symbols,
        percent_scale: percent_scale.unwrap_or(PercentScale::Hundred),
        checks,
    })
}

fn table_layout(fields: Fields<'_>) -> Option<TableLayout> {
    let sheets = fields.required_table("sheets").and_then(sheets);
    let area = fields.required_table("area").and_then(area_from);
    let measure = fields.required_table("measure").and_then(measure_from);
    let period = fields.required_table("period").and_then(period_from);
    let value = fields.required_table("value").and_then(value_from);
    let breakdowns = fields.tables("breakdown").into_iter().filter_map(breakdown_column).collect();
    let totals = fields.texts("totals").unwrap_or_default();
    let ignore = fields.texts("ignore").unwrap_or_default();
    let other_areas = fields.choice("only_areas", &[("known", OtherAreas::LeaveOut)]);
    let layout = Some(()).and_then(|()| {
        Some(TableLayout {
            sheets: sheets?,
            area: area?,
            measure: measure?,
            period: period?,
            value: value?,
            breakdowns,
            totals,
            ignore,
            other_areas: other_areas.unwrap_or(OtherAreas::Refuse),
        })
    });
    if let Some(layout) = &layout {
        headings_fit(layout, &fields);
    }
    fields.finish();
    layout
}

/// The headings of the figures' columns say exactly one thing, or nothing.
fn headings_fit(layout: &TableLayout, fields: &Fields<'_>) {
    let axes = [
        layout.area == AreaFrom::HeaderRow,
        layout.measure == MeasureFrom::HeaderRow,
        layout.period == PeriodFrom::HeaderRow,
    ];
    let said = axes.iter().filter(|axis| **axis).count();
    match (&layout.value, said) {
        (ValueFrom::HeaderRow, 0) => fields.problem(
            "value",
            "is taken from the header row, so one of area, measure and period must be too",
        ),
        (ValueFrom::HeaderRow, 1) | (ValueFrom::Column(_) | ValueFrom::Rows, 0) => {}
        (ValueFrom::HeaderRow, _) => fields.problem(
            "value",
            "only one of area, measure and period can be read from the header row",
        ),
        (ValueFrom::Column(_) | ValueFrom::Rows, _) => fields.problem(
            "value",
            "must be { from = \"header-row\" }, because the header row says what the columns hold",
        ),
    }
    if layout.value == ValueFrom::Rows && layout.measure == MeasureFrom::HeaderRow {
        fields.problem("measure", "rows that are counted need a fixed measure or a column");
    }
}

fn sheets(fields: Fields<'_>) -> Option<Sheets> {
    let each = fields.boolean("each") == Some(true);
    let except = fields.texts("except");
    let named = fields.texts("named");
    let first = fields.boolean("first") == Some(true);
    let sheets = match (each, named, first) {
        (true, None, false) => Some(Sheets::Each { except: except.unwrap_or_default() }),
        (false, Some(named), false) if except.is_none() => Some(Sheets::Named(named)),
        (false, None, true) if except.is_none() => Some(Sheets::First),
        _ => {
            fields.problem(
                "each",
                "say one of { each = true, except = […] }, { named = […] } and { first = true }",
            );
            None
        }
    };
    fields.finish();
    sheets
}

#[derive(Clone, Copy)]
enum From {
    SheetName,
    Column,
    Fixed,
    HeaderRow,
    Title,
    Expected,
    Rows,
}

fn area_from(fields: Fields<'_>) -> Option<AreaFrom> {
    let from = fields.required_choice(
        "from",
        &[
            ("sheet-name", From::SheetName),
            ("column", From::Column),
            ("fixed", From::Fixed),
            ("header-row", From::HeaderRow),
        ],
    );
    let area = match from? {
        From::SheetName => Some(AreaFrom::SheetName),
        From::Column => fields.required_texts("header").map(AreaFrom::Column),
        From::Fixed => fields.required_text("is").map(|code| AreaFrom::Fixed(AreaCode::new(code))),
        _ => Some(AreaFrom::HeaderRow),
    };
    fields.finish();
    area
}

fn measure_from(fields: Fields<'_>) -> Option<MeasureFrom> {
    let from = fields.required_choice(
        "from",
        &[("column", From::Column), ("fixed", From::Fixed), ("header-row", From::HeaderRow)],
    );
    let measure = match from? {
        From::Column => fields.required_texts("header").map(MeasureFrom::Column),
        From::Fixed => fields.required_text("is").map(|id| MeasureFrom::Fixed(MeasureId::new(id))),
        _ => Some(MeasureFrom::HeaderRow),
    };
    fields.finish();
    measure
}

fn period_from(fields: Fields<'_>) -> Option<PeriodFrom> {
    let from = fields.required_choice(
        "from",
        &[
            ("column", From::Column),
            ("header-row", From::HeaderRow),
            ("title", From::Title),
            ("expected", From::Expected),
        ],
    );
    let period = match from? {
        From::Column => {
            let dates = fields.choice(
                "dates",
                &[("dd/mm/yyyy", DateOrder::DayFirst), ("mm/dd/yyyy", DateOrder::MonthFirst)],
            );
            fields.required_texts("header").map(|header| PeriodFrom::Column {
                header,
                dates: dates.unwrap_or(DateOrder::DayFirst),
            })
        }
        From::Title => Some(PeriodFrom::Title { words: fields.texts("words").unwrap_or_default() }),
        From::Expected => Some(PeriodFrom::Expected),
        _ => Some(PeriodFrom::HeaderRow),
    };
    fields.finish();
    period
}

fn value_from(fields: Fields<'_>) -> Option<ValueFrom> {
    let from = fields.required_choice(
        "from",
        &[("header-row", From::HeaderRow), ("column", From::Column), ("rows", From::Rows)],
    );
    let value = match from? {
        From::Column => fields.required_texts("header").map(ValueFrom::Column),
        From::Rows => Some(ValueFrom::Rows),
        _ => Some(ValueFrom::HeaderRow),
    };
    fields.finish();
    value
}

fn breakdown_column(fields: Fields<'_>) -> Option<BreakdownColumn> {
    let dimension = fields.required_text("dimension");
    let from = fields.required_choice("from", &[("column", From::Column)]);
    let header = fields.required_texts("header");
    let whole = fields.texts("whole").unwrap_or_default();
    let values = fields.table("values").map_or_else(BTreeMap::new, |values| {
        let pairs = values
            .names()
            .into_iter()
            .filter_map(|name| Some((name.clone(), values.text(&name)?)))
            .collect();
        values.finish();
        pairs
    });
    fields.finish();
    from?;
    Some(BreakdownColumn { dimension: dimension?, header: header?, values, whole })
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
        let presence = match entry.boolean("optional") {
            Some(true) => Presence::Optional,
            Some(false) | None => Presence::Required,
        };
        entry.finish();
        if let Some(measure) = measure {
            let label = Label { measure, breakdown, presence };
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

fn checks(fields: Fields<'_>) -> Checks {
    let mut checks = Checks::default();
    if let Some(areas) = fields.table("areas") {
        checks.peer_set = areas.required_text("peer_set");
        areas.finish();
    }
    for part in fields.tables("adds_up") {
        let measure = part.required_text("measure").map(MeasureId::new);
        let dimension = part.required_text("dimension");
        part.finish();
        if let (Some(measure), Some(dimension)) = (measure, dimension) {
            checks.adds_up.push(AddsUp { measure, dimension });
        }
    }
    if let Some(columns) = fields.table("change_columns") {
        checks.change_number = columns.texts("number").unwrap_or_default();
        checks.change_percent = columns.texts("percent").unwrap_or_default();
        columns.finish();
    }
    fields.finish();
    checks
}

fn actions(fields: &Fields<'_>) -> Option<ActionColumns> {
    let sheets = match fields.table("sheets") {
        Some(table) => sheets(table),
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
    })
}
