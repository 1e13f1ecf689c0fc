//! Control charts as they are drawn, and quarters as columns where there is none.

use analysis::{Charted, DivisionKind, DrawnChart, DrawnPoint, DrawnSegment, SpcState, SpcSummary};
use model::{Mark, Month, Period, Polarity, Unit};

use super::charts::phrase;
use super::headline::figure_and_basis;
use super::indicators::area_name;
use super::{Reported, figures};
use crate::partner_text::{SENTENCE_MAX, clean};
use crate::report_model::{
    ChartEvent, Column, ControlDrawing, ControlPoint, DataTable, Drawing, DrawingKind, Level,
    LimitsData, MonthData, PointSign, Stretch,
};
use crate::spec::ReportSpec;
use crate::words;

/// Fewer quarters than this are no picture.
const QUARTERS_MIN: usize = 4;

/// The chart of an indicator over time: months with limits, or else quarters.
pub(crate) fn over_time(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Option<Drawing> {
    match (drawn_chart(row), &row.shown.spc) {
        (Some(chart), Some(summary)) => Some(control(row, chart, summary, spec)),
        _ => quarters(row, spec),
    }
}

fn control(
    row: &Reported<'_>,
    chart: &DrawnChart,
    summary: &SpcSummary,
    spec: &ReportSpec<'_>,
) -> Drawing {
    let month = month_name(summary.latest_month);
    let first = chart.points.first().map_or(summary.latest_month, |point| point.month);
    let months =
        Period::new(first, summary.latest_month).map_or_else(String::new, Period::calendar);
    let what = match chart.of {
        Charted::Months => "Figure of each month",
        Charted::YearOnYear => "Each month less the same month of the year before",
    };
    let title = format!("{}: {month} is {}", row.name, phrase(summary));
    let [average, lower, upper] =
        [summary.mean, summary.lower, summary.upper].map(words::one_decimal);
    let latest = chart.points.last().map_or_else(String::new, |point| value(point, chart.of));
    let drawn = ControlDrawing {
        points: chart.points.iter().map(|it| control_point(it, row.measure.polarity)).collect(),
        stretches: chart.segments.iter().map(|segment| stretch(segment, first)).collect(),
        events: events(row, chart, (first, summary.latest_month), spec),
        target: target(row, chart),
        latest: latest.clone(),
    };
    Drawing {
        id: format!("control-{}", row.key.measure),
        alt: format!(
            "{title}. The average is {average}; months usually lie between {lower} and {upper}. {month}: {latest}."
        ),
        title,
        subtitle: format!("{what}, {}, {months}", area_name(row.key, spec)),
        notes: notes(row, chart, summary, spec),
        table: months_table(chart),
        kind: DrawingKind::Control(drawn),
    }
}

/// The place of a month among those from the first.
fn index(month: Month, first: Month) -> usize {
    usize::try_from(month.index() - first.index()).unwrap_or(0)
}

fn month_name(month: Month) -> String {
    Period::month(month).calendar()
}

/// `Jun 25`.
pub(crate) fn short_month(month: Month) -> String {
    let name: String = month.name().chars().take(3).collect();
    format!("{name} {:02}", month.year().rem_euclid(100))
}

/// The figure of a month with its marks, or the mark in its place.
fn value(point: &DrawnPoint, of: Charted) -> String {
    let marks = point.figure.marks;
    let Some(value) = point.figure.value else {
        return marks.to_string();
    };
    let text = match of {
        Charted::Months => words::amount(value, Unit::Count),
        Charted::YearOnYear => words::signed_amount(value, Unit::Count),
    };
    if marks.is_empty() { text } else { format!("{text} {marks}") }
}

fn control_point(point: &DrawnPoint, polarity: Polarity) -> ControlPoint {
    ControlPoint {
        month: short_month(point.month),
        value: point.figure.value.map(as_f64),
        sign: sign(point.state, polarity),
        hollow: point.figure.marks.contains(Mark::P) || point.figure.marks.contains(Mark::E),
    }
}

/// Places on a scale, not figures: the last digits of huge numbers cannot be seen.
#[expect(clippy::cast_precision_loss, reason = "where a point is drawn")]
pub(crate) fn as_f64(value: i64) -> f64 {
    value as f64
}

fn sign(state: Option<SpcState>, polarity: Polarity) -> PointSign {
    let is_high = match state {
        None | Some(SpcState::CommonCause) => return PointSign::Usual,
        Some(SpcState::SpecialHigh) => true,
        Some(SpcState::SpecialLow) => false,
    };
    PointSign::unusual(is_high, polarity)
}

fn stretch(segment: &DrawnSegment, first: Month) -> Stretch {
    let level = |value: f64, label: &str, short: &str| Level {
        value,
        label: format!("{label} {}", words::one_decimal(value)),
        short: format!("{short} {}", words::one_decimal(value)),
    };
    Stretch {
        first: index(segment.first, first),
        last: index(segment.last, first),
        mean: level(segment.mean, "Average", "Average"),
        lower: level(
            segment.lower,
            if segment.trial { "Trial lower limit" } else { "Lower limit" },
            "Lower",
        ),
        upper: level(
            segment.upper,
            if segment.trial { "Trial upper limit" } else { "Upper limit" },
            "Upper",
        ),
    }
}

fn target(row: &Reported<'_>, chart: &DrawnChart) -> Option<Level> {
    let target = row.shown.target.filter(|_| chart.of == Charted::Months)?;
    let label = format!("Target {}", words::amount(target.monthly, Unit::Count));
    Some(Level { value: as_f64(target.monthly), short: label.clone(), label })
}

/// What divides the months, and what happened in them.
fn events(
    row: &Reported<'_>,
    chart: &DrawnChart,
    (first, last): (Month, Month),
    spec: &ReportSpec<'_>,
) -> Vec<ChartEvent> {
    let divisions = chart.divisions.iter().map(|division| {
        let (short, divides) = match division.kind {
            DivisionKind::Break => ("[b] Counted differently", true),
            DivisionKind::Spliced => ("Counted differently", false),
            DivisionKind::Rebase => ("Limits set anew", true),
        };
        let why = words::capitalised(&clean(&division.why, SENTENCE_MAX));
        let mark = if division.kind == DivisionKind::Break { "[b] " } else { "" };
        ChartEvent {
            month: index(division.month, first),
            label: format!("{mark}{why}"),
            short: short.to_owned(),
            divides,
        }
    });
    let dated = spec.events.iter().filter(|event| {
        let month = Month::of(event.on);
        event.scope.covers(&row.key.measure, &row.key.area) && first <= month && month <= last
    });
    let dated = dated.map(|event| ChartEvent {
        month: index(Month::of(event.on), first),
        label: clean(&event.label, SENTENCE_MAX),
        short: words::date(event.on),
        divides: false,
    });
    let mut events: Vec<ChartEvent> = divisions.chain(dated).collect();
    events.sort_by(|one, other| (one.month, &one.label).cmp(&(other.month, &other.label)));
    events
}

/// What is said below the chart: what it begins with, what divides it, what happened.
fn notes(
    row: &Reported<'_>,
    chart: &DrawnChart,
    summary: &SpcSummary,
    spec: &ReportSpec<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if summary.trial {
        notes.push("Trial limits: fewer than 12 months set them.".to_owned());
    }
    for division in &chart.divisions {
        let why = clean(&division.why, SENTENCE_MAX);
        let month = month_name(division.month);
        notes.push(match division.kind {
            DivisionKind::Break => {
                format!("[b] From {month}: {why}. Months before and after are not compared.")
            }
            DivisionKind::Spliced => {
                format!("From {month}: {why}. It was decided that months before and after may be compared.")
            }
            DivisionKind::Rebase => format!("Limits set anew from {month}: {why}."),
        });
    }
    if let Some(began) = summary.began.as_ref().filter(|_| chart.divisions.is_empty()) {
        notes.push(words::sentence(&clean(began, SENTENCE_MAX)));
    }
    let first = chart.points.first().map_or(summary.latest_month, |point| point.month);
    for event in spec.events {
        let month = Month::of(event.on);
        if event.scope.covers(&row.key.measure, &row.key.area)
            && first <= month
            && month <= summary.latest_month
        {
            let label = clean(&event.label, SENTENCE_MAX);
            notes.push(format!("{}: {}", words::date(event.on), words::sentence(&label)));
        }
    }
    if let Some(target) = figures::target_words(row.shown) {
        notes.push(target.to_owned());
    }
    notes
}

fn months_table(chart: &DrawnChart) -> DataTable {
    let figure = match chart.of {
        Charted::Months => "Figure",
        Charted::YearOnYear => "Difference from the year before",
    };
    let rows = chart.points.iter().map(|point| {
        let within = |it: &&DrawnSegment| it.first <= point.month && point.month <= it.last;
        let limits = chart.segments.iter().find(within);
        let limit = |number: fn(&DrawnSegment) -> f64| {
            limits.map_or_else(|| "[z]".to_owned(), |it| words::one_decimal(number(it)))
        };
        let shows = match point.state {
            None => "[z]",
            Some(SpcState::CommonCause) => "As usual",
            Some(SpcState::SpecialHigh) => "High",
            Some(SpcState::SpecialLow) => "Low",
        };
        vec![
            month_name(point.month),
            value(point, chart.of),
            limit(|it| it.mean),
            limit(|it| it.lower),
            limit(|it| it.upper),
            shows.to_owned(),
        ]
    });
    DataTable {
        caption: "Months of the chart".to_owned(),
        columns: ["Month", figure, "Average", "Lower limit", "Upper limit", "What it shows"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}

/// What the months of the chart are, for data files.
pub(crate) fn months_are(row: &Reported<'_>) -> String {
    match drawn_chart(row).map(|chart| chart.of) {
        None => "",
        Some(Charted::Months) => "figure",
        Some(Charted::YearOnYear) => "difference from the year before",
    }
    .to_owned()
}

/// The same months for data files.
pub(crate) fn months_data(row: &Reported<'_>) -> Vec<MonthData> {
    let Some(chart) = drawn_chart(row) else { return Vec::new() };
    let month = |point: &DrawnPoint| {
        let within =
            |it: &(usize, &DrawnSegment)| it.1.first <= point.month && point.month <= it.1.last;
        let limits = (1..).zip(&chart.segments).find(within);
        MonthData {
            month: point.month.to_string(),
            number: point.figure.value.map(|value| words::plain(value, Unit::Count)),
            marks: point.figure.marks.to_string(),
            limits: limits.map(|(stretch, segment)| LimitsData {
                stretch,
                average: words::plain_one_decimal(segment.mean),
                lower: words::plain_one_decimal(segment.lower),
                upper: words::plain_one_decimal(segment.upper),
                trial: segment.trial,
            }),
            shows: match point.state {
                None => "",
                Some(SpcState::CommonCause) => "as usual",
                Some(SpcState::SpecialHigh) => "high",
                Some(SpcState::SpecialLow) => "low",
            }
            .to_owned(),
        }
    };
    chart.points.iter().map(month).collect()
}

fn drawn_chart<'a>(row: &'a Reported<'_>) -> Option<&'a DrawnChart> {
    row.shown.history.as_ref()?.chart.as_ref()
}

fn quarters(row: &Reported<'_>, spec: &ReportSpec<'_>) -> Option<Drawing> {
    let history = row.shown.history.as_ref()?;
    let unit = row.measure.unit;
    let known = history.quarters.iter().filter(|(_, figure)| figure.value.is_some()).count();
    if known < QUARTERS_MIN {
        return None;
    }
    let begins = history.quarters.iter().position(|(_, figure)| figure.value.is_some())?;
    let shown = &history.quarters[begins..];
    let season = shown.last().map(|(quarter, _)| quarter.first().month());
    let text = |figure: &model::Figure| match figure.value {
        Some(value) => words::amount(value, unit),
        None => figure.marks.to_string(),
    };
    let columns = shown.iter().map(|(quarter, figure)| Column {
        months: short_months(*quarter),
        year: quarter.last().year().to_string(),
        value: figure.value.map(as_f64),
        label: text(figure),
        hollow: figure.marks.contains(Mark::P),
        same_season: Some(quarter.first().month()) == season,
    });
    let rows = shown.iter().map(|(quarter, figure)| {
        let marks = figure.marks;
        let qualified = figure.value.is_some() && !marks.is_empty();
        let figure = text(figure);
        vec![quarter.calendar(), if qualified { format!("{figure} {marks}") } else { figure }]
    });
    let basis = figure_and_basis(row.shown, unit, spec.period)?;
    let title = format!("{}: {basis}", row.name);
    let of = shown.first()?.0.joined(shown.last()?.0);
    Some(Drawing {
        id: format!("quarters-{}", row.key.measure),
        alt: format!(
            "{title}. {} quarters as columns.",
            words::capitalised(&words::count_in_words(shown.len()))
        ),
        title,
        subtitle: format!("By the quarter, {}, {}", area_name(row.key, spec), of.calendar()),
        notes: vec![
            "The same quarter of each year is darker; outlined columns are provisional.".to_owned(),
        ],
        table: DataTable {
            caption: "Quarters of the chart".to_owned(),
            columns: vec!["Quarter".to_owned(), "Figure".to_owned()],
            rows: rows.collect(),
        },
        kind: DrawingKind::Columns(columns.collect()),
    })
}

/// `Apr–Jun`.
pub(crate) fn short_months(quarter: Period) -> String {
    let short = |month: Month| month.name().chars().take(3).collect::<String>();
    format!("{}\u{2013}{}", short(quarter.first()), short(quarter.last()))
}
