//! Headings of columns that mean people, and whether what stands below is what they say.

use std::collections::BTreeSet;

use super::labels::is_any;
use super::patterns::{Detail, detail, is_name_like};
use super::values::raw;
use crate::workbook::Cell;

/// What a heading says of the cells below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadingKind {
    Allowed,
    /// Whoever is responsible: a role, or a person.
    Lead,
    /// Surely names of people: `Client name`, `Surname`.
    PersonName,
    /// Names, perhaps of people: `Name`, `Victim`.
    MaybeName,
    BirthDate,
    Address,
    /// Numbers that mean one person: NHS, National Insurance, telephone, mobile.
    LongNumber,
}

/// Whom a service or the police deal with.
#[rustfmt::skip]
const PERSONS: &[&str] = &[
    "client", "clients", "victim", "victims", "person", "patient", "offender", "suspect", "tenant", "resident",
    "complainant", "customer", "witness", "perpetrator", "applicant", "child", "survivor", "defendant",
];

/// Words that mean a person's name by themselves.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "surname", "forename", "forenames", "firstname", "lastname", "fullname", "initials",
];

/// Words for whoever is responsible for something.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "lead", "leads", "owner", "contact", "contacts", "officer", "worker", "caseworker", "keyworker", "referrer", "responsible", "author", "assigned",
    "supervisor", "manager",
];

/// Words that make `name` a person's.
#[rustfmt::skip]
const NAME_KINDS: &[&str] = &[
    "first", "last", "full", "family", "given", "middle", "maiden", "persons", "users",
];

/// Numbers that mean one person.
const NUMBERS: &[&str] = &["nhs", "nino", "ni", "telephone", "phone", "mobile", "tel"];

/// What else has a name.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "area", "partner", "partnership", "district", "ward", "authority", "force", "organisation", "agency", "school",
    "team", "project", "provider", "location", "town", "place", "street", "road", "file", "sheet", "measure",
    "scheme", "event", "venue", "activity", "priority", "parish", "council", "county", "region", "lsoa", "csp",
    "site", "service", "shop", "business", "company", "support", "services", "charity", "trust", "association",
];

impl HeadingKind {
    /// What a text means if it is the heading of a column; `None` for most.
    pub(super) fn of(text: &str, allowed: &[String]) -> Option<Self> {
        const WORDS_MAX: usize = 6;
        const BYTES_MAX: usize = 100;
        if text.len() > BYTES_MAX {
            return None;
        }
        if is_any(allowed, text) {
            return Some(Self::Allowed);
        }
        let lower = text.to_lowercase().replace(['\'', '’', '.'], "");
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() || words.len() > WORDS_MAX {
            return None;
        }
        let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let phrase = words.join(" ");
        let says = |part: &str| phrase.contains(part);
        let is_person = any(PERSONS) || says("service user");
        let is_name = any(&["name", "names"]);
        if any(NAMES) || is_name && (is_person || any(NAME_KINDS)) {
            return Some(Self::PersonName);
        }
        let born =
            ["date of birth", "birth date", "birthday", "birthdate", "year of birth", "d o b"];
        if any(&["dob", "born"]) || born.iter().any(|part| says(part)) {
            return Some(Self::BirthDate);
        }
        if any(&["address", "addresses"]) && !any(&["web", "ip", "site", "website"]) {
            return Some(Self::Address);
        }
        if any(NUMBERS) || says("national insurance") {
            return Some(Self::LongNumber);
        }
        if words.len() <= 3 && any(LEADS) && !any(THINGS) {
            return Some(Self::Lead);
        }
        let short = words.len() <= 2 && (is_name || is_person);
        (short && !any(THINGS)).then_some(Self::MaybeName)
    }

    /// What it is, for the person who filled in the sheet.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Allowed | Self::Lead => "",
            Self::PersonName | Self::MaybeName => "names of people",
            Self::BirthDate => "dates of birth",
            Self::Address => "addresses",
            Self::LongNumber => "personal numbers",
        }
    }

    /// Whether what stands below the heading is what the heading says.
    pub(super) fn holds(self, cells: &[(u32, Cell<'_>)], is_known: impl Fn(&str) -> bool) -> bool {
        let texts: Vec<String> = cells
            .iter()
            .map(|(_, cell)| raw(*cell).trim().to_owned())
            .filter(|text| !is_mark(text))
            .collect();
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
        let lettered = |text: &String| text.chars().any(char::is_alphabetic);
        match self {
            Self::Allowed | Self::Lead => false,
            Self::PersonName => texts.iter().any(|text| lettered(text) && digits(text) == 0),
            Self::MaybeName => {
                let people: BTreeSet<&String> =
                    texts.iter().filter(|text| is_name_like(text) && !is_known(text)).collect();
                // Distinct ones, so that a few categories said again and again are not people.
                !people.is_empty() && people.len() * 2 >= texts.len()
            }
            Self::BirthDate => {
                let date = |cell: Cell<'_>| matches!(cell, Cell::Date(_));
                cells.iter().any(|(_, cell)| date(*cell))
                    || texts.iter().any(|text| digits(text) >= 4)
            }
            Self::Address => {
                texts.iter().any(|text| lettered(text) && text.contains([' ', ',', '@']))
            }
            Self::LongNumber => {
                // Not a note with a date and a telephone number of the publisher in it.
                let number = |text: &str| digits(text) >= 9 && digits(text) * 2 > text.len();
                texts.iter().any(|text| number(text) || is_insurance_like(text))
            }
        }
    }
}

fn is_insurance_like(text: &str) -> bool {
    detail(text) == Some(Detail::InsuranceNumber)
}

/// What stands in a cell in place of a detail.
fn is_mark(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(
        bare.as_str(),
        "" | "x"
            | "c"
            | "z"
            | "na"
            | "n/a"
            | "none"
            | "redacted"
            | "withheld"
            | "unknown"
            | "removed"
            | "anonymised"
            | "anon"
            | "not recorded"
            | "not known"
            | "blank"
            | "total"
    )
}
