//! What changed between two editions, and why.

use std::collections::{BTreeMap, BTreeSet};

use analysis::IndicatorKey;
use jiff::Timestamp;
use lake::{Lake, LakeVersion};
use ledger::{Ledger, PublishedFigure, ReleasedFigure, StoredEdition};
use model::{Disclosure, EditionId, Period, SeriesKey, SeriesTable, SubmissionHash};
use serde::Serialize;

use crate::error::PipelineError;
use crate::house::House;
use crate::ingest::open_lake;
use crate::views::AreaView;

/// A figure that two editions print differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// What is counted.
    pub measure: model::MeasureId,
    /// Its name for readers.
    pub label: String,
    /// Where.
    pub area: AreaView,
    /// Which part.
    pub breakdown: model::Breakdown,
    /// When.
    pub period: Period,
    /// As printed in the earlier edition.
    pub old: String,
    /// As printed in the later one.
    pub new: String,
    /// Why, in one sentence.
    pub why: String,
    /// The verdict printed with the earlier figure, if both have one.
    pub old_verdict: Option<String>,
    /// The verdict printed with the later one.
    pub new_verdict: Option<String>,
    /// Whether the two verdicts differ: such a revision comes first.
    pub verdict_changed: bool,
}

/// A success measure that two editions judge differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedSuccess {
    /// Its key in the plan.
    pub id: String,
    /// The verdict in the earlier edition.
    pub old_verdict: String,
    /// The verdict in the later one.
    pub new_verdict: String,
    /// Why, as the later one says.
    pub why: String,
}

/// What changed between two editions.
#[derive(Clone, Debug, Serialize)]
pub struct EditionDiff {
    /// The earlier edition.
    pub from: String,
    /// The later edition.
    pub to: String,
    /// Figures that both print.
    pub compared: usize,
    /// Figures that differ, those that change a verdict first.
    pub revisions: Vec<Revision>,
    /// Success measures whose verdict differs, in order of their keys.
    pub success: Vec<TurnedSuccess>,
    /// Figures that only the earlier one prints.
    pub only_in_from: usize,
    /// Figures that only the later one prints.
    pub only_in_to: usize,
}

/// Compares two editions figure by figure.
pub async fn diff(house: &House, from: &str, to: &str) -> Result<EditionDiff, PipelineError> {
    let missing =
        |id: &str| PipelineError::Usage(format!("there is no edition `{id}`: see `report list`"));
    let Some(ledger) = house.ledger_to_read()? else { return Err(missing(from)) };
    let edition = |id: &str| -> Result<StoredEdition, PipelineError> {
        ledger.edition(&EditionId::new(id))?.ok_or_else(|| missing(id))
    };
    let (older, newer) = (edition(from)?, edition(to)?);
    let old = ledger.published_figures(&older.record.edition_id)?;
    let new = ledger.published_figures(&newer.record.edition_id)?;
    let version = |edition: &StoredEdition| edition.record.lake_version.parse().ok();
    let opened = open_lake(house, &ledger).await?;
    let lake = opened.as_ref().map(|(lake, _)| lake);
    let now = at(lake, version(&newer)).await?;
    let between = Between {
        from: version(&older),
        now: &now,
        since: older.record.created_at,
        definitions_changed: older.record.definitions_hash != newer.record.definitions_hash,
    };
    let reasons = Reasons::gather(house, &ledger, lake, &between).await?;
    let (compared, revisions) = revisions(house, &old, &new, |was, is| reasons.why(was, is));
    let revisions = revisions.into_iter().map(|revision| in_units(house, revision)).collect();
    Ok(EditionDiff {
        from: from.to_owned(),
        to: to.to_owned(),
        compared,
        success: turned(&ledger, &older, &newer)?,
        only_in_from: old.len() - compared,
        only_in_to: new.len() - compared,
        revisions,
    })
}

fn turned(
    ledger: &Ledger,
    older: &StoredEdition,
    newer: &StoredEdition,
) -> Result<Vec<TurnedSuccess>, PipelineError> {
    let before = ledger.published_success(&older.record.edition_id)?;
    let now = ledger.published_success(&newer.record.edition_id)?;
    let turned = now.into_iter().filter_map(|is| {
        let was = before.iter().find(|was| was.id == is.id && was.verdict != is.verdict)?;
        let old_verdict = was.verdict.clone();
        Some(TurnedSuccess { id: is.id, old_verdict, new_verdict: is.verdict, why: is.sentence })
    });
    Ok(turned.collect())
}

/// Old and new in the measure's unit: `40.22[p]` for `4022[p]`.
fn in_units(house: &House, revision: Revision) -> Revision {
    let measure = house.definitions.measures.get(&revision.measure);
    let decimals = measure.map_or(0, |measure| measure.unit.decimals());
    let shown = |text: &str| {
        let end = text.find(['[', ',']).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        match number.parse::<i64>() {
            Ok(value) if decimals == 2 => {
                let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
                format!("{sign}{}.{:02}{rest}", size / 100, size % 100)
            }
            _ => text.to_owned(),
        }
    };
    Revision { old: shown(&revision.old), new: shown(&revision.new), ..revision }
}

type FigureKey<'a> = (&'a model::MeasureId, &'a model::AreaCode, &'a model::Breakdown, Period);

fn figure_key(figure: &PublishedFigure) -> FigureKey<'_> {
    (&figure.measure, &figure.area, &figure.breakdown, figure.period)
}

/// Figures that both print and that differ in number or verdict; how many both print.
pub(crate) fn revisions(
    house: &House,
    old: &[PublishedFigure],
    new: &[PublishedFigure],
    why: impl Fn(&PublishedFigure, &PublishedFigure) -> String,
) -> (usize, Vec<Revision>) {
    let old: BTreeMap<FigureKey<'_>, &PublishedFigure> =
        old.iter().map(|figure| (figure_key(figure), figure)).collect();
    let pairs: Vec<(&PublishedFigure, &PublishedFigure)> =
        new.iter().filter_map(|figure| Some((*old.get(&figure_key(figure))?, figure))).collect();
    let mut revisions: Vec<Revision> = pairs
        .iter()
        .filter(|(before, now)| differ(before, now))
        .map(|(before, now)| revision(house, before, now, why(before, now)))
        .collect();
    revisions.sort_by_key(|it| {
        (
            !it.verdict_changed,
            it.measure.clone(),
            it.area.code.clone(),
            it.breakdown.clone(),
            it.period,
        )
    });
    (pairs.len(), revisions)
}

/// The printed number without the marks that qualify it: those of a revision are no revision.
fn number(shown: &str) -> &str {
    match shown.split_once('[') {
        Some(("", _)) | None => shown,
        Some((number, _)) => number,
    }
}

fn differ(before: &PublishedFigure, now: &PublishedFigure) -> bool {
    number(&before.shown) != number(&now.shown)
        || before.position != now.position
        || verdicts_differ(before, now)
}

/// The figure as printed, with its position where it has one.
fn printed(figure: &PublishedFigure) -> String {
    match figure.position.as_str() {
        "" => figure.shown.clone(),
        position => format!("{}, {position}", figure.shown),
    }
}

fn verdicts_differ(before: &PublishedFigure, now: &PublishedFigure) -> bool {
    !before.verdict.is_empty() && !now.verdict.is_empty() && before.verdict != now.verdict
}

fn revision(
    house: &House,
    before: &PublishedFigure,
    now: &PublishedFigure,
    why: String,
) -> Revision {
    let definitions = &house.definitions;
    let verdict = |figure: &PublishedFigure| {
        let both = !before.verdict.is_empty() && !now.verdict.is_empty();
        both.then(|| figure.verdict.clone())
    };
    Revision {
        measure: now.measure.clone(),
        label: definitions
            .measures
            .get(&now.measure)
            .map_or_else(|| now.measure.to_string(), |measure| measure.label.clone()),
        area: AreaView {
            code: now.area.clone(),
            name: definitions.partnership.area_name(&now.area).to_owned(),
        },
        breakdown: now.breakdown.clone(),
        period: now.period,
        old: printed(before),
        new: printed(now),
        why,
        old_verdict: verdict(before),
        new_verdict: verdict(now),
        verdict_changed: verdicts_differ(before, now),
    }
}

/// What lies between two editions.
pub(crate) struct Between<'a> {
    /// Version of the lake that the earlier one was made from.
    pub(crate) from: Option<LakeVersion>,
    /// The series that the later one is made from.
    pub(crate) now: &'a SeriesTable,
    /// When the earlier one was made.
    pub(crate) since: Timestamp,
    /// Whether definitions were changed.
    pub(crate) definitions_changed: bool,
}

/// The series at a version of the lake; none without.
async fn at(
    lake: Option<&Lake>,
    version: Option<LakeVersion>,
) -> Result<SeriesTable, PipelineError> {
    match (lake, version) {
        (Some(lake), Some(version)) => Ok(lake.reduce(&version).await?),
        _ => Ok(SeriesTable::default()),
    }
}

/// What is known of how the lake came from one version to another.
pub(crate) struct Reasons<'a> {
    house: &'a House,
    before: SeriesTable,
    now: &'a SeriesTable,
    files: BTreeMap<SubmissionHash, String>,
    released: Vec<ReleasedFigure>,
    definitions_changed: bool,
}

impl<'a> Reasons<'a> {
    pub(crate) async fn gather(
        house: &'a House,
        ledger: &Ledger,
        lake: Option<&Lake>,
        between: &Between<'a>,
    ) -> Result<Self, PipelineError> {
        let before = at(lake, between.from).await?;
        let files = ledger
            .submissions(&ledger::SubmissionFilter::default())?
            .into_iter()
            .map(|sent| {
                let sent = sent.submission;
                let day = crate::clock::local(sent.arrived_at).strftime("%-d %B %Y");
                let contract = house.definitions.contracts.get(&sent.return_id);
                let title =
                    contract.map_or_else(|| sent.return_id.to_string(), |it| it.title.clone());
                (sent.hash, format!("{title}, arrived on {day}"))
            })
            .collect();
        let released = ledger.released_figures()?;
        let released = released.into_iter().filter(|it| between.since < it.released_at).collect();
        let definitions_changed = between.definitions_changed;
        Ok(Self { house, before, now: between.now, files, released, definitions_changed })
    }

    /// Why a figure is another than it was.
    pub(crate) fn why(&self, was: &PublishedFigure, is: &PublishedFigure) -> String {
        let mut reasons = Vec::new();
        let is_same = number(&was.shown) == number(&is.shown) && was.verdict == is.verdict;
        let sent = self.sent_anew(is);
        let named: Vec<&str> =
            sent.iter().filter_map(|hash| self.files.get(hash)).map(String::as_str).collect();
        // A file that says the same again is no reason.
        if !named.is_empty() && !is_same {
            reasons.push(format!("sent anew: {}", named.join("; ")));
        }
        if is.reason.starts_with("held back") {
            reasons.push("held back until somebody confirms it".to_owned());
        }
        reasons.extend(self.let_through(is));
        if is_same && was.position != is.position {
            reasons.push("the same figure; those of its peers have changed".to_owned());
        }
        if self.definitions_changed {
            reasons.push("definitions were changed".to_owned());
        }
        if reasons.is_empty() {
            return "nothing new was sent for it: what is held or protected beside it has changed"
                .to_owned();
        }
        reasons.join("; ")
    }

    /// That somebody let it through, and why, where that was since.
    fn let_through(&self, figure: &PublishedFigure) -> Option<String> {
        let all = &self.house.definitions.measures;
        let measure = all.get(&figure.measure)?;
        let parts = measure.sent_as(all);
        let release = self.released.iter().find(|it| {
            let mine = it.figure.measure == figure.measure || parts.contains(&it.figure.measure);
            mine && it.figure.area == figure.area && it.figure.period.overlaps(figure.period)
        })?;
        let day = crate::clock::local(release.released_at).strftime("%-d %B %Y");
        // Words about a protected figure may hold it.
        let is_open = measure.disclosure == Disclosure::Open;
        let why = if is_open { format!(": {}", release.why) } else { String::new() };
        Some(format!("let through on {day}{why}"))
    }

    /// Submissions that a figure is made of now and was not made of before.
    fn sent_anew(&self, figure: &PublishedFigure) -> BTreeSet<SubmissionHash> {
        let key = IndicatorKey {
            measure: figure.measure.clone(),
            area: figure.area.clone(),
            breakdown: figure.breakdown.clone(),
        };
        let made_of = |table: &SeriesTable| -> BTreeSet<SubmissionHash> {
            let Some(measure) = self.house.definitions.measures.get(&key.measure) else {
                return BTreeSet::new();
            };
            let parts = measure.made_of(&self.house.definitions.measures);
            let parts = parts.into_iter().map(|part| SeriesKey {
                measure: part.measure,
                area: key.area.clone(),
                breakdown: part.breakdown.and(&key.breakdown),
            });
            let mut sent = BTreeSet::new();
            for part in parts {
                let Some(points) = table.series.get(&part) else { continue };
                for tile in analysis::tiles(points, figure.period).unwrap_or_default() {
                    sent.insert(points[&tile].submission.clone());
                }
            }
            sent
        };
        let before = made_of(&self.before);
        made_of(self.now).difference(&before).cloned().collect()
    }
}
