//! A first look through the parts of an xlsx file, for what its reader gets wrong without a word:
//! string numbers that point nowhere, cells that are not where they say, errors it does not know,
//! formats that are not there; and for what it does not say: hidden rows and columns.

mod plain;
pub(super) mod sheet;

use std::collections::BTreeMap;

use model::{Finding, Place};
use quick_xml::events::Event;

use super::emit::{Stop, malformed};
use super::guard::{Archive, position};
use super::mend::Mends;
use super::package::{Next, Trouble, attribute, events, is_true, relations, tags_of};
use super::tags::Tag;

use sheet::{Known, Whose};

/// Fewest bytes that one shared string takes in the file: `<si/>`.
const SHARED_STRING_BYTES_MIN: u64 = 5;

/// What the look found; sheets are looked through when they are read.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// Parts of the worksheets, by name.
    sheets: BTreeMap<String, String>,
    known: Known,
    /// How many bytes the part with the shared strings has, unpacked.
    pub(super) texts_bytes: u64,
    /// What must be put right before the reader opens the file.
    pub(super) mends: Mends,
    /// Whether the program that wrote the file left calculating to whoever opens it.
    pub(super) is_uncalculated: bool,
}

impl Scanned {
    /// The part of a sheet, and what is needed to look through it; nothing for one that the file
    /// does not list as a worksheet.
    pub(super) fn sheet(&self, name: &str, label: &str) -> Option<(&str, Whose)> {
        let part = self.sheets.get(name)?;
        Some((part, Whose { name: name.into(), label: label.into(), known: self.known }))
    }

    /// The parts of all sheets.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.sheets.values().map(String::as_str)
    }
}

/// Looks through relations, styles and shared strings.
pub(super) fn scan(
    archive: &mut Archive<'_>,
    label: &str,
    cells_max: usize,
) -> Result<Scanned, Stop> {
    try_scan(archive, label, cells_max).map_err(|trouble| trouble.into_stop(label))
}

fn try_scan(archive: &mut Archive<'_>, label: &str, cells_max: usize) -> Result<Scanned, Trouble> {
    let (folder, workbook) = workbook_part(archive, label)?;
    let mut scanned = Scanned::default();
    let relations_part = format!("{folder}_rels/{workbook}.rels");
    let relations = relations(archive, &relations_part, label)?;
    let whole = |target: &str| match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}{target}"),
    };
    // The reader knows only the usual names of these two.
    let mut usual = ["sharedStrings.xml", "styles.xml"].map(|name| format!("{folder}{name}"));
    for relation in relations.values() {
        let usual = match relation.kind.as_str() {
            "sharedStrings" => &mut usual[0],
            "styles" => &mut usual[1],
            // The reader opens no workbook with such a sheet in it; of charts it knows.
            kind @ ("xlMacrosheet" | "xlIntlMacrosheet") => {
                scanned.mends.replace(&relations_part, &format!("/{kind}\""), "/chartsheet\"");
                continue;
            }
            _ => continue,
        };
        let target = whole(&relation.target);
        if position(archive, &target).is_some() && position(archive, usual).is_none() {
            scanned.mends.rename(&target, usual);
            *usual = target;
        }
    }
    let [strings, styles] = usual;
    scanned.texts_bytes = part_bytes(archive, &strings);
    scanned.known = Known {
        strings: count_strings(archive, &strings, label)?,
        formats: count_formats(archive, &styles, label)?,
        cells_max,
    };
    let listed = sheets(archive, &format!("{folder}{workbook}"), label)?;
    scanned.is_uncalculated = listed.is_uncalculated;
    for (name, id) in listed.sheets {
        if let Some(relation) = relations.get(&id)
            && relation.kind == "worksheet"
        {
            // Of two sheets of one name the reader takes the first.
            scanned.sheets.entry(name).or_insert_with(|| whole(&relation.target));
        }
    }
    Ok(scanned)
}

/// The folder of the main part, with its slash, and the part's name.
fn workbook_part(archive: &mut Archive<'_>, label: &str) -> Result<(String, String), Trouble> {
    let mut target = "xl/workbook.xml".to_owned();
    for relation in relations(archive, "_rels/.rels", label)?.into_values() {
        if relation.kind == "officeDocument" {
            target = relation.target;
        }
    }
    let target = target.trim_start_matches('/');
    let start = target.rfind('/').map_or(0, |slash| slash + 1);
    Ok((target[..start].to_owned(), target[start..].to_owned()))
}

/// What the main part says.
#[derive(Default)]
struct Listed {
    /// Names and relations of sheets, in workbook order.
    sheets: Vec<(String, String)>,
    is_uncalculated: bool,
}

fn sheets(archive: &mut Archive<'_>, part: &str, label: &str) -> Result<Listed, Trouble> {
    let mut listed = Listed::default();
    events(archive, part, label, |event| {
        if let Event::Start(element) = event {
            match element.local_name().as_ref() {
                "sheet" => {
                    if let (Some(name), Some(id)) =
                        (attribute(element, "name"), attribute(element, "id"))
                    {
                        listed.sheets.push((name, id));
                    }
                }
                "calcPr" => {
                    let asks = attribute(element, "fullCalcOnLoad");
                    listed.is_uncalculated = asks.is_some_and(|value| is_true(&value));
                }
                _ => {}
            }
        }
        Ok(Next::On)
    })?;
    Ok(listed)
}

/// How many shared strings there are; the number that is claimed must be possible, because the
/// reader makes room for it.
fn count_strings(archive: &mut Archive<'_>, part: &str, label: &str) -> Result<u64, Trouble> {
    let size_bytes = part_bytes(archive, part);
    let mut strings = 0;
    tags_of(archive, part, label, |tag| {
        let Tag::Start(element) = tag else {
            return Ok(Next::On);
        };
        match element.name {
            b"si" => strings += 1,
            b"sst" => {
                for attribute in element.attributes() {
                    let claimed = match attribute {
                        Some((b"uniqueCount", claimed)) => claimed,
                        Some(_) => continue,
                        None => return Err(impossible(label).into()),
                    };
                    let claimed =
                        str::from_utf8(claimed).ok().and_then(|it| it.parse::<u64>().ok());
                    if claimed.is_none_or(|it| it > size_bytes / SHARED_STRING_BYTES_MIN + 1) {
                        return Err(impossible(label).into());
                    }
                }
            }
            _ => {}
        }
        Ok(Next::On)
    })?;
    Ok(strings)
}

/// How many bytes a part has, unpacked.
fn part_bytes(archive: &mut Archive<'_>, part: &str) -> u64 {
    let index = position(archive, part);
    let part = index.and_then(|index| archive.by_index_raw(index).ok());
    part.map_or(0, |part| part.size())
}

fn impossible(label: &str) -> Finding {
    malformed(label, Place::file(), "claims more texts than it has room for")
}

/// How many formats cells may have, or `None` if the file has no list of them.
fn count_formats(
    archive: &mut Archive<'_>,
    part: &str,
    label: &str,
) -> Result<Option<u64>, Trouble> {
    let (mut formats, mut is_in_list) = (None, false);
    events(archive, part, label, |event| {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "cellXfs" => {
                    is_in_list = true;
                    formats = Some(0);
                }
                "xf" if is_in_list => formats = formats.map(|count| count + 1),
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => {
                return Ok(Next::Stop);
            }
            _ => {}
        }
        Ok(Next::On)
    })?;
    Ok(formats)
}
