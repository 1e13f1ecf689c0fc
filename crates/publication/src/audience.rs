//! One report for several audiences: the same figures, what is theirs first, what they need not see
//! left out. Nothing is computed or worded anew, so editions cannot disagree.

use std::collections::BTreeSet;

use crate::report_model::{ChartSection, PartSection, PeerSection, ReportModel, SuccessSection};

/// A section of the message that an audience may do without. Headline, indicators, corrections and
/// data quality are for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Rates and positions among peers.
    Peers,
    /// Indicators that need a closer look.
    CloserLook,
    /// Parts of indicators.
    Parts,
    /// Success measures of the plan.
    SuccessMeasures,
    /// The action plan.
    Actions,
    /// The files that figures come from.
    Sources,
}

impl Section {
    /// All there are, by the name that configuration gives them.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("peers", Self::Peers),
        ("closer-look", Self::CloserLook),
        ("parts", Self::Parts),
        ("success-measures", Self::SuccessMeasures),
        ("actions", Self::Actions),
        ("sources", Self::Sources),
    ];
}

/// Whom a message is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Audience {
    /// Key of the priority they lead: it comes first.
    pub priority_id: Option<String>,
    /// What they do without.
    pub leave_out: BTreeSet<Section>,
}

impl ReportModel {
    /// The same report for an audience.
    #[must_use]
    pub fn for_audience(&self, audience: &Audience) -> Self {
        let mut model = self.clone();
        for section in &audience.leave_out {
            model.leave_out(*section);
        }
        if let Some(id) = &audience.priority_id {
            model.put_first(id);
        }
        model
    }

    pub(crate) fn leave_out(&mut self, section: Section) {
        match section {
            Section::Peers => {
                let nothing =
                    PeerSection { caption: String::new(), groups: Vec::new(), notes: Vec::new() };
                self.peers = nothing;
                self.charts = ChartSection::default();
            }
            Section::CloserLook => self.exceptions.clear(),
            Section::Parts => {
                self.parts = PartSection { caption: String::new(), groups: Vec::new() };
            }
            Section::SuccessMeasures => {
                let (summary, caption) = (String::new(), String::new());
                self.success = SuccessSection { summary, caption, rows: Vec::new() };
            }
            Section::Actions => self.actions.clear(),
            Section::Sources => self.provenance.sources.clear(),
        }
    }

    /// What belongs to a priority before the rest; the order is otherwise as it was.
    fn put_first(&mut self, id: &str) {
        let Some(priority) = self.priorities.iter().find(|priority| priority.id == id) else {
            return;
        };
        self.addressed = format!("{} comes first here, because you lead it.", priority.heading);
        self.changes.sort_by_key(|line| line.priority_id != id);
        self.indicators.groups.sort_by_key(|group| group.priority_id != id);
        self.exceptions.sort_by_key(|exception| exception.priority_id != id);
        self.success.rows.sort_by_key(|row| row.priority_id != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Sample, mail};

    fn order(model: &ReportModel) -> Vec<&str> {
        model.indicators.groups.iter().map(|group| group.heading.as_str()).collect()
    }

    #[test]
    fn a_lead_sees_their_priority_first_and_the_same_figures() {
        let model = Sample::small().model();
        let theirs = model.for_audience(&Audience {
            priority_id: Some("abuse".to_owned()),
            ..Audience::default()
        });
        assert_eq!(
            order(&model),
            ["Priority 1: Serious and acquisitive crime", "Priority 2: Domestic abuse"]
        );
        assert_eq!(
            order(&theirs),
            ["Priority 2: Domestic abuse", "Priority 1: Serious and acquisitive crime"]
        );
        let said = "Priority 2: Domestic abuse comes first here, because you lead it.";
        let sent = mail(&theirs);
        assert!(sent.html.contains(said) && sent.text.replace('\n', " ").contains(said));
        assert!(!mail(&model).html.contains("because you lead it"));
        let nobody = Audience { priority_id: Some("none".to_owned()), ..Audience::default() };
        assert_eq!(model.for_audience(&nobody), model);
    }

    #[test]
    fn what_is_left_out_leaves_nothing_behind() {
        let model = Sample::large().model();
        let everything = Section::NAMES.map(|(_, section)| section).into_iter().collect();
        let audience = Audience { priority_id: None, leave_out: everything };
        let sent = mail(&model.for_audience(&audience));
        for heading in [
            "Compared with other areas",
            "A closer look",
            "Parts of indicators",
            "Success measures",
            "Actions",
            "SHA-256",
        ] {
            assert!(mail(&model).text.contains(heading), "{heading} is in the whole message");
            assert!(!sent.html.contains(heading) && !sent.text.contains(heading), "{heading}");
        }
        assert_eq!(sent.images.len(), 1, "only the overview is shown");
    }
}
