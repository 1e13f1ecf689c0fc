//! A report with one of every chart.

use model::{DatedEvent, Month, Rebase, Scope, SeriesBreak};

use super::{HOME, Sample};

/// Areas that a funnel needs, beside those of every sample.
const MORE: [(&str, &str, i64); 9] = [
    ("E07000105", "Ashford", 131_000),
    ("E07000106", "Canterbury", 167_000),
    ("E07000108", "Dover", 118_000),
    ("E07000110", "Maidstone", 173_000),
    ("E07000112", "Folkestone and Hythe", 113_000),
    ("E07000113", "Swale", 151_000),
    ("E07000114", "Thanet", 141_000),
    ("E07000115", "Tonbridge and Malling", 132_000),
    ("E07000116", "Tunbridge Wells", 119_000),
];

/// Counts that vary as counts do, without being random.
fn months(base: i64, spread: i64, seed: i64, count: i64) -> Vec<i64> {
    (0..count)
        .map(|month| {
            base + ((month * 37 + seed * 13) % 11 - 5) * spread / 5 + (month * month * 7 + seed) % 4
        })
        .collect()
}

impl Sample {
    /// A chart with a break and a signal, one that hollow points end, one of quarters, one seasonal,
    /// one with a target and events, twelve peers with intervals and a funnel.
    pub(crate) fn drawn() -> Self {
        let mut sample = Self::small();
        for (code, name, residents) in MORE {
            sample.peer(code, name, residents);
        }
        sample.measure("violence", "Violence without injury", |measure| measure.provisional = true);
        let mut values = months(119, 12, 3, 14);
        values.extend(months(84, 9, 5, 22));
        values[33] = 131;
        sample.months("violence", HOME, &values);
        let scope = |measure: &str| Scope { measures: vec![measure.into()], areas: Vec::new() };
        let month = |year, month| Month::new(year, month).expect("a month");
        sample.notes.breaks.push(SeriesBreak {
            id: "rules".to_owned(),
            scope: scope("violence"),
            from: month(2023, 9),
            to: None,
            why: "recording rules changed".to_owned(),
            spliced: false,
        });
        sample.measure("shoplifting", "Shoplifting", |measure| {
            measure.per_1000 = true;
            measure.definition =
                "Goods taken from a shop during its opening hours, as recorded by the police"
                    .to_owned();
        });
        let mut values = months(98, 10, 1, 36);
        for (index, value) in values.iter_mut().rev().take(8).enumerate() {
            *value += 26 - i64::try_from(index).expect("few");
        }
        sample.months("shoplifting", HOME, &values);
        let peers: Vec<String> =
            sample.partnership.areas.iter().map(|area| area.code.to_string()).collect();
        for (seed, peer) in (1_i64..).zip(peers.iter().filter(|code| code.as_str() != HOME)) {
            sample.months("shoplifting", peer, &months(60 + seed * 11, 9, seed, 36));
        }
        sample.target("shoplifting", 95);
        sample.events.push(DatedEvent {
            scope: scope("shoplifting"),
            on: jiff::civil::date(2024, 3, 4),
            label: "Action 5.2: retail crime reduction partnership begins".to_owned(),
        });
        sample.measure("wardens", "Community Warden visits", |measure| {
            measure.polarity = model::Polarity::HigherIsBetter;
        });
        sample.months("wardens", HOME, &months(212, 20, 9, 36));
        sample.notes.rebases.push(Rebase {
            scope: scope("wardens"),
            from: month(2024, 4),
            why: "two more wardens".to_owned(),
            decided: jiff::civil::date(2024, 10, 1),
        });
        let fireworks: Vec<i64> = (0..48_i64)
            .map(|month| if month % 12 == 4 { 160 + month } else { 40 + (month * 5) % 9 })
            .collect();
        sample.measure("nuisance", "Nuisance fires", |_| ());
        sample.months("nuisance", HOME, &fireworks);
        sample
    }

    fn peer(&mut self, code: &str, name: &str, residents: i64) {
        let area = model::Area {
            code: code.into(),
            name: name.to_owned(),
            ..self.partnership.areas[0].clone()
        };
        self.partnership.peer_sets[0].areas.push(area.code.clone());
        self.partnership.areas.push(area);
        self.residents.insert(code.to_owned(), residents);
        let now = 300 + residents / 2_000;
        self.quarters("police-asb", code, &[300, 300, 300, 300, 300, 300, 300, now]);
    }
}
