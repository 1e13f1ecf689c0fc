//! Judges what was read as a whole: the right period, complete, said once, in keeping with itself
//! and with what was sent before.
//!
//! Each check is a function from what was read to what it has to say; none changes a figure. What
//! becomes of all that is said (severities, known exceptions, what follows from something else,
//! many of a kind) is decided once, in [`verdict`].

mod copies;
mod coverage;
mod cumulative;
mod declared;
mod duplicates;
mod gaps;
mod history;
mod jumps;
mod line;
mod names;
mod noted;
mod parts;
mod period;
mod revised;
mod swapped;
mod titles;
mod units;
mod verdict;

use model::{Finding, Observations, Place, Severity};

use super::context::Context;
use super::gathered::Gathered;
use super::page::Page;
use super::slot::observations;
use super::{Occasion, overlaps};
use crate::contract::Contract;
use history::History;
use line::Lines;
pub(super) use noted::Noted;
use noted::Subject;
pub(super) use period::content_period;
pub(super) use verdict::verdict;

/// Everything a return is judged by.
#[derive(Clone, Copy)]
pub(super) struct Scene<'s, 'a> {
    pub(super) contract: &'s Contract,
    pub(super) context: &'s Context<'a>,
    pub(super) occasion: &'s Occasion<'s>,
    /// Every sheet of the workbook, read or not.
    pub(super) pages: &'s [Page<'a>],
    /// Whether a table that should be there was not found: what it lacks is not known.
    pub(super) tables_missing: bool,
}

/// Whether the content answers the period that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Right,
    Wrong,
}

/// Judges everything that was read; gives the figures that each count once. They are put together
/// while they are judged: neither has to wait for the other.
pub(super) fn judge(scene: &Scene<'_, '_>, gathered: &mut Gathered) -> Observations {
    let context = scene.context;
    let mut noted = Vec::new();
    let may_overlap = overlaps::are_possible(&line::periods(&gathered.slots));
    if may_overlap {
        noted.extend(duplicates::check(&Lines::of(&line::sorted(gathered))));
        overlaps::settle(context, gathered);
    }
    let (found, observations) = side_by_side(gathered, || {
        let sorted = line::sorted(gathered);
        let lines = Lines::of(&sorted);
        let mut found = if may_overlap { Vec::new() } else { duplicates::check(&lines) };
        found.extend(settled(scene, gathered, &lines));
        found
    });
    noted.extend(found);
    noted.extend(parts::check(context, gathered));
    noted.extend(coverage::fixed_areas(context));
    if gathered.slots.is_empty() && !has_errors(gathered, &noted) {
        noted.push(nothing_there());
    }
    gathered.noted.extend(noted);
    observations
}

/// What is to be said of the figures, and the figures.
fn side_by_side(
    gathered: &Gathered,
    find: impl FnOnce() -> Vec<Noted>,
) -> (Vec<Noted>, Observations) {
    /// From so many figures on, a thread is worth its while; in tests, where all must come out the
    /// same, from a few on.
    const FIGURES_MIN: usize = if cfg!(test) { 6 } else { 20_000 };
    if gathered.slots.len() < FIGURES_MIN {
        return (find(), observations(&gathered.slots));
    }
    std::thread::scope(|scope| {
        let made = scope.spawn(|| observations(&gathered.slots));
        let found = find();
        (found, made.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// What is judged of figures of which each counts once.
fn settled(scene: &Scene<'_, '_>, gathered: &Gathered, lines: &Lines<'_>) -> Vec<Noted> {
    if let Some(empty) = gaps::all_blank(&gathered.slots) {
        return vec![empty];
    }
    let (answer, mut noted) = period::check(scene, gathered);
    noted.extend(titles::check(scene, gathered));
    if answer == Answer::Right {
        noted.extend(right_period(scene, gathered, lines));
    }
    noted
}

fn has_errors(gathered: &Gathered, noted: &[Noted]) -> bool {
    let judged = noted.iter().map(|noted| &noted.finding);
    gathered.findings.iter().chain(judged).any(|finding| finding.severity == Severity::Error)
}

fn nothing_there() -> Noted {
    let message = "there are no figures in the workbook";
    let finding = Finding::new(Severity::Error, "no-figures", Place::file(), message)
        .with_hint("check that the right file was sent, and that it is filled in");
    Noted::new(finding)
}

/// What is judged only of figures for the period asked for.
fn right_period(scene: &Scene<'_, '_>, gathered: &Gathered, lines: &Lines<'_>) -> Vec<Noted> {
    let Scene { context, occasion, .. } = *scene;
    let mut noted = Vec::new();
    if !scene.tables_missing && !gathered.cut_short {
        noted.extend(coverage::check(context, gathered, lines));
    }
    noted.extend(gaps::check(context, &gathered.slots));
    noted.extend(names::check(scene, gathered));
    noted.extend(declared::check(context, gathered));
    noted.extend(copies::same_as_another_area(context, lines));
    noted.extend(cumulative::last_month_low(context, lines, occasion.previous));
    noted.extend(units::fractions(context, lines));
    let history = History::of(context, occasion.previous, lines);
    noted.extend(cumulative::check(context, lines, &history));
    if !occasion.previous.is_empty() {
        noted.extend(copies::same_as_before(&history));
        noted.extend(units::check(context, &history));
        noted.extend(swapped::check(context, &history));
        noted.extend(jumps::check(context, &history));
        noted.extend(revised::check(context, &history));
    }
    noted
}
