//! What figures are computed from, gathered once: for reports and for operators alike.

use std::collections::BTreeMap;

use analysis::{AssessedTable, Releases};
use jiff::Timestamp;
use lake::{Lake, LakeVersion};
use ledger::{CommitRecord, Ledger};
use model::{MeasureId, Period, ReturnState, SeriesTable};

use crate::error::PipelineError;
use crate::house::House;
use crate::register::RegisterLine;

/// Series as one version of the lake knew them, and what has been decided about them.
#[derive(Debug, Default)]
pub(crate) struct Material {
    /// The series.
    pub(crate) series: SeriesTable,
    /// The series of the newest edition that was made from an earlier version, if any.
    pub(crate) earlier: Option<SeriesTable>,
    /// Figures that were let through the plausibility gate.
    pub(crate) releases: Releases,
    /// Why nothing has arrived for a measure, as the register has it.
    absent: BTreeMap<MeasureId, String>,
}

impl Material {
    /// Reads the lake at a version.
    pub(crate) async fn gather(
        ledger: &Ledger,
        lake: &Lake,
        version: &LakeVersion,
    ) -> Result<Self, PipelineError> {
        let series = lake.reduce(version).await?;
        let earlier = match last_published(ledger, version)? {
            Some(before) => Some(lake.reduce(&before).await?),
            None => None,
        };
        Ok(Self { series, earlier, releases: releases(ledger)?, absent: BTreeMap::new() })
    }

    /// With what the register says of returns that have not brought figures.
    pub(crate) fn knowing(mut self, house: &House, lines: &[RegisterLine]) -> Self {
        for line in lines {
            let why = match line.state {
                ReturnState::Accepted => continue,
                ReturnState::Queried => "its return has arrived and was refused",
                ReturnState::Late => "its return is late",
                ReturnState::Received => "its return has arrived and is being checked",
                ReturnState::Expected => "its return is not due yet",
                ReturnState::Waived => "its return was waived",
            };
            let contract = house.definitions.contracts.get(&line.return_id);
            for measure in contract.into_iter().flat_map(intake::contract::Contract::measures) {
                self.absent.insert(measure.clone(), why.to_owned());
            }
        }
        self
    }

    /// What the figures mean.
    pub(crate) fn definitions<'a>(&'a self, house: &'a House) -> analysis::Definitions<'a> {
        let definitions = &house.definitions;
        analysis::Definitions {
            partnership: &definitions.partnership,
            measures: &definitions.measures,
            populations: &definitions.populations,
            notes: &definitions.notes,
            releases: &self.releases,
            absent: &self.absent,
            earlier: self.earlier.as_ref(),
        }
    }

    /// Every indicator of a period, judged: the operator's own view.
    pub(crate) fn assessed(&self, house: &House, period: Period) -> AssessedTable {
        let table = analysis::compute(&self.series, period, &self.definitions(house));
        analysis::assess(&table, &house.definitions.measures)
    }
}

/// Figures that were let through.
pub(crate) fn releases(ledger: &Ledger) -> Result<Releases, PipelineError> {
    let released = ledger.released_figures()?;
    Ok(released.into_iter().map(|release| (release.figure, release.value)).collect())
}

/// The lake version of the newest edition that was made before the lake came to this version.
fn last_published(
    ledger: &Ledger,
    version: &LakeVersion,
) -> Result<Option<LakeVersion>, PipelineError> {
    let editions = ledger.editions()?;
    let made = editions.iter().rev().filter_map(|edition| edition.record.lake_version.parse().ok());
    Ok(made.into_iter().find(|before: &LakeVersion| before.observations < version.observations))
}

/// The newest version among recorded commits; the empty lake before the first.
pub(crate) fn newest(commits: &[CommitRecord]) -> LakeVersion {
    let mut version = LakeVersion { observations: 0, actions: 0 };
    for commit in commits {
        let slot = if commit.table == "actions" {
            &mut version.actions
        } else {
            &mut version.observations
        };
        *slot = (*slot).max(commit.version);
    }
    version
}

/// The lake as it was known at some time: a day (to its end), an instant, or a version (`o3.a1`).
pub(crate) fn known_at(
    ledger: &Ledger,
    text: &str,
    now: LakeVersion,
) -> Result<LakeVersion, PipelineError> {
    if let Ok(version) = text.parse::<LakeVersion>() {
        if version.observations > now.observations || version.actions > now.actions {
            let message = format!("the lake has no version {version}: the newest is {now}");
            return Err(PipelineError::Usage(message));
        }
        return Ok(version);
    }
    let at = match text.parse::<jiff::civil::Date>() {
        // The end of that day in London, where the partnership is.
        Ok(day) => day
            .tomorrow()
            .and_then(|next| next.to_zoned(crate::clock::zone()))
            .map(|next| next.timestamp()),
        Err(_) => text.parse::<Timestamp>(),
    };
    let at = at.map_err(|_| {
        let forms = "a day (2025-07-21), a time (2025-07-21T09:00:00+01:00) or a version of the lake (o3.a1)";
        PipelineError::Usage(format!("`{text}` is not a time: write {forms}"))
    })?;
    Ok(newest(&ledger.commits_until(at)?))
}
