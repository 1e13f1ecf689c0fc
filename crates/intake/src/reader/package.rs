//! The XML parts of a zip archive, event by event.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use model::{Finding, Place};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::emit::{Stop, malformed};
use super::guard::{Archive, not_as_saved, position};
use super::tags::{Tag, tags};

/// Why a look ended early.
pub(super) enum Trouble {
    /// The XML cannot be read.
    Xml,
    /// It is not what was saved.
    Damaged,
    /// Where a row or cell is depends on what was not looked at.
    Unplaced,
    Stop(Stop),
}

impl Trouble {
    /// What to do about it.
    pub(super) fn into_stop(self, label: &str) -> Stop {
        match self {
            Self::Xml | Self::Unplaced => {
                malformed(label, Place::file(), "has a part that is not proper XML").into()
            }
            Self::Damaged => not_as_saved(label).into(),
            Self::Stop(stop) => stop,
        }
    }
}

impl From<Finding> for Trouble {
    fn from(finding: Finding) -> Self {
        Self::Stop(finding.into())
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Whether to go on with the next event.
pub(super) enum Next {
    On,
    Stop,
}

/// Calls `visit` with each event of a part; a part that is not there has none.
pub(super) fn events(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
    mut visit: impl FnMut(&Event<'_>) -> Result<Next, Trouble>,
) -> Result<(), Trouble> {
    let Some(input) = input(archive, part, label)? else {
        return Ok(());
    };
    let mut reader = Reader::from_reader(input);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|_| Trouble::Xml)?;
        if matches!(event, Event::Eof) {
            return Ok(());
        }
        if let Next::Stop = visit(&event)? {
            return Ok(());
        }
    }
}

/// Calls `visit` with each tag and text of a part that may be large; a part that is not there has
/// none.
pub(super) fn tags_of(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
    visit: impl FnMut(&Tag<'_>) -> Result<Next, Trouble>,
) -> Result<(), Trouble> {
    match input(archive, part, label)? {
        Some(input) => tags(input, visit),
        None => Ok(()),
    }
}

/// A part's bytes, no more than it says it has.
fn input(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
) -> Result<Option<impl BufRead>, Trouble> {
    let Some(index) = position(archive, part) else {
        return Ok(None);
    };
    let part = archive.by_index(index).map_err(|_| Trouble::Xml)?;
    let size_bytes = part.size();
    let mut input = BufReader::new(part.take(size_bytes));
    if is_utf_16(input.fill_buf().map_err(|_| Trouble::Xml)?) {
        return Err(in_utf_16(label).into());
    }
    Ok(Some(input))
}

pub(super) fn in_utf_16(label: &str) -> Finding {
    let what = "has a part in UTF-16, an encoding that workbooks are not written in";
    malformed(label, Place::file(), what)
}

pub(super) fn is_utf_16(start: &[u8]) -> bool {
    matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..])
}

/// The value of an attribute, whatever the prefix of its name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => attribute.value.into_owned(),
        })
}

pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true")
}

/// What one part refers to another as.
pub(super) struct Relation {
    /// The last word of its kind: `worksheet`.
    pub(super) kind: String,
    /// Where it is, as written.
    pub(super) target: String,
}

/// The relations in a part, by their numbers.
pub(super) fn relations(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
) -> Result<BTreeMap<String, Relation>, Trouble> {
    let mut relations = BTreeMap::new();
    events(archive, part, label, |event| {
        if let Event::Start(element) = event
            && element.local_name().as_ref() == "Relationship"
            && let (Some(id), Some(target)) =
                (attribute(element, "Id"), attribute(element, "Target"))
        {
            let kind = attribute(element, "Type").unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            relations.insert(id, Relation { kind, target });
        }
        Ok(Next::On)
    })?;
    Ok(relations)
}
