//! A refused return proposes the change of its contract; with that change put in, the same file is
//! read as the same figures.

use std::collections::BTreeSet;

use model::{ReturnId, Severity};
use testkit::{Book, Tab, Value};

use super::super::bundled::{root, text_of, workbook};
use super::{FIRES, HISTORY, OUTREACH, POLICE, book, each, figures, read_by, texts};
use crate::contract::parse;

/// A drift, and what an operator writes for the `?` of its proposal.
struct Case {
    code: &'static str,
    file: &'static str,
    name: &'static str,
    make: fn(&mut Book),
    decided: (&'static str, &'static str),
}

fn rename(tab: &mut Tab, from: &str, to: &str) {
    texts(tab, |text| if text == from { to.to_owned() } else { text.to_owned() });
}

fn sheet(book: &mut Book, from: &str, to: &str) {
    let tab = book.tabs.iter_mut().find(|tab| tab.name == from);
    to.clone_into(&mut tab.expect("a sheet of that name").name);
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    const NONE: (&str, &str) = ("?", "?");
    let police = |code, make, decided| Case { code, file: POLICE, name: "kent-police-monthly", make, decided };
    let fires = |code, make, decided| Case { code, file: FIRES, name: "kfrs-deliberate-fires", make, decided };
    let history = |code, make| Case { code, file: HISTORY, name: "illustrative-history", make, decided: NONE };
    let outreach = |code, make| Case { code, file: OUTREACH, name: "kenward-outreach", make, decided: NONE };
    vec![
        police("headings-not-found", |book| each(book, |tab| rename(tab, "Crime type", "Category")), NONE),
        police("headings-not-found", |book| each(book, |tab| rename(tab, "Crime type", "Crime tpye")), NONE),
        police("headings-not-found", |book| {
            let mut more = Tab::new("Rates");
            more.set(0, 0, Value::text("Place"));
            more.set(1, 0, Value::text("Kent"));
            more.set(1, 1, Value::Number(4.5));
            book.tabs.push(more);
        }, NONE),
        police("unknown-measure", |book| each(book, |tab| rename(tab, "Burglary", "Burgalry")), NONE),
        police("unknown-measure", |book| each(book, |tab| rename(tab, "Drugs", "Narcotics")), ("?narcotics", "police-drugs")),
        police("unknown-period", |book| each(book, |tab| {
            let row = tab.row_of("Crime type");
            tab.set(row, 8, Value::text("Change on last year"));
            tab.set(row + 1, 8, Value::Number(4.0));
        }), NONE),
        police("unknown-area", |book| sheet(book, "Sevenoaks", "Sevenoakes"), NONE),
        fires("unknown-area", |book| rename(&mut book.tabs[0], "Swale", "Swalle"), NONE),
        fires("unknown-area", |book| rename(&mut book.tabs[0], "Swale", "Isle of Sheppey"), ("\"?\"", "\"E07000113\"")),
        fires("unknown-measure", |book| rename(&mut book.tabs[0], "Deliberate primary fires", "Primary arson"), ("?primary-arson", "kfrs-deliberate-primary")),
        fires("headings-not-found", |book| rename(&mut book.tabs[0], "District", "Local authority"), NONE),
        history("headings-not-found", |book| rename(&mut book.tabs[0], "Month", "When")),
        history("headings-not-found", |book| rename(&mut book.tabs[0], "Count", "Coutn")),
        history("missing-sheet", |book| sheet(book, "History", "Since 2022")),
        outreach("headings-not-found", |book| rename(&mut book.tabs[0], "Location", "Town or village")),
        outreach("unknown-label", |book| rename(&mut book.tabs[0], "Hextable", "Hextabel")),
    ]
}

/// The contract with the lines of a proposal put in, as a person would: below their table's name, in
/// place of a line that says the same.
fn accepted(contract: &str, proposal: &str) -> String {
    let mut lines: Vec<String> = contract.lines().map(str::to_owned).collect();
    let mut section = String::new();
    for line in proposal.lines() {
        if line.starts_with('[') {
            line.split('#').next().unwrap_or_default().trim().clone_into(&mut section);
            continue;
        }
        let start = lines.iter().position(|own| own.trim() == section).unwrap_or_else(|| {
            lines.push(section.clone());
            lines.len() - 1
        });
        let key = line.split(" = ").next().expect("a key");
        let own = lines[start + 1..]
            .iter()
            .take_while(|own| !own.starts_with('['))
            .position(|own| own.split(" = ").next() == Some(key));
        match own {
            Some(at) => line.clone_into(&mut lines[start + 1 + at]),
            None => lines.insert(start + 1, line.to_owned()),
        }
    }
    lines.join("\n")
}

#[test]
fn with_the_proposed_change_the_same_file_is_accepted() {
    let mut kinds = BTreeSet::new();
    for Case { code, file, name, make, decided } in cases() {
        let original = book(&workbook(&root().join(file), name));
        let text = text_of(&format!("config/returns/{name}.toml"));
        let agreed = parse(ReturnId::new(name), &text).expect("a sound contract");
        let (understood, _) = read_by(&original.xlsx(), name, &agreed);
        let good = figures(&understood);
        let mut changed = original;
        make(&mut changed);
        let bytes = changed.xlsx();
        let (_, findings) = read_by(&bytes, name, &agreed);
        let proposals: BTreeSet<&str> = findings
            .iter()
            .filter(|found| found.severity == Severity::Error && found.code == code)
            .filter_map(|found| found.proposal.as_deref())
            .collect();
        assert!(!proposals.is_empty(), "{name}: nothing proposed for {code}: {findings:#?}");
        let mut contract = text.clone();
        for proposal in proposals {
            contract = accepted(&contract, &proposal.replace(decided.0, decided.1));
        }
        let contract = parse(ReturnId::new(name), &contract)
            .unwrap_or_else(|problems| panic!("{name}, {code}: {problems:#?}\n{contract}"));
        let (understood, findings) = read_by(&bytes, name, &contract);
        let errors: Vec<_> =
            findings.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}, {code}: {errors:#?}");
        assert_eq!(figures(&understood), good, "{name}, {code}");
        kinds.insert(code);
    }
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}
