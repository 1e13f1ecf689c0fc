//! Figures that somebody let through the plausibility gate.

use jiff::Timestamp;
use model::FigureId;
use rusqlite::params;

use crate::stored::{key, parsed, text, time};
use crate::{Ledger, LedgerError};

/// A figure that was let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedFigure {
    /// Which.
    pub figure: FigureId,
    /// What it was: another figure is held anew.
    pub value: i64,
    /// Why.
    pub why: String,
    /// When.
    pub released_at: Timestamp,
}

impl Ledger {
    /// Lets a figure through; said again, the last word counts.
    pub fn release_figure(&self, release: &ReleasedFigure) -> Result<(), LedgerError> {
        self.writing("let a figure through", |tx| {
            let FigureId { measure, area, breakdown, period } = &release.figure;
            tx.prepare_cached(
                "INSERT OR REPLACE INTO released_figures VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                measure.as_str(),
                area.as_str(),
                text(breakdown),
                text(period),
                release.value,
                release.why,
                time(release.released_at)
            ])?;
            Ok(())
        })
    }

    /// Every figure that was let through, by name.
    pub fn released_figures(&self) -> Result<Vec<ReleasedFigure>, LedgerError> {
        self.doing("list figures that were let through", |db| {
            let rows = db
                .prepare_cached(
                    "SELECT * FROM released_figures ORDER BY measure, area, breakdown, period",
                )?
                .query_map([], |row| {
                    Ok(ReleasedFigure {
                        figure: FigureId {
                            measure: key(row, "measure")?,
                            area: key(row, "area")?,
                            breakdown: parsed(row, "breakdown")?,
                            period: parsed(row, "period")?,
                        },
                        value: row.get("value")?,
                        why: row.get("why")?,
                        released_at: parsed(row, "released_at")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(rows)
        })
    }
}
