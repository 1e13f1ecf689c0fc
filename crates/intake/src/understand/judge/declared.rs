//! What the contract itself declares: bounds of figures, and cells that must be filled in.

use super::history::written;
use super::{Noted, Subject};
use crate::contract::{Range, Required};
use crate::understand::context::Context;
use crate::understand::gathered::{Gathered, quoted};
use crate::understand::slot::Slot;
use model::{Finding, Place, Severity, Unit};

/// Figures out of range, and required cells that say nothing.
pub(super) fn check(context: &Context<'_>, gathered: &Gathered) -> Vec<Noted> {
    let checks = &context.figures.checks;
    let mut noted = Vec::new();
    for range in &checks.ranges {
        let slots = gathered.slots.iter().filter(|slot| {
            *slot.measure() == range.measure
                && range.breakdown.as_ref().is_none_or(|part| *slot.breakdown() == *part)
        });
        noted.extend(slots.filter_map(|slot| out_of_range(context, range, slot)));
    }
    for required in &checks.required {
        noted.extend(blank(context, required, gathered));
    }
    noted
}

fn out_of_range(context: &Context<'_>, range: &Range, slot: &Slot) -> Option<Noted> {
    let unit = context.unit(slot.measure());
    let number = slot.number()?;
    let hundredths = match unit {
        Unit::Count => number.saturating_mul(100),
        Unit::Pounds | Unit::Percent | Unit::Decimal => number,
    };
    let bound = |hundredths: i64| match unit {
        // 2.50 is 2.5 where nothing else has decimals.
        Unit::Count if hundredths % 100 != 0 => {
            written(Unit::Decimal, hundredths).trim_end_matches('0').to_owned()
        }
        Unit::Count => written(unit, hundredths / 100),
        Unit::Pounds | Unit::Percent | Unit::Decimal => written(unit, hundredths),
    };
    let told = match (range.min_hundredths, range.max_hundredths) {
        (Some(min), _) if hundredths < min => format!("less than {}", bound(min)),
        (_, Some(max)) if hundredths > max => format!("more than {}", bound(max)),
        _ => return None,
    };
    let severity =
        context.figures.checks.severity_of("out-of-range", range.severity, Severity::Warning);
    let message = format!(
        "{} for {} is {}, {told}",
        quoted(&slot.label()),
        slot.period.calendar(),
        written(unit, number)
    );
    let finding = Finding::new(severity, "out-of-range", slot.place(), message)
        .with_hint("check the figure, and its unit");
    Some(Noted::new(finding).about([Subject::of(slot)]).settled())
}

/// Required cells of the period asked for that are blank, or not there at all.
fn blank(context: &Context<'_>, required: &Required, gathered: &Gathered) -> Vec<Noted> {
    let severity =
        context.figures.checks.severity_of("required-blank", required.severity, Severity::Error);
    let wanted: Vec<&Slot> = gathered
        .slots
        .iter()
        .filter(|slot| {
            *slot.measure() == required.measure
                && required.breakdown.as_ref().is_none_or(|part| *slot.breakdown() == *part)
                && required.area.as_ref().is_none_or(|area| *slot.area() == *area)
                && slot.period.overlaps(context.expected)
        })
        .collect();
    let hint = "fill it in: 0 if there were none, or the mark for a figure that is not available";
    if wanted.is_empty() {
        let part = required.breakdown.clone().unwrap_or_default();
        let mut subject = Subject::measure(&required.measure, &part);
        subject.area.clone_from(&required.area);
        let place = required
            .area
            .as_ref()
            .map_or_else(String::new, |area| format!(" for {}", context.area_name(area)));
        let message = format!(
            "{}{place} must be filled in, but is not in the return",
            context.measure_name(&required.measure, &part)
        );
        let finding =
            Finding::new(severity, "required-blank", Place::file(), message).with_hint(hint);
        return vec![Noted::new(finding).about([subject]).settled()];
    }
    let blank = wanted.into_iter().filter(|slot| slot.is_blank());
    blank
        .map(|slot| {
            let message = format!(
                "{} for {} must be filled in, but is blank",
                quoted(&slot.label()),
                slot.period.calendar()
            );
            let finding =
                Finding::new(severity, "required-blank", slot.place(), message).with_hint(hint);
            Noted::new(finding).about([Subject::of(slot)]).settled()
        })
        .collect()
}
