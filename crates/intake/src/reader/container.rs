//! The old Office container: taking the one stream that matters out of it, within bounds, and
//! putting it into a container so plain that its reader cannot go wrong.

use std::collections::BTreeSet;

const SIGNATURE: &[u8; 8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Links of chains with a meaning of their own start here.
const SPECIAL_FROM: u32 = 0xffff_fffa;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const TABLE_SECTOR: u32 = 0xffff_fffd;
const HEADER_BYTES: usize = 512;
const SECTOR_BYTES: usize = 512;
const SMALL_SECTOR_BYTES: usize = 64;
/// Streams shorter than this lie in small sectors.
const SMALL_STREAM_BYTES: usize = 4096;
const ENTRY_BYTES: usize = 128;
const ENTRIES_MAX: usize = 100_000;

/// A container whose chains can be followed.
struct Container<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    links: Vec<u32>,
    small_links: Vec<u32>,
    small: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    length: usize,
}

/// The workbook stream of a container, or `None` if the container does not hold together.
pub(super) fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let container = Container::open(bytes)?;
    let top = container.top();
    // A file for old and new programs holds both; the newer is the better.
    let named = |wanted: &str| {
        top.iter().find(|entry| entry.kind == 2 && entry.name.eq_ignore_ascii_case(wanted))
    };
    container.stream(named("Workbook").or_else(|| named("Book"))?)
}

fn number(bytes: &[u8], place: usize) -> Option<u32> {
    let bytes = bytes.get(place..place.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl<'a> Container<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(SIGNATURE) {
            return None;
        }
        let sector_bytes = match bytes.get(30..32)? {
            [9, 0] => 512,
            [12, 0] => 4096,
            _ => return None,
        };
        let mut container = Self {
            bytes,
            sector_bytes,
            links: Vec::new(),
            small_links: Vec::new(),
            small: Vec::new(),
            entries: Vec::new(),
        };
        container.read_links()?;
        let directory = container.chain(number(bytes, 48)?, usize::MAX)?;
        container.entries = directory
            .chunks_exact(ENTRY_BYTES)
            .take(ENTRIES_MAX)
            .map(|entry| read_entry(entry, sector_bytes))
            .collect::<Option<_>>()?;
        if number(bytes, 64)? > 0 {
            let table = container.chain(number(bytes, 60)?, usize::MAX)?;
            container.small_links = numbers(&table).collect();
            let root = container.entries.first()?;
            container.small = container.chain(root.start, root.length)?;
        }
        Some(container)
    }

    fn sector(&self, index: u32) -> Option<&'a [u8]> {
        let start = size(index).checked_add(1)?.checked_mul(self.sector_bytes)?;
        let end = start.checked_add(self.sector_bytes)?.min(self.bytes.len());
        // The last sector may have been cut off where its content ended.
        self.bytes.get(start..end).filter(|sector| !sector.is_empty())
    }

    /// Reads the table of chains, whose own sectors are listed in the header and beyond it.
    fn read_links(&mut self) -> Option<()> {
        let sectors_max = self.bytes.len() / self.sector_bytes + 1;
        let mut listed: Vec<u32> = numbers(self.bytes.get(76..HEADER_BYTES)?).collect();
        let mut next = number(self.bytes, 68)?;
        for _ in 0..=sectors_max {
            if SPECIAL_FROM <= next {
                break;
            }
            let mut more: Vec<u32> = numbers(self.sector(next)?).collect();
            next = more.pop()?;
            listed.extend(more);
        }
        listed.retain(|index| *index < SPECIAL_FROM);
        if listed.len() > sectors_max {
            return None;
        }
        for index in listed {
            self.links.extend(numbers(self.sector(index)?));
        }
        Some(())
    }

    /// What a chain of sectors holds, of which the first `length` bytes count. A chain that goes
    /// round in circles, or out of the file, holds nothing.
    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        let mut met = vec![false; self.links.len()];
        let mut index = start;
        while index != END_OF_CHAIN && content.len() < length {
            if std::mem::replace(met.get_mut(size(index))?, true) {
                return None;
            }
            content.extend_from_slice(self.sector(index)?);
            index = *self.links.get(size(index))?;
        }
        if length != usize::MAX {
            if content.len() < length {
                return None;
            }
            content.truncate(length);
        }
        Some(content)
    }

    fn small_chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        let mut index = start;
        // The length of small streams bounds the walk.
        while index != END_OF_CHAIN && content.len() < length {
            let place = size(index).checked_mul(SMALL_SECTOR_BYTES)?;
            let end = place.checked_add(SMALL_SECTOR_BYTES)?.min(self.small.len());
            content.extend_from_slice(self.small.get(place..end).filter(|it| !it.is_empty())?);
            index = *self.small_links.get(size(index))?;
        }
        (length <= content.len()).then(|| {
            content.truncate(length);
            content
        })
    }

    fn stream(&self, entry: &Entry) -> Option<Vec<u8>> {
        if entry.length < SMALL_STREAM_BYTES {
            self.small_chain(entry.start, entry.length)
        } else {
            self.chain(entry.start, entry.length)
        }
    }

    /// The entries at the top: not those of documents embedded in this one.
    fn top(&self) -> Vec<&Entry> {
        let mut found = Vec::new();
        let mut met = BTreeSet::new();
        let mut waiting: Vec<u32> =
            self.entries.first().map(|root| root.child).into_iter().collect();
        while let Some(index) = waiting.pop() {
            if let Some(entry) = self.entries.get(size(index))
                && met.insert(index)
            {
                found.push(entry);
                waiting.extend([entry.left, entry.right]);
            }
        }
        found
    }
}

fn read_entry(entry: &[u8], sector_bytes: usize) -> Option<Entry> {
    let name_bytes = usize::from(entry[64]).clamp(2, 64) & !1;
    let units: Vec<u16> = entry[..name_bytes - 2]
        .chunks_exact(2)
        .map(|two| u16::from_le_bytes([two[0], two[1]]))
        .collect();
    let high = number(entry, 124)?;
    // The upper half of a length means something in large containers only.
    let length = if sector_bytes == SECTOR_BYTES || high == 0 {
        size(number(entry, 120)?)
    } else {
        usize::MAX - 1
    };
    Some(Entry {
        name: String::from_utf16_lossy(&units),
        kind: entry[66],
        left: number(entry, 68)?,
        right: number(entry, 72)?,
        child: number(entry, 76)?,
        start: number(entry, 116)?,
        length,
    })
}

/// A container that holds this workbook stream and nothing else.
pub(super) fn plain(stream: &[u8]) -> Vec<u8> {
    // A stream is long enough to lie in sectors, so that there are no small ones.
    let stream_sectors = stream.len().max(SMALL_STREAM_BYTES).div_ceil(SECTOR_BYTES);
    let links_in_sector = SECTOR_BYTES / 4;
    // One sector for the directory; the table needs room for its own sectors, too.
    let (mut table_sectors, mut more_sectors) = (1, 0);
    while table_sectors * links_in_sector < stream_sectors + 1 + table_sectors + more_sectors {
        table_sectors += 1;
        more_sectors = table_sectors.saturating_sub(109).div_ceil(links_in_sector - 1);
    }
    let index = |sector: usize| u32::try_from(sector).unwrap_or(FREE);
    let directory = stream_sectors;
    let table = directory + 1;
    let more = table + table_sectors;
    let mut links: Vec<u32> = (1..=stream_sectors).map(index).collect();
    links[stream_sectors - 1] = END_OF_CHAIN;
    links.push(END_OF_CHAIN);
    links.extend(std::iter::repeat_n(TABLE_SECTOR, table_sectors));
    links.extend(std::iter::repeat_n(SPECIAL_FROM + 2, more_sectors));
    links.resize(table_sectors * links_in_sector, FREE);

    let mut bytes = SIGNATURE.to_vec();
    bytes.resize(24, 0);
    bytes.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    bytes.resize(44, 0);
    let first_more = if more_sectors == 0 { END_OF_CHAIN } else { index(more) };
    for number in [
        index(table_sectors),
        index(directory),
        0,
        index(SMALL_STREAM_BYTES),
        END_OF_CHAIN,
        0,
        first_more,
        index(more_sectors),
    ] {
        bytes.extend(number.to_le_bytes());
    }
    let mut listed = (table..more).map(index);
    for _ in 0..109 {
        bytes.extend(listed.next().unwrap_or(FREE).to_le_bytes());
    }
    bytes.extend(stream);
    bytes.resize(HEADER_BYTES + stream_sectors * SECTOR_BYTES, 0);
    bytes.extend(entry("Root Entry", 5, 1, END_OF_CHAIN, 0));
    bytes.extend(entry("Workbook", 2, FREE, 0, stream.len().max(SMALL_STREAM_BYTES)));
    bytes.resize(HEADER_BYTES + table * SECTOR_BYTES, 0);
    bytes.extend(links.iter().flat_map(|link| link.to_le_bytes()));
    for sector in 0..more_sectors {
        for _ in 1..links_in_sector {
            bytes.extend(listed.next().unwrap_or(FREE).to_le_bytes());
        }
        let next = if sector + 1 == more_sectors { END_OF_CHAIN } else { index(more + sector + 1) };
        bytes.extend(next.to_le_bytes());
    }
    bytes
}

fn entry(name: &str, kind: u8, child: u32, start: u32, length: usize) -> Vec<u8> {
    let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name_bytes = entry.len() + 2;
    entry.resize(64, 0);
    entry.extend([u8::try_from(name_bytes).unwrap_or(64), 0, kind, 1]);
    for number in [FREE, FREE, child] {
        entry.extend(number.to_le_bytes());
    }
    entry.resize(116, 0);
    entry.extend(start.to_le_bytes());
    entry.extend(u64::try_from(length).unwrap_or(0).to_le_bytes());
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_out_of_a_plain_container_as_it_went_in() {
        for length in [0, 1, 511, 4096, 4097, 65_536, 8_000_000] {
            let stream: Vec<u8> = (0..length).map(|it: u32| it.to_le_bytes()[0] ^ 7).collect();
            let out = workbook_stream(&plain(&stream)).expect("a workbook");
            assert!(out.starts_with(&stream), "{length}");
            assert!(
                out.len() < stream.len() + 5000 && out[stream.len()..].iter().all(|it| *it == 0)
            );
        }
    }

    #[test]
    fn chains_in_circles_and_out_of_the_file_hold_nothing() {
        let sound = plain(&vec![7; 20_000]);
        let table = HEADER_BYTES + 41 * SECTOR_BYTES;
        for (place, link) in
            [(table + 4, 0_u32), (table + 4, 5_000), (116, 3), (48, 5_000), (76, 9)]
        {
            let mut bytes = sound.clone();
            bytes[place..place + 4].copy_from_slice(&link.to_le_bytes());
            let stream = workbook_stream(&bytes);
            assert!(stream.is_none_or(|stream| stream.len() < 30_000), "{place} {link}");
        }
        assert!(workbook_stream(&sound[..HEADER_BYTES]).is_none());
        assert!(workbook_stream(b"nothing").is_none());
    }
}
