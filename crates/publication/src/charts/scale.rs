//! Scales: where a number lies, and which numbers are written beside them.

use crate::words;

/// A straight scale from numbers to places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Scale {
    /// The place of a number.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let span = self.to - self.from;
        if span <= 0.0 {
            return self.start;
        }
        self.start + (value - self.from) / span * (self.end - self.start)
    }
}

/// Round numbers from `low` to `high`: `wanted` steps or a few more, the first not above `low` and
/// the last not below `high`.
pub(crate) fn ticks(low: f64, high: f64, wanted: u32) -> Vec<f64> {
    let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
    let span = (high - low).max(f64::MIN_POSITIVE);
    let span = if high <= low { high.abs().max(1.0) } else { span };
    let raw = span / f64::from(wanted);
    let magnitude = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= raw * 0.999_999)
        .unwrap_or(10.0 * magnitude);
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil().max(first + 1.0);
    let mut ticks = Vec::new();
    let mut index = first;
    while index <= last && ticks.len() < 32 {
        ticks.push(index * step);
        index += 1.0;
    }
    ticks
}

/// A tick as it is written: as many decimals as the steps need, a true minus sign, and large
/// numbers in thousands of thousands: `1.5m`, `20bn`.
pub(crate) fn tick_label(value: f64, ticks: &[f64]) -> String {
    let largest = ticks.iter().fold(0.0_f64, |largest, tick| largest.max(tick.abs()));
    let (unit, name) = [(1e12, "tn"), (1e9, "bn"), (1e6, "m")]
        .into_iter()
        .find(|(unit, _)| largest >= *unit)
        .unwrap_or((1.0, ""));
    let step = match ticks {
        [first, second, ..] => (second - first) / unit,
        _ => 1.0,
    };
    let decimals = [(1.0, 0), (0.1, 1), (0.01, 2), (0.001, 3)]
        .into_iter()
        .find(|(least, _)| step >= least * 0.999_999)
        .map_or(4, |(_, decimals)| decimals);
    let size = format!("{:.decimals$}", value.abs() / unit);
    let is_zero = size.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "\u{2212}" } else { "" };
    if is_zero && !name.is_empty() {
        return "0".to_owned();
    }
    format!("{sign}{}{name}", words::decimal(&size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(low: f64, high: f64) -> String {
        let ticks = ticks(low, high, 4);
        let labels: Vec<String> = ticks.iter().map(|tick| tick_label(*tick, &ticks)).collect();
        labels.join(" ")
    }

    #[test]
    fn ticks_are_round_and_hold_the_numbers_between_them() {
        insta::assert_snapshot!(shown(0.0, 140.0), @"0 50 100 150");
        insta::assert_snapshot!(shown(0.0, 100.0), @"0 50 100");
        insta::assert_snapshot!(shown(0.0, 1.3), @"0.0 0.5 1.0 1.5");
        insta::assert_snapshot!(shown(0.0, 3.0), @"0 1 2 3");
        insta::assert_snapshot!(shown(0.0, 123_456.0), @"0 50,000 100,000 150,000");
        insta::assert_snapshot!(shown(0.0, 3_400_000.0), @"0 1m 2m 3m 4m");
        insta::assert_snapshot!(shown(0.0, 9.2e18), @"0 5,000,000tn 10,000,000tn");
        insta::assert_snapshot!(shown(-31.0, 24.0), @"−40 −20 0 20 40");
        insta::assert_snapshot!(shown(0.0, 0.0), @"0.0 0.5");
        insta::assert_snapshot!(shown(5.0, 5.0), @"4 6");
    }
}
