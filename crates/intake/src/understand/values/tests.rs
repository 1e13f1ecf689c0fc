//! Figures as partners type them, and cells that are none.

use super::*;

fn rules(unit: Unit, symbols: &BTreeMap<String, Symbol>) -> ValueRules<'_> {
    ValueRules { unit, symbols, percent_scale: PercentScale::Hundred, kind: FileKind::Xlsx }
}

fn said(text: &str, unit: Unit) -> String {
    let symbols = BTreeMap::from([
        ("-".to_owned(), Symbol::Zero),
        ("n/a".to_owned(), Symbol::Missing(Mark::X)),
    ]);
    shown(&read(Some(Cell::Text(text)), &rules(unit, &symbols)))
}

fn shown(reading: &Reading) -> String {
    match reading {
        Reading::Figure { figure, repairs, .. } => {
            let value = figure.value.map_or_else(String::new, |value| value.to_string());
            let repairs: Vec<&str> = repairs
                .iter()
                .filter(|repair| **repair != Repair::NumberAsText)
                .map(|repair| repair.said())
                .collect();
            format!("{value}{} {}", figure.marks, repairs.join("; ")).trim_end().to_owned()
        }
        Reading::Blank => "blank".to_owned(),
        Reading::Problem(problem) => problem.said().0.to_owned(),
    }
}

#[test]
fn figures_as_partners_type_them() {
    let cases = [
        ("160,259 ", Unit::Count),
        ("£1,234", Unit::Pounds),
        ("£1,234.5", Unit::Pounds),
        ("12 %", Unit::Percent),
        ("-6.4%", Unit::Percent),
        ("33.335", Unit::Percent),
        ("(12)", Unit::Pounds),
        ("\u{2212}12", Unit::Pounds),
        ("1 234", Unit::Count),
        ("12.0", Unit::Count),
        ("-", Unit::Count),
        ("N/A", Unit::Count),
        ("[c]", Unit::Count),
        ("1,234 [p][r]", Unit::Count),
        ("about 12", Unit::Count),
        ("12.5", Unit::Count),
        ("-3", Unit::Count),
        ("1,23", Unit::Count),
        ("1.234,5", Unit::Pounds),
        ("12abc", Unit::Count),
        ("*", Unit::Count),
        ("..", Unit::Count),
        (" ", Unit::Count),
        ("99999999999999", Unit::Count),
        ("12%", Unit::Count),
        ("1e5", Unit::Count),
    ];
    let listed: Vec<String> =
        cases.iter().map(|(text, unit)| format!("{text} = {}", said(text, *unit))).collect();
    insta::assert_snapshot!(listed.join("\n"), @"
    160,259  = 160259 thousands separators removed
    £1,234 = 123400 thousands separators removed; pound sign removed
    £1,234.5 = 123450 thousands separators removed; pound sign removed
    12 % = 1200 percent sign removed
    -6.4% = -640 percent sign removed
    33.335 = 3334 rounded to two decimal places
    (12) = -1200 brackets read as a minus sign
    −12 = -1200 typographic minus sign read as a minus sign
    1 234 = 1234 thousands separators removed
    12.0 = 12
    - = 0
    N/A = [x]
    [c] = [c]
    1,234 [p][r] = 1234[p][r] thousands separators removed
    about 12 = not-a-number
    12.5 = fraction-in-count
    -3 = negative-count
    1,23 = not-a-number
    1.234,5 = not-a-number
    12abc = not-a-number
    * = not-a-number
    .. = not-a-number
      = blank
    99999999999999 = number-too-large
    12% = not-a-number
    1e5 = not-a-number
    ");
}

#[test]
fn cells_that_are_no_text() {
    let symbols = BTreeMap::new();
    let read = |cell: Cell| shown(&read(Some(cell), &rules(Unit::Count, &symbols)));
    assert_eq!(read(Cell::Number(12.0)), "12");
    assert_eq!(read(Cell::Number(11.999_999_999_999_998)), "12");
    assert_eq!(read(Cell::Number(12.5)), "fraction-in-count");
    assert_eq!(read(Cell::Number(-1.0)), "negative-count");
    assert_eq!(read(Cell::Number(1e300)), "number-too-large");
    // A rate with many decimals is rounded, not refused.
    let rate = shown(&super::read(
        Some(Cell::Number(0.001_373_018_134_137_006_8)),
        &rules(Unit::Decimal, &symbols),
    ));
    assert_eq!(rate, "0 rounded to two decimal places");
    assert_eq!(read(Cell::Bool(true)), "not-a-number");
    assert_eq!(read(Cell::Error("#REF!")), "error-value");
    assert_eq!(read(Cell::FormulaWithoutValue), "formula-without-value");
    let date = jiff::civil::datetime(2025, 4, 1, 0, 0, 0, 0);
    assert_eq!(read(Cell::Date(date)), "date-in-count");
}

proptest::proptest! {
    #[test]
    fn a_count_reads_back_however_it_is_typed(value in 0_i64..1_000_000_000, style in 0_usize..5) {
        let plain = value.to_string();
        let mut grouped = String::new();
        for (index, digit) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let text = match style {
            0 => plain,
            1 => grouped,
            2 => format!(" {grouped}\u{a0}"),
            3 => format!("{plain}.00"),
            _ => grouped.replace(',', "\u{a0}"),
        };
        let symbols = BTreeMap::new();
        let reading = read(Some(Cell::Text(&text)), &rules(Unit::Count, &symbols));
        let Reading::Figure { figure, .. } = reading else {
            return Err(proptest::test_runner::TestCaseError::fail("not read"));
        };
        proptest::prop_assert_eq!(figure, Figure::number(value));
    }

    #[test]
    fn a_number_cell_and_its_text_agree(hundredths in -1_000_000_i64..1_000_000) {
        let symbols = BTreeMap::new();
        let rules = rules(Unit::Percent, &symbols);
        let number = f64::from(i32::try_from(hundredths).expect("small")) / 100.0;
        let from_number = read(Some(Cell::Number(number)), &rules);
        let Reading::Figure { figure, .. } = from_number else {
            return Err(proptest::test_runner::TestCaseError::fail("not read"));
        };
        proptest::prop_assert_eq!(figure, Figure::number(hundredths));
    }

    #[test]
    fn no_text_is_taken_for_a_number_unless_it_has_digits(text in "[^0-9]{0,12}") {
        let symbols = BTreeMap::new();
        let reading = read(Some(Cell::Text(&text)), &rules(Unit::Count, &symbols));
        if let Reading::Figure { figure, .. } = reading {
            proptest::prop_assert_eq!(figure.value, None);
        }
    }
}
