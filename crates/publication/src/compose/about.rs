//! What files of the report say of themselves.

use std::collections::BTreeSet;

use super::{Reported, headline};
use crate::partner_text::{NAME_MAX, clean};
use crate::report_model::About;
use crate::spec::ReportSpec;
use crate::words;

pub(crate) fn about(rows: &[Reported<'_>], spec: &ReportSpec<'_>) -> About {
    About {
        title: clean(&spec.title, NAME_MAX),
        partnership: clean(&spec.partnership.name, NAME_MAX),
        partnership_short: clean(&spec.partnership.short_name, NAME_MAX),
        period: spec.period.title(),
        months: spec.period.calendar(),
        provisional: headline::provisional(rows),
        as_of: words::date(spec.as_of),
        as_of_data: spec.as_of.to_string(),
        edition_data: clean(spec.edition.as_str(), NAME_MAX),
        figures_from: figures_from(rows),
    }
}

/// What measures name as their source, each once.
pub(crate) fn figures_from(rows: &[Reported<'_>]) -> Vec<String> {
    let named: BTreeSet<String> = rows
        .iter()
        .map(|row| clean(&row.measure.source, NAME_MAX))
        .filter(|source| !source.is_empty())
        .collect();
    named.into_iter().collect()
}
