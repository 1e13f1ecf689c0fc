//! Names of sheets that Excel allows: other programs allow more.

use std::collections::BTreeSet;

/// Longest name of a sheet, in UTF-16 units.
const UNITS_MAX: usize = 31;

/// Names for the copies of sheets, each once, as near to their own as Excel allows.
pub(super) fn allowed<'a>(names: impl IntoIterator<Item = &'a str>, taken: &str) -> Vec<String> {
    let mut used = BTreeSet::from([folded(taken)]);
    names
        .into_iter()
        .map(|name| {
            let plain = plain(name);
            let mut candidate = plain.clone();
            let mut number = 2;
            while !used.insert(folded(&candidate)) {
                let suffix = format!(" ({number})");
                candidate = format!("{}{suffix}", short(&plain, UNITS_MAX - suffix.len()));
                number += 1;
            }
            candidate
        })
        .collect()
}

/// The same sheet in a link: quoted, with its apostrophes doubled.
pub(super) fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|character| {
            !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
        })
        .map(|character| match character {
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' => '-',
            other => other,
        })
        .collect();
    let short = short(plain.trim_matches('\''), UNITS_MAX);
    let short = short.trim_end_matches('\'');
    if short.trim().is_empty() { "Sheet".to_owned() } else { short.to_owned() }
}

fn short(name: &str, units_max: usize) -> &str {
    let mut units = 0;
    for (index, character) in name.char_indices() {
        units += character.len_utf16();
        if units > units_max {
            return name.get(..index).unwrap_or_default();
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_does_not_allow_is_replaced() {
        let names = [
            "Q1: April/June",
            "q1- april-june",
            "",
            " ",
            "'quoted'",
            "A sheet with a name of more than thirty-one characters",
            "A sheet with a name of more than thirty-one letters",
            "Quarterdeck findings",
            "Return ",
        ];
        let allowed = allowed(names, "Quarterdeck findings");
        insta::assert_snapshot!(allowed.join("|\n"), @r"
        Q1- April-June|
        q1- april-june (2)|
        Sheet|
        Sheet (2)|
        quoted|
        A sheet with a name of more tha|
        A sheet with a name of more (2)|
        Quarterdeck findings (2)|
        Return
        ");
        for name in &allowed {
            let mut sheet = rust_xlsxwriter::Worksheet::new();
            assert!(sheet.set_name(name).is_ok(), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_names_become_sheets_of_one_workbook(names in proptest::collection::vec("(?s).{0,40}", 0..8)) {
            let mut workbook = rust_xlsxwriter::Workbook::new();
            for name in allowed(names.iter().map(String::as_str), "x") {
                workbook.add_worksheet().set_name(&name).expect("a name Excel allows");
            }
            proptest::prop_assert!(names.is_empty() || workbook.save_to_buffer().is_ok());
        }
    }
}
