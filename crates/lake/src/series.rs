//! From rows to series: the newest submission that speaks of a figure has the last word.

use arrow::array::RecordBatch;
use datafusion::prelude::{Expr, col, lit};
use model::{
    AreaCode, Breakdown, CellAddress, Figure, Marks, MeasureId, PartnerId, Period, Point, ReturnId,
    SeriesKey, SeriesTable, SourceId, SubmissionHash,
};

use crate::rows::{Columns, number};
use crate::store::Lake;
use crate::tables::Table;
use crate::{LakeError, LakeVersion, TraceRow};

/// Every row with its place among those that speak of the same figure; 1 has the last word.
///
/// A correction replaces the whole return: of the submissions for one return and reference period
/// only the last accepted counts, so a figure it leaves out is gone. Between reference periods the
/// later return has the last word about a month both speak of, whichever was taken in first: an old
/// return that is loaded afterwards does not undo what was revised since. A sample never competes
/// with a full return. Sheet and cell decide within one submission only so that the answer is the
/// same each time: a figure said twice is refused before it gets here.
const PLACED: &str = "
    SELECT *, row_number() OVER (
        PARTITION BY sample, measure, area, breakdown, period
        ORDER BY reference_last DESC, sequence DESC, submission DESC, sheet, cell
    ) AS place
    FROM (
        SELECT *, max(sequence) OVER (
            PARTITION BY sample, return_id, reference_first, reference_last
        ) AS last_accepted
        FROM observations
    ) AS every
    WHERE sequence = last_accepted";

impl Lake {
    /// Every series as this version of the lake knew it, samples left out.
    pub async fn reduce(&self, at: &LakeVersion) -> Result<SeriesTable, LakeError> {
        let wanted = ["measure", "area", "breakdown", "period", "value", "marks", "submission"];
        let batches =
            self.winners(at, !col("sample"), &wanted, "reduce the lake to series").await?;
        let mut table = SeriesTable::default();
        for batch in &batches {
            add_points(&mut table, batch)?;
        }
        Ok(table)
    }

    /// The cells behind the figures of some measures in one area: for each of the periods exactly
    /// as given, the row that has the last word, and the row of a sample if there is one.
    ///
    /// In order of measure and period, samples after full returns.
    pub async fn trace(
        &self,
        at: &LakeVersion,
        measures: &[MeasureId],
        area: &AreaCode,
        periods: &[Period],
        breakdown: &Breakdown,
    ) -> Result<Vec<TraceRow>, LakeError> {
        let among = |column: &str, values: Vec<String>| {
            col(column).in_list(values.into_iter().map(lit).collect(), false)
        };
        let wanted = among("measure", measures.iter().map(ToString::to_string).collect())
            .and(among("period", periods.iter().map(ToString::to_string).collect()))
            .and(col("area").eq(lit(area.as_str())))
            .and(col("breakdown").eq(lit(breakdown.to_string())));
        let columns = [
            "submission",
            "file",
            "partner",
            "return_id",
            "source",
            "arrived_at",
            "sheet",
            "cell",
            "raw",
            "value",
            "marks",
            "repair",
            "measure",
            "area",
            "period",
            "breakdown",
            "sample",
        ];
        let batches = self.winners(at, wanted, &columns, "trace figures to their cells").await?;
        let mut rows = Vec::new();
        for batch in &batches {
            add_trace_rows(&mut rows, batch)?;
        }
        rows.sort_by(|left, right| {
            let key = |row: &TraceRow| (row.measure.clone(), row.period, row.sample);
            key(left).cmp(&key(right))
        });
        Ok(rows)
    }

    /// The rows that have the last word and meet a condition, which the engine applies to the data
    /// files as far as it can.
    async fn winners(
        &self,
        at: &LakeVersion,
        condition: Expr,
        columns: &[&str],
        doing: &'static str,
    ) -> Result<Vec<RecordBatch>, LakeError> {
        let session = self.session(at, &[Table::Observations]).await?;
        let placed = session.sql(PLACED).await.map_err(LakeError::engine(doing))?;
        let chosen = placed
            .filter(col("place").eq(lit(1)).and(condition))
            .and_then(|rows| rows.select_columns(columns))
            .map_err(LakeError::engine(doing))?;
        chosen.collect().await.map_err(LakeError::engine(doing))
    }
}

fn add_points(table: &mut SeriesTable, batch: &RecordBatch) -> Result<(), LakeError> {
    let columns = Columns(batch);
    let measure = columns.text("measure")?;
    let area = columns.text("area")?;
    let breakdown = columns.text("breakdown")?;
    let period = columns.text("period")?;
    let value = columns.whole("value")?;
    let marks = columns.text("marks")?;
    let submission = columns.text("submission")?;
    for row in 0..batch.num_rows() {
        let key = SeriesKey {
            measure: MeasureId::new(measure.get(row)),
            area: AreaCode::new(area.get(row)),
            breakdown: breakdown.parse(row)?,
        };
        let point = Point {
            figure: Figure {
                value: number(value, row),
                marks: Marks::from_letters(marks.get(row)),
            },
            submission: SubmissionHash::new(submission.get(row)),
        };
        let series = table.series.entry(key).or_default();
        series.insert(period.parse(row)?, point);
    }
    Ok(())
}

fn add_trace_rows(rows: &mut Vec<TraceRow>, batch: &RecordBatch) -> Result<(), LakeError> {
    let columns = Columns(batch);
    let submission = columns.text("submission")?;
    let file = columns.text("file")?;
    let partner = columns.text("partner")?;
    let return_id = columns.text("return_id")?;
    let source = columns.text("source")?;
    let arrived_at = columns.moment("arrived_at")?;
    let sheet = columns.text("sheet")?;
    let cell = columns.text("cell")?;
    let raw = columns.text("raw")?;
    let value = columns.whole("value")?;
    let marks = columns.text("marks")?;
    let repair = columns.text("repair")?;
    let measure = columns.text("measure")?;
    let area = columns.text("area")?;
    let period = columns.text("period")?;
    let breakdown = columns.text("breakdown")?;
    let sample = columns.flag("sample")?;
    for row in 0..batch.num_rows() {
        let address = cell.optional(row).map(str::parse::<CellAddress>).transpose();
        rows.push(TraceRow {
            submission: SubmissionHash::new(submission.get(row)),
            file: file.get(row).to_owned(),
            partner: PartnerId::new(partner.get(row)),
            return_id: ReturnId::new(return_id.get(row)),
            source: SourceId::new(source.get(row)),
            arrived_at: arrived_at.get(row)?,
            sheet: sheet.get(row).to_owned(),
            cell: address.map_err(|()| cell.unreadable(row, "it is not a cell".to_owned()))?,
            raw: raw.get(row).to_owned(),
            value: number(value, row),
            marks: Marks::from_letters(marks.get(row)),
            repair: repair.optional(row).map(str::to_owned),
            measure: MeasureId::new(measure.get(row)),
            area: AreaCode::new(area.get(row)),
            period: period.parse(row)?,
            breakdown: breakdown.parse(row)?,
            sample: sample.value(row),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::encode::Encoded;
    use crate::records::{Batch, Stamp};
    use crate::testing::{empty_lake, observations, stamp, submission};

    fn printed(table: &SeriesTable) -> String {
        let points = table.series.iter().flat_map(|(key, points)| {
            points.iter().map(move |(period, point)| {
                let value = point.figure.value.map(|value| value.to_string());
                format!(
                    "{} {} [{}] {period}: {}{} from {}\n",
                    key.measure,
                    key.area,
                    key.breakdown,
                    value.unwrap_or_default(),
                    point.figure.marks,
                    point.submission.short()
                )
            })
        });
        points.collect()
    }

    #[tokio::test]
    async fn what_is_added_comes_back_as_series() {
        let lake = empty_lake().await;
        let figures = [
            "police-asb E07000111 2025-04 - 120",
            "police-asb E07000111 2025-26Q1 - 300",
            "police-asb E07000112 2025-04 - 0",
            "davss-referrals E07000111 2025-04 gender=female,risk=high [c]",
            "davss-referrals E07000111 2018-11..2019-10 gender=female,risk=high [z]",
        ];
        let appended = lake.add(1, &figures).await;
        let table = lake.lake.reduce(&appended.version).await.unwrap();
        insta::assert_snapshot!(printed(&table), @r"
        davss-referrals E07000111 [gender=female,risk=high] 2018-11..2019-10: [z] from 6b86b273ff34
        davss-referrals E07000111 [gender=female,risk=high] 2025-04: [c] from 6b86b273ff34
        police-asb E07000111 [] 2025-04: 120 from 6b86b273ff34
        police-asb E07000111 [] 2025-26Q1: 300 from 6b86b273ff34
        police-asb E07000112 [] 2025-04: 0 from 6b86b273ff34
        ");
    }

    #[tokio::test]
    async fn the_newest_sequence_has_the_last_word_and_the_past_can_be_seen() {
        let lake = empty_lake().await;
        // The later append carries the lower sequence: acceptance counts, not arrival.
        lake.add(5, &["police-asb E07000111 2025-04 - 5"]).await;
        let before = lake.add(4, &["police-asb E07000111 2025-04 - 4"]).await;
        let after = lake.add(6, &["police-asb E07000111 2025-04 - [x]"]).await;
        let value = async |at: &LakeVersion| {
            let table = lake.lake.reduce(at).await.unwrap();
            printed(&table)
        };
        assert!(value(&before.version).await.contains(": 5 from"));
        assert!(value(&after.version).await.contains(": [x] from"));
    }

    #[tokio::test]
    async fn an_empty_lake_has_no_series_and_a_version_it_never_had_is_refused() {
        let lake = empty_lake().await;
        let mut at = lake.lake.version().unwrap();
        assert_eq!(lake.lake.reduce(&at).await.unwrap(), SeriesTable::default());
        at.observations = 1;
        let error = lake.lake.reduce(&at).await.unwrap_err();
        insta::assert_snapshot!(error, @"the lake has no version 1 of its table `observations`: the newest is 0");
    }

    #[tokio::test]
    async fn a_sample_is_traced_and_in_no_series() {
        let lake = empty_lake().await;
        lake.add(1, &["police-asb E07000111 2025-04 - 7", "police-asb E07000111 2025-05 - 8"])
            .await;
        let sample = Stamp { sample: true, ..stamp(2) };
        let appended = lake.add_stamped(sample, &["police-asb E07000111 2025-04 - 3"]).await;
        let table = lake.lake.reduce(&appended.version).await.unwrap();
        insta::assert_snapshot!(printed(&table), @r"
        police-asb E07000111 [] 2025-04: 7 from 6b86b273ff34
        police-asb E07000111 [] 2025-05: 8 from 6b86b273ff34
        ");
        let rows = lake
            .lake
            .trace(
                &appended.version,
                &["police-asb".into(), "not-sent".into()],
                &"E07000111".into(),
                &["2025-04".parse().unwrap(), "2025-06".parse().unwrap()],
                &Breakdown::all(),
            )
            .await
            .unwrap();
        let [full, sample] = &rows[..] else {
            panic!("{rows:?}");
        };
        assert!(!full.sample && sample.sample);
        assert_eq!(full.value, Some(7));
        assert_eq!(full.repair.as_deref(), Some("text read as a number"));
        assert_eq!(full.submission, submission(1));
        assert_eq!(full.arrived_at, stamp(1).arrived_at);
        assert_eq!(full.cell.map(|cell| cell.to_string()).as_deref(), Some("C2"));
        assert_eq!((full.sheet.as_str(), full.raw.as_str()), ("Q1", "7"));
        assert_eq!(full.file, "Return 1.xlsx");
        assert_eq!(sample.value, Some(3));
    }

    #[tokio::test]
    async fn a_quote_in_a_name_is_only_a_quote() {
        let lake = empty_lake().await;
        let appended = lake.add(1, &["o'measure E07000111 2025-04 - 7"]).await;
        let rows = lake
            .lake
            .trace(
                &appended.version,
                &["o'measure".into()],
                &"E07000111".into(),
                &["2025-04".parse().unwrap()],
                &Breakdown::all(),
            )
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
    }

    /// Sequence, whether a sample, reference period, figures.
    type Sent = (i64, bool, &'static str, Vec<String>);

    fn submissions() -> impl Strategy<Value = Vec<Sent>> {
        let figure = (0..3, 0..2, 0..4_usize, 0..2_usize, -1..50_i64).prop_map(
            |(measure, area, period, breakdown, value)| {
                let period = ["2025-04", "2025-05", "2025-26Q1", "2025-04..2026-03"][period];
                let breakdown = ["-", "risk=high"][breakdown];
                let value = if value < 0 { "[c]".to_owned() } else { value.to_string() };
                format!("m{measure} a{area} {period} {breakdown} {value}")
            },
        );
        let figures = prop::collection::vec(figure, 0..8).prop_map(|figures| {
            // One submission says each figure once.
            let by_key: BTreeMap<String, String> = figures
                .into_iter()
                .map(|text| (text.rsplit_once(' ').unwrap().0.to_owned(), text))
                .collect();
            by_key.into_values().collect::<Vec<_>>()
        });
        let sequences = Just((1..6_i64).collect::<Vec<_>>()).prop_shuffle();
        let reference = prop::sample::select(vec!["2024-25Q4", "2025-26Q1"]);
        let sent = (any::<bool>(), reference, figures);
        (sequences, prop::collection::vec(sent, 5)).prop_map(|(sequences, submissions)| {
            sequences
                .into_iter()
                .zip(submissions)
                .map(|(sequence, (sample, reference, figures))| {
                    (sequence, sample, reference, figures)
                })
                .collect()
        })
    }

    /// Of each reference period the last submission that says anything; later periods over earlier.
    fn in_memory(submissions: &[Sent]) -> SeriesTable {
        let mut last: BTreeMap<&str, &Sent> = BTreeMap::new();
        for sent in
            submissions.iter().filter(|(_, sample, _, figures)| !sample && !figures.is_empty())
        {
            let known = last.entry(sent.2).or_insert(sent);
            if known.0 < sent.0 {
                *known = sent;
            }
        }
        let mut table = SeriesTable::default();
        for (sequence, _, _, figures) in last.into_values() {
            let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
            for row in observations(&figures) {
                let key =
                    SeriesKey { measure: row.measure, area: row.area, breakdown: row.breakdown };
                let point = Point { figure: row.figure, submission: submission(*sequence) };
                table.series.entry(key).or_default().insert(row.period, point);
            }
        }
        table
    }

    #[tokio::test]
    async fn a_correction_replaces_the_whole_return_and_an_older_one_undoes_nothing() {
        let lake = empty_lake().await;
        lake.add(1, &["asb E07000111 2025-04 - 5", "asb E07000111 2025-05 - 6"]).await;
        lake.add(2, &["asb E07000111 2025-04 - 7"]).await;
        let older = Stamp { reference: "2024-25Q4".parse().unwrap(), ..stamp(3) };
        let appended = lake
            .add_stamped(older, &["asb E07000111 2025-03 - 1", "asb E07000111 2025-04 - 2"])
            .await;
        let table = lake.lake.reduce(&appended.version).await.unwrap();
        insta::assert_snapshot!(printed(&table), @r"
        asb E07000111 [] 2025-03: 1 from 4e07408562be
        asb E07000111 [] 2025-04: 7 from d4735e3a265e
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn the_engine_reduces_as_a_map_in_memory_would(submissions in submissions(), together: bool) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let reduced = runtime.block_on(async {
                let lake = empty_lake().await;
                let rows: Vec<_> = submissions
                    .iter()
                    .map(|(sequence, sample, reference, figures)| {
                        let figures: Vec<&str> = figures.iter().map(String::as_str).collect();
                        let reference = reference.parse().unwrap();
                        let stamp = Stamp { sample: *sample, reference, ..stamp(*sequence) };
                        (stamp, observations(&figures).into_iter().collect::<model::Observations>())
                    })
                    .collect();
                let batches: Vec<Batch<'_>> = rows
                    .iter()
                    .map(|(stamp, rows)| Batch { stamp: stamp.clone(), observations: rows, actions: &[] })
                    .collect();
                if together {
                    lake.lake.append("all", Encoded::of(&batches).unwrap()).await.unwrap();
                } else {
                    for batch in &batches {
                        let transaction = batch.stamp.sequence.to_string();
                        let encoded = Encoded::of(std::slice::from_ref(batch)).unwrap();
                        lake.lake.append(&transaction, encoded).await.unwrap();
                    }
                }
                let at = lake.lake.version().unwrap();
                lake.lake.reduce(&at).await.unwrap()
            });
            prop_assert_eq!(reduced, in_memory(&submissions));
        }
    }
}
