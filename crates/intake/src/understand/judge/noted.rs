//! A finding together with the figures it is about, so that a known exception can be told from it.

use model::{AreaCode, Breakdown, Finding, MeasureId, Period, Severity};

use crate::understand::slot::Slot;

/// What a finding is about, as far as that can be said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::understand) struct Subject {
    pub(super) measure: Option<MeasureId>,
    pub(super) breakdown: Option<Breakdown>,
    pub(super) area: Option<AreaCode>,
    pub(super) period: Option<Period>,
}

impl Subject {
    pub(super) fn of(slot: &Slot) -> Self {
        Self {
            measure: Some(slot.measure().clone()),
            breakdown: Some(slot.breakdown().clone()),
            area: Some(slot.area().clone()),
            period: Some(slot.period),
        }
    }

    pub(super) fn area(area: &AreaCode) -> Self {
        Self { area: Some(area.clone()), ..Self::default() }
    }

    pub(super) fn measure(measure: &MeasureId, breakdown: &Breakdown) -> Self {
        Self {
            measure: Some(measure.clone()),
            breakdown: Some(breakdown.clone()),
            ..Self::default()
        }
    }

    pub(super) fn period(period: Period) -> Self {
        Self { period: Some(period), ..Self::default() }
    }
}

/// A finding, and what it is about.
#[derive(Clone, Debug)]
pub(in crate::understand) struct Noted {
    pub(super) finding: Finding,
    /// Every figure it is about; nothing, if it is about none in particular.
    pub(super) about: Vec<Subject>,
    /// Whether its severity is settled already, by the check that made it.
    pub(super) settled: bool,
}

impl Noted {
    pub(super) fn new(finding: Finding) -> Self {
        Self { finding, about: Vec::new(), settled: false }
    }

    pub(super) fn about(mut self, subjects: impl IntoIterator<Item = Subject>) -> Self {
        self.about.extend(subjects);
        self
    }

    pub(super) fn settled(mut self) -> Self {
        self.settled = true;
        self
    }

    /// A warning at several figures of one sheet: the first is where it stands.
    pub(super) fn warning_at(code: &str, slots: &[&Slot], message: String, hint: &str) -> Self {
        let place = slots.first().map_or_else(model::Place::file, |slot| slot.place());
        let cells = slots.iter().filter(|slot| slot.sheet() == place.sheet).map(|slot| slot.cell);
        let finding = Finding::new(Severity::Warning, code, place.clone(), message)
            .with_hint(hint)
            .with_cells(cells);
        Self::new(finding).about(slots.iter().map(|slot| Subject::of(slot)))
    }
}
