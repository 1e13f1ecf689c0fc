use model::{CellAddress, Place};

use super::*;

fn files() -> Vec<(String, String)> {
    macro_rules! mail {
        ($($name:literal),+) => {
            vec![$((
                $name.to_owned(),
                include_str!(concat!("../../../../jobs/collect-returns/mail/", $name)).to_owned(),
            )),+]
        };
    }
    mail![
        "receipt.html.j2",
        "receipt.txt.j2",
        "error-letter.html.j2",
        "error-letter.txt.j2",
        "personal-data.html.j2",
        "personal-data.txt.j2"
    ]
}

fn parsed(files: &[(String, String)]) -> Result<LetterTemplates, TemplateError> {
    let file = |at: usize| TemplateFile { name: &files[at].0, source: &files[at].1 };
    LetterTemplates::parse([(file(0), file(1)), (file(2), file(3)), (file(4), file(5))])
}

fn written(spec: &LetterSpec<'_>) -> Email {
    letter(spec, &parsed(&files()).expect("our templates")).expect("a letter")
}

fn spec(outcome: Outcome, findings: &[Finding]) -> LetterSpec<'_> {
    LetterSpec {
        partnership: "Sevenoaks CSP",
        partner: "West Kent Housing",
        title: "West Kent Housing: complaints by type",
        period: "quarter 1 2025 to 2026 (April to June 2025)",
        file: "ASB Q1.xlsx",
        received: "14 July 2025 at 10:12",
        outcome,
        figures: 18,
        findings,
        copy: MarkedUpCopy::None,
        personal_data: "The file has been destroyed.",
        contact: "Community Safety Unit, unit@sevenoaks-csp.example",
        demonstration: None,
    }
}

fn findings() -> Vec<Finding> {
    let cell = CellAddress::new;
    vec![
        Finding::new(
            Severity::Error,
            "not-a-number",
            Place::cell("ASB <b>", cell(7, 2)),
            "`about 12` is not a number",
        )
        .with_hint("write the number alone")
        .with_cells((8..20).map(|row| cell(row, 2))),
        Finding::new(Severity::Warning, "blank-cell", Place::sheet("ASB <b>"), "a cell is blank"),
        Finding::new(
            Severity::Repair,
            "number-as-text",
            Place::sheet("ASB <b>"),
            "number stored as text read as a number in 3 cells",
        ),
    ]
}

#[test]
fn an_error_letter_says_where_what_and_what_to_do() {
    let findings = findings();
    let spec = LetterSpec {
        copy: MarkedUpCopy::Attached("ASB Q1 - marked up.xlsx", 21_000),
        ..spec(Outcome::Refused, &findings)
    };
    let mail = written(&spec);
    assert!(mail.html.contains("Sheet ASB &lt;b&gt;, cell C8"), "{}", mail.html);
    assert!(!mail.html.contains("<b>, cell"), "{}", mail.html);
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
    Please correct: West Kent Housing: complaints by type, quarter 1 2025 to 2026 (April to June 2025)

    Your return could not be taken in
    =================================

    Thank you for your return. It cannot be used as it stands: nothing of it
    has been taken in.

    - Return: West Kent Housing: complaints by type
    - Period: quarter 1 2025 to 2026 (April to June 2025)
    - File: ASB Q1.xlsx
    - Received: 14 July 2025 at 10:12

    What to do
    ==========

    1. Open the attached copy of your workbook: each cell in question is
       marked, with a note, and its first sheet lists them all.
    2. Correct every error, in the copy or in your own file.
    3. Send it the way you sent it before: it is looked at within a day, and
       takes the place of this one.

    Attached: ASB Q1 - marked up.xlsx (Excel workbook, 21 kB)

    What was found, worst first
    ===========================

    - ERROR: Sheet ASB <b>, cell C8, also C9, C10, C11, C12, C13, C14 and 6
      more: `about 12` is not a number.
      Write the number alone.
    - WARNING: Sheet ASB <b>: A cell is blank.

    You get this because Sevenoaks CSP asks West Kent Housing for this
    return, and a file came. It was written by a program.
    Questions: Community Safety Unit, unit@sevenoaks-csp.example.
    ");
}

#[test]
fn a_receipt_says_what_was_understood() {
    let findings = &findings()[1..];
    insta::assert_snapshot!(written(&spec(Outcome::Accepted, findings)).text, @r"
    Your return was taken in
    ========================

    Thank you. This is what was understood; please tell us if any of it is
    not what you meant.

    - Return: West Kent Housing: complaints by type
    - Period: quarter 1 2025 to 2026 (April to June 2025)
    - File: ASB Q1.xlsx
    - Received: 14 July 2025 at 10:12
    - Figures or actions read: 18

    To be looked at
    ===============

    - WARNING: Sheet ASB <b>: A cell is blank.

    Repaired in reading
    ===================

    - Sheet ASB <b>: Number stored as text read as a number in 3 cells.

    What to do
    ==========

    - Look at the warnings. If they are right as they are there is nothing
      to do.
    - If not, correct your workbook and send it again; it takes the place of
      this one.

    You get this because Sevenoaks CSP asks West Kent Housing for this
    return, and a file came. It was written by a program.
    Questions: Community Safety Unit, unit@sevenoaks-csp.example.
    ");
}

#[test]
fn of_personal_data_it_says_where_it_stood_and_not_what_the_file_is_called() {
    let findings = [Finding::new(
        Severity::Error,
        "personal-data",
        Place::cell("Referrals", CellAddress::new(2, 1)),
        "the column from B3 down seems to hold names of people",
    )];
    let mail =
        written(&LetterSpec { file: "Mrs Smith.xlsx", ..spec(Outcome::PersonalData, &findings) });
    for part in [&mail.subject, &mail.text, &mail.html] {
        assert!(!part.contains("Smith"), "{part}");
    }
    insta::assert_snapshot!(mail.text, @r"
    Your return seems to hold personal data
    =======================================

    This return takes counts only. Nothing of the file has been read or
    passed on. The file has been destroyed.

    - Return: West Kent Housing: complaints by type
    - Period: quarter 1 2025 to 2026 (April to June 2025)
    - Received: 14 July 2025 at 10:12

    Where
    =====

    - Sheet Referrals, cell B3: The column from B3 down seems to hold names
      of people.

    What to do
    ==========

    1. Delete the columns named above from your workbook, so that it holds
       counts only.
    2. Send it the way you sent it before: it is looked at within a day, and
       takes the place of this one.
    3. Delete the copy you sent as well, from the folder or mailbox it was
       sent by.

    You get this because Sevenoaks CSP asks West Kent Housing for this
    return, and a file came. It was written by a program.
    Questions: Community Safety Unit, unit@sevenoaks-csp.example.
    ");
}

#[test]
fn html_and_text_say_the_same() {
    let findings = findings();
    for outcome in [Outcome::Accepted, Outcome::Refused, Outcome::PersonalData] {
        let copy = MarkedUpCopy::TooLarge(9_000_000);
        let mail = written(&LetterSpec { copy, ..spec(outcome, &findings) });
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let html = flat(&mail.html);
        for line in context(&LetterSpec { copy, ..spec(outcome, &findings) }).steps {
            assert!(flat(&mail.text).contains(&line), "{line}\n{}", mail.text);
            assert!(html.contains(&line), "{line}");
        }
        assert_eq!(outcome == Outcome::Refused, html.contains("too large to be mailed"));
        assert_eq!(
            outcome == Outcome::Refused,
            flat(&mail.text).contains("too large to be mailed")
        );
    }
}

#[test]
fn a_slip_in_a_template_shows_before_anything_is_sent() {
    let mut files = files();
    files[3].1.push_str("{{ attatched }}");
    let said = parsed(&files).expect_err("a slip").to_string();
    assert!(
        said.contains("error-letter.txt.j2") && said.contains("`attatched` is undefined"),
        "{said}"
    );
}
