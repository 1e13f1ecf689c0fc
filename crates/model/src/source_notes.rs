//! What is known of the sources beyond their figures: where they cannot be trusted, where a series
//! breaks, and which control charts start anew. Written down by people, each with a reason.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::{AreaCode, Breakdown, Mark, MeasureId, Month, Period};

/// Which series something holds for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Measures as partners send them; what is made from one of them is meant too.
    pub measures: Vec<MeasureId>,
    /// Areas; empty for every area.
    pub areas: Vec<AreaCode>,
}

impl Scope {
    /// Whether it speaks of a measure in an area.
    pub fn covers(&self, measure: &MeasureId, area: &AreaCode) -> bool {
        self.measures.contains(measure) && (self.areas.is_empty() || self.areas.contains(area))
    }

    /// The first measure and area that both speak of; no area when both mean every area.
    pub fn shared<'a>(&'a self, other: &'a Self) -> Option<(&'a MeasureId, Option<&'a AreaCode>)> {
        let measure = self.measures.iter().find(|measure| other.measures.contains(measure))?;
        match (self.areas.first(), other.areas.first()) {
            (None, area) | (area, None) => Some((measure, area)),
            _ => {
                let area = self.areas.iter().find(|area| other.areas.contains(area))?;
                Some((measure, Some(area)))
            }
        }
    }
}

/// What a note does to the figures it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteEffect {
    /// There is no figure: none is shown, compared, ranked or added up.
    Block,
    /// The figure stands with this mark, and nobody is ranked by it.
    Mark(Mark),
}

/// A fault of a source that is known: `recorded under Unassigned Kent from 2024`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceNote {
    /// Its key in `source-notes.toml`.
    pub id: String,
    /// Which series.
    pub scope: Scope,
    /// First month, inclusive.
    pub from: Month,
    /// Last month, inclusive; none while it lasts.
    pub to: Option<Month>,
    /// What follows.
    pub effect: NoteEffect,
    /// Why, as a sentence for readers without its stop.
    pub why: String,
}

impl SourceNote {
    /// Whether any month of a period is affected.
    pub fn touches(&self, period: Period) -> bool {
        period.last() >= self.from && self.to.is_none_or(|to| period.first() <= to)
    }
}

/// A change of what is counted or where: figures on its two sides are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesBreak {
    /// Its key in `source-notes.toml`.
    pub id: String,
    /// Which series.
    pub scope: Scope,
    /// The first month counted in the new way.
    pub from: Month,
    /// The last such month, where things went back afterwards (a lockdown); none for good.
    pub to: Option<Month>,
    /// What changed, as a sentence for readers without its stop.
    pub why: String,
    /// Whether somebody decided that the two sides may be compared all the same.
    pub spliced: bool,
}

impl SeriesBreak {
    /// The first months of the stretches it divides a series into.
    pub fn divides_at(&self) -> impl Iterator<Item = Month> {
        [Some(self.from), self.to.map(|to| to.plus(1))].into_iter().flatten()
    }

    /// Whether it lies inside a period, which then adds up two ways of counting.
    pub fn is_inside(&self, period: Period) -> bool {
        self.divides_at().any(|month| period.first() < month && month <= period.last())
    }

    /// Whether it keeps two periods from being compared.
    pub fn parts(&self, one: Period, other: Period) -> bool {
        !self.spliced && self.is_inside(one.joined(other)) && !self.is_clear_of(one, other)
    }

    /// Whether both periods lie in the same kind of stretch: before and after one that has ended.
    fn is_clear_of(&self, one: Period, other: Period) -> bool {
        let Some(to) = self.to else { return false };
        let outside = |period: Period| period.last() < self.from || period.first() > to;
        outside(one) && outside(other)
    }

    /// Whether two breaks of the same series say different things of one month.
    pub fn overlaps(&self, other: &Self) -> bool {
        let end = |it: &Self| it.to.unwrap_or(it.from);
        self.from <= end(other) && other.from <= end(self)
    }
}

/// A control chart starts anew: a known change with a lasting signal. Always somebody's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebase {
    /// Which series.
    pub scope: Scope,
    /// The first month of the new limits.
    pub from: Month,
    /// Why.
    pub why: String,
    /// The day it was decided.
    pub decided: Date,
}

/// Limits stay those of the first months of a chart, rather than moving with every new month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Which series.
    pub scope: Scope,
    /// The months that set the limits.
    pub months: Period,
    /// Why those.
    pub why: String,
}

/// Something that happened on a day, and that readers should see on charts: a lockdown, a scheme
/// that began, an action that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedEvent {
    /// Which series it is drawn on.
    pub scope: Scope,
    /// When.
    pub on: Date,
    /// What, in a few words.
    pub label: String,
}

/// All that is known of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceNotes {
    /// Faults.
    pub notes: Vec<SourceNote>,
    /// Breaks.
    pub breaks: Vec<SeriesBreak>,
    /// New beginnings of control charts.
    pub rebases: Vec<Rebase>,
    /// Baselines of control charts.
    pub baselines: Vec<Baseline>,
    /// What happened on a day.
    pub events: Vec<DatedEvent>,
}

/// Names one figure: `police-asb/E07000111/2025-26Q1` or `davss-referrals[risk=high]/E07000111/2025-26Q1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureId {
    /// What is counted.
    pub measure: MeasureId,
    /// Which part.
    pub breakdown: Breakdown,
    /// Where.
    pub area: AreaCode,
    /// When.
    pub period: Period,
}

impl fmt::Display for FigureId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.measure)?;
        if !self.breakdown.is_all() {
            write!(formatter, "[{}]", self.breakdown)?;
        }
        write!(formatter, "/{}/{}", self.area, self.period)
    }
}

impl FromStr for FigureId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` names no figure: write measure/area/period, as `police-asb/E07000111/2025-26Q1`"
            )
        };
        let (head, period) = text.rsplit_once('/').ok_or_else(wrong)?;
        let (head, area) = head.rsplit_once('/').ok_or_else(wrong)?;
        let (measure, breakdown) = match head.split_once('[') {
            Some((measure, rest)) => (measure, rest.strip_suffix(']').ok_or_else(wrong)?),
            None => (head, ""),
        };
        if measure.is_empty() || area.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            measure: MeasureId::new(measure),
            breakdown: breakdown.parse().map_err(|error| format!("{error}"))?,
            area: AreaCode::new(area),
            period: period.parse().map_err(|error| format!("{error}"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        text.parse().expect("a period")
    }

    fn series_break(from: &str, to: Option<&str>) -> SeriesBreak {
        SeriesBreak {
            id: "b".to_owned(),
            scope: Scope::default(),
            from: from.parse().expect("a month"),
            to: to.map(|to| to.parse().expect("a month")),
            why: String::new(),
            spliced: false,
        }
    }

    #[test]
    fn a_break_parts_what_lies_on_its_two_sides() {
        let rules = series_break("2023-04", None);
        assert!(rules.parts(period("2023-24Q1"), period("2022-23Q1")));
        assert!(!rules.parts(period("2024-25Q1"), period("2023-24Q1")));
        assert!(rules.parts(period("2023-01..2023-12"), period("2022-01..2022-12")));
        assert!(rules.is_inside(period("2023-01..2023-12")));
        assert!(!rules.is_inside(period("2023-24Q1")));
        assert!(
            !SeriesBreak { spliced: true, ..rules }.parts(period("2023-24Q1"), period("2022-23Q1"))
        );
    }

    #[test]
    fn a_stretch_that_ended_parts_only_what_lies_in_it() {
        let lockdown = series_break("2020-03", Some("2020-07"));
        assert!(lockdown.parts(period("2020-21Q1"), period("2019-20Q1")));
        assert!(lockdown.parts(period("2021-22Q1"), period("2020-21Q1")));
        assert!(!lockdown.parts(period("2021-22Q1"), period("2019-20Q1")));
    }

    #[test]
    fn a_figure_is_named_and_found_by_its_name() {
        for text in
            ["police-asb/E07000111/2025-26Q1", "davss[gender=female,risk=high]/E07000111/2025-06"]
        {
            assert_eq!(text.parse::<FigureId>().expect("a figure").to_string(), text);
        }
        for text in ["police-asb", "police-asb/E07000111", "a[b/E07/2025-06", "/E07/2025-06"] {
            assert!(text.parse::<FigureId>().is_err(), "{text}");
        }
    }
}
