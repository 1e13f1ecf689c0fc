//! From series to indicators, verdicts, and the decision what may be shown.
//!
//! Stands on the report line between the lake and publication: [`compute`] turns series into
//! [`IndicatorTable`], [`assess`] judges it, [`disclose`] decides what leaves. Pure functions: no
//! disk, no clock, no engine. The only way to a [`DisclosedTable`] is [`disclose`]; publication
//! can be handed nothing else, so nothing undisclosed can be rendered. It never rounds for looks
//! and never words a figure that is withheld. [`quarterly`] is for whole tables of measures and
//! areas, in columns: its figures have passed no disclosure, either.

mod assess;
mod compare;
mod compute;
mod disclosure;
mod indicator;
mod kernel;
mod protection;
mod rate;
mod spc;
mod success;
mod total;

pub use assess::{Assessed, AssessedTable, assess};
pub use compare::two_counts_p_value;
pub use compute::{Definitions, compute};
pub use disclosure::{DisclosedIndicator, DisclosedTable, DisclosureRules, ShownRate, disclose};
pub use indicator::{
    Direction, Indicator, IndicatorKey, IndicatorTable, Position, Rate, SpcSummary, Verdict,
};
pub use kernel::{
    Best, DenseSeries, KernelError, KernelRules, QuarterlyColumns, Windows, quarterly,
};
pub use protection::ShownNumber;
pub use rate::{Interval, rate_per_1000};
pub use spc::{SpcState, Xmr, xmr};
pub use success::{SuccessOutcome, SuccessVerdict, judge_success};
pub use total::tiles;
