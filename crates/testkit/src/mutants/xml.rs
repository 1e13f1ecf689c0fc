//! Damage to XML: mostly still XML, and wrong.

use std::ops::Range;

use super::{Dice, bytes};

/// What stands in files where numbers should.
const BAD_NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1x",
    " 1 ",
    "",
    "99999999999",
    "4294967296",
    "18446744073709551615",
    "1048577",
    "16384",
    "1e309",
    "NaN",
    "0.1",
    "٣",
];
/// What stands in files where addresses of cells should.
const BAD_CELLS: [&str; 9] =
    ["A0", "XFD1048576", "XFE1", "A1048577", "AAAAAAAAA1", "A99999999999", "1A", "A1", "$B$2"];
const BAD_INSIDES: [&str; 7] = [
    "<!-- a remark -->",
    "<![CDATA[7]]>",
    "&#55;",
    "&unknown;",
    "<x:y z='1'/>",
    "<v>7</v>",
    "<c r=\"B2\"><v>7</v></c>",
];

pub(super) fn damaged(content: &[u8], dice: &mut Dice) -> (String, Vec<u8>) {
    let Ok(text) = std::str::from_utf8(content) else {
        return bytes::damaged(content, dice);
    };
    let changed = match dice.below(9) {
        0 | 1 => replaced(text, &runs(text, |byte| byte.is_ascii_digit()), &BAD_NUMBERS, dice)
            .map(|text| ("number", text)),
        2 => replaced(text, &addresses(text), &BAD_CELLS, dice).map(|text| ("cell address", text)),
        3 => attribute_changed(text, dice).map(|text| ("attribute", text)),
        4 => replaced(text, &tags(text), &[""], dice).map(|text| ("tag removed", text)),
        5 => inserted(text, dice).map(|text| ("inside added", text)),
        6 => doubled(text, dice).map(|text| ("tag doubled", text)),
        7 => swapped(text, dice).map(|text| ("tags swapped", text)),
        _ => None,
    };
    match changed {
        Some((what, text)) => (what.to_owned(), text.into_bytes()),
        None => bytes::damaged(content, dice),
    }
}

fn replaced(
    text: &str,
    places: &[Range<usize>],
    choices: &[&str],
    dice: &mut Dice,
) -> Option<String> {
    let place = places.get(dice.below(places.len()))?;
    Some(format!("{}{}{}", &text[..place.start], dice.pick(choices), &text[place.end..]))
}

/// Where bytes of one kind stand together.
fn runs(text: &str, is_wanted: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (place, byte) in text.bytes().enumerate() {
        match (is_wanted(byte), start) {
            (true, None) => start = Some(place),
            (false, Some(begun)) => {
                found.push(begun..place);
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn addresses(text: &str) -> Vec<Range<usize>> {
    let is_address = |range: &Range<usize>| {
        let word = &text[range.clone()];
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.ends_with(|last: char| last.is_ascii_digit())
    };
    let mut found = runs(text, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    found.retain(is_address);
    found
}

/// Whole tags, from `<` to `>`.
fn tags(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (place, byte) in text.bytes().enumerate() {
        match (byte, start) {
            (b'<', _) => start = Some(place),
            (b'>', Some(begun)) => {
                found.push(begun..place + 1);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// An attribute's value becomes another's, or its name.
fn attribute_changed(text: &str, dice: &mut Dice) -> Option<String> {
    let quotes: Vec<usize> = text.match_indices('"').map(|(place, _)| place).collect();
    let pairs = quotes.len() / 2;
    let value = |index: usize| Some(*quotes.get(2 * index)? + 1..*quotes.get(2 * index + 1)?);
    let place = value(dice.below(pairs))?;
    let other = value(dice.below(pairs))?;
    let new = if dice.one_in(4) { "" } else { &text[other] };
    Some(format!("{}{new}{}", &text[..place.start], &text[place.end..]))
}

fn inserted(text: &str, dice: &mut Dice) -> Option<String> {
    let tags = tags(text);
    let place = tags.get(dice.below(tags.len()))?.end;
    Some(format!("{}{}{}", &text[..place], dice.pick(&BAD_INSIDES), &text[place..]))
}

fn doubled(text: &str, dice: &mut Dice) -> Option<String> {
    let tags = tags(text);
    let first = dice.below(tags.len());
    let last = (first + dice.below(6)).min(tags.len().checked_sub(1)?);
    let block = &text[tags[first].start..tags[last].end];
    let times = if dice.one_in(8) { 2000 } else { 1 };
    Some(format!("{}{}{}", &text[..tags[last].end], block.repeat(times), &text[tags[last].end..]))
}

fn swapped(text: &str, dice: &mut Dice) -> Option<String> {
    let tags = tags(text);
    let one = dice.below(tags.len());
    let other = (one + 1 + dice.below(8)).min(tags.len().checked_sub(1)?);
    let (one, other) = (tags[one].clone(), tags[other].clone());
    if other.start < one.end {
        return None;
    }
    Some(format!(
        "{}{}{}{}{}",
        &text[..one.start],
        &text[other.clone()],
        &text[one.end..other.start],
        &text[one.clone()],
        &text[other.end..]
    ))
}
