//! Personal data stops at the door, and is never repeated.

use super::{BY_DISTRICT, RECORDS, REFERRALS, understood};

fn with_column(heading: &str, values: [&str; 3]) -> String {
    let [a, b, c] = values;
    let grid = format!(
        "# List\nContact: 01632 960999, team@example.org\nDate | District | Severity | {heading}\n\
         01/04/2025 | Sevenoaks | 1 | {a}\n02/05/2025 | Sevenoaks | 2 | {b}\n03/06/2025 | Sevenoaks | 2 | {c}"
    );
    understood(RECORDS, &grid)
}

#[test]
fn a_column_of_names_refuses_the_whole_and_quotes_nothing() {
    let text = with_column("Client name", ["Jane Smith", "John Jones", "Ada Khan"]);
    insta::assert_snapshot!(text, @"error: List!D2 personal-data: the column from D2 down seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read (delete the column and send counts only; delete the copy you sent as well)");
}

#[test]
fn details_are_known_by_heading_or_by_shape() {
    for (heading, values) in [
        ("Surname", ["Smith", "Jones", "Khan"]),
        ("Name", ["Jane Smith", "John Jones", "Ada Khan"]),
        ("Victim", ["Jane Smith", "John Jones", "Ada Khan"]),
        ("D.O.B.", ["@1980-01-02", "@1990-01-02", "@2001-01-02"]),
        ("Date of birth", ["'02/01/1980", "'03/04/1990", "'05/06/2001"]),
        ("Home address", ["1 High Street", "2 Low Road", "3 The Lane"]),
        ("Ref", ["943 476 5919", "12", "13"]),
        ("NHS no", ["'9434765919", "'4010232137", "'9434765870"]),
        ("Remark", ["AB 12 34 56 C", "none", "none"]),
        ("Remark", ["lives at TN13 1HG", "none", "none"]),
        ("Remark", ["write to jane@example.org", "none", "none"]),
        ("Remark", ["07700 900123", "none", "none"]),
    ] {
        let text = with_column(heading, values);
        assert!(text.starts_with("error: ") && text.contains("personal-data"), "{heading}: {text}");
        assert_eq!(text.matches("error: ").count(), text.lines().count(), "{heading}: {text}");
        for value in values {
            assert!(!text.contains(value), "{heading} repeats {value}: {text}");
        }
    }
}

#[test]
fn titles_in_two_cells_of_a_column_are_people() {
    for values in [
        ["Mr J Smith", "Mrs Khan", "none"],
        ["Miss Ada", "none", "Dr. Jones"],
        ["call from Mrs Jones", "seen by Mr Khan", "none"],
    ] {
        for heading in ["Who", "Contact", "Comments"] {
            let text = with_column(heading, values);
            assert!(
                text.contains("D2 personal-data") || text.contains("D3 personal-data"),
                "{text}"
            );
            assert!(!text.contains("Smith") && !text.contains("Jones"), "{text}");
        }
    }
    for values in [
        ["Dr Smith", "none", "none"],
        ["Near Miss", "Near Miss Report", "MS Teams"],
        ["MS Teams", "MS Excel", "mr and mrs"],
        ["1 Hillside Dr Otford", "2 Hillside Dr Otford", "3 Hillside Dr Otford"],
    ] {
        let text = with_column("Remark", values);
        assert!(!text.contains("personal-data"), "{text}");
    }
}

#[test]
fn an_agency_among_the_cells_is_no_heading() {
    let row = |agency: &str| format!("01/04/2025 | Sevenoaks | 1 | {agency}\n");
    let agencies = [
        "Kent Police",
        "Kent Police",
        "Kent Police",
        "Victim Support",
        "Children Services",
        "Adult Care",
        "West Kent",
    ];
    let rows: String = agencies.iter().map(|agency| row(agency)).collect();
    for heading in ["Referrer", "Referred by"] {
        let grid = format!("# List\nDate | District | Severity | {heading}\n{rows}");
        let text = understood(RECORDS, &grid);
        assert!(!text.contains("personal-data"), "{text}");
        // Nor is any other word for people that stands inside a table.
        let text = understood(RECORDS, &grid.replace("Victim Support", "Offender"));
        assert!(!text.contains("personal-data"), "{text}");
    }
    // A list of its own below the table has its heading.
    let grid = format!(
        "# List\nDate | District | Severity | Referrer\n{rows}\n | | | Victim\n | | | Jane Smith\n | | | John Jones"
    );
    let text = understood(RECORDS, &grid);
    assert!(text.contains("personal-data"), "{text}");
}

#[test]
fn what_only_looks_like_personal_data_passes() {
    for (heading, values) in [
        ("Area name", ["Tunbridge Wells", "Folkestone Town", "New Ash"]),
        ("District name", ["Tunbridge Wells", "Sevenoaks", "Dover"]),
        ("Location", ["Swanley Park", "High Street", "Otford Green"]),
        ("Partner name", ["Kenward Trust", "Kent Police", "Look Ahead"]),
        ("Name", ["Tunbridge Wells", "Shepway", "Sevenoaks"]),
        ("Collision ref", ["'1234567890", "'1234567891", "'1234567892"]),
        ("Ward", ["E05009960", "E05009961", "E05009962"]),
        ("Victim", ["Female", "Male", "Female"]),
        ("Client name", ["redacted", "n/a", "[c]"]),
        ("Phone calls answered", ["12", "13", "14"]),
        ("Postcode sector", ["TN13 1", "TN13 2", "BR8 7"]),
        ("Office", ["0300 123 1234", "0300 123 1235", "0800 123 123"]),
    ] {
        let text = with_column(heading, values);
        assert!(!text.contains("personal-data"), "{heading}: {text}");
    }
}

#[test]
fn a_list_on_another_sheet_is_found_too() {
    let grid = "
        # Sevenoaks
        Crime type | Apr-25 | May-25 | Jun-25
        Burglary | 12 | 13 | 14
        Robbery & mugging | 1 | 2 | 3
        #! Sheet2
        Victim | Mobile
        Jane Smith | 07700 900123
        John Jones | 07700 900124
    ";
    insta::assert_snapshot!(understood(BY_DISTRICT, grid), @"
    error: Sheet2!A1 personal-data: the column from A1 down seems to hold names of people, in several cells: this return takes counts only, so nothing else in the file was read (delete the column and send counts only; delete the copy you sent as well)
    error: Sheet2!B2 personal-data: the column from B2 down seems to hold telephone numbers, in several cells: this return takes counts only, so nothing else in the file was read (delete the column and send counts only; delete the copy you sent as well)
    ");
}

#[test]
fn the_partners_own_contact_above_the_table_is_no_personal_data() {
    let grid = "
        # Return
        Contact | Jane Smith | jane@example.org | 01632 960123
        Indicator | Apr-25 | May-25 | Jun-25
        All | 3 | 3 | 3
        Female | 1 | 1 | 1
        Male | 2 | 2 | 2
        Questions to jane@example.org
    ";
    let allowed = format!("{REFERRALS}\n[personal]\nallowed_columns = [\"Contact\"]");
    let text = understood(&allowed, grid);
    assert!(!text.contains("personal-data"), "{text}");
    let inside = grid.replace("All | 3 | 3 | 3", "All | 3 | 3 | 3 | jane@example.org");
    let text = understood(REFERRALS, &inside);
    assert!(text.contains("personal-data"), "{text}");
}

proptest::proptest! {
    /// Every NHS number in a table of counts is found, wherever it stands and however it is written.
    #[test]
    fn a_planted_nhs_number_is_always_found(head in 100_000_000_u64..999_999_999, style in 0_usize..3, row in 0_usize..3) {
        let digits: Vec<u64> = head.to_string().chars().map(|c| u64::from(c.to_digit(10).expect("a digit"))).collect();
        let sum: u64 = digits.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - sum % 11) % 11;
        proptest::prop_assume!(check < 10 && head % 111_111_111 != 0);
        let number = format!("{head}{check}");
        let text = match style {
            0 => format!("'{number}"),
            1 => format!("{} {} {}", &number[..3], &number[3..6], &number[6..]),
            _ => number.clone(),
        };
        let mut values = ["1", "2", "3"];
        values[row] = &text;
        let told = with_column("Remark", values);
        proptest::prop_assert!(told.contains("personal-data"), "{}", told);
        proptest::prop_assert!(!told.contains(&number) && !told.contains(text.trim_start_matches('\'')), "{}", told);
    }

    /// Counts, reference numbers and codes are not taken for people.
    #[test]
    fn clean_sheets_pass(numbers in proptest::collection::vec(0_u32..99_999, 3), prefix in "[A-Z]{2,3}", heading in "(Ref|Ward|Crime number|Remark|Total)") {
        let values: Vec<String> = numbers.iter().map(|number| format!("{prefix}/{number:05}/25")).collect();
        let told = with_column(&heading, [&values[0], &values[1], &values[2]]);
        proptest::prop_assert!(!told.contains("personal-data"), "{}", told);
    }
}
