//! `schedule = { … }` and `missed = { … }` of a job.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use crate::keys::Section;
use crate::schedule::{Cron, Ending, Missed, MissedRuns, Rule, Schedule, Side};

const RULES: &str = "daily, working_days, working_day, last, cron, every_minutes";

const ENDINGS: [(&str, Ending); 3] =
    [("month-end", Ending::Month), ("quarter-end", Ending::Quarter), ("year-end", Ending::Year)];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// When a job is due.
pub(super) fn schedule(job: &Section<'_>) -> Schedule {
    let Some(section) = job.section("schedule") else {
        job.problem("schedule", "is missing: schedule = { daily = \"06:30\" }");
        return Schedule::new(Rule::EveryMinutes(60));
    };
    let mut schedule = Schedule::new(rule(&section));
    if let Some(name) = section.optional_text("zone") {
        match TimeZone::get(&name) {
            Ok(zone) => schedule.zone = zone,
            Err(_) => section.problem(
                "zone",
                format!("`{name}` is no time zone: write Europe/London, or leave it out"),
            ),
        }
    }
    section.finish();
    schedule
}

fn rule(section: &Section<'_>) -> Rule {
    let daily = section.optional_text("daily");
    let working_days = section.optional_text("working_days");
    let working_day = section.optional_integer("working_day", 1..=60);
    let last = section.optional_text("last");
    let cron = section.optional_text("cron");
    let minutes = section.optional_integer("every_minutes", 1..=1440);
    match (daily, working_days, working_day, last, cron, minutes) {
        (Some(text), None, None, None, None, None) => {
            Rule::Daily { at: time(section, "daily", &text) }
        }
        (None, Some(text), None, None, None, None) => {
            Rule::WorkingDays { at: time(section, "working_days", &text) }
        }
        (None, None, Some(nth), None, None, None) => {
            let nth = u32::try_from(nth).unwrap_or(1);
            let (side, of) = side(section);
            Rule::WorkingDay { nth, side, of, at: at(section) }
        }
        (None, None, None, Some(_), None, None) => {
            let weekday = section.one_of("last", &WEEKDAYS);
            let of =
                section.one_of("of", &[("month", Ending::Month), ("quarter", Ending::Quarter)]);
            Rule::LastWeekday { weekday, of, at: at(section) }
        }
        (None, None, None, None, Some(text), None) => match Cron::parse(&text) {
            Ok(cron) => Rule::Cron(Box::new(cron)),
            Err(why) => {
                section.problem("cron", why);
                Rule::EveryMinutes(60)
            }
        },
        (None, None, None, None, None, Some(minutes)) => {
            Rule::EveryMinutes(u32::try_from(minutes).unwrap_or(60))
        }
        _ => {
            section.problem("daily", format!("give exactly one of {RULES}"));
            Rule::EveryMinutes(60)
        }
    }
}

fn side(section: &Section<'_>) -> (Side, Ending) {
    match (section.optional_text("after"), section.optional_text("before")) {
        (Some(_), None) => (Side::After, section.one_of("after", &ENDINGS)),
        (None, Some(_)) => (Side::Before, section.one_of("before", &ENDINGS)),
        _ => {
            let message = "give after or before, and one: after = \"quarter-end\"";
            section.problem("after", message);
            (Side::After, Ending::Quarter)
        }
    }
}

fn at(section: &Section<'_>) -> Time {
    time(section, "at", &section.text("at"))
}

fn time(section: &Section<'_>, key: &str, text: &str) -> Time {
    text.parse::<Time>().unwrap_or_else(|_| {
        section.problem(key, format!("`{text}` is not a time: write 06:30"));
        Time::midnight()
    })
}

/// What is done about runs that were missed while nobody was there.
pub(super) fn missed(job: &Section<'_>) -> Missed {
    let Some(section) = job.section("missed") else { return Missed::default() };
    let names =
        [("latest", MissedRuns::Latest), ("all", MissedRuns::All), ("none", MissedRuns::None)];
    let runs = section.one_of("runs", &names);
    let within = section.optional_integer("within_days", 1..=365);
    let within_days = within.and_then(|days| u16::try_from(days).ok());
    section.finish();
    Missed { runs, within_days: within_days.unwrap_or(Missed::default().within_days) }
}
