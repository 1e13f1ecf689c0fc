//! A report as large as one gets.

use jiff::civil::date;
use model::{ActionStatus, ByWhen, Disclosure, Mark, Unit};

use super::{PEERS, Sample};

const LARGE: [&str; 36] = [
    "All victim-based crime",
    "Violence with injury",
    "Violence without injury",
    "Stalking and harassment",
    "Robbery",
    "Burglary of a business or community place",
    "Vehicle crime",
    "Burglaries solved",
    "Theft from the person",
    "Bicycle theft",
    "Shoplifting",
    "Other theft",
    "Criminal damage and arson",
    "Drug trafficking",
    "Possession of drugs",
    "Possession of weapons",
    "Public order offences",
    "Deliberate fires",
    "Deliberate secondary fires",
    "Home fire safety visits",
    "Fly-tips reported",
    "Fixed penalty notices",
    "Community protection notices",
    "Outreach contacts",
    "Young people engaged",
    "Community Warden visits",
    "Scams reported",
    "Domestic abuse incidents",
    "Domestic abuse crimes",
    "Sexual offences",
    "Hate crime",
    "Road casualties",
    "Killed or seriously injured on roads",
    "Nuisance vehicles",
    "Noise complaints",
    "Referrals to the Community MARAC",
];

impl Sample {
    /// Forty indicators under two priorities, forty actions: as large as a report gets.
    pub(crate) fn large() -> Self {
        let mut sample = Self::small();
        for (index, name) in (0_i64..).zip(LARGE) {
            let id = format!("measure-{index:02}");
            let priority = &sample.partnership.priorities
                [usize::try_from(index % 2).expect("small")]
            .id
            .clone();
            sample.measure(&id, name, |measure| {
                measure.per_1000 = index % 2 == 0;
                measure.provisional = index % 3 != 0;
                measure.priority = Some(priority.clone());
                measure.illustrative = index % 5 == 4;
                measure.disclosure = [Disclosure::Open, Disclosure::Open, Disclosure::Rounded]
                    [usize::try_from(index % 3).expect("small")];
                measure.unit = if index == 7 { Unit::Percent } else { Unit::Count };
            });
            for (offset, (area, _)) in (0_i64..).zip(PEERS) {
                let base = 40 + (index * 577 + offset * 31) % 2_900;
                let months: Vec<i64> = (0..30_i64)
                    .map(|month| {
                        base + (month * 7 + index * 3) % 11
                            + if index % 6 == 0 { month * 2 } else { 0 }
                    })
                    .collect();
                if index % 8 != 3 {
                    sample.months(&id, area, &months);
                }
            }
        }
        sample.missing("measure-05", Mark::C);
        for number in 1..=36_i8 {
            let due = date(2025, 1 + (number % 12), 28);
            let text = "Work with the Violence Reduction Unit on reducing serious violence, including joint projects on knife crime in schools";
            sample.action(
                &format!("{}.{}", 1 + number / 6, 1 + number % 6),
                text,
                ByWhen::Date(due),
                ActionStatus::InProgress,
            );
        }
        sample
    }
}
