//! Places among all areas, quarter after quarter.

use super::Best;

/// Values of one byte.
const BYTE_VALUES: usize = 256;

/// Room for ranking, kept from one measure to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranks {
    entries: Vec<Entry>,
    sorted: Vec<Entry>,
}

/// One area's rolling year.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// In the order of places: the best has the lowest key, equal ones the same.
    key: u64,
    area: u32,
}

impl Ranks {
    /// Fills `position`, laid out as `years`: rows of `quarters`, one an area.
    pub(super) fn rank(
        &mut self,
        years: &[f64],
        quarters: usize,
        best: Best,
        position: &mut [u32],
    ) {
        for quarter in 0..quarters {
            let column = years[quarter..].iter().step_by(quarters);
            let places = &mut position[quarter..];
            self.entries.clear();
            for ((year, area), place) in column.zip(0..).zip(places.iter_mut().step_by(quarters)) {
                *place = 0;
                if !year.is_nan() {
                    self.entries.push(Entry { key: key(*year, best), area });
                }
            }
            self.sort();
            let mut shared = 0;
            let mut last = None;
            for (entry, place) in self.entries.iter().zip(1..) {
                if last != Some(entry.key) {
                    (shared, last) = (place, Some(entry.key));
                }
                places[entry.area as usize * quarters] = shared;
            }
        }
    }

    /// Radix sort, one byte at a time from the lowest, but for bytes in which all keys agree:
    /// counts differ in two or three of eight.
    fn sort(&mut self) {
        let Some(first) = self.entries.first().map(|entry| entry.key) else {
            return;
        };
        let differing = self.entries.iter().fold(0, |bits, entry| bits | (entry.key ^ first));
        self.sorted.resize(self.entries.len(), Entry::default());
        for shift in (0..u64::BITS).step_by(8) {
            if lowest_byte(differing >> shift) == 0 {
                continue;
            }
            let byte = |entry: &Entry| lowest_byte(entry.key >> shift);
            let mut places = [0_u32; BYTE_VALUES];
            for entry in &self.entries {
                places[byte(entry)] += 1;
            }
            let mut before = 0;
            for place in &mut places {
                (*place, before) = (before, before + *place);
            }
            for entry in &self.entries {
                let place = &mut places[byte(entry)];
                self.sorted[*place as usize] = *entry;
                *place += 1;
            }
            std::mem::swap(&mut self.entries, &mut self.sorted);
        }
    }
}

fn lowest_byte(number: u64) -> usize {
    usize::from(number.to_le_bytes()[0])
}

/// A number whose order is that of the figure, or the opposite one.
fn key(year: f64, best: Best) -> u64 {
    // Adding zero makes -0.0 and 0.0 the same.
    let bits = (year + 0.0).to_bits();
    let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    match best {
        Best::Lowest => ordered,
        Best::Highest => !ordered,
    }
}
