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
    table[0].sheets.each: say one of { each = true, except = […] }, { named = […] }, { like = […] } and { first = true } (line 7)
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
fn the_header_row_says_what_the_figures_are_or_nothing() {
    let table = |period: &str, value: &str| {
        format!(
            "title = \"a\"\npartner = \"b\"\nfrequency = \"ad-hoc\"\n[[table]]\nsheets = {{ first = true }}\n\
             area = {{ from = \"header-row\" }}\nmeasure = {{ from = \"fixed\", is = \"m\" }}\n\
             period = {period}\nvalue = {value}\n"
        )
    };
    let (row, expected) = ("{ from = \"header-row\" }", "{ from = \"expected\" }");
    assert_eq!(problems(&table(expected, row)), "sound");
    assert_eq!(problems(&table(row, row)), "sound");
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

/// A sound contract, with more keys above and inside its table and after it.
fn sound_but(above: &str, inside: &str, after: &str) -> String {
    problems(&format!(
        r#"title = "Test"
partner = "davss"
{above}
[[table]]
sheets = {{ first = true }}
area = {{ from = "column", header = ["Area", "District"] }}
period = {{ from = "column", header = ["Month"] }}
{inside}
[labels]
"Burglary" = {{ measure = "burglary" }}
{after}
"#
    ))
}

const QUARTERLY: &str = "frequency = \"quarterly\"\ndue_working_days = 10";
const LABELLED: &str = "measure = { from = \"column\", header = [\"Crime type\"] }\nvalue = { from = \"column\", header = [\"Count\"] }";

#[test]
fn a_text_means_one_thing() {
    assert_eq!(sound_but(QUARTERLY, LABELLED, ""), "sound");
    let claimed = format!(
        "{LABELLED}\ntotals = [\"Total\", \"burglary \"]\nignore = [\"TOTAL\", \"month:\"]\nbreakdown = [{{ dimension = \"risk\", from = \"column\", header = [\"district\"], values = {{ \"High\" = \"high\", \"high \" = \"low\" }}, whole = [\"All\", \"High\"] }}]"
    );
    insta::assert_snapshot!(sound_but(QUARTERLY, &claimed, "\"BURGLARY:\" = { measure = \"robbery\" }\n[areas]\n\"Shepway\" = \"E07000112\"\n\"SHEPWAY\" = \"E07000113\"\n[symbols]\n\"N/A\" = \"x\"\n\"n/a\" = \"z\""), @"
    table[0].totals: `burglary ` is claimed by the labels and by totals: keep it in one of them (line 11)
    table[0].ignore: `TOTAL` is claimed by totals and by ignore: keep it in one of them (line 12)
    table[0].ignore: `month:` is claimed by the period's column and by ignore: keep it in one of them (line 12)
    table[0].breakdown: `district` is claimed by the area's column and by a breakdown's column: keep it in one of them (line 13)
    table[0].breakdown[0].values: `high ` is written twice (case and blanks do not count): keep one (line 13)
    table[0].breakdown[0].whole: `High` is claimed by values and by whole: keep it in one of them (line 13)
    labels.Burglary: is the same label as `BURGLARY:` (case, blanks and `&` do not count): keep one (line 15)
    areas.Shepway: is the same area as `SHEPWAY` (case, blanks and `&` do not count): keep one (line 18)
    symbols.n/a: is the same mark as `N/A`: keep one (line 22)
    ");
}

#[test]
fn periods_that_cannot_be_are_refused() {
    let months = |months: &str| format!("{QUARTERLY}\ncontent_months = {months}");
    insta::assert_snapshot!(sound_but(&months("2"), LABELLED, ""), @"content_months: 2 is less than the three months of the quarter the return is owed for: say 3 or more, or leave it out (line 5)");
    insta::assert_snapshot!(sound_but("frequency = \"ad-hoc\"\ncontent_months = 12", LABELLED, ""), @"content_months: an ad-hoc return may be about any months: leave it out (line 4)");
    let with_period = |months: &str, period: &str| {
        problems(&format!(
            "title = \"a\"\npartner = \"b\"\n{QUARTERLY}\n{months}\n[[table]]\nsheets = {{ first = true }}\narea = {{ from = \"fixed\", is = \"E07000111\" }}\nmeasure = {{ from = \"fixed\", is = \"m\" }}\nperiod = {period}\nvalue = {{ from = \"column\", header = [\"Count\"] }}\n"
        ))
    };
    insta::assert_snapshot!(with_period("content_months = 12", "{ from = \"expected\" }"), @"content_months: the period is the expected one, three months, so 12 can never be there: say where the table says its period (line 5)");
    insta::assert_snapshot!(with_period("", "{ from = \"fixed\", is = \"2025-26Q1\" }"), @r#"table[0].period: is always the same, but the return is owed every quarter: say where the table says it, or { from = "expected" } (line 10)"#);
    insta::assert_snapshot!(with_period("", "{ from = \"fixed\", is = \"June\" }"), @"table[0].period.is: `June` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10 (line 10)");
    insta::assert_snapshot!(with_period("", "{ from = \"header-row\", dates = \"mm/dd/yyyy\", year = [\"Year\"] }"), @r#"
    table[0].period.dates: orders the dates of a column: take it away, or say { from = "column" } (line 10)
    table[0].period.year: stands beside a column: take it away, or say { from = "column" } (line 10)
    table[0].value: must be { from = "header-row" }, because the header row says what the columns hold (line 11)
    "#);
    insta::assert_snapshot!(with_period("", "{ from = \"rows\" }"), @"table[0].period.from: `rows` is not one of fixed, sheet-name, column, header-row, title, block, cell, expected (line 10)");
}

#[test]
fn tables_that_read_the_same_figures_are_refused() {
    let second = |sheets: &str, more: &str, value: &str| {
        let table = format!(
            "\n[[table]]\nsheets = {sheets}\n{more}\narea = {{ from = \"column\", header = [\"district\"] }}\nperiod = {{ from = \"column\", header = [\"month\"] }}\nmeasure = {{ from = \"column\", header = [\"Crime type\"] }}\nvalue = {{ from = \"column\", header = [\"{value}\"] }}\n"
        );
        sound_but(QUARTERLY, &format!("{LABELLED}{table}"), "")
    };
    insta::assert_snapshot!(second("{ first = true }", "", "count"), @"table[1].value: reads the same figures as table[0]: tell them apart by sheets, headings or starts_below (line 17)");
    for (sheets, more, value) in [
        ("{ named = [\"Other\"] }", "", "Count"),
        ("{ first = true }", "", "Rate"),
        ("{ first = true }", "starts_below = \"Table 2\"", "Count"),
    ] {
        assert_eq!(second(sheets, more, value), "sound", "{sheets} {more} {value}");
    }
    let ends = "starts_below = \"Table 2\"\nends_at = [\"Source\", \"table 2\"]";
    insta::assert_snapshot!(second("{ first = true }", ends, "Count"), @"table[1].ends_at: `Table 2` starts the table already: the table would end where it starts (line 14)");
}

#[test]
fn a_form_has_labels_and_no_columns() {
    let form = |more: &str| {
        problems(&format!(
            "title = \"a\"\npartner = \"b\"\n{QUARTERLY}\n[[table]]\nsheets = {{ first = true }}\nvalue = {{ from = \"cells\" }}\n{more}\n[labels]\n\"Calls\" = {{ measure = \"m\" }}\n"
        ))
    };
    let fixed = "area = { from = \"fixed\", is = \"E07000111\" }";
    let cell = "period = { from = \"cell\", label = [\"Quarter\"], side = \"below\" }";
    assert_eq!(form(&format!("{fixed}\n{cell}")), "sound");
    let rest = "totals = [\"Total\"]\nignore = [\"Target\"]";
    assert_eq!(form(&format!("{fixed}\n{cell}\n{rest}")), "sound");
    insta::assert_snapshot!(form("area = { from = \"block\" }\nperiod = { from = \"column\", header = [\"Month\"] }\nmeasure = { from = \"fixed\", is = \"m\" }\nonly_areas = \"known\""), @"
    table[0].area: a form has no columns and blocks: say fixed, sheet-name, title or cell (line 8)
    table[0].period: a form has no columns and blocks: say fixed, sheet-name, title or cell (line 9)
    table[0].measure: is said by the labels of the form: leave it out (line 10)
    table[0].only_areas: a form has no rows to leave out: take the key away (line 11)
    labels: are not used: every table's measure is fixed; take them out, or read the measure from the table (line 12)
    ");
}

#[test]
fn what_the_partnership_does_not_know_is_said_with_its_line() {
    let text = r#"title = "a"
partner = "davss"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000118" }
measure = { from = "fixed", is = "burglry" }
period = { from = "expected" }
value = { from = "column", header = ["Count"] }
[areas]
"Shepway District" = "E07000112"
"sevenoaks" = "E07000112"
"Elsewhere" = "Sevenoaks"
[checks]
adds_up = [{ measure = "grants", dimension = "ward" }]
"#;
    let (partnership, measures) = crate::understand::example_words();
    let contract = parse(ReturnId::new("test"), text).expect("sound");
    let found = super::unknown_words(&contract, text, &partnership, &measures);
    insta::assert_snapshot!(found.join("\n"), @"
    table[0].area.is: `E07000118` is no area's code in partnership.toml: did you mean `E07000111`? Or add it to partnership.toml (line 6)
    table[0].measure.is: `burglry` is no measure in measures.toml (did you mean `burglary`?) (line 7)
    areas.sevenoaks: is a name of E07000111 in partnership.toml already: use a name that is not taken, or take it away there (line 12)
    areas.Elsewhere: `Sevenoaks` is no area's code in partnership.toml: add it to partnership.toml, or correct it (line 13)
    checks.adds_up[0].measure: `grants` is no measure in measures.toml (did you mean `grant`?) (line 15)
    ");
}

#[test]
fn severities_bounds_and_exceptions_that_make_no_sense_are_said() {
    let text = r#"
title = "a"
partner = "b"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000111" }
measure = { from = "fixed", is = "burglary" }
period = { from = "header-row" }
value = { from = "header-row" }
[checks]
ranges = [{ measure = "burglary", min = 5, max = 4.5 }, { measure = "burglary" }, { measure = "burglary", max = 1.234 }]
jump = { times = 1, at_least = 0 }
[checks.severity]
"jmup" = "warning"
"personal-data" = "warning"
"blank-cell" = "note"
[[exception]]
code = "jump"
reason = "new system"
owner = "analyst"
until = "soon"
[[exception]]
code = "wrong-period"
period = "2025-26Q9"
until = 2026-03-31
"#;
    insta::assert_snapshot!(problems(text), @"
    checks.ranges[0].min: is more than `max`: no figure could be right (line 12)
    checks.ranges[1].min: is missing: give `min`, `max` or both (line 12)
    checks.ranges[2].max: must be a number with at most two decimal places (line 12)
    checks.jump.at_least: must be a whole number from 1 to 1000000000 (line 13)
    checks.jump.times: must be more than 1 and at most 1000: `times = 3` is three times (line 13)
    checks.severity.jmup: `jmup` is no finding that can be changed (the reference of contracts lists them) (line 15)
    checks.severity.personal-data: `personal-data` always refuses the return: a figure would be read wrongly or not at all (line 16)
    checks.severity.blank-cell: `note` is not one of error, warning, repair (line 17)
    exception[0].code: an exception to everything of a code hides what is new: name a measure, area, period or sheet, or change its severity (line 19)
    exception[0].until: must be a date like 2026-03-31 (line 22)
    exception[1].owner: is missing (line 23)
    exception[1].reason: is missing (line 23)
    exception[1].code: `wrong-period` always refuses the return: a figure would be read wrongly or not at all (line 24)
    exception[1].period: `2025-26Q9` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10 (line 25)
    ");
}

#[test]
fn checks_with_bounds_and_exceptions_are_sound() {
    let text = r#"
title = "a"
partner = "b"
frequency = "ad-hoc"
[[table]]
sheets = { first = true }
area = { from = "fixed", is = "E07000111" }
measure = { from = "fixed", is = "burglary" }
period = { from = "header-row" }
value = { from = "header-row" }
[checks]
ranges = [{ measure = "burglary", min = -1.5, max = 4_000, severity = "error" }]
required = [{ measure = "burglary", area = "E07000111" }]
jump = false
severity = { "history-revised" = "repair" }
[[exception]]
code = "history-revised"
measure = "burglary"
period = "2025-26Q1"
reason = "recounted"
owner = "Performance analyst"
until = 2026-03-31
"#;
    let contract = parse(ReturnId::new("test"), text).expect("a sound contract");
    let super::Content::Figures(figures) = &contract.content else {
        panic!("a return of figures");
    };
    let checks = &figures.checks;
    assert_eq!(checks.ranges[0].min_hundredths, Some(-150));
    assert_eq!(checks.ranges[0].max_hundredths, Some(400_000));
    assert_eq!(checks.jump, super::JumpRule::Off);
    assert_eq!(checks.exceptions[0].until, jiff::civil::date(2026, 3, 31));
}

/// A sound contract with bounds for burglary, and an exception.
fn with_exception(table: &str, checks: &str, exception: &str) -> String {
    problems(&format!(
        r#"title = "a"
partner = "b"
frequency = "ad-hoc"
[[table]]
{table}
measure = {{ from = "header-row" }}
period = {{ from = "expected" }}
value = {{ from = "header-row" }}
breakdown = [{{ dimension = "sex", from = "column", header = ["Sex"], values = {{ "Men" = "male" }} }}]
[labels]
"Burglary" = {{ measure = "burglary" }}
"Night" = {{ measure = "burglary", breakdown = "time=night" }}
"Robbery" = {{ measure = "robbery" }}
[checks]
{checks}
[[exception]]
reason = "new system"
owner = "Performance analyst"
until = 2026-03-31
{exception}
"#
    ))
}

#[test]
fn exceptions_that_can_never_apply_are_said() {
    let named =
        "sheets = { named = [\"Return\"] }\narea = { from = \"fixed\", is = \"E07000111\" }";
    let open = "sheets = { like = [\"Q*\"] }\narea = { from = \"column\", header = [\"Area\"] }";
    let ranges = "ranges = [{ measure = \"burglary\", max = 9 }]";
    let jump = |more: &str| with_exception(named, ranges, &format!("code = \"jump\"\n{more}"));
    for sound in [
        "measure = \"burglary\"",
        "breakdown = \"sex=male,time=night\"",
        "area = \"E07000111\"\nsheet = \"return \"",
        "period = \"2025-26\"",
        // A CSV file has one sheet of its own name.
        "sheet = \"csv\"",
    ] {
        assert_eq!(jump(sound), "sound", "{sound}");
    }
    let several =
        "measure = \"fires\"\narea = \"E07000112\"\nsheet = \"Returns\"\nperiod = \"2026-27Q1\"";
    insta::assert_snapshot!(jump(several), @"
    exception[0].until: is over before 2026-27Q1 begins, and nothing can be sent about that until then: say a later day (line 20)
    exception[0].measure: `fires` is not carried by this return, so that nothing is ever found about it: correct it or take the exception out (line 22)
    exception[0].area: this return is about E07000111 only: correct it or take the exception out (line 23)
    exception[0].sheet: no table of this return is read from a sheet `Returns`: correct it or take the exception out (line 24)
    ");
    insta::assert_snapshot!(jump("measure = \"robbery\"\nbreakdown = \"sex=female,time=night\""), @"
    exception[0].breakdown: this return has no part `sex=female`: correct it or take the exception out (line 23)
    exception[0].breakdown: this return has no part `time=night`: correct it or take the exception out (line 23)
    ");
    // What the table leaves open may be met.
    let elsewhere = "code = \"jump\"\narea = \"E07000112\"\nsheet = \"q2\"";
    assert_eq!(with_exception(open, ranges, elsewhere), "sound");
    assert!(with_exception(open, ranges, &elsewhere.replace("q2", "A")).contains(".sheet: "));
    // Checks that this contract does not make.
    let unmade = |code: &str, checks: &str| {
        with_exception(named, checks, &format!("code = \"{code}\"\narea = \"E07000111\""))
    };
    assert_eq!(unmade("out-of-range", ranges), "sound");
    for (code, checks) in [
        ("out-of-range", "jump = false"),
        ("required-blank", ranges),
        ("breakdown-differs", ranges),
        ("change-differs", ranges),
        ("record-twice", ranges),
        ("record-outside-period", ranges),
        ("jump", "jump = false"),
    ] {
        let said = unmade(code, checks);
        assert!(said.contains(&format!("exception[0].code: `{code}` is never found")), "{said}");
    }
    insta::assert_snapshot!(unmade("same-as-last-period", ranges), @"exception[0].area: `same-as-last-period` is about the whole return: name its period (line 22)");
    insta::assert_snapshot!(unmade("hidden-sheet", ranges), @"exception[0].area: `hidden-sheet` is about a sheet: name it (line 22)");
}

#[test]
fn an_action_plan_may_be_judged_otherwise_in_its_own_ways() {
    let plan = |more: &str| {
        problems(&format!(
            "title = \"a\"\npartner = \"b\"\nfrequency = \"ad-hoc\"\nkind = \"actions\"\n[columns]\nnumber = \"No.\"\naction = \"Action\"\nlead = \"Lead\"\nby_when = \"By when\"\nstatus = \"Status\"\n[statuses]\n\"Done\" = \"complete\"\n{more}"
        ))
    };
    let known =
        "[[exception]]\nreason = \"by the board\"\nowner = \"CSP manager\"\nuntil = 2026-03-31\n";
    let sound = format!(
        "[checks]\nseverity = {{ \"unknown-status\" = \"error\" }}\n{known}code = \"by-when-unclear\"\naction = \"4.7\"\n"
    );
    assert_eq!(plan(&sound), "sound");
    let wrong = format!(
        "[checks]\nareas = {{ peer_set = \"x\" }}\nseverity = {{ \"jump\" = \"error\", \"number-missing\" = \"repair\" }}\n{known}code = \"by-when-unclear\"\n{known}code = \"unknown-status\"\nmeasure = \"m\"\n"
    );
    insta::assert_snapshot!(plan(&wrong), @"
    checks.areas: is not a known key (line 14)
    checks.severity.jump: `jump` is no finding that can be changed (the reference of contracts lists them) (line 15)
    checks.severity.number-missing: `number-missing` always refuses the return: a figure would be read wrongly or not at all (line 15)
    exception[0].code: an exception to everything of a code hides what is new: name an action or a sheet, or change its severity (line 20)
    exception[1].code: an exception to everything of a code hides what is new: name an action or a sheet, or change its severity (line 25)
    exception[1].measure: is not a known key (line 26)
    ");
}

#[test]
fn every_code_that_may_be_changed_is_in_the_reference() {
    let reference = include_str!("../../../../docs/return-contracts.md");
    let adjustable = super::ADJUSTABLE_CODES.iter().chain(super::ADJUSTABLE_ACTION_CODES);
    for code in adjustable.chain(super::FIXED_CODES) {
        assert!(reference.contains(&format!("`{code}`")), "{code}");
    }
    for code in super::ADJUSTABLE_CODES {
        assert!(!super::FIXED_CODES.contains(code), "{code} is one or the other");
    }
}

#[test]
fn a_label_says_its_period_only_where_nothing_else_could() {
    let table = |frequency: &str, measure: &str, period: &str, label: &str| {
        problems(&format!(
            "title = \"a\"\npartner = \"b\"\n{frequency}\n[[table]]\nsheets = {{ first = true }}\narea = {{ from = \"column\", header = [\"Code\"] }}\nmeasure = {{ from = \"{measure}\" }}\nperiod = {period}\nvalue = {{ from = \"header-row\" }}\n[labels]\n\"2019 people\" = {{ measure = \"m\", period = \"{label}\" }}\n"
        ))
    };
    let ad_hoc = "frequency = \"ad-hoc\"";
    let (heading, fixed, row) =
        ("header-row", "{ from = \"fixed\", is = \"2020-06\" }", "{ from = \"header-row\" }");
    assert_eq!(table(ad_hoc, heading, fixed, "2019-06"), "sound");
    insta::assert_snapshot!(table(ad_hoc, heading, fixed, "2019"), @"labels.2019 people.period: `2019` is not a period: write 2025-06, 2025-26Q1, 2025-26 or 2018-11..2019-10 (line 11)");
    insta::assert_snapshot!(table(ad_hoc, heading, row, "2019-06"), @"labels.2019 people.period: may be said by a label only where measures stand in the header row and the table's own period is fixed or expected (line 11)");
    insta::assert_snapshot!(table(QUARTERLY, heading, "{ from = \"expected\" }", "2019-06"), @"labels.2019 people.period: is always the same, but the return is owed every quarter: say where the table says it (line 12)");
}

#[test]
fn what_is_counted_or_filled_in_has_no_rows_to_leave_out() {
    for key in ["ignore_blank_rows", "ignore_stray_zeros"] {
        let rows = "measure = { from = \"column\", header = [\"Crime type\"] }\nvalue = { from = \"rows\" }";
        assert_eq!(sound_but(QUARTERLY, &format!("{LABELLED}\n{key} = true"), ""), "sound");
        let counted = sound_but(QUARTERLY, &format!("{rows}\n{key} = true"), "");
        assert_eq!(
            counted,
            format!("table[0].{key}: rows are counted, not read: leave it out (line 11)")
        );
    }
}
