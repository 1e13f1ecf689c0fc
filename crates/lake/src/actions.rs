//! The action plans: for each return, the plan of its newest submission, whole.

use arrow::array::RecordBatch;
use model::{ActionItem, ActionStatus, ByWhen, CellAddress, Place, ReturnId, SubmissionHash};

use crate::encode::status_text;
use crate::rows::{Columns, TextColumn};
use crate::store::Lake;
use crate::tables::Table;
use crate::{ActionOrigin, LakeError, LakeVersion};

/// A plan replaces the one before it as a whole: what is no longer in it is gone.
const NEWEST: &str = "
    SELECT submission, return_id, file, arrived_at, sheet, cell, number, action, lead, others,
        by_when_kind, by_when, update_text, status
    FROM (
        SELECT *, dense_rank() OVER (
            PARTITION BY return_id ORDER BY sequence DESC, submission DESC
        ) AS place
        FROM actions
    )
    WHERE place = 1
    ORDER BY return_id, ordinal";

impl Lake {
    /// The action plans as this version of the lake knew them: by return, in the order of the
    /// plan, with the submission each item came from.
    pub async fn actions(
        &self,
        at: &LakeVersion,
    ) -> Result<Vec<(ActionItem, ActionOrigin)>, LakeError> {
        let failed = || LakeError::engine("read the action plans");
        let session = self.session(at, &[Table::Actions]).await?;
        let newest = session.sql(NEWEST).await.map_err(failed())?;
        let mut items = Vec::new();
        for batch in newest.collect().await.map_err(failed())? {
            add_items(&mut items, &batch)?;
        }
        Ok(items)
    }
}

fn add_items(
    items: &mut Vec<(ActionItem, ActionOrigin)>,
    batch: &RecordBatch,
) -> Result<(), LakeError> {
    let columns = Columns(batch);
    let submission = columns.text("submission")?;
    let return_id = columns.text("return_id")?;
    let file = columns.text("file")?;
    let arrived_at = columns.moment("arrived_at")?;
    let sheet = columns.text("sheet")?;
    let cell = columns.text("cell")?;
    let number = columns.text("number")?;
    let action = columns.text("action")?;
    let lead = columns.text("lead")?;
    let others = columns.text("others")?;
    let by_when_kind = columns.text("by_when_kind")?;
    let by_when = columns.text("by_when")?;
    let update = columns.text("update_text")?;
    let status = columns.text("status")?;
    for row in 0..batch.num_rows() {
        let address = cell.optional(row).map(str::parse::<CellAddress>).transpose();
        let item = ActionItem {
            number: number.get(row).to_owned(),
            action: action.get(row).to_owned(),
            lead: lead.get(row).to_owned(),
            others: others.get(row).to_owned(),
            by_when: read_by_when(&by_when_kind, &by_when, row)?,
            update: update.get(row).to_owned(),
            status: read_status(&status, row)?,
            place: Place {
                sheet: sheet.get(row).to_owned(),
                cell: address.map_err(|()| cell.unreadable(row, "it is not a cell".to_owned()))?,
            },
        };
        let origin = ActionOrigin {
            submission: SubmissionHash::new(submission.get(row)),
            file: file.get(row).to_owned(),
            return_id: ReturnId::new(return_id.get(row)),
            arrived_at: arrived_at.get(row)?,
        };
        items.push((item, origin));
    }
    Ok(())
}

fn read_by_when(
    kind: &TextColumn<'_>,
    text: &TextColumn<'_>,
    row: usize,
) -> Result<ByWhen, LakeError> {
    match kind.get(row) {
        "date" => Ok(ByWhen::Date(text.parse(row)?)),
        "ongoing" => Ok(ByWhen::Ongoing),
        "recurring" => Ok(ByWhen::Recurring(text.get(row).to_owned())),
        "unclear" => Ok(ByWhen::Unclear(text.get(row).to_owned())),
        _ => Err(kind.unreadable(row, "it is not a kind of deadline".to_owned())),
    }
}

fn read_status(status: &TextColumn<'_>, row: usize) -> Result<ActionStatus, LakeError> {
    [
        ActionStatus::NotStarted,
        ActionStatus::InProgress,
        ActionStatus::Complete,
        ActionStatus::Closed,
        ActionStatus::NotReported,
    ]
    .into_iter()
    .find(|known| status_text(*known) == status.get(row))
    .ok_or_else(|| status.unreadable(row, "it is not a status".to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::encode::Encoded;
    use crate::records::{Batch, Stamp};
    use crate::testing::{action, empty_lake, stamp};

    #[tokio::test]
    async fn the_newest_plan_of_each_return_comes_back_whole_and_in_order() {
        let lake = empty_lake().await;
        let newest = [
            action("1.2", ByWhen::Date(date(2025, 9, 30)), ActionStatus::InProgress),
            action("1.10", ByWhen::Ongoing, ActionStatus::NotReported),
            action("1.1", ByWhen::Recurring("Monthly".to_owned()), ActionStatus::Complete),
            action("2", ByWhen::Unclear("soon".to_owned()), ActionStatus::Closed),
        ];
        let older = [action("9.9", ByWhen::Ongoing, ActionStatus::NotStarted)];
        let other = Stamp { return_id: "another-return".into(), ..stamp(1) };
        let plans = [(stamp(3), &newest[..]), (stamp(2), &older), (other, &older)];
        for (number, (stamp, actions)) in plans.into_iter().enumerate() {
            let none = model::Observations::default();
            let batch = Batch { stamp, observations: &none, actions };
            lake.lake
                .append(&format!("plan/{number}"), Encoded::of(&[batch]).unwrap())
                .await
                .unwrap();
        }
        let at = lake.lake.version().unwrap();
        assert_eq!(at.to_string(), "o0.a3");
        let items = lake.lake.actions(&at).await.unwrap();
        let (other, kept) = items.split_first().unwrap();
        assert_eq!(other.0, older[0]);
        assert_eq!(other.1.return_id.as_str(), "another-return");
        let kept_items: Vec<_> = kept.iter().map(|(item, _)| item.clone()).collect();
        assert_eq!(kept_items, newest);
        assert_eq!(kept[0].1.submission, stamp(3).submission);
        assert_eq!(kept[0].1.arrived_at, stamp(3).arrived_at);
    }

    #[tokio::test]
    async fn a_lake_without_plans_has_none() {
        let lake = empty_lake().await;
        let at = lake.lake.version().unwrap();
        assert_eq!(lake.lake.actions(&at).await.unwrap(), []);
    }
}
