//! One `[[table]]` of a contract: where it stands, and where it says what its figures are about.

use std::collections::BTreeMap;

use model::{AreaCode, MeasureId, Period};

use super::fields::Fields;
use super::{
    BlankRows, BreakdownFrom, DateOrder, Fill, FixedPeriod, KeyColumn, LabelledCell, OtherAreas,
    PeriodFrom, SameKey, Sheets, Side, StrayZeros, TableLayout, ValueFrom, Where, YearKind,
};

pub(super) fn layout(fields: Fields<'_>) -> Option<TableLayout> {
    let sheets = fields.required_table("sheets").and_then(sheets);
    let starts_below = fields.texts("starts_below").unwrap_or_default();
    let ends_at = fields.texts("ends_at").unwrap_or_default();
    let area = fields.required_table("area").and_then(area);
    let value = fields.required_table("value").and_then(value);
    let measure = if fields.has("measure") || !matches!(value, Some(ValueFrom::Cells(_))) {
        fields.required_table("measure").and_then(measure)
    } else {
        Some(Where::Labels)
    };
    let period = fields.required_table("period").and_then(period);
    let breakdowns: Vec<Option<BreakdownFrom>> =
        fields.tables("breakdown").into_iter().map(breakdown).collect();
    let same_key = match fields.boolean("add_up") {
        Some(true) => SameKey::AddUp,
        Some(false) | None => SameKey::Refuse,
    };
    let totals = fields.texts("totals").unwrap_or_default();
    let ignore = fields.texts("ignore").unwrap_or_default();
    let other_areas = fields.choice("only_areas", &[("known", OtherAreas::LeaveOut)]);
    let blank_rows = match fields.boolean("ignore_blank_rows") {
        Some(true) => BlankRows::LeaveOut,
        Some(false) | None => BlankRows::Missing,
    };
    let stray_zeros = match fields.boolean("ignore_stray_zeros") {
        Some(true) => StrayZeros::LeaveOut,
        Some(false) | None => StrayZeros::Refuse,
    };
    let layout = Some(()).and_then(|()| {
        Some(TableLayout {
            sheets: sheets?,
            starts_below,
            ends_at,
            area: area?,
            measure: measure?,
            period: period?,
            value: value?,
            same_key,
            breakdowns: breakdowns.into_iter().collect::<Option<_>>()?,
            totals,
            ignore,
            other_areas: other_areas.unwrap_or(OtherAreas::Refuse),
            blank_rows,
            stray_zeros,
        })
    });
    if let Some(layout) = &layout {
        places_fit(layout, &fields);
    }
    fields.finish();
    layout
}

/// Where the figures stand decides where the rest may be said.
fn places_fit(layout: &TableLayout, fields: &Fields<'_>) {
    let headings =
        [layout.area.is_heading(), layout.measure.is_heading(), layout.period.place.is_heading()];
    let parts = layout.breakdowns.iter().any(|part| part.place.is_heading());
    let any = parts || headings.contains(&true);
    match &layout.value {
        ValueFrom::HeaderRow if !any => fields.problem(
            "value",
            "is taken from the header row, so one of area, measure, period and breakdown must be too",
        ),
        ValueFrom::HeaderRow => {}
        _ if any => fields.problem(
            "value",
            "must be { from = \"header-row\" }, because the header row says what the columns hold",
        ),
        ValueFrom::Cells(_) => form_fits(layout, fields),
        ValueFrom::Column(_) | ValueFrom::Rows => {}
    }
    if layout.measure == Where::Labels && !matches!(layout.value, ValueFrom::Cells(_)) {
        fields.problem(
            "measure",
            "only the labels of a form say what is counted: say { from = \"column\" } or another place",
        );
    }
    let blocks = layout.area.is_block()
        || layout.measure.is_block()
        || layout.period.place.is_block()
        || layout.breakdowns.iter().any(|part| part.place.is_block());
    if layout.value == ValueFrom::Rows && blocks {
        fields.problem(
            "value",
            "rows that are counted stand in no blocks: say { from = \"column\" }",
        );
    }
    for key in ["ignore_blank_rows", "ignore_stray_zeros"] {
        if layout.value == ValueFrom::Rows && fields.has(key) {
            fields.problem(key, "rows are counted, not read: leave it out");
        }
    }
    if layout.value == ValueFrom::Rows && layout.same_key == SameKey::AddUp {
        fields.problem("add_up", "rows are counted already: leave it out");
    }
}

/// A form has neither columns nor rows.
fn form_fits(layout: &TableLayout, fields: &Fields<'_>) {
    let what = "a form has no columns and blocks: say fixed, sheet-name, title or cell";
    if layout.measure != Where::Labels {
        fields.problem("measure", "is said by the labels of the form: leave it out");
    }
    if layout.area.column().is_some() || layout.area.is_block() {
        fields.problem("area", what);
    }
    if layout.period.place.column().is_some() || layout.period.place.is_block() {
        fields.problem("period", what);
    }
    if layout.breakdowns.iter().any(|part| part.place.column().is_some() || part.place.is_block()) {
        fields.problem("breakdown", what);
    }
    for key in ["only_areas", "ignore_blank_rows", "ignore_stray_zeros"] {
        if fields.has(key) {
            fields.problem(key, "a form has no rows to leave out: take the key away");
        }
    }
}

pub(super) fn sheets(fields: Fields<'_>) -> Option<Sheets> {
    let each = fields.boolean("each") == Some(true);
    let except = fields.texts("except");
    let named = fields.texts("named");
    let like = fields.texts("like");
    let first = fields.boolean("first") == Some(true);
    let sheets = match (each, named, like, first) {
        (true, None, None, false) => Some(Sheets::Each { except: except.unwrap_or_default() }),
        (false, Some(named), None, false) if except.is_none() => Some(Sheets::Named(named)),
        (false, None, Some(like), false) if except.is_none() => Some(Sheets::Like(like)),
        (false, None, None, true) if except.is_none() => Some(Sheets::First),
        _ => {
            fields.problem(
                "each",
                "say one of { each = true, except = […] }, { named = […] }, { like = […] } and { first = true }",
            );
            None
        }
    };
    fields.finish();
    sheets
}

/// A word after `from`.
#[derive(Clone, Copy)]
enum From {
    Fixed,
    SheetName,
    Column,
    HeaderRow,
    Title,
    Block,
    Cell,
    Labels,
    Expected,
    Rows,
    Cells,
}

const SIDES: &[(&str, Side)] = &[("right", Side::Right), ("below", Side::Below)];

/// What is said after `from`, for everything but `fixed` and `expected`.
fn place<T>(fields: &Fields<'_>, from: From) -> Option<Where<T>> {
    match from {
        From::SheetName => Some(Where::SheetName),
        From::Column => {
            let header = fields.required_texts("header");
            let fill = fields.choice("fill", &[("down", Fill::Down)]);
            let fill = fill.unwrap_or(Fill::Blank);
            Some(Where::Column(KeyColumn { header: header?, fill }))
        }
        From::Title => Some(Where::Title { words: fields.texts("words").unwrap_or_default() }),
        From::Block => Some(Where::Block),
        From::Cell => {
            let label = fields.required_texts("label");
            let side = fields.choice("side", SIDES).unwrap_or(Side::Right);
            Some(Where::Cell(LabelledCell { label: label?, side }))
        }
        From::Labels => Some(Where::Labels),
        From::HeaderRow | From::Fixed | From::Expected | From::Rows | From::Cells => {
            Some(Where::HeaderRow)
        }
    }
}

/// The places where anything can be said.
const PLACES: [(&str, From); 7] = [
    ("fixed", From::Fixed),
    ("sheet-name", From::SheetName),
    ("column", From::Column),
    ("header-row", From::HeaderRow),
    ("title", From::Title),
    ("block", From::Block),
    ("cell", From::Cell),
];

fn with(more: &[(&'static str, From)]) -> Vec<(&'static str, From)> {
    PLACES.iter().chain(more).copied().collect()
}

fn area(fields: Fields<'_>) -> Option<Where<AreaCode>> {
    let area = match fields.required_choice("from", &PLACES)? {
        From::Fixed => fields.required_text("is").map(|code| Where::Fixed(AreaCode::new(code))),
        from => place(&fields, from),
    };
    fields.finish();
    area
}

fn measure(fields: Fields<'_>) -> Option<Where<MeasureId>> {
    let measure = match fields.required_choice("from", &with(&[("labels", From::Labels)]))? {
        From::Fixed => fields.required_text("is").map(|id| Where::Fixed(MeasureId::new(id))),
        from => place(&fields, from),
    };
    fields.finish();
    measure
}

fn period(fields: Fields<'_>) -> Option<PeriodFrom> {
    let from = fields.required_choice("from", &with(&[("expected", From::Expected)]))?;
    let place = match from {
        From::Expected => Some(Where::Fixed(FixedPeriod::Expected)),
        From::Fixed => fixed_period(&fields).map(|period| Where::Fixed(FixedPeriod::Is(period))),
        from => place(&fields, from),
    };
    let years = fields
        .choice("years", &[("calendar", YearKind::Calendar), ("financial", YearKind::Financial)]);
    if years.is_some() && matches!(place, Some(Where::Fixed(_))) {
        fields.problem("years", "nothing is read here: take it away");
    }
    let mut period =
        PeriodFrom { place: place?, dates: DateOrder::DayFirst, year: Vec::new(), years };
    let dates = [("dd/mm/yyyy", DateOrder::DayFirst), ("mm/dd/yyyy", DateOrder::MonthFirst)];
    if period.place.column().is_some() {
        period.dates = fields.choice("dates", &dates).unwrap_or(DateOrder::DayFirst);
        period.year = fields.texts("year").unwrap_or_default();
    } else {
        for (key, what) in [("dates", "orders the dates of"), ("year", "stands beside")] {
            if fields.has(key) {
                let problem =
                    format!("{what} a column: take it away, or say {{ from = \"column\" }}");
                fields.problem(key, &problem);
            }
        }
    }
    fields.finish();
    Some(period)
}

fn fixed_period(fields: &Fields<'_>) -> Option<Period> {
    let period = fields.required_text("is")?.parse();
    if let Err(error) = &period {
        let error: &model::PeriodError = error;
        fields.problem("is", &error.to_string());
    }
    period.ok()
}

fn value(fields: Fields<'_>) -> Option<ValueFrom> {
    let from = fields.required_choice(
        "from",
        &[
            ("header-row", From::HeaderRow),
            ("column", From::Column),
            ("rows", From::Rows),
            ("cells", From::Cells),
        ],
    );
    let value = match from? {
        From::Column => fields.required_texts("header").map(ValueFrom::Column),
        From::Rows => Some(ValueFrom::Rows),
        From::Cells => Some(ValueFrom::Cells(fields.choice("side", SIDES).unwrap_or(Side::Right))),
        _ => Some(ValueFrom::HeaderRow),
    };
    fields.finish();
    value
}

fn breakdown(fields: Fields<'_>) -> Option<BreakdownFrom> {
    let dimension = fields.required_text("dimension");
    let place = match fields.required_choice("from", &PLACES) {
        Some(From::Fixed) => fields.required_text("is").map(Where::Fixed),
        Some(from) => place(&fields, from),
        None => {
            // The headings of a column: one thing is wrong with it, not two.
            fields.texts("header");
            None
        }
    };
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
    let open = matches!(place, Some(Where::HeaderRow | Where::Block | Where::Title { .. }));
    if open && values.is_empty() {
        fields.problem(
            "values",
            "is missing: any text could be a category here, so say which are: values = { \"High risk\" = \"high\" }",
        );
    }
    fields.finish();
    Some(BreakdownFrom { dimension: dimension?, place: place?, values, whole })
}
