//! Numbers as they stand in tables.

use analysis::{Assurance, DisclosedIndicator, ShownNumber, ShownRate, TargetStatus};
use model::{Disclosure, Mark, Marks, Measure, Period, Polarity, Unit};

use crate::partner_text::{NAME_MAX, clean};
use crate::report_model::{ChangeText, FigureText, Figures, RateText};
use crate::words;

/// The four figures of an indicator. Marks that qualify every number of the row are set apart, so
/// that they can stand once beside the name and numbers stay numbers.
pub(crate) fn figures(shown: &DisclosedIndicator, measure: &Measure) -> Figures {
    let numbers = [&shown.value, &shown.year_before, &shown.rolling_12_months];
    let shared = shared_marks(&numbers);
    let [now, year_before, twelve_months] =
        numbers.map(|number| figure(number, measure.unit, shared));
    Figures {
        now,
        year_before,
        change: change(shown, measure.unit),
        twelve_months,
        shared_marks: shared.to_string(),
        precision_data: if measure.disclosure == Disclosure::Open {
            "exact"
        } else {
            "rounded to 5"
        }
        .to_owned(),
    }
}

/// The marks a number is printed with: those in its place, or those that qualify it.
pub(crate) fn printed_marks(number: &ShownNumber) -> Marks {
    let replaced = number.value().is_none();
    let marks: Marks =
        number.marks().iter().filter(|mark| mark.replaces_number() == replaced).collect();
    if replaced && marks.is_empty() { Marks::of(Mark::X) } else { marks }
}

fn shared_marks(numbers: &[&ShownNumber]) -> Marks {
    let qualified: Vec<Marks> = numbers
        .iter()
        .filter(|number| number.value().is_some())
        .map(|number| printed_marks(number))
        .collect();
    let Some((first, rest)) = qualified.split_first() else {
        return Marks::none();
    };
    first.iter().filter(|mark| rest.iter().all(|marks| marks.contains(*mark))).collect()
}

fn figure(number: &ShownNumber, unit: Unit, shared: Marks) -> FigureText {
    let marks = printed_marks(number);
    let Some(value) = number.value() else {
        return FigureText { text: marks.to_string(), number: None, status_data: String::new() };
    };
    let own: Marks = marks.iter().filter(|mark| !shared.contains(*mark)).collect();
    let text = words::amount(value, unit);
    FigureText {
        text: if own.is_empty() { text } else { format!("{text} {own}") },
        number: Some(words::plain(value, unit)),
        status_data: marks.to_string(),
    }
}

fn change(shown: &DisclosedIndicator, unit: Unit) -> ChangeText {
    let Some(value) = shown.change.value() else {
        let text = printed_marks(&shown.change).to_string();
        return ChangeText { text, percent: None, number: None, percent_number: None };
    };
    let is_whole = shown.change.is_rounded();
    let percent = shown.change_tenths_pct;
    ChangeText {
        text: words::signed_amount(value, unit),
        percent: percent.map(|tenths| words::percent_change(tenths, is_whole)),
        number: Some(words::plain(value, unit)),
        percent_number: percent.map(|tenths| words::plain_percent_change(tenths, is_whole)),
    }
}

/// Rate, interval and position, where the rate may be shown.
pub(crate) fn rate(shown: &DisclosedIndicator, period: Period) -> Option<RateText> {
    let rate: &ShownRate = shown.rate.as_ref()?;
    let two_decimals = |number: f64| format!("{number:.2}");
    let (lower, upper) = (two_decimals(rate.interval.lower), two_decimals(rate.interval.upper));
    let missing = || Mark::X;
    let position = shown.position.as_ref();
    let mark = rate.mark.map_or_else(String::new, |mark| Marks::of(mark).to_string());
    let number = two_decimals(rate.per_1000);
    Some(RateText {
        per_1000: if mark.is_empty() { number.clone() } else { format!("{number} {mark}") },
        per_1000_data: number,
        mark_data: mark,
        interval: format!("{lower} to {upper}"),
        lower,
        upper,
        over: over(rate.period, period),
        peer_average: rate
            .peer_average
            .map_or_else(|| Marks::of(missing()).to_string(), two_decimals),
        position: position.map_or_else(
            || Marks::of(missing()).to_string(),
            |position| {
                let joint = if position.tied { "joint " } else { "" };
                format!("{joint}{} of {}", words::ordinal(position.place), position.of)
            },
        ),
        position_before: shown
            .position_year_before
            .as_ref()
            .map_or_else(String::new, |it| format!("{} a year ago", words::ordinal(it.place))),
        place_before_data: shown.position_year_before.as_ref().map(|it| it.place),
        place_data: position.map(|position| position.place),
        of_data: position.map(|position| position.of),
        peers: position.map_or_else(String::new, |position| clean(&position.peers, NAME_MAX)),
    })
}

fn over(rate: Period, report: Period) -> String {
    if rate == report {
        words::period_noun(report).to_owned()
    } else if rate.length_months() == 12 {
        "12 months".to_owned()
    } else {
        rate.calendar()
    }
}

/// What is said of the target of an indicator that has one; of a protected one nothing.
pub(crate) fn target_words(shown: &DisclosedIndicator) -> Option<&'static str> {
    match shown.statuses.target {
        TargetStatus::NotSet | TargetStatus::CannotJudge => None,
        TargetStatus::Met => Some("The latest month met its target."),
        TargetStatus::NotMet => Some("The latest month missed its target."),
        TargetStatus::Assured(Assurance::Passes) => Some("Its target is consistently met."),
        TargetStatus::Assured(Assurance::Fails) => Some("Its target is consistently missed."),
        TargetStatus::Assured(Assurance::HitAndMiss) => {
            Some("Its target is hit and missed by chance.")
        }
    }
}

/// `3rd lowest rate of the 12 Kent districts`; empty without a position.
pub(crate) fn position_words(shown: &DisclosedIndicator, polarity: Polarity) -> String {
    let Some(position) = &shown.position else {
        return String::new();
    };
    let (end, other_end) = if polarity == Polarity::HigherIsBetter {
        ("highest", "lowest")
    } else {
        ("lowest", "highest")
    };
    let joint = if position.tied { "joint " } else { "" };
    let place = match position.place {
        1 => end.to_owned(),
        // Nobody says `12th lowest of the 12`.
        place if place == position.of => other_end.to_owned(),
        place => format!("{} {end}", words::ordinal(place)),
    };
    format!("{joint}{place} rate of {}", clean(&position.peers, NAME_MAX))
}
