//! From series to indicators, verdicts, and the decision what may be shown.
//!
//! Stands on the report line between the lake and publication: [`compute`] turns series into
//! [`IndicatorTable`], [`assess`] judges it, [`disclose`] decides what leaves. Pure functions: no
//! disk, no clock, no engine. The only way to a [`DisclosedTable`] is [`disclose`]; publication
//! can be handed nothing else, so nothing undisclosed can be rendered. It never rounds for looks
//! and never words a figure that is withheld. [`quarterly`] is for whole tables of measures and
//! areas, in columns: its figures have passed no disclosure, either.

mod assess;
mod assurance;
mod charting;
mod compare;
mod compute;
mod definitions;
mod derive;
mod disclosure;
mod funnel;
mod gate;
mod history;
mod indicator;
mod kernel;
mod peers;
mod probability;
mod protection;
mod rate;
mod reading;
mod restate;
mod season;
mod share;
mod spc;
mod success;
mod total;
mod words;

pub use assess::{Assessed, AssessedTable, Statuses, TargetStatus, Variation, assess};
pub use assurance::{Assurance, assurance};
pub use compare::{Evidence, evidence, two_counts_p_value};
pub use compute::{compute, figure_of};
pub use definitions::{Definitions, Releases};
pub use disclosure::{DisclosedIndicator, DisclosedTable, DisclosureRules, ShownRate, disclose};
pub use funnel::{Funnel, FunnelArea, FunnelFlag, FunnelShape, funnel};
pub use gate::{Held, HeldAgainst};
pub use history::{Division, DivisionKind, DrawnChart, DrawnPoint, DrawnSegment, History};
pub use indicator::{
    Change, Charted, DataStatus, Direction, Exposures, Indicator, IndicatorKey, IndicatorTable,
    PeerLimits, PeerRate, PeerRates, PeerStanding, Position, Rate, ShareOf, SpcSummary,
    TargetStanding, Verdict,
};
pub use kernel::{
    Best, DenseSeries, KernelError, KernelRules, QuarterlyColumns, Windows, quarterly,
};
pub use protection::ShownNumber;
pub use rate::{Confidence, Interval, count_interval, exact_interval, rate_per_1000};
pub use restate::{Definition, Restated, restate};
pub use season::{ChartFit, Seasonality, chart_fit, seasonal};
pub use share::{Share, share};
pub use spc::{Chart, ChartPlan, SpcRule, SpcState, Xmr, chart, xmr};
pub use success::{SuccessOutcome, SuccessVerdict, judge_success};
pub use total::tiles;
pub use words::{ordinal, sentence};
