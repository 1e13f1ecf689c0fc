//! Targets against control charts: will they be met, as things are?

use model::Polarity;

use crate::spc::Xmr;

/// Whether a target will be met by chance alone, as things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// The whole of the expected range meets it.
    Passes,
    /// None of the expected range meets it.
    Fails,
    /// It lies within the expected range.
    HitAndMiss,
}

impl Assurance {
    /// `passes`, `fails` or `hit-and-miss`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Fails => "fails",
            Self::HitAndMiss => "hit-and-miss",
        }
    }
}

/// What the limits of a segment say of a target (`ptd_calculate_assurance_type`). A target on a
/// limit lies within the range. `None` where neither more nor fewer is better, and for no number.
pub fn assurance(segment: &Xmr, target: f64, polarity: Polarity) -> Option<Assurance> {
    if target.is_nan() || polarity == Polarity::Neutral {
        return None;
    }
    let more_is_better = polarity == Polarity::HigherIsBetter;
    Some(if segment.upper < target {
        if more_is_better { Assurance::Fails } else { Assurance::Passes }
    } else if target < segment.lower {
        if more_is_better { Assurance::Passes } else { Assurance::Fails }
    } else {
        Assurance::HitAndMiss
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spc::xmr;

    /// Mean 11, moving ranges of 2: from 5.68 to 16.32.
    fn said(target: f64, polarity: Polarity) -> &'static str {
        let months: Vec<i64> = [10, 12].into_iter().cycle().take(12).collect();
        let segment = xmr(&months).expect("a chart");
        assurance(&segment, target, polarity).map_or("none", Assurance::as_str)
    }

    #[test]
    fn a_target_beyond_the_limits_is_always_or_never_met() {
        let (more, fewer) = (Polarity::HigherIsBetter, Polarity::LowerIsBetter);
        insta::assert_snapshot!(said(16.33, more), @"fails");
        insta::assert_snapshot!(said(16.33, fewer), @"passes");
        insta::assert_snapshot!(said(5.67, more), @"passes");
        insta::assert_snapshot!(said(5.67, fewer), @"fails");
        insta::assert_snapshot!(said(16.32, more), @"hit-and-miss");
        insta::assert_snapshot!(said(5.68, fewer), @"hit-and-miss");
        insta::assert_snapshot!(said(16.33, Polarity::Neutral), @"none");
        insta::assert_snapshot!(said(f64::NAN, more), @"none");
    }
}
