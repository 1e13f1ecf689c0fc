//! Residents by area and year: what rates are per.

use std::collections::BTreeMap;

use crate::{Area, AreaCode, Period};

/// One estimate of an area's residents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// How many.
    pub residents: i64,
    /// The estimate's name: `mid-2020`.
    pub vintage: String,
}

impl Population {
    /// The year in its name, if it has one.
    pub fn year(&self) -> Option<i16> {
        let digits: String = self.vintage.chars().filter(char::is_ascii_digit).collect();
        (digits.len() == 4).then(|| digits.parse().ok()).flatten()
    }
}

/// Residents by area, from `populations.csv`, oldest estimate first; partnership areas are the sum
/// of their districts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Populations(pub BTreeMap<AreaCode, Vec<Population>>);

impl Populations {
    /// Adds an estimate; false when the area has one by that name already.
    pub fn add(&mut self, area: AreaCode, population: Population) -> bool {
        let known = self.0.entry(area).or_default();
        if known.iter().any(|it| it.vintage == population.vintage) {
            return false;
        }
        known.push(population);
        known.sort_by_key(Population::year);
        true
    }

    /// Residents of an area in a period: by the newest estimate that is not of a later year than
    /// the period ends in, or the oldest there is.
    pub fn of(&self, area: &Area, period: Period) -> Option<Population> {
        if let Some(known) = self.0.get(&area.code) {
            return chosen(known, period).cloned();
        }
        let mut districts = area.districts.iter().map(|code| chosen(self.0.get(code)?, period));
        let mut total = districts.next()??.clone();
        for district in districts {
            let district = district?;
            if district.vintage != total.vintage {
                return None;
            }
            total.residents += district.residents;
        }
        Some(total)
    }
}

fn chosen(known: &[Population], period: Period) -> Option<&Population> {
    let year = period.last().year();
    let in_time = |it: &&Population| it.year().is_none_or(|of| of <= year);
    known.iter().rfind(in_time).or_else(|| known.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Geography;

    fn area(code: &str, districts: &[&str]) -> Area {
        Area {
            code: code.into(),
            name: code.to_owned(),
            aliases: Vec::new(),
            geography: Geography::District,
            districts: districts.iter().map(|code| AreaCode::from(*code)).collect(),
        }
    }

    #[test]
    fn the_newest_estimate_of_the_time_is_taken_and_the_oldest_before_there_was_one() {
        let mut populations = Populations::default();
        for (code, vintage, residents) in
            [("A", "mid-2020", 121), ("A", "mid-2019", 120), ("B", "mid-2020", 50)]
        {
            let population = Population { residents, vintage: vintage.to_owned() };
            assert!(populations.add(code.into(), population.clone()));
            assert!(!populations.add(code.into(), population), "said twice");
        }
        let of = |area: &Area, period: &str| {
            let found = populations.of(area, period.parse().expect("a period"));
            found.map(|it| (it.residents, it.vintage))
        };
        let one = area("A", &[]);
        assert_eq!(of(&one, "2025-26Q1"), Some((121, "mid-2020".to_owned())));
        assert_eq!(of(&one, "2019-20Q3"), Some((120, "mid-2019".to_owned())));
        assert_eq!(of(&one, "2010-11Q1"), Some((120, "mid-2019".to_owned())));
        let both = area("AB", &["A", "B"]);
        assert_eq!(of(&both, "2025-26Q1"), Some((171, "mid-2020".to_owned())));
        assert_eq!(of(&both, "2019-20Q3"), None, "estimates of different years are not added up");
        assert_eq!(of(&area("AC", &["A", "C"]), "2025-26Q1"), None);
    }
}
