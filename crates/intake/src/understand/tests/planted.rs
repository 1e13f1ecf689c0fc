//! Details planted in made-up sheets: how many are found, and that none is ever repeated.
//!
//! Everybody here is made up: names are drawn from lists, numbers from a fixed seed.

use std::fmt::Write as _;

use super::super::{PreviousValues, Vocabulary, names, understand};
use super::{RECORDS, contract, measures, occasion, partnership, workbook};

/// The same numbers in every run: (a x + c) mod m.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789"[self.below(10)])).collect()
    }
}

/// Surnames and given names that are on no list of the program.
const UNLISTED: &[&str] = &[
    "Przybylska",
    "Oyelaran",
    "Featherstonehaugh",
    "Vasilakis",
    "Thirlwell",
    "Mutasa",
    "Quelch",
    "Zdrojewski",
    "Bamgbose",
    "Llewhelin",
    "Strachanova",
    "Wrigglesworth",
];
const NEUTRAL: &[&str] =
    &["Ref", "Client", "Contact", "Remarks", "Details", "Other", "Column1", "Source"];
const CLEAN: &[&str] = &[
    "none",
    "repeat call",
    "closed",
    "no further action",
    "referred to housing",
    "see report",
    "n/a",
    "noise at night",
];

fn cased(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn person(dice: &mut Dice) -> (String, String) {
    let (given, family) = names::listed();
    (cased(dice.of(&given)), cased(dice.of(&family)))
}

fn nhs_number(dice: &mut Dice) -> String {
    loop {
        let head = format!("4{}", dice.digits(8));
        let sum: usize =
            head.bytes().zip((2..=10).rev()).map(|(b, w)| usize::from(b - b'0') * w).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            return format!("{head}{check}");
        }
    }
}

/// A column of four cells that holds such details: some cells hold none.
fn column(kind: &str, dice: &mut Dice) -> (String, Vec<String>) {
    let mut heading = dice.of(NEUTRAL).to_owned();
    let people: Vec<(String, String)> = (0..4).map(|_| person(dice)).collect();
    let streets = ["High Street", "Mill Lane", "Station Road", "Oak Avenue", "Chapel Close"];
    let mut cells: Vec<String> = Vec::new();
    for (given, family) in &people {
        let cell = match kind {
            "full names" => format!("{given} {family}"),
            "surname first" => format!("{}, {given}", family.to_uppercase()),
            "unlisted surnames" => format!("{given} {}", dice.of(UNLISTED)),
            "small letters" => format!("{} {}", given.to_lowercase(), family.to_lowercase()),
            "in prose" => format!("spoke to {given} {family} about the noise"),
            "titles" => format!("call from Mrs {family}"),
            "births" => {
                let (year, month, day) =
                    (1940 + dice.below(75), 1 + dice.below(12), 2 + dice.below(26));
                format!("@{year}-{month:02}-{day:02}")
            }
            "births as text" => {
                let (year, month, day) =
                    (1940 + dice.below(75), 1 + dice.below(12), 2 + dice.below(26));
                format!("'{day:02}/{month:02}/{year}")
            }
            "postcodes" => format!("TN{} {}AB", 1 + dice.below(29), dice.below(10)),
            "mobiles" => format!("'07700 {}", dice.digits(6)),
            "mobiles in prose" => format!("ring 07700{} after five", dice.digits(6)),
            "mobiles as numbers" => format!("7700{}", dice.digits(6)),
            "e-mail" => format!("{}.{}@example.org", given.to_lowercase(), family.to_lowercase()),
            "NHS numbers" => format!("'{}", nhs_number(dice)),
            "NHS numbers in prose" => {
                let number = nhs_number(dice);
                format!("NHS {} {} {}", &number[..3], &number[3..6], &number[6..])
            }
            "insurance numbers" => {
                format!("AB {} {} {} C", dice.digits(2), dice.digits(2), dice.digits(2))
            }
            "addresses" => format!("{} {}", 1 + dice.below(99), dice.of(&streets)),
            _ => unreachable!("{kind}"),
        };
        cells.push(cell);
    }
    if kind == "titles" || kind == "in prose" {
        heading = "Comments".to_owned();
    }
    (heading, cells)
}

const KINDS: &[&str] = &[
    "full names",
    "surname first",
    "unlisted surnames",
    "small letters",
    "in prose",
    "titles",
    "births",
    "births as text",
    "postcodes",
    "mobiles",
    "mobiles in prose",
    "mobiles as numbers",
    "e-mail",
    "NHS numbers",
    "NHS numbers in prose",
    "insurance numbers",
    "addresses",
];

/// Where it stands: in the table, on a hidden sheet, or below the table after a gap.
fn sheet(heading: &str, cells: &[String], place: usize) -> String {
    let mut grid =
        String::from("# List\nContact: team@example.org\nDate | District | Severity | Remark");
    let filled = |at: usize| cells.get(at).map_or("", String::as_str);
    if place == 0 {
        grid = grid.replace("Remark", heading);
    }
    for (at, clean) in CLEAN.iter().enumerate().take(4) {
        let remark = if place == 0 { filled(at) } else { clean };
        write!(grid, "\n0{}/04/2025 | Sevenoaks | {} | {remark}", at + 1, 1 + at % 2)
            .expect("to a string");
    }
    match place {
        1 => {
            write!(grid, "\n#! Sheet2\n{heading} | n").expect("to a string");
            for cell in cells {
                write!(grid, "\n{cell} | 1").expect("to a string");
            }
        }
        2 => {
            grid.push_str("\n\n\n");
            for cell in cells {
                write!(grid, "\n | | | {cell}").expect("to a string");
            }
        }
        _ => {}
    }
    grid
}

fn findings(grid: &str) -> Vec<String> {
    let (partnership, measures) = (partnership(), measures());
    let vocabulary = Vocabulary { partnership: &partnership, measures: &measures };
    let contract = contract(RECORDS);
    let previous = PreviousValues::new();
    let occasion = occasion("2025-26Q1", &previous);
    let checked = understand(&workbook(grid), &contract, &vocabulary, &occasion);
    let said = |finding: &model::Finding| {
        let hint = finding.hint.as_deref().unwrap_or_default();
        format!("{} {} {} {hint}", finding.code, finding.place, finding.message)
    };
    let mut all: Vec<String> = checked.findings.iter().map(said).collect();
    // What would be kept is as much of a leak as what is said.
    all.extend(
        checked
            .output
            .observations
            .to_vec()
            .iter()
            .map(|seen| format!("kept {} {}", seen.breakdown, seen.raw)),
    );
    all
}

/// 17 kinds on 18 sheets each, in three places; and as many sheets with nothing in them.
#[test]
fn planted_details_are_found() {
    const SHEETS: usize = 18;
    let mut dice = Dice(2025);
    let mut told = String::new();
    for kind in KINDS {
        let mut found = 0;
        for number in 0..SHEETS {
            let (heading, cells) = column(kind, &mut dice);
            let said = findings(&sheet(&heading, &cells, number % 3));
            let is_found = said.iter().any(|said| said.starts_with("personal-data"));
            found += usize::from(is_found);
            assert_not_repeated(&cells, &said);
        }
        writeln!(told, "{kind}: {found} of {SHEETS}").expect("to a string");
    }
    let mut alarms = 0;
    for number in 0..KINDS.len() * SHEETS {
        let cells: Vec<String> = (0..4).map(|_| dice.of(CLEAN).to_owned()).collect();
        let said = findings(&sheet(dice.of(NEUTRAL), &cells, number % 3));
        alarms += usize::from(said.iter().any(|said| said.starts_with("personal-data")));
    }
    writeln!(told, "false alarms: {alarms} of {}", KINDS.len() * SHEETS).expect("to a string");
    insta::assert_snapshot!(told, @"
    full names: 18 of 18
    surname first: 18 of 18
    unlisted surnames: 18 of 18
    small letters: 18 of 18
    in prose: 18 of 18
    titles: 18 of 18
    births: 18 of 18
    births as text: 18 of 18
    postcodes: 18 of 18
    mobiles: 18 of 18
    mobiles in prose: 18 of 18
    mobiles as numbers: 18 of 18
    e-mail: 18 of 18
    NHS numbers: 18 of 18
    NHS numbers in prose: 18 of 18
    insurance numbers: 18 of 18
    addresses: 18 of 18
    false alarms: 0 of 306
    ");
}

fn assert_not_repeated(cells: &[String], said: &[String]) {
    for cell in cells {
        let planted = cell.trim_start_matches(['\'', '@']);
        for said in said {
            assert!(!said.contains(planted), "{planted} in {said}");
        }
    }
}

/// One person, written so or so, in any cell of a sheet: whether or not it is noticed, no finding
/// repeats it and no figure carries it.
#[test]
fn nobody_planted_anywhere_is_ever_repeated() {
    let mut dice = Dice(1998);
    for round in 0..1_000 {
        let (given, listed) = person(&mut dice);
        let family = if dice.below(3) == 0 { dice.of(UNLISTED).to_owned() } else { listed };
        let text = match dice.below(7) {
            0 => format!("{given} {family}"),
            1 => format!("{family}, {given}"),
            2 => format!("Mrs {family}"),
            3 => format!("see {given} {family}"),
            4 => format!("{}.{}@example.org", given.to_lowercase(), family.to_lowercase()),
            5 => given.clone(),
            _ => format!("{} {}", given.to_lowercase(), family.to_lowercase()),
        };
        let mut rows: Vec<Vec<String>> = vec![
            ["Return for the quarter", "", "", ""].map(str::to_owned).to_vec(),
            ["Date", "District", "Severity", "Remark"].map(str::to_owned).to_vec(),
        ];
        for (at, clean) in CLEAN.iter().enumerate().take(4) {
            let day = format!("0{}/05/2025", at + 1);
            rows.push([&day, "Sevenoaks", "1", clean].map(str::to_owned).to_vec());
        }
        let (row, column) = (dice.below(rows.len()), dice.below(4));
        rows[row][column].clone_from(&text);
        let lines: Vec<String> = rows.iter().map(|row| row.join(" | ")).collect();
        let name = if dice.below(8) == 0 { text.as_str() } else { "List" };
        let grid = format!("# {name}\n{}", lines.join("\n"));
        let said = findings(&grid);
        for said in &said {
            // Short given names are parts of other words.
            let words: Vec<&str> = said.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
            for planted in [text.as_str(), family.as_str()].iter().filter(|_| text != given) {
                let inside =
                    said.contains(planted) && (planted.contains(' ') || words.contains(planted));
                assert!(!inside, "round {round}: {planted} in {said}\n{grid}");
            }
            assert!(!words.contains(&given.as_str()), "round {round}: {given} in {said}\n{grid}");
        }
    }
}
