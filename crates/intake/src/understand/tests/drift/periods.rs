//! Months and quarters written another way.

use testkit::{Book, Value};

use super::{Change, Save, csv, each, refused, same, texts};

const MONTHS: [&str; 6] = ["January", "February", "March", "April", "May", "June"];

/// Writes the headings of the six months another way.
fn months(book: &mut Book, write: impl Fn(u8) -> Value) {
    each(book, |tab| {
        let row = tab.row_of("Crime type");
        for month in 1..=6 {
            tab.set(row, usize::from(month), write(month));
        }
    });
}

fn name(month: u8) -> &'static str {
    MONTHS[usize::from(month) - 1]
}

/// Changes of the police return: one sheet a district, months across.
pub(super) fn changes() -> Vec<Change> {
    let sets = [months_written(), months_changed()];
    sets.into_iter().flatten().collect()
}

fn months_written() -> Vec<Change> {
    vec![
        same("months as Jan-25", |book| {
            months(book, |month| Value::text(&format!("{}-25", &name(month)[..3])));
        }),
        same("months as January 2025", |book| {
            months(book, |month| Value::text(&format!("{} 2025", name(month))));
        }),
        same("months as JAN '25", |book| {
            months(book, |month| Value::text(&format!("{} '25", name(month)[..3].to_uppercase())));
        }),
        same("months as 2025-01", |book| {
            months(book, |month| Value::text(&format!("2025-{month:02}")));
        }),
        same("months as 01/2025", |book| {
            months(book, |month| Value::text(&format!("{month:02}/2025")));
        }),
        same("months as text of their first day", |book| {
            months(book, |month| Value::text(&format!("01/{month:02}/2025")));
        }),
        same("months as their last day", |book| {
            months(book, |month| {
                Value::Date(2025, month, [31, 28, 31, 30, 31, 30][usize::from(month) - 1])
            });
        }),
        same("months as numbers of days, their format lost", |book| {
            months(book, |month| {
                let days = [45658.0, 45689.0, 45717.0, 45748.0, 45778.0, 45809.0];
                Value::Number(days[usize::from(month) - 1])
            });
        }),
        same("months with a footnote", |book| {
            months(book, |month| Value::text(&format!("{} 2025 [note 1]", name(month))));
        }),
        same("months with a star", |book| {
            months(book, |month| Value::text(&format!("{}-25*", &name(month)[..3])));
        }),
        same("provisional months marked", |book| {
            months(book, |month| Value::text(&format!("{}-25 [p]", &name(month)[..3])));
        }),
        same("months without the year, which the title says", |book| {
            months(book, |month| Value::text(name(month)));
        }),
    ]
}

fn months_changed() -> Vec<Change> {
    vec![
        same("the year in a row above its first month", |book| {
            months(book, |month| Value::text(&name(month)[..3]));
            each(book, |tab| {
                let row = tab.row_of("Crime type");
                tab.set(row - 1, 1, Value::Number(2025.0));
            });
        }),
        same("days counted from 1904", |book| book.epoch_1904 = true),
        same("a month with a line break", |book| {
            months(book, |month| Value::text(&format!("{}\n2025", name(month))));
        }),
        refused("months in the American order", "duplicate", |book| {
            months(book, |month| Value::text(&format!("{month}/1/2025")));
        }),
        refused("months by number", "headings-not-found", |book| {
            months(book, |month| Value::text(&format!("Month {month}")));
        }),
        refused("a slip in a month", "unknown-period", |book| {
            months(book, |month| match month {
                4 => Value::text("Arpil 2025"),
                _ => Value::text(&format!("{} 2025", name(month))),
            });
        }),
        refused("a month twice", "duplicate", |book| {
            months(book, |month| Value::Date(2025, month.min(5), 1));
        }),
        refused("last year's months", "wrong-period", |book| {
            months(book, |month| Value::Date(2024, month, 1));
        }),
        refused("a month after the quarter", "months-after-period", |book| {
            months(book, |month| Value::Date(2025, month + 1, 1));
        }),
        refused("half the months", "wrong-period", |book| {
            each(book, |tab| {
                tab.rows.iter_mut().for_each(|row| row.truncate(4));
            });
        }),
    ]
}

/// Changes of the history return: a long table of month, measure and count.
pub(super) fn of_history() -> Vec<Change> {
    let sets = [history_written(), history_saved()];
    sets.into_iter().flatten().collect()
}

fn history_written() -> Vec<Change> {
    vec![
        same("months as dates", |book| {
            column(book, 0, |cell| {
                let (year, month) = dated(cell);
                Value::Date(year, month, 1)
            });
        }),
        same("months as 2025-04", |book| {
            column(book, 0, |cell| {
                let (year, month) = dated(cell);
                Value::text(&format!("{year}-{month:02}"))
            });
        }),
        same("months as 04/2025", |book| {
            column(book, 0, |cell| {
                let (year, month) = dated(cell);
                Value::text(&format!("{month:02}/{year}"))
            });
        }),
        same("columns in another order", |book| book.tabs[0].move_column(2, 0)),
        same("a column more", |book| {
            let tab = &mut book.tabs[0];
            let row = tab.row_of("Month");
            tab.set(row, 3, Value::text("Source"));
            tab.set(row + 1, 3, Value::text("council system"));
        }),
        same("headings in capitals", |book| {
            heading(book, "Count", "COUNT");
            heading(book, "Month", "MONTH ");
        }),
        same("counts as text", |book| {
            column(book, 2, |cell| match cell {
                Value::Number(number) => Value::text(&format!(" {number}")),
                other => other.clone(),
            });
        }),
    ]
}

fn history_saved() -> Vec<Change> {
    vec![
        same("rows in another order", |book| {
            let tab = &mut book.tabs[0];
            let first = tab.row_of("Month") + 1;
            tab.rows[first..first + 150].reverse();
        }),
        same("the sheet's name in capitals, with a blank", |book| {
            book.tabs[0].name = "HISTORY ".to_owned();
        }),
        csv("saved as .csv", ',', false),
        csv("saved as .csv with a byte order mark", ',', true),
        csv("saved with semicolons", ';', false),
        csv("saved with tabs", '\t', false),
        Change { save: Save::Ods, ..same("saved as .ods", |_| {}) },
        refused("the sheet renamed", "missing-sheet", |book| {
            book.tabs[0].name = "History 2025".to_owned();
        }),
        refused("a slip in a heading", "headings-not-found", |book| {
            heading(book, "Count", "Coutn");
        }),
        refused("another heading", "headings-not-found", |book| heading(book, "Month", "When")),
        refused("months only where they change", "label-missing", |book| {
            let tab = &mut book.tabs[0];
            let row = tab.row_of("Month");
            tab.set(row + 2, 0, Value::Blank);
        }),
        refused("a month nobody can read", "unknown-period", |book| {
            let tab = &mut book.tabs[0];
            let row = tab.row_of("Month");
            tab.set(row + 2, 0, Value::text("Spring"));
        }),
    ]
}

fn column(book: &mut Book, column: usize, change: impl Fn(&Value) -> Value) {
    let tab = &mut book.tabs[0];
    let first = tab.row_of("Month") + 1;
    for row in &mut tab.rows[first..] {
        if let Some(cell) = row.get_mut(column)
            && *cell != Value::Blank
            && row.len() > 2
        {
            row[column] = change(&row[column]);
        }
    }
}

fn heading(book: &mut Book, from: &str, to: &str) {
    let change = |text: &str| if text == from { to.to_owned() } else { text.to_owned() };
    texts(&mut book.tabs[0], change);
}

fn dated(value: &Value) -> (u16, u8) {
    let text = value.as_text();
    let (month, year) = text.split_once(' ').unwrap_or_default();
    let names =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = names.iter().position(|name| *name == month).expect("a month");
    (year.parse().expect("a year"), u8::try_from(at + 1).expect("twelve"))
}
