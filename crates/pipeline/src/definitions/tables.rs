//! `populations.csv`, `bank-holidays.toml`, and words several files share.

use jiff::civil::Date;
use model::{AreaCode, Geography, Population, Populations};
use toml::Table;

use crate::calendar::Calendar;
use crate::keys::{Problems, Section};

pub(super) const GEOGRAPHIES: [(&str, Geography); 7] = [
    ("district", Geography::District),
    ("csp", Geography::Csp),
    ("place", Geography::Place),
    ("ward", Geography::Ward),
    ("force", Geography::Force),
    ("region", Geography::Region),
    ("health", Geography::Health),
];

pub(super) fn populations(file: &str, text: &str, problems: &Problems) -> Populations {
    let mut populations = Populations::default();
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line.trim()) != Some("code,name,vintage,residents") {
        problems.note(file, "line 1", "expected the heading code,name,vintage,residents");
        return populations;
    }
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let at = format!("line {}", index + 1);
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [code, _, vintage, residents] = cells.as_slice() else {
            problems.note(file, &at, format!("expected 4 values, got {}", cells.len()));
            continue;
        };
        match residents.parse::<i64>() {
            Ok(residents) if residents > 0 => {
                let population = Population { residents, vintage: (*vintage).to_owned() };
                if population.year().is_none() {
                    let message = format!("`{vintage}` names no year: write mid-2020");
                    problems.note(file, &at, message);
                }
                if !populations.add(AreaCode::new(*code), population) {
                    problems.note(file, &at, format!("`{code}` is there twice for {vintage}"));
                }
            }
            _ => problems.note(file, &at, format!("`{residents}` is not a number of residents")),
        }
    }
    for (area, known) in &populations.0 {
        for pair in known.windows(2) {
            let (one, other) = (&pair[0], &pair[1]);
            let (small, large) =
                (one.residents.min(other.residents), one.residents.max(other.residents));
            if small * 4 < large * 3 {
                let message = format!(
                    "{area} has {} residents in {} and {} in {}: one of them is mistyped, or the area is not the same",
                    one.residents, one.vintage, other.residents, other.vintage
                );
                problems.note(file, area.as_str(), message);
            }
        }
    }
    populations
}

/// `bank-holidays.toml`: what the rules do not give, and when that was last looked up.
pub(crate) fn calendar(file: &str, table: &Table, problems: &Problems) -> Calendar {
    let root = Section::root(file, table, problems);
    let date = |section: &Section<'_>, key: &str, text: &str| {
        let date = text.parse::<Date>().ok();
        if date.is_none() {
            section.problem(key, format!("`{text}` is not a date: write 2025-12-25"));
        }
        date
    };
    let days = |name: &str| -> Vec<Date> {
        let sections = root.sections(name).into_iter();
        let days = sections.filter_map(|section| {
            let day = date(&section, "date", &section.text("date"));
            section.text("name");
            section.finish();
            day
        });
        days.collect()
    };
    let checked = root.optional_text("checked").and_then(|text| date(&root, "checked", &text));
    let calendar = Calendar::new(days("holiday"), days("working_day"), checked);
    root.finish();
    calendar
}
