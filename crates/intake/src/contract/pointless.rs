//! Known exceptions that can never apply: whoever wrote one believes that it holds.

use std::collections::BTreeSet;

use model::MeasureId;

use super::fields::Fields;
use super::{Exception, Figures, JumpRule, Sheets, TableLayout, ValueFrom, Where};
use crate::understand::{folded, is_like};

/// Says of each `[[exception]]` of a return of figures why it can never apply, if it cannot.
pub(super) fn find(figures: &Figures, fields: &Fields<'_>) {
    for (known, at) in figures.checks.exceptions.iter().zip(fields.tables("exception")) {
        code(known, figures, &at);
        measure_and_part(known, figures, &at);
        area(known, figures, &at);
        sheet(known, figures, &at);
        if let Some(period) = known.period
            && known.until < period.first().first_day()
        {
            let what = format!(
                "is over before {period} begins, and nothing can be sent about that until then: say a later day"
            );
            at.problem("until", &what);
        }
    }
}

/// The check is not made by this contract, or its findings are about other things.
fn code(known: &Exception, figures: &Figures, at: &Fields<'_>) {
    let checks = &figures.checks;
    let rows = figures.tables.iter().any(|layout| layout.value == ValueFrom::Rows);
    let not_made = match known.code.as_str() {
        "out-of-range" if checks.ranges.is_empty() => "has no checks.ranges",
        "required-blank" if checks.required.is_empty() => "has no checks.required",
        "breakdown-differs" if checks.adds_up.is_empty() => "has no checks.adds_up",
        "change-differs" if checks.change_number.is_empty() && checks.change_percent.is_empty() => {
            "has no checks.change_columns"
        }
        "record-outside-period" | "record-twice" if !rows => "counts no rows",
        "jump" if checks.jump == JumpRule::Off => "has jump = false",
        _ => "",
    };
    if !not_made.is_empty() {
        let what = format!(
            "`{}` is never found in this return, which {not_made}: take the exception out",
            known.code
        );
        at.problem("code", &what);
    }
    let (about, others): (&str, &[&str]) = match known.code.as_str() {
        "same-as-last-period" | "same-as-last-year" => {
            ("the whole return: name its period", &["measure", "breakdown", "area", "sheet"])
        }
        "hidden-sheet" => ("a sheet: name it", &["measure", "breakdown", "area", "period"]),
        _ => return,
    };
    for key in others.iter().filter(|key| at.has(key)) {
        at.problem(key, &format!("`{}` is about {about}", known.code));
    }
}

fn measure_and_part(known: &Exception, figures: &Figures, at: &Fields<'_>) {
    let labelled = |measure: &MeasureId| {
        figures.labels.values().filter(|label| label.measure == *measure).collect::<Vec<_>>()
    };
    if let Some(measure) = &known.measure {
        let fixed =
            figures.tables.iter().any(|layout| layout.measure == Where::Fixed(measure.clone()));
        if !fixed && labelled(measure).is_empty() {
            let what = format!(
                "`{measure}` is not carried by this return, so that nothing is ever found about it: correct it or take the exception out"
            );
            at.problem("measure", &what);
            return;
        }
    }
    let Some(breakdown) = &known.breakdown else {
        return;
    };
    let said_by_label = |dimension: &str, category: &str| {
        let mut labels = figures
            .labels
            .values()
            .filter(|label| known.measure.as_ref().is_none_or(|measure| label.measure == *measure));
        labels.any(|label| label.breakdown.iter().any(|part| part == (dimension, category)))
    };
    for (dimension, category) in breakdown.iter() {
        let said_by_table =
            figures.tables.iter().flat_map(|layout| &layout.breakdowns).any(|part| {
                let is_fixed = match &part.place {
                    Where::Fixed(only) => only == category,
                    _ => {
                        part.values.is_empty()
                            || part.values.values().any(|value| value == category)
                    }
                };
                part.dimension == dimension && is_fixed
            });
        if !said_by_table && !said_by_label(dimension, category) {
            let what = format!(
                "this return has no part `{dimension}={category}`: correct it or take the exception out"
            );
            at.problem("breakdown", &what);
        }
    }
}

/// Where every table is about one area, no other is ever met.
fn area(known: &Exception, figures: &Figures, at: &Fields<'_>) {
    let Some(code) = &known.area else {
        return;
    };
    let fixed: Option<BTreeSet<_>> = figures
        .tables
        .iter()
        .map(|layout| match &layout.area {
            Where::Fixed(code) => Some(code),
            _ => None,
        })
        .collect();
    if let Some(fixed) = fixed
        && !fixed.contains(code)
    {
        let all: Vec<String> = fixed.iter().map(ToString::to_string).collect();
        let what = format!(
            "this return is about {} only: correct it or take the exception out",
            all.join(", ")
        );
        at.problem("area", &what);
    }
}

/// Where the sheets are named, no other is read. A CSV file has one sheet of its own name.
fn sheet(known: &Exception, figures: &Figures, at: &Fields<'_>) {
    let Some(sheet) = known.sheet.as_deref().filter(|_| known.code != "hidden-sheet") else {
        return;
    };
    let name = folded(sheet);
    let may_be_read = |layout: &TableLayout| match &layout.sheets {
        Sheets::Named(names) => names.iter().any(|other| folded(other) == name),
        Sheets::Like(patterns) => patterns.iter().any(|other| is_like(&name, &folded(other))),
        Sheets::Each { except } => except.iter().all(|other| folded(other) != name),
        Sheets::First => true,
    };
    if name != crate::workbook::CSV_SHEET && !figures.tables.iter().any(may_be_read) {
        let what = format!(
            "no table of this return is read from a sheet `{sheet}`: correct it or take the exception out"
        );
        at.problem("sheet", &what);
    }
}
