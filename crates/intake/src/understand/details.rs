//! Details known by their shape, column by column: what one cell is enough for, and what takes a
//! list.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::names::{Named, named};
use super::patterns::{Detail, detail, ten_digits};
use super::periods::read_day;
use super::personal::Scan;
use crate::contract::DateOrder;
use crate::workbook::Cell;

/// What a text gives away by itself.
#[derive(Clone, Copy)]
pub(super) struct Fact {
    pub(super) named: Named,
    detail: Option<Detail>,
}

/// The least whole number that may be a person's: ten digits.
pub(super) const SMALLEST_TEN_DIGITS: f64 = 1e9;

/// Whether a text may be a detail of a person by its shape, or the day of a birth.
pub(super) fn says_something(text: &str) -> bool {
    ten_digits(text).is_some() || detail(text).is_some() || day_in(text).is_some()
}

fn day_in(text: &str) -> Option<Date> {
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    begins.then(|| read_day(text, DateOrder::DayFirst)).flatten()
}

/// What texts give away: a workbook keeps each text once, so that each is looked at once.
#[derive(Default)]
pub(super) struct Facts<'w> {
    known: HashMap<(*const u8, usize), Fact>,
    _of: std::marker::PhantomData<&'w str>,
}

impl<'w> Facts<'w> {
    /// What a text of the workbook gives away.
    pub(super) fn of(&mut self, text: &'w str) -> Fact {
        *self
            .known
            .entry((text.as_ptr(), text.len()))
            .or_insert_with(|| Fact { named: named(text), detail: detail(text) })
    }
}

/// What is known of a sheet while its columns are looked at.
#[derive(Clone, Copy)]
pub(super) struct Clues {
    /// The first row of the sheet's table.
    pub(super) table: Option<u32>,
    pub(super) visible: bool,
    /// Whether each row is a place people go to.
    pub(super) sites: bool,
}

/// What was found of one kind.
#[derive(Clone, Copy)]
struct Tally {
    row: u32,
    all: usize,
    in_table: usize,
}

impl Clues {
    fn is_in_table(self, row: u32) -> bool {
        self.table.is_some_and(|table| row >= table)
    }

    /// Details of a column: anywhere for NHS and National Insurance numbers; in tables for the
    /// rest, because titles and notes say how to reach the partner. Elsewhere it takes a list,
    /// but nobody is reached through a hidden sheet.
    pub(super) fn shaped<'w>(
        self,
        cells: &[(u32, Cell<'w>)],
        lead: bool,
        facts: &mut Facts<'w>,
        scan: &Scan<'_>,
        found: &mut BTreeMap<&'static str, (u32, usize)>,
    ) {
        const LIST_MIN: usize = 3;
        for (detail, tally) in self.tallied(cells, facts) {
            let anywhere = matches!(detail, Detail::NhsNumber | Detail::InsuranceNumber);
            let excused = self.sites && matches!(detail, Detail::Postcode | Detail::Address);
            // One house may be where a patrol stood; two of a column are where people live.
            let in_table_min = if detail == Detail::Address { 2 } else { 1 };
            let list = tally.all >= LIST_MIN || !self.visible;
            if !excused && (anywhere || tally.in_table >= in_table_min || list) {
                found.entry(detail.said()).or_insert((tally.row, tally.all));
            }
        }
        if let Some(tally) = self.people(cells, lead, facts, scan) {
            found.entry("names of people").or_insert(tally);
        }
        if let Some(tally) = births(cells, scan.last_day) {
            found.entry("dates of birth").or_insert(tally);
        }
    }

    fn tallied<'w>(
        self,
        cells: &[(u32, Cell<'w>)],
        facts: &mut Facts<'w>,
    ) -> BTreeMap<Detail, Tally> {
        let mut tallies: BTreeMap<Detail, Tally> = BTreeMap::new();
        let mut add = |detail: Detail, row: u32| {
            let tally = tallies.entry(detail).or_insert(Tally { row, all: 0, in_table: 0 });
            tally.all += 1;
            tally.in_table += usize::from(self.is_in_table(row));
        };
        let mut ungrouped: Vec<(u32, bool)> = Vec::new();
        let mut mobiles: Vec<u32> = Vec::new();
        for (row, cell) in cells {
            let text = match cell {
                Cell::Text(text) => Cow::Borrowed(*text),
                Cell::Number(number) if *number >= SMALLEST_TEN_DIGITS && number.fract() == 0.0 => {
                    Cow::Owned(format!("{number:.0}"))
                }
                _ => continue,
            };
            if let Some(digits) = ten_digits(&text) {
                if digits.grouped && digits.is_nhs_number {
                    add(Detail::NhsNumber, *row);
                } else if !digits.grouped {
                    ungrouped.push((*row, digits.is_nhs_number));
                    if text.trim().starts_with('7') {
                        mobiles.push(*row);
                    }
                }
                continue;
            }
            if let Cell::Text(text) = cell
                && let Some(detail) = facts.of(text).detail
            {
                add(detail, *row);
            }
        }
        // One ten-digit reference number in eleven has the check digit by chance; nearly all of a
        // column do only if that is what they are.
        let fitting = ungrouped.iter().filter(|(_, fits)| *fits).count();
        if fitting * 5 >= ungrouped.len() * 4 {
            for (row, _) in ungrouped.iter().filter(|(_, fits)| *fits) {
                add(Detail::NhsNumber, *row);
            }
        } else if mobiles.len() >= 3 && mobiles.len() == ungrouped.len() {
            // A mobile number that a spreadsheet took for a number has lost its zero.
            for row in mobiles {
                add(Detail::Phone, row);
            }
        }
        tallies
    }

    /// Whether a column names people: the first row and how many cells.
    fn people<'w>(
        self,
        cells: &[(u32, Cell<'w>)],
        lead: bool,
        facts: &mut Facts<'w>,
        scan: &Scan<'_>,
    ) -> Option<(u32, usize)> {
        const LIST_MIN: usize = 3;
        const TITLED_MIN: usize = 2;
        const ONE_NAMES_MIN: usize = 5;
        let mut by_kind: BTreeMap<Named, (u32, BTreeSet<&'w str>, usize)> = BTreeMap::new();
        let mut texts: BTreeSet<&'w str> = BTreeSet::new();
        let mut sure_in_table = 0;
        let mut first_row = None;
        for (row, cell) in cells {
            let Cell::Text(text) = cell else { continue };
            texts.insert(text);
            let named = facts.of(text).named;
            if named == Named::Nobody || scan.is_known(text) {
                continue;
            }
            first_row = first_row.or((named > Named::OneName).then_some(*row));
            sure_in_table += usize::from(named == Named::Somebody && self.is_in_table(*row));
            let (_, distinct, count) = by_kind.entry(named).or_insert((*row, BTreeSet::new(), 0));
            distinct.insert(text);
            *count += 1;
        }
        let distinct =
            |kind: Named| by_kind.get(&kind).map_or(0, |(_, distinct, _)| distinct.len());
        let count = |least: Named| -> usize {
            by_kind.range(least..).map(|(_, (_, _, count))| *count).sum()
        };
        let sure = distinct(Named::Somebody);
        let likely = sure + distinct(Named::Titled) + distinct(Named::Perhaps);
        let is_list = likely >= LIST_MIN && likely * 3 >= texts.len();
        let titled = sure + distinct(Named::Titled);
        let is_titled = self.table.is_some() && titled >= TITLED_MIN;
        if sure_in_table > 0
            || sure >= LIST_MIN
            || !self.visible && (sure > 0 || likely > 1)
            || lead && likely > 0
            || is_list
            || is_titled
        {
            return Some((first_row?, count(Named::Perhaps)));
        }
        let ones = distinct(Named::OneName);
        let (row, ..) = by_kind.get(&Named::OneName)?;
        let is_one_names = ones >= ONE_NAMES_MIN && ones * 5 >= texts.len() * 4;
        is_one_names.then(|| (*row, count(Named::OneName)))
    }
}

/// Dates that can only be births: all 5 to 105 years before the period, years apart, on any day
/// of the month. The history of a series has one date a month, and always the same day.
fn births(cells: &[(u32, Cell<'_>)], last_day: Date) -> Option<(u32, usize)> {
    const DATES_MIN: usize = 3;
    const AGES: std::ops::RangeInclusive<i16> = 5..=105;
    const SPREAD_YEARS_MIN: i16 = 3;
    let mut days: BTreeSet<Date> = BTreeSet::new();
    let mut first = None;
    let mut count = 0;
    for (row, cell) in cells {
        let day = match cell {
            Cell::Date(date) => Some(date.date()),
            Cell::Text(text) => day_in(text),
            _ => None,
        };
        let Some(day) = day else { continue };
        if !AGES.contains(&(last_day.year() - day.year())) {
            return None;
        }
        first = first.or(Some(*row));
        count += 1;
        days.insert(day);
    }
    let (earliest, latest) = (days.first()?, days.last()?);
    let apart = latest.year() - earliest.year() >= SPREAD_YEARS_MIN;
    let same_day = days.iter().all(|day| day.day() == earliest.day());
    let ends = days.iter().filter(|day| day.day() == 1 || day.day() == day.days_in_month()).count();
    let regular = same_day || ends * 2 > days.len();
    (days.len() >= DATES_MIN && apart && !regular).then_some((first?, count))
}
