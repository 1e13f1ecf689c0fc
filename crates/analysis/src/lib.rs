//! From series to indicators, verdicts, and the decision what may be shown.
//!
//! Stands on the report line between the lake and publication: [`compute`] turns series into
//! [`IndicatorTable`], [`assess`] judges it, [`disclose`] decides what leaves. Pure functions: no
//! disk, no clock, no engine. The only way to a [`DisclosedTable`] is [`disclose`]; publication
//! can be handed nothing else, so nothing undisclosed can be rendered. It never rounds for looks
//! and never words a figure that is withheld.

mod assess;
mod charting;
mod compare;
mod compute;
mod definitions;
mod derive;
mod disclosure;
mod funnel;
mod gate;
mod indicator;
mod peers;
mod protection;
mod rate;
mod reading;
mod share;
mod spc;
mod success;
mod total;
mod words;

pub use assess::{Assessed, AssessedTable, Statuses, TargetStatus, Variation, assess};
pub use compare::{Evidence, two_counts_p_value};
pub use compute::{compute, figure_of};
pub use definitions::{Definitions, Releases};
pub use disclosure::{DisclosedIndicator, DisclosedTable, DisclosureRules, ShownRate, disclose};
pub use funnel::FunnelFlag;
pub use gate::{Held, HeldAgainst};
pub use indicator::{
    Change, Charted, DataStatus, Direction, Indicator, IndicatorKey, IndicatorTable, PeerLimits,
    PeerStanding, Position, Rate, ShareOf, SpcSummary, TargetStanding, Verdict,
};
pub use protection::ShownNumber;
pub use rate::{Interval, rate_per_1000};
pub use spc::{Assurance, SpcRule, SpcState, Xmr, xmr};
pub use success::{SuccessOutcome, SuccessVerdict, judge_success};
pub use total::tiles;
pub use words::sentence;
