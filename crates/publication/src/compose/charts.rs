//! The table of control charts: what months usually vary by, and what the last one shows.

use analysis::{Charted, SpcRule, SpcState, SpcSummary, Verdict};
use model::Unit;

use super::figures::figures;
use super::indicators::area_name;
use super::{Captions, Reported, verdict_tag};
use crate::report_model::{ChartRow, ChartSection};
use crate::spec::ReportSpec;
use crate::words;

/// Names after which the list of withheld charts says how many more there are.
const NAMES_MAX: usize = 8;

pub(crate) fn chart_section(
    rows: &[Reported<'_>],
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> ChartSection {
    let charts: Vec<ChartRow> = rows
        .iter()
        .filter_map(|row| row.shown.spc.as_ref().map(|chart| chart_row(row, chart, spec)))
        .collect();
    let withheld: Vec<String> =
        rows.iter().filter(|row| row.shown.spc_withheld).map(|row| row.name.clone()).collect();
    ChartSection {
        caption: if charts.is_empty() {
            String::new()
        } else {
            captions.next("Control charts of months")
        },
        notes: if charts.is_empty() && withheld.is_empty() {
            Vec::new()
        } else {
            vec![how_to_read(charts.len(), rows.len())]
        },
        rows: charts,
        withheld: if withheld.is_empty() {
            String::new()
        } else {
            format!(
                "Not shown, whether or not there is one, because its limits would give protected counts away: {}.",
                words::list(&withheld, NAMES_MAX)
            )
        },
    }
}

fn how_to_read(known: usize, indicators: usize) -> String {
    let have = if known == 1 { "has one" } else { "have one" };
    format!(
        "A control chart tells a real change from the usual ups and downs of months. It needs 7 months of 5 or more a month on average; under 12 its limits are trial limits: {} of {} {have}. They are XmR charts with the four rules of NHS Making Data Count. Seasonal months are charted as their difference from the same month of the year before.",
        words::count(known),
        words::counted(indicators, "indicator", "indicators"),
    )
}

fn chart_row(row: &Reported<'_>, chart: &SpcSummary, spec: &ReportSpec<'_>) -> ChartRow {
    let numbers = [chart.mean, chart.lower, chart.upper];
    let [average_data, lower_data, upper_data] = numbers.map(|number| format!("{number:.1}"));
    let [average, lower, upper] = numbers.map(words::one_decimal);
    let month = chart.latest_month;
    let count = |value: i64| words::amount(value, Unit::Count);
    ChartRow {
        measure: row.key.measure.to_string(),
        name: row.name.clone(),
        marks: figures(row.shown, row.measure).shared_marks,
        area_code: row.key.area.to_string(),
        area: area_name(row.key, spec),
        months: chart.points,
        average,
        range: format!("{lower} to {upper}"),
        latest: count(chart.latest),
        latest_month: format!("{} {}", month.name(), month.year()),
        quarters: chart
            .last_quarters
            .map_or_else(String::new, |quarters| quarters.map(count).join(", ")),
        shows: shows(chart),
        tag: (row.shown.verdict != Verdict::CannotJudge)
            .then(|| verdict_tag(row.shown.verdict, row.measure.polarity)),
        average_data,
        lower_data,
        upper_data,
        latest_data: chart.latest,
        latest_month_data: month.to_string(),
        quarters_data: chart.last_quarters,
    }
}

/// What the last month is, as it stands inside a sentence.
pub(crate) fn phrase(chart: &SpcSummary) -> &'static str {
    let above = chart.state == SpcState::SpecialHigh;
    match (chart.state, chart.rule) {
        (SpcState::CommonCause, _) => "within its expected range",
        (_, Some(SpcRule::Trend)) if above => "the last of seven or more rising",
        (_, Some(SpcRule::Trend)) => "the last of seven or more falling",
        (_, Some(SpcRule::Shift)) if above => "the last of seven or more above the average",
        (_, Some(SpcRule::Shift)) => "the last of seven or more below the average",
        (_, Some(SpcRule::NearLimits)) if above => "one of two in three far above the average",
        (_, Some(SpcRule::NearLimits)) => "one of two in three far below the average",
        (_, Some(SpcRule::OutsideLimits) | None) if above => "above its expected range",
        (_, Some(SpcRule::OutsideLimits) | None) => "below its expected range",
    }
}

/// What the last month shows, and by what kind of chart.
fn shows(chart: &SpcSummary) -> String {
    let how = match (chart.of, chart.trial) {
        (Charted::Months, false) => "",
        (Charted::Months, true) => " (trial limits)",
        (Charted::YearOnYear, false) => " (against the year before)",
        (Charted::YearOnYear, true) => " (against the year before; trial limits)",
    };
    format!("{}{how}", words::capitalised(phrase(chart)))
}

#[cfg(test)]
mod tests {
    use model::{Disclosure, Polarity};

    use super::*;
    use crate::sample::{HOME, Sample};

    const RISING: [i64; 12] =
        [1205, 1214, 1203, 1212, 1207, 1211, 1204, 1213, 1206, 1210, 1208, 1302];

    fn table(section: &ChartSection) -> String {
        let rows = section.rows.iter().map(|row| {
            let tag = row.tag.as_ref().map_or("", |tag| &tag.word);
            let latest = format!("{} in {}", row.latest, row.latest_month);
            let months = row.months.to_string();
            let cells =
                [&row.name, &months, &row.average, &row.range, &latest, &row.quarters, &row.shows];
            format!("{} | {tag}", cells.map(String::as_str).join(" | ")).trim_end().to_owned()
        });
        let around = [section.caption.clone(), section.withheld.clone()];
        section.notes.iter().cloned().chain(rows).chain(around).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn charts_say_what_the_last_month_shows_and_only_open_ones_are_shown() {
        let mut sample = Sample::empty();
        sample.measure("noise", "Noise complaints", |_| ());
        sample.months("noise", HOME, &RISING);
        sample.measure("arson", "Arson", |measure| measure.polarity = Polarity::Neutral);
        sample.months("arson", HOME, &[0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, 2]);
        sample.measure("young", "Eleven months only", |_| ());
        sample.months("young", HOME, &RISING[1..]);
        sample.measure("new", "Six months only", |_| ());
        sample.months("new", HOME, &RISING[6..]);
        sample.measure("victims", "Repeat victims", |measure| {
            measure.disclosure = Disclosure::Suppressed;
        });
        sample.months("victims", HOME, &RISING);
        insta::assert_snapshot!(table(&sample.model().charts), @r"
            A control chart tells a real change from the usual ups and downs of months. It needs 7 months of 5 or more a month on average; under 12 its limits are trial limits: 2 of 5 indicators have one. They are XmR charts with the four rules of NHS Making Data Count. Seasonal months are charted as their difference from the same month of the year before.
            Eleven months only | 11 | 1,217.3 | 1,200.1 to 1,234.4 | 1,302 in June 2025 |  | Above its expected range (trial limits) | Concern
            Noise complaints | 12 | 1,216.2 | 1,198.4 to 1,234.1 | 1,302 in June 2025 | 3,622, 3,630, 3,623, 3,720 | Above its expected range | Concern
            Table 2: Control charts of months
            Not shown, whether or not there is one, because its limits would give protected counts away: Repeat victims.
        ");
    }

    #[test]
    fn the_months_of_a_protected_chart_change_nothing() {
        let section = |months: &[i64]| {
            let mut sample = Sample::empty();
            sample.measure("victims", "Repeat victims", |measure| {
                measure.disclosure = Disclosure::Rounded;
            });
            sample.months("victims", HOME, months);
            sample.model().charts
        };
        let charts = section(&RISING);
        assert!(charts.rows.is_empty() && charts.withheld.ends_with("away: Repeat victims."));
        assert_eq!(charts, section(&[3; 24]));
        // Without a chart there is nothing to withhold: the comparison above can fail.
        assert_ne!(charts, section(&RISING[6..]));
    }
}
