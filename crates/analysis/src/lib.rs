//! From series to indicators, verdicts, and the decision what may be shown.
//!
//! Stands on the report line between the lake and publication: [`compute`] turns series into
//! [`IndicatorTable`], [`assess`] judges it, [`disclose`] decides what leaves. Pure functions: no
//! disk, no clock, no engine. The only way to a [`DisclosedTable`] is [`disclose`]; publication
//! can be handed nothing else, so nothing undisclosed can be rendered. It never rounds for looks
//! and never words a figure that is withheld.

mod assess;
mod assurance;
mod compare;
mod compute;
mod disclosure;
mod funnel;
mod indicator;
mod probability;
mod protection;
mod rate;
mod season;
mod share;
mod spc;
mod success;
mod total;

pub use assess::{Assessed, AssessedTable, assess};
pub use assurance::{Assurance, assurance};
pub use compare::{Evidence, evidence, two_counts_p_value};
pub use compute::{Definitions, compute};
pub use disclosure::{DisclosedIndicator, DisclosedTable, DisclosureRules, ShownRate, disclose};
pub use funnel::{Funnel, FunnelArea, FunnelFlag, funnel};
pub use indicator::{
    Direction, Indicator, IndicatorKey, IndicatorTable, Position, Rate, SpcSummary, Verdict,
};
pub use protection::ShownNumber;
pub use rate::{Confidence, Interval, count_interval, exact_interval, rate_per_1000};
pub use season::{ChartFit, Seasonality, chart_fit, seasonal};
pub use share::{Share, share};
pub use spc::{Chart, ChartPlan, SpcRule, SpcState, Xmr, chart, xmr};
pub use success::{SuccessOutcome, SuccessVerdict, judge_success};
pub use total::tiles;
