//! Labels and figures written another way.

use testkit::{Book, Tab, Value};

use super::{Change, each, refused, same, texts};

/// Writes the labels of the police return, and nothing else, another way.
fn labels(book: &mut Book, change: impl Fn(&str) -> String) {
    each(book, |tab| {
        let first = tab.row_of("Crime type") + 1;
        for row in &mut tab.rows[first..first + 14] {
            row[0] = Value::text(&change(row[0].as_text()));
        }
    });
}

fn relabel(book: &mut Book, from: &str, to: &str) {
    labels(book, |text| if text == from { to.to_owned() } else { text.to_owned() });
}

/// Writes the figures of the police return another way.
fn figures(book: &mut Book, change: impl Fn(f64) -> Value) {
    each(book, |tab| {
        let first = tab.row_of("Crime type") + 1;
        for cell in tab.rows[first..first + 14].iter_mut().flat_map(|row| &mut row[1..7]) {
            if let Value::Number(number) = cell {
                *cell = change(*number);
            }
        }
    });
}

/// Changes of the police return: one sheet a district, months across.
pub(super) fn changes() -> Vec<Change> {
    let sets = [relabelled(), rewritten()];
    sets.into_iter().flatten().collect()
}

fn relabelled() -> Vec<Change> {
    vec![
        same("footnote digits on labels", |book| labels(book, |text| format!("{text}3"))),
        same("two footnotes on labels", |book| labels(book, |text| format!("{text}4, 5"))),
        same("notes on labels", |book| labels(book, |text| format!("{text} [note 1][note 12]"))),
        same("stars on labels", |book| labels(book, |text| format!("{text}*"))),
        same("labels in capitals", |book| labels(book, str::to_uppercase)),
        same("labels with no-break blanks", |book| {
            labels(book, |text| format!("\u{a0}{}\u{a0} ", text.replace(' ', "\u{a0}")));
        }),
        same("labels over two lines", |book| labels(book, |text| text.replacen(' ', "\n", 1))),
        same("& for and", |book| labels(book, |text| text.replace(" and ", " & "))),
        same("a colon after labels", |book| labels(book, |text| format!("{text}:"))),
        same("no hyphen", |book| {
            relabel(book, "Anti-social behaviour", "Anti social behaviour");
        }),
        same("the singular for the plural", |book| relabel(book, "Drugs", "Drug")),
        same("the plural for the singular", |book| relabel(book, "Burglary", "Burglaries")),
        same("section headings between the rows", |book| {
            each(book, |tab| {
                let row = tab.row_of("Crime type");
                tab.rows.insert(row + 9, vec![Value::text("Theft")]);
                tab.rows.insert(row + 3, vec![Value::text("Property")]);
            });
        }),
        same("notes below the table", |book| {
            each(book, |tab| {
                tab.rows.push(vec![Value::text("1. Counts of 2024 were revised in May 2025.")]);
                tab.rows.push(vec![Value::text("Source: Kent Police, July 2025")]);
            });
        }),
        same("a note right of the table", |book| {
            each(book, |tab| {
                let row = tab.row_of("Crime type");
                tab.set(row + 4, 10, Value::text("see the definitions"));
            });
        }),
        same("figures as text", |book| figures(book, |n| Value::text(&n.to_string()))),
        same("figures as text with a blank behind", |book| {
            figures(book, |n| Value::text(&format!("{n} ")));
        }),
        same("figures as text with no-break blanks", |book| {
            figures(book, |n| Value::text(&format!("\u{a0}{n}\u{a0}")));
        }),
        same("figures as text with a thousands comma", |book| {
            figures(book, |n| {
                let number = n.to_string();
                let text = match number.len() {
                    4 => format!("{},{} ", &number[..1], &number[1..]),
                    _ => number,
                };
                Value::text(&text)
            });
        }),
    ]
}

fn rewritten() -> Vec<Change> {
    vec![
        same("figures as text with decimals", |book| {
            figures(book, |n| Value::text(&format!("{n}.00")));
        }),
        refused("a slip in a label", "unknown-measure", |book| {
            relabel(book, "Burglary", "Burgalry");
        }),
        refused("another name for a label", "unknown-measure", |book| {
            relabel(book, "Anti-social behaviour", "Nuisance");
        }),
        refused("a row more than agreed", "unknown-measure", |book| {
            each(book, |tab| {
                let row = tab.row_of("Crime type");
                tab.rows.insert(row + 3, vec![Value::text("Fraud"), Value::Number(3.0)]);
            });
        }),
        refused("a row less than agreed", "missing-measure", |book| {
            each(book, |tab| {
                let row = tab.row_of("Robbery");
                tab.rows.remove(row);
            });
        }),
        refused("a row twice", "duplicate", |book| {
            each(book, |tab| {
                let row = tab.row_of("Robbery");
                let again = tab.rows[row].clone();
                tab.rows.insert(row, again);
            });
        }),
        refused("a label cleared", "label-missing", |book| relabel(book, "Robbery", "")),
        refused("two labels as one", "unknown-measure", |book| {
            relabel(book, "Robbery", "Robbery and burglary");
        }),
        refused("a mark nobody agreed on", "not-a-number", |book| {
            figures(
                book,
                |n| if (n - 2.0).abs() < 0.5 { Value::text("..") } else { Value::Number(n) },
            );
        }),
        refused("figures with decimals", "fraction-in-count", |book| {
            figures(book, |n| Value::Number(n + 0.5));
        }),
    ]
}

/// Changes of the outreach return: two rows of headings, a year over its first month, places down.
pub(super) fn of_outreach() -> Vec<Change> {
    fn rename(tab: &mut Tab, from: &str, to: &str) {
        texts(tab, |text| if text == from { to.to_owned() } else { text.to_owned() });
    }
    vec![
        same("the year merged over its months", |book| {
            book.tabs[0].merged = vec![(2, 1, 2, 3)];
        }),
        same("the year over each month", |book| {
            book.tabs[0].set(2, 2, Value::Number(2025.0));
            book.tabs[0].set(2, 3, Value::Number(2025.0));
        }),
        same("the year as text", |book| book.tabs[0].set(2, 1, Value::text("2025"))),
        same("the financial year over its months", |book| {
            book.tabs[0].set(2, 1, Value::text("2025/26"));
        }),
        same("the heading of the places in the lower row", |book| {
            let tab = &mut book.tabs[0];
            tab.set(2, 0, Value::Blank);
            tab.set(3, 0, Value::text("Location"));
        }),
        same("the year in a row of its own above the headings", |book| {
            let tab = &mut book.tabs[0];
            tab.set(1, 1, Value::Number(2025.0));
            tab.set(2, 1, Value::text("Apr"));
            tab.set(2, 2, Value::text("May"));
            tab.set(2, 3, Value::text("Jun"));
            tab.rows.remove(3);
        }),
        same("the months written out", |book| {
            let tab = &mut book.tabs[0];
            rename(tab, "Apr", "April");
            rename(tab, "Jun", "June");
        }),
        same("one row of headings", |book| {
            let tab = &mut book.tabs[0];
            tab.set(2, 1, Value::text("Apr 2025"));
            tab.set(2, 2, Value::text("May 2025"));
            tab.set(2, 3, Value::text("Jun 2025"));
            tab.rows.remove(3);
        }),
        same("a third row of headings", |book| {
            let tab = &mut book.tabs[0];
            tab.insert_rows(2, 1);
            tab.set(2, 1, Value::text("Young people"));
        }),
        same("a footnote on a place", |book| rename(&mut book.tabs[0], "Otford", "Otford2")),
        same("a place in capitals", |book| rename(&mut book.tabs[0], "Otford", "OTFORD")),
        same("the whole first", |book| {
            let tab = &mut book.tabs[0];
            let whole = tab.rows.remove(11);
            tab.rows.insert(4, whole);
        }),
        refused("a slip in a place", "unknown-label", |book| {
            rename(&mut book.tabs[0], "Hextable", "Hextabel");
        }),
        refused("a place more than agreed", "unknown-label", |book| {
            let row = vec![Value::text("Kemsing"), Value::Number(3.0)];
            book.tabs[0].rows.insert(8, row);
        }),
    ]
}
