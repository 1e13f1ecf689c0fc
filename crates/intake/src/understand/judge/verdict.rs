//! What becomes of everything that is said: how much it matters in this return, what is known to
//! be so, and what only follows from something else that is said already.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{CellAddress, Finding, Severity};

use super::{Noted, Subject};
use crate::contract::{Checks, Exception};
use crate::understand::labels::folded;
use crate::understand::slot::Slot;

/// The findings of a return: those met while it was read and those of judging it.
pub(in crate::understand) fn verdict(
    checks: &Checks,
    today: Date,
    read: &[Finding],
    judged: Vec<Noted>,
    slots: &[Slot],
) -> Vec<Finding> {
    let mut noted = with_subjects(read, slots);
    noted.extend(judged);
    for noted in noted.iter_mut().filter(|noted| !noted.settled) {
        if let Some(severity) = checks.severity.get(&noted.finding.code) {
            noted.finding.severity = *severity;
        }
    }
    let expired = except(&checks.exceptions, today, &mut noted);
    let causes = Causes::of(&noted);
    noted.retain(|noted| !causes.explain(noted));
    noted.into_iter().map(|noted| noted.finding).chain(expired).collect()
}

/// Findings of cells, with the figures that stand there.
fn with_subjects(read: &[Finding], slots: &[Slot]) -> Vec<Noted> {
    let mut figures: BTreeMap<(&str, CellAddress), Subject> = BTreeMap::new();
    let places: BTreeSet<(&str, CellAddress)> = read
        .iter()
        .flat_map(|finding| cells(finding).map(|cell| (finding.place.sheet.as_str(), cell)))
        .collect();
    // Most returns have findings in a few cells, and figures in thousands.
    let asked = if places.is_empty() { &[] } else { slots };
    for slot in asked {
        let at = (slot.sheet(), slot.cell);
        if places.contains(&at) {
            figures.entry(at).or_insert_with(|| Subject::of(slot));
        }
    }
    read.iter()
        .map(|finding| {
            let sheet = finding.place.sheet.as_str();
            let subjects = cells(finding).filter_map(|cell| figures.get(&(sheet, cell)).cloned());
            Noted::new(finding.clone()).about(subjects)
        })
        .collect()
}

/// Every cell a finding names.
fn cells(finding: &Finding) -> impl Iterator<Item = CellAddress> {
    finding.place.cell.into_iter().chain(finding.also.iter().copied())
}

/// Findings that are known become repairs that say so; gives a warning for each exception that
/// would have held if it had not run out.
fn except(exceptions: &[Exception], today: Date, noted: &mut [Noted]) -> Vec<Finding> {
    let mut expired: BTreeMap<usize, Finding> = BTreeMap::new();
    for noted in noted {
        let matching: Vec<(usize, &Exception)> = exceptions
            .iter()
            .enumerate()
            .filter(|(_, exception)| is_meant(exception, noted))
            .collect();
        if let Some((_, exception)) = matching.iter().find(|(_, known)| today <= known.until) {
            let finding = &mut noted.finding;
            finding.severity = Severity::Repair;
            finding.message = format!(
                "known: {} ({}, until {}): {}",
                exception.reason,
                exception.owner,
                exception.until.strftime("%-d %B %Y"),
                finding.message
            );
            continue;
        }
        for (at, exception) in matching {
            let message = format!(
                "what was known about this ran out on {}: {} ({})",
                exception.until.strftime("%-d %B %Y"),
                exception.reason,
                exception.owner
            );
            let place = noted.finding.place.clone();
            expired.entry(at).or_insert_with(|| {
                Finding::new(Severity::Warning, "exception-expired", place, message).with_hint(
                    "correct the figures, or have the exception in the return's contract renewed",
                )
            });
        }
    }
    expired.into_values().collect()
}

/// Whether an exception speaks of a finding: of everything the finding is about.
fn is_meant(exception: &Exception, noted: &Noted) -> bool {
    let Exception {
        code,
        measure,
        breakdown,
        area,
        period,
        sheet,
        action: _,
        reason: _,
        owner: _,
        until: _,
    } = exception;
    let finding = &noted.finding;
    let is_sheet = |sheet: &String| folded(sheet) == folded(&finding.place.sheet);
    if *code != finding.code || !sheet.as_ref().is_none_or(is_sheet) {
        return false;
    }
    let wants_figures =
        measure.is_some() || breakdown.is_some() || area.is_some() || period.is_some();
    if !wants_figures {
        return true;
    }
    let fits = |subject: &Subject| {
        (measure.is_none() || *measure == subject.measure)
            && (breakdown.is_none() || *breakdown == subject.breakdown)
            && (area.is_none() || *area == subject.area)
            && period
                .is_none_or(|period| subject.period.is_some_and(|other| period.contains(other)))
    };
    !noted.about.is_empty() && noted.about.iter().all(fits)
}

/// Findings that explain others.
#[derive(Default)]
struct Causes {
    /// Tables that were not found, or not to their end: what is missing may be in them.
    table: Option<Severity>,
    /// Headings of months that were not understood.
    months: Option<Severity>,
    /// Sheets where a figure stands twice: their sums cannot be right.
    twice: BTreeSet<String>,
    /// Cells that are blank as part of a gap.
    gaps: BTreeMap<String, (Severity, BTreeSet<CellAddress>)>,
    /// Figures that are out of keeping with history for one reason.
    odd: BTreeMap<Subject, Severity>,
    /// The same, where the reason is one for the whole file.
    odd_file: Option<Severity>,
}

impl Causes {
    fn of(noted: &[Noted]) -> Self {
        let mut causes = Self::default();
        for Noted { finding, about, .. } in noted {
            let severity = finding.severity;
            match finding.code.as_str() {
                "headings-not-found" | "missing-sheet" | "period-not-found" | "second-heading" => {
                    worsen(&mut causes.table, severity);
                }
                "unknown-period" => worsen(&mut causes.months, severity),
                "duplicate" => {
                    causes.twice.insert(finding.place.sheet.clone());
                }
                "part-period" | "missing-measure" | "no-figures" => {
                    add_cells(&mut causes.gaps, finding);
                }
                "cumulative-figures" | "same-as-last-period" | "same-as-last-year" => {
                    worsen(&mut causes.odd_file, severity);
                }
                "unit-changed" | "swapped-figures" | "last-month-low" => {
                    causes.odd.extend(about.iter().map(|subject| (subject.clone(), severity)));
                }
                _ => {}
            }
        }
        causes
    }

    /// Whether a finding only follows from another that matters at least as much.
    fn explain(&self, noted: &Noted) -> bool {
        let finding = &noted.finding;
        let outweighs =
            |cause: Option<Severity>| cause.is_some_and(|cause| cause <= finding.severity);
        let is_in_gap = || {
            self.gaps.get(&finding.place.sheet).is_some_and(|(severity, cells)| {
                *severity <= finding.severity
                    && finding.place.cell.is_some_and(|cell| cells.contains(&cell))
            })
        };
        match finding.code.as_str() {
            "missing-area" | "missing-measure" if finding.place.cell.is_none() => {
                outweighs(self.table)
            }
            "missing-month" => outweighs(self.table) || outweighs(self.months),
            "part-period" if finding.place.cell.is_none() => outweighs(self.months),
            "total-differs" | "breakdown-differs" => self.twice.contains(&finding.place.sheet),
            "blank-cell" => is_in_gap(),
            "jump" => {
                let odd = |subject: &Subject| outweighs(self.odd.get(subject).copied());
                outweighs(self.odd_file) || noted.about.iter().all(odd)
            }
            _ => false,
        }
    }
}

/// Takes the worse of two.
fn worsen(known: &mut Option<Severity>, severity: Severity) {
    *known = Some(known.map_or(severity, |known| known.min(severity)));
}

fn add_cells(cells: &mut BTreeMap<String, (Severity, BTreeSet<CellAddress>)>, finding: &Finding) {
    let (severity, known) =
        cells.entry(finding.place.sheet.clone()).or_insert((finding.severity, BTreeSet::new()));
    *severity = (*severity).max(finding.severity);
    known.extend(finding.place.cell);
    known.extend(&finding.also);
}
