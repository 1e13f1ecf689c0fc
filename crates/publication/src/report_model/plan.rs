//! The plan, decided: its success measures and actions.

use serde::Serialize;

use super::Tag;

/// A success measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SuccessRow {
    /// Its key.
    pub id: String,
    /// Key of its priority; empty for the plan as a whole.
    pub priority_id: String,
    /// The priority it belongs to, for data files; empty for the plan as a whole.
    pub priority_data: String,
    /// As the plan words it.
    pub text: String,
    /// The verdict.
    pub tag: Tag,
    /// Why.
    pub sentence: String,
}

/// The table of success measures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SuccessSection {
    /// `3 met, 1 on track, 2 cannot be judged.`
    pub summary: String,
    /// Caption with number; empty without success measures.
    pub caption: String,
    /// In the plan's order.
    pub rows: Vec<SuccessRow>,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionRow {
    /// Number in the plan.
    pub number: String,
    /// What is to be done, shortened at a word.
    pub action: String,
    /// What is to be done, for data files.
    pub action_data: String,
    /// Lead agency.
    pub lead: String,
    /// Other partners.
    pub others: String,
    /// By when: `31 March 2025`, `ongoing`.
    pub due: String,
    /// By when, for data files: `2025-03-31`; empty when it is not a date.
    pub due_data: String,
    /// Days since it was due; none when it is not overdue.
    pub days_late: Option<i32>,
    /// Where it stands.
    pub status: String,
    /// What has happened.
    pub update: String,
}

/// The action plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionsSection {
    /// How many are complete, under way, overdue.
    pub summary: String,
    /// Caption with number; empty when nothing is overdue.
    pub overdue_caption: String,
    /// Overdue, longest first.
    pub overdue: Vec<ActionRow>,
    /// What the table leaves out; empty when nothing.
    pub overdue_more: String,
    /// Caption with number; empty when nothing is due soon.
    pub soon_caption: String,
    /// Due in the next three months, soonest first.
    pub soon: Vec<ActionRow>,
    /// What the table leaves out; empty when nothing.
    pub soon_more: String,
    /// Actions whose date could not be understood; empty when none.
    pub unclear: String,
    /// Every action, in the plan's order; for data files.
    pub all_data: Vec<ActionRow>,
}

impl ActionsSection {
    /// Says nothing of actions; data files keep them.
    pub(crate) fn clear(&mut self) {
        for text in [
            &mut self.summary,
            &mut self.overdue_caption,
            &mut self.overdue_more,
            &mut self.soon_caption,
            &mut self.soon_more,
            &mut self.unclear,
        ] {
            text.clear();
        }
        self.overdue.clear();
        self.soon.clear();
    }
}
