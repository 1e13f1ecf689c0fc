//! Columns and rows that move, come and go.

use testkit::{Book, Value};

use super::{Change, Save, csv, each, refused, same, texts};

const HEADING: &str = "Crime type";

fn rename(book: &mut Book, to: &str) {
    each(book, |tab| {
        texts(tab, |text| if text == HEADING { to.to_owned() } else { text.to_owned() });
    });
}

/// Changes of the police return: one sheet a district, months across.
pub(super) fn changes() -> Vec<Change> {
    let sets = [moved(), headed(), rows_and_figures()];
    sets.into_iter().flatten().collect()
}

fn moved() -> Vec<Change> {
    vec![
        same("the labels stand right of the figures", |book| {
            each(book, |tab| tab.move_column(0, 7));
        }),
        same("the total stands before the months", |book| each(book, |tab| tab.move_column(7, 1))),
        same("an empty column after the labels", |book| each(book, |tab| tab.insert_column(1))),
        same("empty columns between the months", |book| {
            each(book, |tab| (2..7).rev().for_each(|at| tab.insert_column(at)));
        }),
        same("everything one column to the right", |book| each(book, |tab| tab.insert_column(0))),
        same("a column of remarks", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row, 8, Value::text("Remarks"));
                tab.set(row + 2, 8, Value::text("checked"));
            });
        }),
        same("a heading without anything below it", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row, 8, Value::text("Comment"));
            });
        }),
        same("five more lines of title", |book| {
            each(book, |tab| {
                tab.insert_rows(0, 5);
                tab.set(0, 0, Value::text("Kent Police"));
                tab.set(2, 0, Value::text("Official statistics, subject to audit"));
            });
        }),
        same("no title", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.rows.drain(..row);
            });
        }),
        same("blank rows between the rows", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                (row + 1..tab.rows.len()).rev().for_each(|at| tab.insert_rows(at, 1));
            });
        }),
        same("the headings again in the middle", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                let again = tab.rows[row].clone();
                tab.rows.insert(row + 7, again);
            });
        }),
    ]
}

fn headed() -> Vec<Change> {
    vec![
        same("the latest month first", |book| {
            each(book, |tab| (1..6).for_each(|at| tab.move_column(6, at)));
        }),
        same("the heading in capitals", |book| rename(book, "CRIME TYPE")),
        same("the heading with other blanks", |book| rename(book, " Crime\u{a0} type\n: ")),
        same("a footnote on the heading", |book| rename(book, "Crime type1,2")),
        same("a note on the heading", |book| rename(book, "Crime type [note 3]")),
        same("an agreed synonym for the heading", |book| rename(book, "Offence type")),
        same("the heading in the plural", |book| rename(book, "Crime types")),
        refused("a slip in the heading", "headings-not-found", |book| rename(book, "Crime tpye")),
        refused("another heading", "headings-not-found", |book| rename(book, "Category")),
        refused("no heading over the labels", "headings-not-found", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row, 0, Value::Blank);
            });
        }),
        same("hidden columns", |book| each(book, |tab| tab.hidden_columns = vec![1, 2, 7])),
        same("panes frozen and a filter set", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.frozen_below = u32::try_from(row).ok();
            });
        }),
        same("comments on cells", |book| {
            each(book, |tab| tab.comments = vec![(7, 2, "revised 12".to_owned())]);
        }),
        same("the title merged over the table", |book| {
            each(book, |tab| tab.merged = vec![(0, 0, 0, 7), (1, 0, 1, 7)]);
        }),
        same("rows in another order", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.rows[row + 1..row + 15].reverse();
            });
        }),
    ]
}

fn rows_and_figures() -> Vec<Change> {
    vec![
        same("no column of totals", |book| {
            each(book, |tab| tab.rows.iter_mut().for_each(|row| row.truncate(7)));
        }),
        same("no row of totals", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING) + 15;
                tab.rows.remove(row);
            });
        }),
        same("the row of totals first", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                let totals = tab.rows.remove(row + 15);
                tab.rows.insert(row + 1, totals);
            });
        }),
        same("figures shown with a decimal", |book| {
            each(book, |tab| tab.number_format = Some("0.0".to_owned()));
        }),
        refused("a column of changes nobody agreed on", "unknown-period", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row, 8, Value::text("Change on last year"));
                tab.set(row + 1, 8, Value::Number(-4.0));
            });
        }),
        refused("a figure that slipped out of the table", "figures-without-heading", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row + 3, 9, Value::Number(12.0));
            });
        }),
        refused("the sum of a quarter as a column of another name", "unknown-period", |book| {
            each(book, |tab| {
                let row = tab.row_of(HEADING);
                tab.set(row, 8, Value::text("Three months"));
                tab.set(row + 1, 8, Value::Number(392.0));
            });
        }),
    ]
}

/// Changes of the fires return: areas down, what is counted across, the period in the title.
pub(super) fn of_fires() -> Vec<Change> {
    let sets = [fires_moved(), fires_told()];
    sets.into_iter().flatten().collect()
}

fn fires_moved() -> Vec<Change> {
    vec![
        same("the districts stand last", |book| book.tabs[0].move_column(0, 2)),
        same("the measures in another order", |book| book.tabs[0].move_column(2, 1)),
        same("an area by its code", |book| area(book, "Sevenoaks", "E07000111")),
        same("an area by code and name", |book| area(book, "Sevenoaks", "E07000111 : Sevenoaks")),
        same("an area by its old name", |book| area(book, "Folkestone and Hythe", "Shepway")),
        same("areas in capitals", |book| {
            let tab = &mut book.tabs[0];
            tab.rows[4..16].iter_mut().for_each(|row| {
                row[0] = Value::text(&row[0].as_text().to_uppercase());
            });
        }),
        same("a footnote on an area", |book| area(book, "Swale", "Swale2")),
        same("footnotes on what is counted", |book| {
            area(book, "Deliberate primary fires", "Deliberate primary fires3 ");
        }),
        same("a group above what is counted", |book| {
            let tab = &mut book.tabs[0];
            tab.insert_rows(3, 1);
            tab.set(3, 1, Value::text("Deliberate fires"));
            tab.merged = vec![];
        }),
        same("the months of the quarter in the title", |book| {
            area(book, "Quarter 1 2025/26", "April to June 2025");
        }),
        same("the quarter in one line with the title", |book| {
            area(book, "Quarter 1 2025/26", "");
            area(
                book,
                "Kent Fire and Rescue Service: deliberate fires by district",
                "Deliberate fires by district, Q1 2025-26",
            );
        }),
    ]
}

fn fires_told() -> Vec<Change> {
    vec![
        same("a column of totals", |book| {
            let tab = &mut book.tabs[0];
            tab.set(3, 3, Value::text("Total"));
            tab.set(4, 3, Value::Number(30.0));
        }),
        same("the county first", |book| {
            let tab = &mut book.tabs[0];
            let county = tab.rows.remove(16);
            tab.rows.insert(4, county);
        }),
        Change { save: Save::Ods, ..same("saved as .ods", |_| {}) },
        csv("saved as .csv", ',', true),
        csv("saved with semicolons", ';', true),
        csv("saved with tabs", '\t', true),
        refused("no period in the title", "period-not-found", |book| {
            area(book, "Quarter 1 2025/26", "");
        }),
        refused("another period in the title", "wrong-period", |book| {
            area(book, "Quarter 1 2025/26", "Quarter 1 2024/25");
        }),
        refused("an area nobody knows", "unknown-area", |book| {
            area(book, "Swale", "Isle of Sheppey");
        }),
        refused("a slip in an area", "unknown-area", |book| area(book, "Sevenoaks", "Sevenoakes")),
        refused("another name for what is counted", "unknown-measure", |book| {
            area(book, "Deliberate primary fires", "Primary arson");
        }),
        refused("an area missing", "missing-area", |book| {
            book.tabs[0].rows.remove(11);
        }),
    ]
}

fn area(book: &mut Book, from: &str, to: &str) {
    let change = |text: &str| if text == from { to.to_owned() } else { text.to_owned() };
    texts(&mut book.tabs[0], change);
}
