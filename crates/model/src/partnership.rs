//! The partnership: areas, peers, priorities, success measures, partners, recipients.

use std::collections::BTreeMap;
use std::fmt;

use crate::{AreaCode, Geography, Measure, MeasureId, PartnerId, PriorityId};

/// An area, by code; names and aliases find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// GSS code, or a made-up `X…` code for a place without one.
    pub code: AreaCode,
    /// Name for readers.
    pub name: String,
    /// Other names it goes by: `Shepway`.
    pub aliases: Vec<String>,
    /// Which kind of area it is.
    pub geography: Geography,
    /// For a partnership area: the districts it is made of.
    pub districts: Vec<AreaCode>,
}

/// A declared set of areas to be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSet {
    /// Its key in `partnership.toml`.
    pub id: String,
    /// Its name for readers: `the 12 Kent districts`.
    pub label: String,
    /// Which kind of area it is of; the first set of a geography is used unless a measure says otherwise.
    pub geography: Geography,
    /// Its members, the area itself included.
    pub areas: Vec<AreaCode>,
    /// When the set was drawn up or last confirmed: `December 2024`; empty when nobody said.
    pub vintage: String,
}

/// A priority of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priority {
    /// Its key in `partnership.toml`.
    pub id: PriorityId,
    /// Its place in the plan's ranking, from 1.
    pub rank: u32,
    /// Its name for readers.
    pub title: String,
}

/// What must hold for a success measure to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuccessRule {
    /// Stay among the `within` best of the peer set.
    MaintainPosition {
        /// How many places count as good.
        within: u32,
    },
    /// A better place among the peer set than a year ago.
    ImprovePosition,
    /// Fewer than in the same quarter last year.
    Reduce,
    /// More than in the same quarter last year.
    Increase,
    /// At least this many.
    AtLeast {
        /// The number, in the measure's smallest unit.
        value: i64,
        /// In how long.
        per: Per,
    },
    /// Keep at least this level, or at most where fewer is better.
    MaintainRate {
        /// The level, in the measure's smallest unit.
        value: i64,
        /// In how long.
        per: Per,
    },
    /// The plan names a figure and neither a level nor a direction: it is reported, not judged.
    Monitor,
    /// No rise that chance does not explain, against the same quarter last year.
    HaltTheRise,
    /// Something is to be delivered: the actions named say whether it is.
    Deliver {
        /// Numbers of the actions that deliver it.
        actions: Vec<String>,
        /// The last day for it, where the plan names one; else each action's own.
        by: Option<jiff::civil::Date>,
    },
}

/// How long a level is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The period of the report.
    Quarter,
    /// The 12 months that end with it.
    Year,
}

/// A level that a measure is held to every month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The measure.
    pub measure: MeasureId,
    /// The level a month, in the measure's smallest unit.
    pub monthly: i64,
    /// Who set it, and where it is written.
    pub source: String,
}

/// A target from the partnership's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessMeasure {
    /// Its key in `partnership.toml`.
    pub id: String,
    /// The priority it belongs to, or none for the plan as a whole.
    pub priority: Option<PriorityId>,
    /// As the plan words it.
    pub text: String,
    /// The measures that tell; empty when no return carries one.
    pub measures: Vec<MeasureId>,
    /// What must hold.
    pub rule: SuccessRule,
    /// Why it cannot be judged, where that is known beforehand.
    pub cannot_judge: Option<String>,
}

/// An agency that owes returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its key in `partnership.toml`.
    pub id: PartnerId,
    /// Its name for readers.
    pub name: String,
    /// The mailbox of a role that is told what became of its returns; none gets no letters.
    pub contact: Option<String>,
    /// The mailbox of whoever leads its part of the plan: gets a copy of the last reminder.
    pub lead: Option<String>,
    /// Days on which it is away, both inclusive: it is not reminded then.
    pub away: Vec<(jiff::civil::Date, jiff::civil::Date)>,
}

/// Someone who gets reports: a role, never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its key in `partnership.toml`.
    pub id: String,
    /// The role: `Partnership chair`.
    pub role: String,
    /// Mail address.
    pub address: String,
    /// The priority they lead: it comes first in their reports.
    pub priority: Option<PriorityId>,
}

/// A Community Safety Partnership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partnership {
    /// Full name: `Sevenoaks District Community Safety Partnership`.
    pub name: String,
    /// Short name, for subjects.
    pub short_name: String,
    /// Its own area, by geography.
    pub home: BTreeMap<Geography, AreaCode>,
    /// Every area it knows, in no particular order.
    pub areas: Vec<Area>,
    /// Peer sets, in order of preference.
    pub peer_sets: Vec<PeerSet>,
    /// Priorities by rank.
    pub priorities: Vec<Priority>,
    /// Success measures in the plan's order.
    pub success_measures: Vec<SuccessMeasure>,
    /// Levels that measures are held to.
    pub targets: Vec<Target>,
    /// Who owes returns.
    pub partners: Vec<Partner>,
    /// Who may be sent reports.
    pub recipients: Vec<Recipient>,
}

/// A name or code that finds no area, or too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AreaError {
    /// Nothing goes by that name.
    Unknown {
        /// The name as written.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// The area there is by that name is of another kind than is wanted.
    OfAnotherKind {
        /// The name as written.
        name: String,
        /// What it is.
        kind: Geography,
        /// What is wanted.
        wanted: Option<Geography>,
    },
    /// Several areas go by that name: say which by its code.
    Ambiguous {
        /// The name as written.
        name: String,
        /// The codes it could mean.
        codes: Vec<AreaCode>,
    },
}

impl fmt::Display for AreaError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, nearest: Some(nearest) } => {
                write!(formatter, "`{name}` is not a known area (did you mean `{nearest}`?)")
            }
            Self::Unknown { name, nearest: None } => {
                write!(formatter, "`{name}` is not a known area")
            }
            Self::OfAnotherKind { name, kind, wanted } => {
                let wanted = wanted.map_or("another area", Geography::name);
                write!(formatter, "`{name}` is a {}, but a {wanted} is wanted here", kind.name())
            }
            Self::Ambiguous { name, codes } => {
                let codes: Vec<&str> = codes.iter().map(AreaCode::as_str).collect();
                write!(formatter, "`{name}` could be {}: give the code", codes.join(" or "))
            }
        }
    }
}

impl std::error::Error for AreaError {}

/// A name as compared: lower case, `&` as `and`, no-break and repeated blanks as one.
pub fn folded_name(name: &str) -> String {
    name.replace('&', " and ").to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a name as compared is this, without writing it down: most are not.
fn folds_to(name: &str, folded: &str) -> bool {
    if !name.is_ascii() {
        return folded_name(name) == folded;
    }
    let between = name.split('&').enumerate();
    let words = between.flat_map(|(index, words)| {
        (index > 0).then_some("and").into_iter().chain(words.split_whitespace())
    });
    let mut left = folded.split(' ').filter(|word| !word.is_empty());
    let all =
        words.into_iter().all(|word| left.next().is_some_and(|it| it.eq_ignore_ascii_case(word)));
    all && left.next().is_none()
}

impl Partnership {
    /// The area with a code.
    pub fn area(&self, code: &AreaCode) -> Option<&Area> {
        self.areas.iter().find(|area| area.code == *code)
    }

    /// The name of an area, or its code if it has none here.
    pub fn area_name<'a>(&'a self, code: &'a AreaCode) -> &'a str {
        self.area(code).map_or(code.as_str(), |area| &area.name)
    }

    /// Finds an area by code, name or alias; `geography` decides between namesakes.
    pub fn find_area(&self, text: &str, geography: Option<Geography>) -> Result<&Area, AreaError> {
        let fits = |area: &&Area| geography.is_none_or(|geography| area.geography == geography);
        match self.areas_named(text, geography).as_slice() {
            [area] => Ok(area),
            [] => {
                let names = self
                    .areas
                    .iter()
                    .filter(fits)
                    .flat_map(|area| std::iter::once(&area.name).chain(&area.aliases))
                    .map(String::as_str);
                let elsewhere = self.areas_named(text, None);
                if let [area, ..] = elsewhere.as_slice() {
                    let (name, kind) = (text.trim().to_owned(), area.geography);
                    return Err(AreaError::OfAnotherKind { name, kind, wanted: geography });
                }
                let nearest = nearest(text, names).map(str::to_owned);
                Err(AreaError::Unknown { name: text.trim().to_owned(), nearest })
            }
            several => Err(AreaError::Ambiguous {
                name: text.trim().to_owned(),
                codes: several.iter().map(|area| area.code.clone()).collect(),
            }),
        }
    }

    /// The areas with a code, name or alias: none, one, or several namesakes. Without asking what
    /// else could be meant, which takes far longer.
    pub fn areas_named(&self, text: &str, geography: Option<Geography>) -> Vec<&Area> {
        let code = text.trim();
        let by_code = self.areas.iter().find(|area| area.code.as_str().eq_ignore_ascii_case(code));
        if let Some(area) = by_code {
            return vec![area];
        }
        let wanted = folded_name(text);
        // Few names begin alike, and only those need be folded.
        let first = |text: &str| {
            let first = text.trim_start().chars().next();
            first.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())
        };
        let is_wanted = |name: &String| {
            let begins = first(name).is_none_or(|c| wanted.starts_with(c));
            begins && folds_to(name, &wanted)
        };
        let is_named = |area: &&Area| is_wanted(&area.name) || area.aliases.iter().any(is_wanted);
        let fits = |area: &&Area| geography.is_none_or(|geography| area.geography == geography);
        self.areas.iter().filter(fits).filter(is_named).collect()
    }

    /// The peer set a measure's positions are among: the one it names, else the first declared of
    /// its geography.
    pub fn peers_of(&self, measure: &Measure) -> Option<&PeerSet> {
        match &measure.peer_set {
            Some(id) => self.peer_sets.iter().find(|set| set.id == *id),
            None => self.peer_sets.iter().find(|set| set.geography == measure.geography),
        }
    }
}

/// The candidate most like `text`, if one is near enough to be a slip of the hand.
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = folded_name(text);
    let limit = (text.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (distance(&text, &folded_name(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, left) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_compared_as_if_it_were_written_down(
            name in "[ \\ta-cA-C&\u{e9}]{0,8}", other in "[ a-cA-C&]{0,8}"
        ) {
            prop_assert!(folds_to(&name, &folded_name(&name)));
            let folded = folded_name(&other);
            prop_assert_eq!(folds_to(&name, &folded), folded_name(&name) == folded);
        }
    }
}
