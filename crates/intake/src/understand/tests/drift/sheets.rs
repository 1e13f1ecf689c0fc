//! Sheets renamed, moved, added and hidden; other kinds of files.

use testkit::{Book, Tab, Value};

use super::{Change, Save, refused, same};

fn rename(book: &mut Book, from: &str, to: &str) {
    let tab = book.tabs.iter_mut().find(|tab| tab.name == from);
    to.clone_into(&mut tab.expect("a sheet of that name").name);
}

/// A copy of a sheet, put last.
fn copy(book: &mut Book, of: &str, name: &str) -> usize {
    let tab = book.tabs.iter().find(|tab| tab.name == of).expect("a sheet of that name");
    let copy = Tab { name: name.to_owned(), ..tab.clone() };
    book.tabs.push(copy);
    book.tabs.len() - 1
}

/// Changes of the police return: one sheet a district, months across.
pub(super) fn changes() -> Vec<Change> {
    vec![
        same("sheets in another order", |book| book.tabs.reverse()),
        same("a blank behind a sheet's name", |book| rename(book, "Sevenoaks", "Sevenoaks ")),
        same("a sheet's name in capitals", |book| rename(book, "Sevenoaks", "SEVENOAKS")),
        same("and for & in a sheet's name", |book| {
            rename(book, "Tonbridge & Malling", "Tonbridge and Malling");
        }),
        same("a sheet named by code", |book| rename(book, "Sevenoaks", "E07000111")),
        same("a sheet named by code and name", |book| {
            rename(book, "Sevenoaks", "E07000111 Sevenoaks");
        }),
        same("a sheet named by the old name", |book| {
            rename(book, "Folkestone & Hythe", "Shepway");
        }),
        same("a blank behind the name of a sheet left out", |book| rename(book, "Notes", "NOTES ")),
        same("a hidden sheet of last year", |book| {
            let at = copy(book, "Sevenoaks", "Sevenoaks 2024");
            book.tabs[at].hidden = true;
        }),
        same("an empty sheet", |book| book.tabs.push(Tab::new("Sheet1"))),
        same("a cover sheet", |book| {
            let mut cover = Tab::new("Cover");
            cover.set(1, 1, Value::text("Police return for the partnership"));
            cover.set(3, 1, Value::text("Quarter 1"));
            book.tabs.insert(0, cover);
        }),
        Change { save: Save::Ods, ..same("saved as .ods", |_| {}) },
        refused("a slip in a sheet's name", "unknown-area", |book| {
            rename(book, "Sevenoaks", "Sevenoakes");
        }),
        refused("a copy of a sheet left in", "unknown-area", |book| {
            copy(book, "Sevenoaks", "Sevenoaks (2)");
        }),
        refused("a sheet named by another geography", "unknown-area", |book| {
            rename(book, "Sevenoaks", "E14001465");
        }),
        refused("a sheet missing", "missing-area", |book| {
            book.tabs.retain(|tab| tab.name != "Dover");
        }),
        refused("a sheet of figures nobody agreed on", "headings-not-found", |book| {
            let mut more = Tab::new("Rates");
            more.set(0, 0, Value::text("District"));
            more.set(0, 1, Value::text("Rate"));
            more.set(1, 0, Value::text("Sevenoaks"));
            more.set(1, 1, Value::Number(4.5));
            book.tabs.push(more);
        }),
        refused("a sheet hidden by mistake", "missing-area", |book| {
            let dover = book.tabs.iter_mut().find(|tab| tab.name == "Dover");
            dover.expect("a sheet").hidden = true;
        }),
    ]
}
