//! Contracts: sound ones, and every problem of unsound ones.

use model::ReturnId;

use super::parse;

fn problems(text: &str) -> String {
    match parse(ReturnId::new("test"), text) {
        Ok(_) => "sound".to_owned(),
        Err(problems) => problems.join("\n"),
    }
}

#[test]
fn every_problem_is_said_at_once_with_its_key_and_line() {
    let text = r#"
titel = "Kent Police"
partner = "kent-police"
frequency = "monthly"
due_working_days = 0
[[table]]
sheets = { each = true, first = true }
area = { from = "column" }
measure = { from = "column", header = [] }
period = { from = "header-row" }
value = { from = "column", header = ["Count"] }
[labels]
"Burglary" = { measure = "burglary", breakdown = "high" }
"Robbery" = { mesure = "robbery" }
[symbols]
"-" = "nil"
"" = "zero"
[checks]
adds_up = [{ measure = "burglary" }]
"#;
    insta::assert_snapshot!(problems(text), @r#"
    title: is missing (line 1)
    titel: is not a known key (line 2)
    frequency: `monthly` is not one of quarterly, ad-hoc (line 4)
    due_working_days: must be a whole number from 1 to 250 (line 5)
    table[0].sheets.each: say one of { each = true, except = […] }, { named = […] } and { first = true } (line 7)
    table[0].area.header: is missing (line 8)
    table[0].measure.header: must be a list of texts: ["one", "another"] (line 9)
    labels.Burglary.breakdown: `high` is not a breakdown: write key=value,key=value (line 13)
    labels.Robbery.measure: is missing (line 14)
    labels.Robbery.mesure: is not a known key (did you mean `measure`?) (line 14)
    symbols.-: `nil` is not one of zero, x, c, z (line 16)
    symbols.: a blank cell is never zero: say x, c or z (line 17)
    checks.adds_up[0].dimension: is missing (line 19)
    "#);
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    insta::assert_snapshot!(problems("title = \"a\"\npartner = kent\n"), @"not TOML: string values must be quoted, expected literal string (line 2)");
}

#[test]
fn headings_say_exactly_one_thing() {
    let table = |period: &str, value: &str| {
        format!(
            "title = \"a\"\npartner = \"b\"\nfrequency = \"ad-hoc\"\n[[table]]\nsheets = {{ first = true }}\n\
             area = {{ from = \"header-row\" }}\nmeasure = {{ from = \"fixed\", is = \"m\" }}\n\
             period = {period}\nvalue = {value}\n"
        )
    };
    let (row, expected) = ("{ from = \"header-row\" }", "{ from = \"expected\" }");
    assert_eq!(problems(&table(expected, row)), "sound");
    insta::assert_snapshot!(problems(&table(row, row)), @"table[0].value: only one of area, measure and period can be read from the header row (line 9)");
    insta::assert_snapshot!(problems(&table(expected, "{ from = \"rows\" }")), @r#"table[0].value: must be { from = "header-row" }, because the header row says what the columns hold (line 9)"#);
}

#[test]
fn an_action_plan_needs_its_columns_and_status_words() {
    let text = "title = \"a\"\npartner = \"b\"\nfrequency = \"ad-hoc\"\nkind = \"actions\"\n[columns]\nnumber = [\"No.\"]\nlead = 3\n";
    insta::assert_snapshot!(problems(text), @r#"
    statuses: is missing (line 1)
    columns.action: is missing (line 5)
    columns.by_when: is missing (line 5)
    columns.status: is missing (line 5)
    columns.lead: must be a list of texts: ["one", "another"] (line 7)
    "#);
}
