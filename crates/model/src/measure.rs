//! Measures: what is counted, and how it may be shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Breakdown, MeasureId, Month, PriorityId};

/// The unit of a measure, and with it the smallest unit its integers are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Things or people, kept as they are.
    Count,
    /// Money, kept in pence.
    Pounds,
    /// Percent, kept in hundredths of a percentage point. Never summed.
    Percent,
    /// A number with decimals (a rate, an average, an index, thousands), kept in hundredths. Never
    /// summed.
    Decimal,
}

impl Unit {
    /// How many decimal places of the unit the integer keeps: 0 or 2.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Count => 0,
            Self::Pounds | Self::Percent | Self::Decimal => 2,
        }
    }

    /// Whether months may be added up to quarters.
    pub fn is_additive(self) -> bool {
        !matches!(self, Self::Percent | Self::Decimal)
    }
}

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Polarity {
    /// Fewer is better: burglary.
    LowerIsBetter,
    /// More is better: young people engaged.
    HigherIsBetter,
    /// Neither can be said: referrals rise when trust rises.
    Neutral,
}

/// How a measure may be shown outside. Every measure declares one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disclosure {
    /// Exact: already published elsewhere.
    Open,
    /// Rounded to 5.
    Rounded,
    /// Small counts withheld, the rest rounded to 5.
    Suppressed,
}

/// Which kind of area a measure is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Geography {
    /// Local authority district (E07, E06).
    District,
    /// Community safety partnership (E22).
    Csp,
    /// A place inside the partnership without a GSS code of its own.
    Place,
    /// Electoral ward (E05).
    Ward,
    /// Police force area (E23, W15).
    Force,
    /// Region, country or another wide area that figures are published for (E12, E92).
    Region,
    /// Area of the health service: a commissioning group or one of its regions.
    Health,
}

impl Geography {
    /// What one is called: `community safety partnership`.
    pub fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Csp => "community safety partnership",
            Self::Place => "place",
            Self::Ward => "ward",
            Self::Force => "police force area",
            Self::Region => "region",
            Self::Health => "health area",
        }
    }
}

/// One side of a quotient: a measure as a whole, or one part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The measure; never a quotient itself.
    pub measure: MeasureId,
    /// Which part of it.
    pub breakdown: Breakdown,
}

/// A measure made by dividing: a share (percent), a cost per head (pounds) or a ratio (decimal).
/// Both sides are added up over a period first and divided then: never an average of averages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotient {
    /// What is divided: of a share, the part.
    pub numerator: Operand,
    /// What it is divided by: of a share, the whole.
    pub denominator: Operand,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its key in `measures.toml`.
    pub id: MeasureId,
    /// Its name for readers; made-up measures carry *(illustrative)*.
    pub label: String,
    /// Its unit.
    pub unit: Unit,
    /// Which way is good.
    pub polarity: Polarity,
    /// How it may be shown.
    pub disclosure: Disclosure,
    /// Which kind of area it is counted for.
    pub geography: Geography,
    /// The priority it is reported under; none means it is not in the report.
    pub priority: Option<PriorityId>,
    /// Whether a rate per 1,000 residents makes sense.
    pub per_1000: bool,
    /// Measures it is the sum of; empty when partners send it themselves.
    pub sum_of: Vec<MeasureId>,
    /// What it is made of by dividing; none when it is no quotient.
    pub quotient: Option<Quotient>,
    /// The peer set its positions are among; none for the first of its geography.
    pub peer_set: Option<String>,
    /// Whether its figures come from a live system and may still change.
    pub provisional: bool,
    /// The first month there are figures for, and why there are none before.
    pub begins: Option<(Month, String)>,
    /// Whether its figures are made up for demonstration.
    pub illustrative: bool,
    /// What exactly is counted, as a sentence for readers; empty when nobody has written it down.
    pub definition: String,
    /// Where the figures come from, for the provenance footer.
    pub source: String,
}

impl Measure {
    /// A count that partners send themselves and everybody may see, of which fewer is better: the
    /// plainest measure there is, to be changed by whoever needs another.
    pub fn count(id: impl Into<MeasureId>, geography: Geography) -> Self {
        let id = id.into();
        Self {
            label: id.to_string(),
            id,
            unit: Unit::Count,
            polarity: Polarity::LowerIsBetter,
            disclosure: Disclosure::Open,
            geography,
            priority: None,
            per_1000: false,
            sum_of: Vec::new(),
            quotient: None,
            peer_set: None,
            provisional: false,
            begins: None,
            illustrative: false,
            definition: String::new(),
            source: String::new(),
        }
    }

    /// Whether it is made from other measures.
    pub fn is_derived(&self) -> bool {
        !self.sum_of.is_empty() || self.quotient.is_some()
    }

    /// What it is made from, down to what partners send: itself, the parts of a sum, or both sides
    /// of a quotient with the parts of those.
    pub fn made_of(&self, all: &BTreeMap<MeasureId, Self>) -> Vec<Operand> {
        let whole = |id: &MeasureId| Operand { measure: id.clone(), breakdown: Breakdown::all() };
        match &self.quotient {
            Some(Quotient { numerator, denominator }) => {
                let side = |operand: &Operand| match all.get(&operand.measure) {
                    Some(sum) if !sum.sum_of.is_empty() => sum.sum_of.iter().map(whole).collect(),
                    _ => vec![operand.clone()],
                };
                [side(numerator), side(denominator)].concat()
            }
            None if self.sum_of.is_empty() => vec![whole(&self.id)],
            None => self.sum_of.iter().map(whole).collect(),
        }
    }

    /// The measures that partners send for it, each once.
    pub fn sent_as(&self, all: &BTreeMap<MeasureId, Self>) -> BTreeSet<MeasureId> {
        self.made_of(all).into_iter().map(|operand| operand.measure).collect()
    }
}
