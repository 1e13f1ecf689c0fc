//! What figures mean and what is known about them, handed in.

use std::collections::BTreeMap;

use model::{FigureId, Measure, MeasureId, Partnership, Populations, SeriesTable, SourceNotes};

/// Figures that somebody looked at and let through the plausibility gate, with the figure as it
/// then was: another figure is held anew.
pub type Releases = BTreeMap<FigureId, i64>;

/// What the figures mean: resolved definitions, handed in.
#[derive(Clone, Copy, Debug)]
pub struct Definitions<'a> {
    /// Areas, peers, priorities, targets.
    pub partnership: &'a Partnership,
    /// Measures by id.
    pub measures: &'a BTreeMap<MeasureId, Measure>,
    /// Residents by area.
    pub populations: &'a Populations,
    /// Faults of sources, breaks, decisions about charts.
    pub notes: &'a SourceNotes,
    /// Figures let through the gate.
    pub releases: &'a Releases,
    /// Why nothing has arrived for a measure, where that is known: its return was refused, is late.
    pub absent: &'a BTreeMap<MeasureId, String>,
    /// The series as they were when last published: what differs from then is revised.
    pub earlier: Option<&'a SeriesTable>,
}
