//! The tables of indicators: all of them, those with rates, and their parts.

use std::collections::BTreeMap;

use analysis::{DisclosedIndicator, DisclosedTable, IndicatorKey, Verdict};
use model::{Breakdown, Disclosure, Geography, Mark, Marks, Measure, Priority, Unit};

use super::figures::{self, figures};
use super::{Captions, Reported, measure_name, verdict_tag};
use crate::partner_text::{NAME_MAX, SENTENCE_MAX, clean};
use crate::report_model::{
    Columns, IndicatorGroup, IndicatorRow, IndicatorSection, PartGroup, PartRow, PartSection,
    PeerGroup, PeerSection, PriorityText, ReasonLine,
};
use crate::spec::ReportSpec;
use crate::words;

/// Names after which a list of indicators says how many more there are.
const NAMES_MAX: usize = 8;

/// Every reported indicator of the home area, priorities in the plan's ranking, names in order.
/// A measure without a priority is not in the report.
pub(crate) fn reported<'a>(table: &'a DisclosedTable, spec: &ReportSpec<'a>) -> Vec<Reported<'a>> {
    let mut rows: Vec<(u32, Reported<'a>)> = table
        .rows()
        .filter(|(key, _)| key.breakdown.is_all())
        .filter_map(|(key, shown)| {
            let measure = spec.measures.get(&key.measure)?;
            let at_home = spec.partnership.home.get(&measure.geography) == Some(&key.area);
            let (rank, heading) = priority(measure, spec)?;
            let priority_id = measure.priority.as_ref()?.to_string();
            let name = measure_name(measure);
            at_home.then_some((rank, Reported { priority_id, heading, key, measure, shown, name }))
        })
        .collect();
    rows.sort_by(|(left_rank, left), (right_rank, right)| {
        (left_rank, model::folded_name(&left.name), left.key).cmp(&(
            right_rank,
            model::folded_name(&right.name),
            right.key,
        ))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn priority(measure: &Measure, spec: &ReportSpec<'_>) -> Option<(u32, String)> {
    let id = measure.priority.as_ref()?;
    let found = spec.partnership.priorities.iter().find(|priority| priority.id == *id);
    Some(found.map_or_else(
        || (u32::MAX, "Other indicators".to_owned()),
        |priority| (priority.rank, priority_text(priority).heading),
    ))
}

/// A priority as it is headed.
pub(crate) fn priority_text(priority: &Priority) -> PriorityText {
    let title = clean(&priority.title, NAME_MAX);
    PriorityText {
        id: priority.id.to_string(),
        heading: format!("Priority {}: {title}", priority.rank),
    }
}

pub(crate) fn indicator_section(
    rows: &[Reported<'_>],
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> IndicatorSection {
    let mut groups: Vec<IndicatorGroup> = Vec::new();
    for row in rows {
        let shown = indicator_row(row, spec);
        match groups.last_mut().filter(|group| group.heading == row.heading) {
            Some(group) => group.rows.push(shown),
            None => groups.push(IndicatorGroup {
                priority_id: row.priority_id.clone(),
                heading: row.heading.clone(),
                rows: vec![shown],
            }),
        }
    }
    let title = format!(
        "Every indicator, {} ({})",
        words::period_name(spec.period),
        spec.period.calendar()
    );
    IndicatorSection {
        caption: captions.next(&title),
        columns: columns(spec),
        groups,
        notes: notes(rows),
        cannot_judge: cannot_judge(rows),
    }
}

fn columns(spec: &ReportSpec<'_>) -> Columns {
    let noun = words::period_noun(spec.period);
    Columns {
        now: words::capitalised(noun),
        year_before: format!("Same {noun} last year"),
        year_before_short: "Last year".to_owned(),
        change: "Change".to_owned(),
        twelve_months: "Rolling 12 months".to_owned(),
    }
}

fn indicator_row(row: &Reported<'_>, spec: &ReportSpec<'_>) -> IndicatorRow {
    IndicatorRow {
        measure: row.key.measure.to_string(),
        name: row.name.clone(),
        notes: note_markers(row.measure),
        area_code: row.key.area.to_string(),
        area: area_name(row.key, spec),
        unit_data: unit_name(row.measure.unit),
        figures: figures(row.shown, row.measure),
        rate: figures::rate(row.shown, spec.period),
        no_rate_data: no_rate_mark(row.measure).to_string(),
        tag: verdict_tag(row.shown.verdict, row.measure.polarity),
        reason: reason(row),
        statuses_data: statuses(row.shown),
    }
}

/// Why the verdict, and what is said of the target.
fn reason(row: &Reported<'_>) -> String {
    let reason = words::sentence(&clean(&row.shown.reason, SENTENCE_MAX));
    match figures::target_words(row.shown) {
        Some(target) => format!("{reason} {target}"),
        None => reason,
    }
}

/// The four statuses as data files have them.
fn statuses(shown: &DisclosedIndicator) -> [String; 4] {
    let statuses = &shown.statuses;
    [
        statuses.data.as_str(),
        statuses.variation.as_str(),
        statuses.comparison.map_or("not-compared", analysis::FunnelFlag::as_str),
        statuses.target.as_str(),
    ]
    .map(str::to_owned)
}

/// Why an indicator has no rate: it makes none, its rate would give protected counts away, or
/// there is no figure.
fn no_rate_mark(measure: &Measure) -> Marks {
    Marks::of(match (measure.per_1000, measure.disclosure) {
        (false, _) => Mark::Z,
        (true, Disclosure::Open) => Mark::X,
        (true, Disclosure::Rounded | Disclosure::Suppressed) => Mark::C,
    })
}

pub(crate) fn area_name(key: &IndicatorKey, spec: &ReportSpec<'_>) -> String {
    clean(spec.partnership.area_name(&key.area), NAME_MAX)
}

pub(crate) fn unit_name(unit: Unit) -> String {
    match unit {
        Unit::Count => "count",
        Unit::Pounds => "pounds",
        Unit::Percent => "percent",
        Unit::Decimal => "decimal",
    }
    .to_owned()
}

fn note_markers(measure: &Measure) -> String {
    match measure.disclosure {
        Disclosure::Open => "",
        Disclosure::Rounded | Disclosure::Suppressed => "[note 1]",
    }
    .to_owned()
}

fn notes(rows: &[Reported<'_>]) -> Vec<String> {
    let has = |disclosure| rows.iter().any(|row| row.measure.disclosure == disclosure);
    let mut notes = Vec::new();
    let rounded = "rounded to the nearest 5 so that nobody can be identified; changes are made from the rounded figures";
    if has(Disclosure::Suppressed) {
        notes.push(format!("[note 1] Figures are {rounded}. [c] stands in place of a count from 1 to 4, and of counts of any size that would give one away."));
    } else if has(Disclosure::Rounded) {
        notes.push(format!("[note 1] Figures are {rounded}."));
    }
    if rows.iter().any(|row| row.shown.change.value().is_some()) {
        notes.push("Percentages are given only where last year's figure is 20 or more.".to_owned());
    }
    notes
}

/// Indicators that cannot be judged, by reason, in the order the reasons first stand in the table.
fn cannot_judge(rows: &[Reported<'_>]) -> Vec<ReasonLine> {
    let judged = rows
        .iter()
        .filter(|row| row.shown.verdict == Verdict::CannotJudge)
        .map(|row| (clean(&row.shown.reason, SENTENCE_MAX), row.name.clone()));
    by_reason(judged, NAMES_MAX)
}

/// Reasons with the names they hold for, each reason once and at most `names_max` names.
pub(crate) fn by_reason(
    pairs: impl Iterator<Item = (String, String)>,
    names_max: usize,
) -> Vec<ReasonLine> {
    let mut order: Vec<String> = Vec::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (reason, name) in pairs {
        let held = names.entry(reason.clone()).or_default();
        if held.is_empty() {
            order.push(reason);
        }
        held.push(name);
    }
    order
        .into_iter()
        .map(|reason| ReasonLine {
            indicators: words::list(&names[&reason], names_max),
            reason: words::capitalised(&reason),
        })
        .collect()
}

pub(crate) fn peer_section(
    indicators: &IndicatorSection,
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> PeerSection {
    let mut groups: Vec<PeerGroup> = Vec::new();
    for row in indicators.groups.iter().flat_map(|group| &group.rows) {
        let Some(rate) = &row.rate else { continue };
        let heading = match rate.peers.as_str() {
            "" => "Without a position".to_owned(),
            peers => format!("Among {peers}"),
        };
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.rows.push(row.clone()),
            None => groups.push(PeerGroup { heading, rows: vec![row.clone()] }),
        }
    }
    if groups.is_empty() {
        return PeerSection { caption: String::new(), groups, notes: Vec::new() };
    }
    // What has no position stands last.
    groups
        .sort_by_key(|group| group.rows[0].rate.as_ref().is_none_or(|rate| rate.peers.is_empty()));
    let noun = words::period_noun(spec.period);
    PeerSection {
        caption: captions.next("Rates per 1,000 residents, and position among peers"),
        notes: vec![format!(
            "1st is best: the lowest rate, or the highest where more is better. Rates are over the {noun}, or over 12 months where only those are known; they come with 95% intervals. The average is of the peers' rates."
        )],
        groups,
    }
}

/// A part of a measure, or a place inside the partnership.
pub(crate) struct Part<'a> {
    key: &'a IndicatorKey,
    measure: &'a Measure,
    pub(crate) shown: &'a DisclosedIndicator,
}

/// Breakdowns of reported measures at home, and reported measures of places without a code.
pub(crate) fn parts<'a>(table: &'a DisclosedTable, spec: &ReportSpec<'a>) -> Vec<Part<'a>> {
    let wanted = |key: &IndicatorKey, measure: &Measure| {
        let at_home = spec.partnership.home.get(&measure.geography) == Some(&key.area);
        measure.priority.is_some()
            && ((at_home && !key.breakdown.is_all())
                || (!at_home && measure.geography == Geography::Place))
    };
    table
        .rows()
        .filter_map(|(key, shown)| {
            Some(Part { key, measure: spec.measures.get(&key.measure)?, shown })
        })
        .filter(|part| wanted(part.key, part.measure))
        .collect()
}

pub(crate) fn part_section(
    table: &DisclosedTable,
    spec: &ReportSpec<'_>,
    captions: &mut Captions,
) -> PartSection {
    let mut groups: Vec<PartGroup> = Vec::new();
    for part in parts(table, spec) {
        let row = PartRow {
            part: part_name(part.key, part.measure, spec),
            area_code: part.key.area.to_string(),
            area: area_name(part.key, spec),
            figures: figures(part.shown, part.measure),
        };
        let measure = part.key.measure.to_string();
        match groups.last_mut().filter(|group| group.measure == measure) {
            Some(group) => group.rows.push(row),
            None => groups.push(PartGroup {
                measure,
                name: measure_name(part.measure),
                notes: note_markers(part.measure),
                unit_data: unit_name(part.measure.unit),
                rows: vec![row],
            }),
        }
    }
    let caption =
        if groups.is_empty() { String::new() } else { captions.next("Parts of indicators") };
    PartSection { caption, groups }
}

fn part_name(key: &IndicatorKey, measure: &Measure, spec: &ReportSpec<'_>) -> String {
    let breakdown = breakdown_name(&key.breakdown);
    if measure.geography != Geography::Place {
        return breakdown;
    }
    let area = area_name(key, spec);
    if breakdown.is_empty() { area } else { format!("{area}, {breakdown}") }
}

/// `Risk: High; gender: Female`.
fn breakdown_name(breakdown: &Breakdown) -> String {
    let parts: Vec<String> = breakdown
        .iter()
        .map(|(dimension, category)| {
            format!("{}: {}", readable(dimension), words::capitalised(&readable(category)))
        })
        .collect();
    clean(&words::capitalised(&parts.join("; ")), NAME_MAX)
}

fn readable(key: &str) -> String {
    key.replace(['-', '_'], " ")
}

/// Whether a number of the row is missing for want of data (not withheld).
pub(crate) fn has_no_figure(shown: &DisclosedIndicator) -> bool {
    shown.value.value().is_none() && !shown.value.marks().contains(Mark::C)
}
