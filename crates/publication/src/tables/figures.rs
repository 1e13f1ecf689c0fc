//! Tables of figures: indicators, their parts, their quarters, and what has been revised.

use super::dataset::{
    Column, Dataset, Kind, Origin, Row, column, number, number_and_status, text, value,
};
use crate::report_model::{ChangeText, FigureText, Figures, IndicatorRow, ReportModel};

/// Stands where a figure does not apply.
pub(super) const NOT_APPLICABLE: &str = "[z]";
/// Stands where a figure is not known.
pub(super) const NOT_AVAILABLE: &str = "[x]";
pub(super) const NO_MARK: &str = "no mark applies";

pub(super) const INDICATOR: Column =
    column("Indicator", Kind::Text, "Name of the indicator, as the report has it.");
pub(super) const MEASURE: Column =
    column("Measure", Kind::Text, "Key of the measure, the same in every table and report.");
pub(super) const AREA_CODE: Column =
    column("Area code", Kind::Text, "Code of the area (GSS code where it has one).");
pub(super) const AREA: Column = column("Area", Kind::Text, "Name of the area.");
const PERIOD: Column = column("Period", Kind::Period, "The period the figure is of.");
const UNIT: Column = column("Unit", Kind::Text, "What figures are in: count, pounds, percent.");

const FIGURES: [Column; 9] = [
    column("Figure", Kind::Decimal, "The figure of the period, in its unit."),
    column("Figure status", Kind::Marks, "Marks that qualify the figure.").blank(NO_MARK),
    column("Same period last year", Kind::Decimal, "The figure of the same period a year before."),
    column("Same period last year status", Kind::Marks, "Marks that qualify last year's figure.")
        .blank(NO_MARK),
    column("Change", Kind::Decimal, "The figure less that of the same period last year."),
    column("Change %", Kind::Decimal, "The change in percent of last year's figure."),
    column("Rolling 12 months", Kind::Decimal, "The figure of the 12 months that end with it."),
    column("Rolling 12 months status", Kind::Marks, "Marks that qualify the 12 months.")
        .blank(NO_MARK),
    column("Precision", Kind::Text, "Whether figures are exact or rounded to 5."),
];

fn figure_cells(figures: &Figures) -> Row {
    let shown =
        |figure: &FigureText| number(figure.number.clone().unwrap_or_else(|| figure.text.clone()));
    let change = &figures.change;
    vec![
        shown(&figures.now),
        value(&figures.now.status_data),
        shown(&figures.year_before),
        value(&figures.year_before.status_data),
        number(change.number.clone().unwrap_or_else(|| change.text.clone())),
        number(percent_cell(change)),
        shown(&figures.twelve_months),
        value(&figures.twelve_months.status_data),
        value(&figures.precision_data),
    ]
}

/// A percentage is missing for the reason the change is, or does not apply to a small base.
pub(super) fn percent_cell(change: &ChangeText) -> String {
    match (&change.percent_number, &change.number) {
        (Some(percent), _) => percent.clone(),
        (None, Some(_)) => NOT_APPLICABLE.to_owned(),
        (None, None) => change.text.clone(),
    }
}

const RATES: [Column; 16] = [
    column("Rate per 1,000", Kind::Decimal, "Events per 1,000 residents."),
    column("Rate status", Kind::Marks, "Marks that qualify the rate.").blank(NO_MARK),
    column("Rate lower 95%", Kind::Decimal, "Lower end of the 95% interval of the rate."),
    column("Rate upper 95%", Kind::Decimal, "Upper end of the 95% interval of the rate."),
    column("Rate over", Kind::Text, "What the rate is over: the quarter, or 12 months."),
    column("Peer average rate", Kind::Decimal, "Mean of the rates of all peers."),
    column("Position", Kind::Integer, "Place among the peers, counted from the better end."),
    column("Position out of", Kind::Integer, "How many peers there are."),
    column("Position last year", Kind::Integer, "Place among the peers a year before."),
    column("Peers", Kind::Text, "Who the peers are."),
    column("Verdict", Kind::Text, "Concern, Improving, No change or Cannot judge."),
    column("Reason", Kind::Text, "Why the verdict is what it is."),
    column("Data", Kind::Text, "Whether there is enough to judge by."),
    column("Variation", Kind::Text, "What the control chart of months shows."),
    column("Comparison", Kind::Text, "How the rate stands among its peers."),
    column("Target", Kind::Text, "How the figure stands against its target."),
];

fn rate_cells(row: &IndicatorRow) -> Row {
    let Some(rate) = &row.rate else {
        return (0..10).map(|_| number(&row.no_rate_data)).collect();
    };
    let whole = |place: Option<u32>| {
        number(place.map_or_else(|| NOT_AVAILABLE.to_owned(), |place| place.to_string()))
    };
    vec![
        number(&rate.per_1000_data),
        value(&rate.mark_data),
        number(&rate.lower),
        number(&rate.upper),
        value(&rate.over),
        number(&rate.peer_average),
        whole(rate.place_data),
        whole(rate.of_data),
        whole(rate.place_before_data),
        if rate.peers.is_empty() { number(NOT_AVAILABLE) } else { text(&rate.peers) },
    ]
}

pub(super) fn indicators(model: &ReportModel) -> Dataset {
    let priority = column("Priority", Kind::Text, "The priority it is reported under.");
    let mut columns = vec![priority, INDICATOR, MEASURE, AREA_CODE, AREA, PERIOD, UNIT];
    columns.extend(FIGURES);
    columns.extend(RATES);
    let mut rows = Vec::new();
    for group in &model.indicators.groups {
        for row in &group.rows {
            let mut cells = vec![
                text(&group.heading),
                text(&row.name),
                text(&row.measure),
                text(&row.area_code),
                text(&row.area),
                value(&model.period_data),
                value(&row.unit_data),
            ];
            cells.extend(figure_cells(&row.figures));
            cells.extend(rate_cells(row));
            cells.extend([value(&row.tag.word), text(&row.reason)]);
            cells.extend(row.statuses_data.iter().map(value));
            rows.push(cells);
        }
    }
    Dataset {
        name: "indicators",
        title: "Indicators",
        about: "Every indicator with its figure, last year's, the change, 12 months, rate, position and verdict.",
        origin: Origin::Figures,
        columns,
        rows,
    }
}

pub(super) fn quarters(model: &ReportModel) -> Dataset {
    let columns = vec![
        INDICATOR,
        MEASURE,
        AREA_CODE,
        AREA,
        column("Period", Kind::Period, "The period the figure is of: financial year and quarter."),
        column("Months", Kind::Text, "The same period in calendar months."),
        UNIT,
        column("Figure", Kind::Decimal, "The figure of the period, in its unit."),
        column("Figure status", Kind::Marks, "Marks that qualify the figure.").blank(NO_MARK),
    ];
    let mut rows = Vec::new();
    for detail in &model.details {
        for quarter in &detail.quarters {
            let mut cells = vec![
                text(&detail.name),
                text(&detail.id),
                text(&detail.series_data.area_code),
                text(&detail.series_data.area),
                value(&quarter.period_data),
                value(&quarter.period),
                value(&detail.series_data.unit),
            ];
            cells.extend(number_and_status(quarter.number.as_deref(), &quarter.status_data));
            rows.push(cells);
        }
    }
    Dataset {
        name: "quarterly-figures",
        title: "Quarterly figures",
        about: "The last quarters of every indicator, one row for each indicator and period.",
        origin: Origin::Figures,
        columns,
        rows,
    }
}

pub(super) fn parts(model: &ReportModel) -> Dataset {
    let part = column("Part", Kind::Text, "Which part of the indicator.");
    let mut columns = vec![INDICATOR, MEASURE, part, AREA_CODE, AREA, PERIOD, UNIT];
    columns.extend(FIGURES);
    let mut rows = Vec::new();
    for group in &model.parts.groups {
        for row in &group.rows {
            let mut cells = vec![
                text(&group.name),
                text(&group.measure),
                text(&row.part),
                text(&row.area_code),
                text(&row.area),
                value(&model.period_data),
                value(&group.unit_data),
            ];
            cells.extend(figure_cells(&row.figures));
            rows.push(cells);
        }
    }
    Dataset {
        name: "parts-of-indicators",
        title: "Parts of indicators",
        about: "Parts of indicators, such as levels of risk, with the same figures; parts get no verdict.",
        origin: Origin::Figures,
        columns,
        rows,
    }
}

pub(super) fn revisions(model: &ReportModel) -> Dataset {
    let columns = vec![
        column("Figure", Kind::Text, "What was printed before and is another now."),
        column("Period", Kind::Period, "The period it is of."),
        column("Was", Kind::Text, "As printed before, with its marks.")
            .blank("success measures have a verdict only"),
        column("Is", Kind::Text, "As it is now, with its marks.")
            .blank("success measures have a verdict only"),
        column("Verdict", Kind::Text, "The verdict then and now, where it is another.")
            .blank("the verdict is the same, or there is none"),
        column("Why", Kind::Text, "Why it has changed."),
    ];
    let row = |row: &crate::report_model::RevisionRow| -> Row {
        vec![
            text(&row.name),
            value(&row.period_data),
            value(&row.old),
            value(&row.new),
            value(&row.verdict),
            text(&row.why),
        ]
    };
    Dataset {
        name: "revisions",
        title: "Revised figures",
        about: "Figures of the last report that have changed since, and why.",
        origin: Origin::Books,
        columns,
        rows: model.revisions.all_data.iter().map(row).collect(),
    }
}
