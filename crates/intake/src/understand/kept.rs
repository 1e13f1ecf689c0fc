//! What is kept of a cell: the figure, and every finding about how it was read.

use model::{CellAddress, Period};

use super::gathered::{Gathered, quoted};
use super::page::Page;
use super::patterns::{is_remark, may_be_about_a_person};
use super::slot::ReadFigure;
use super::values::{Problem, Reading, is_mark_like};

/// What is kept of a cell, with everything there is to say about it. `label` is what the partner
/// calls the figure.
pub(super) fn kept(
    reading: Reading,
    label: impl Fn() -> String,
    period: Period,
    (page, at): (&Page<'_>, CellAddress),
    gathered: &mut Gathered,
) -> Option<ReadFigure> {
    match reading {
        Reading::Figure { figure, repairs, symbol } => {
            if repairs.is_empty() && symbol.is_none() {
                return Some(ReadFigure { figure, raw: None, repair: None, blank: false });
            }
            gathered.repaired(page.name, at, &repairs);
            let mut repaired: Vec<String> =
                repairs.iter().map(|repair| repair.said().to_owned()).collect();
            repaired.extend(symbol.map(|symbol| match figure.value {
                Some(_) => format!("`{symbol}` stands for zero in this return"),
                None => format!("`{symbol}` stands for a missing figure in this return"),
            }));
            Some(ReadFigure {
                figure,
                raw: None,
                repair: (!repaired.is_empty()).then(|| repaired.join("; ")),
                blank: false,
            })
        }
        Reading::Blank => {
            let message = format!(
                "{} for {} is blank: taken as not available, not as zero",
                quoted(&label()),
                period.calendar()
            );
            gathered.warning(
                "blank-cell",
                page.place(at.row, at.column),
                message,
                "write 0 if there were none, or the mark for a figure that is not available",
            );
            Some(ReadFigure {
                figure: model::Figure::missing(model::Mark::X),
                raw: None,
                repair: Some("blank cell taken as not available".to_owned()),
                blank: true,
            })
        }
        Reading::Problem(problem) => {
            let (code, what, hint) = problem.said();
            let raw = page.text(at.row, at.column).unwrap_or_default();
            let written = raw.trim();
            let undeclared = format!(
                "write the number; if `{written}` is agreed to stand for something, the return's contract needs a line under [symbols]: \"{written}\" = \"c\" (withheld), \"x\" (not available), \"z\" (not applicable) or \"zero\""
            );
            let is_mark = problem == Problem::NotANumber && is_mark_like(written);
            let hint = if is_mark { undeclared.as_str() } else { hint };
            let subject = match problem {
                Problem::FormulaWithoutValue => "the cell".to_owned(),
                Problem::NotANumber if is_remark(&raw) || may_be_about_a_person(&raw) => {
                    "the text in this cell".to_owned()
                }
                _ => quoted(&raw),
            };
            let place = page.place(at.row, at.column);
            gathered.error(code, place, format!("{subject} {what}"), hint);
            None
        }
    }
}
