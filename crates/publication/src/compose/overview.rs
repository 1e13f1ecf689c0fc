//! Every indicator at a glance: 12 months as they rolled on, side by side.

use analysis::Verdict;
use model::{Figure, Mark, Month};

use super::control::{as_f64, short_month};
use super::headline::{Tally, verdict_counts};
use super::{Reported, verdict_tag};
use crate::report_model::{DataTable, Drawing, DrawingKind, Panel};
use crate::spec::ReportSpec;
use crate::words;

/// Panels in the message; the page and the pack have all.
const PANELS_MAX: usize = 9;
/// Fewer points are no line.
const POINTS_MIN: usize = 2;

/// The overview of the message: those of concern first.
pub(crate) fn of_message(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> Option<Drawing> {
    let mut pictured: Vec<&Reported<'_>> = rows.iter().filter(|row| is_pictured(row)).collect();
    let all = pictured.len();
    let order = |row: &Reported<'_>| match row.shown.verdict {
        Verdict::Concern => 0,
        Verdict::Improving => 1,
        Verdict::NoChange => 2,
        Verdict::CannotJudge => 3,
    };
    pictured.sort_by_key(|row| order(row));
    pictured.truncate(PANELS_MAX);
    let note = if all > PANELS_MAX {
        format!(
            "The {} most pressing of {all}; the rest are in the pack and on the page.",
            words::count_in_words(PANELS_MAX)
        )
    } else {
        String::new()
    };
    overview("overview".to_owned(), &pictured, note, spec)
}

/// The overviews of the page and the pack: one for each priority.
pub(crate) fn by_priority(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> Vec<Drawing> {
    rows.chunk_by(|one, other| one.heading == other.heading)
        .enumerate()
        .filter_map(|(index, group)| {
            let pictured: Vec<&Reported<'_>> =
                group.iter().filter(|row| is_pictured(row)).collect();
            let id = format!("overview-{}", index + 1);
            let mut drawing = overview(id, &pictured, String::new(), spec)?;
            let heading = &group.first()?.heading;
            drawing.title = format!("{heading}. {}", drawing.title);
            drawing.alt = format!("{heading}. {}", drawing.alt);
            Some(drawing)
        })
        .collect()
}

fn is_pictured(row: &Reported<'_>) -> bool {
    row.shown.history.as_ref().is_some_and(|history| history.rolling.len() >= POINTS_MIN)
}

fn overview(
    id: String,
    rows: &[&Reported<'_>],
    note: String,
    spec: &ReportSpec<'_>,
) -> Option<Drawing> {
    let first =
        rows.iter().filter_map(|row| Some(row.shown.history.as_ref()?.rolling.first()?.0)).min()?;
    let last = spec.period.last();
    let tally = Tally::of_some(rows);
    let title = verdict_counts(&tally, spec);
    let years = |month: Month| format!("{} {}", month.name(), month.year());
    let panels: Vec<Panel> = rows.iter().filter_map(|row| panel(row, (first, last))).collect();
    Some(Drawing {
        id,
        alt: format!(
            "Small charts of {}. {title}.",
            words::counted(rows.len(), "indicator", "indicators")
        ),
        title,
        subtitle: format!(
            "12 months to each month, from {} to {}; each on a scale of its own from zero",
            years(first),
            years(last)
        ),
        notes: Some(note).into_iter().filter(|note| !note.is_empty()).collect(),
        table: table(rows, spec),
        kind: DrawingKind::Multiples(panels),
    })
}

fn panel(row: &Reported<'_>, (first, last): (Month, Month)) -> Option<Panel> {
    let rolling = &row.shown.history.as_ref()?.rolling;
    let (month, latest) = rolling.last()?;
    let value = words::amount(latest.value?, row.measure.unit);
    let offset = |month: Month| as_f64(i64::from(month.index() - first.index()));
    // Twelve months with a break in them add up two ways of counting.
    let whole = |figure: &Figure| !figure.marks.contains(Mark::B);
    let lines = rolling.chunk_by(|one, other| whole(&one.1) == whole(&other.1));
    let lines = lines.filter(|line| line.iter().all(|(_, figure)| whole(figure)));
    let lines = lines.map(|line| {
        let point =
            |(month, figure): &(Month, Figure)| Some((offset(*month), as_f64(figure.value?)));
        line.iter().filter_map(point).collect()
    });
    Some(Panel {
        name: row.name.clone(),
        tag: verdict_tag(row.shown.verdict, row.measure.polarity),
        lines: lines.collect(),
        months: usize::try_from(last.index() - first.index() + 1).unwrap_or(1),
        first: short_month(first),
        last: short_month(last),
        latest: if *month == last { value } else { format!("{value} in {}", short_month(*month)) },
        hollow: latest.marks.contains(Mark::P),
    })
}

fn table(rows: &[&Reported<'_>], spec: &ReportSpec<'_>) -> DataTable {
    let last = spec.period.last();
    let months = [last.plus(-24), last.plus(-12), last];
    let mut columns = vec!["Indicator".to_owned(), "Verdict".to_owned()];
    columns.extend(months.map(|month| format!("12 months to {} {}", month.name(), month.year())));
    let cells = |row: &&Reported<'_>| {
        let rolling = row.shown.history.as_ref().map_or(&[][..], |history| &history.rolling);
        let figure = |month: Month| {
            let found = rolling.iter().find(|(known, _)| *known == month);
            let value = found.and_then(|(_, figure)| Some((figure.value?, figure.marks)));
            match value {
                Some((value, marks)) if marks.is_empty() => words::amount(value, row.measure.unit),
                Some((value, marks)) => {
                    format!("{} {marks}", words::amount(value, row.measure.unit))
                }
                None => "[x]".to_owned(),
            }
        };
        let mut cells =
            vec![row.name.clone(), verdict_tag(row.shown.verdict, row.measure.polarity).word];
        cells.extend(months.map(figure));
        cells
    };
    DataTable {
        caption: "12 months, now and one and two years ago".to_owned(),
        columns,
        rows: rows.iter().map(cells).collect(),
    }
}
