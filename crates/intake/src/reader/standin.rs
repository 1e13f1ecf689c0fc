//! A zip archive that stands in for another: all parts are the same, byte for byte, but those of the
//! sheets are given as they are unpacked, see [`Feed`]. So one unpacking serves the look and the
//! reader, and several readers can share a sheet.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crc32fast::Hasher;

use super::guard::{Archive, position};
use super::pieces::{Feed, bytes_max};

/// Where parts are in the archive that stands in.
pub(super) struct Layout<'a> {
    /// What stands where, by where it ends.
    spans: Vec<Span<'a>>,
    bytes: u64,
}

struct Span<'a> {
    start: u64,
    end: u64,
    what: What<'a>,
}

enum What<'a> {
    Original(&'a [u8]),
    Made(Vec<u8>),
    /// The sheet of a part of the original.
    Sheet(usize),
}

/// What zip says of a part.
struct Part<'a> {
    name: String,
    method: u16,
    checksum: u32,
    packed_bytes: u64,
    bytes: u64,
    what: What<'a>,
}

impl<'a> Layout<'a> {
    /// Stands in for an archive, given its bytes, with these parts as sheets. Nothing if that is
    /// not possible, which only archives have that their reader refuses.
    pub(super) fn new<'p>(
        archive: &mut Archive<'a>,
        bytes: &'a [u8],
        sheets: impl Iterator<Item = &'p str>,
    ) -> Option<Self> {
        let sheets: Vec<usize> = sheets.filter_map(|part| position(archive, part)).collect();
        let mut layout = Self { spans: Vec::new(), bytes: 0 };
        let (mut directory, mut parts) = (Vec::new(), 0_u16);
        for index in 0..archive.len() {
            let part = part(archive, bytes, index, sheets.contains(&index))?;
            let fields = part.fields()?;
            let offset = u32::try_from(layout.bytes).ok()?;
            let header = [b"PK\x03\x04\x14\x00".as_slice(), &fields, b"\0\0", part.name.as_bytes()];
            layout.push(What::Made(header.concat()), None)?;
            layout.push(part.what, Some(part.packed_bytes))?;
            directory.extend_from_slice(b"PK\x01\x02\x14\x00\x14\x00");
            directory.extend_from_slice(&fields);
            // No extra field, no comment, the first disk, no attributes.
            directory.extend_from_slice(&[0; 12]);
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(part.name.as_bytes());
            parts = parts.checked_add(1)?;
        }
        let start = u32::try_from(layout.bytes).ok()?;
        let length = u32::try_from(directory.len()).ok()?;
        directory.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        directory.extend_from_slice(&parts.to_le_bytes());
        directory.extend_from_slice(&parts.to_le_bytes());
        directory.extend_from_slice(&length.to_le_bytes());
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&[0; 2]);
        layout.push(What::Made(directory), None)?;
        Some(layout)
    }

    fn push(&mut self, what: What<'a>, bytes: Option<u64>) -> Option<()> {
        let length = match (&what, bytes) {
            (What::Made(made), _) => u64::try_from(made.len()).ok()?,
            (_, bytes) => bytes?,
        };
        let start = self.bytes;
        self.bytes = start.checked_add(length)?;
        self.spans.push(Span { start, end: self.bytes, what });
        Some(())
    }
}

impl Part<'_> {
    /// What both headers of a part say in the same words: flags, method, time, sizes, and the length
    /// of its name.
    fn fields(&self) -> Option<[u8; 22]> {
        let name_bytes = u16::try_from(self.name.len()).ok()?;
        let mut fields = [0; 22];
        // Names are in UTF-8.
        fields[0..2].copy_from_slice(&0x0800_u16.to_le_bytes());
        fields[2..4].copy_from_slice(&self.method.to_le_bytes());
        fields[8..12].copy_from_slice(&self.checksum.to_le_bytes());
        fields[12..16].copy_from_slice(&u32::try_from(self.packed_bytes).ok()?.to_le_bytes());
        fields[16..20].copy_from_slice(&u32::try_from(self.bytes).ok()?.to_le_bytes());
        fields[20..22].copy_from_slice(&name_bytes.to_le_bytes());
        Some(fields)
    }
}

/// As far before the end of an archive its directory may be looked for.
const BEFORE_DIRECTORY_BYTES_MAX: u64 = 128 * 1024;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// One that is not read, whichever it was.
const UNKNOWN: u16 = 12;

fn part<'a>(
    archive: &mut Archive<'a>,
    bytes: &'a [u8],
    index: usize,
    is_sheet: bool,
) -> Option<Part<'a>> {
    let (packed, method) = packed(archive, bytes, index)?;
    let part = archive.by_index_raw(index).ok()?;
    let name = part.name().ok()?.into_owned();
    if is_sheet {
        let bytes = bytes_max(part.size());
        let what = What::Sheet(index);
        return Some(Part { name, method: STORED, checksum: 0, packed_bytes: bytes, bytes, what });
    }
    Some(Part {
        name,
        method,
        checksum: part.crc32(),
        packed_bytes: u64::try_from(packed.len()).ok()?,
        bytes: part.size(),
        what: What::Original(packed),
    })
}

/// A part as it is packed, and how.
fn packed<'a>(archive: &mut Archive<'a>, bytes: &'a [u8], index: usize) -> Option<(&'a [u8], u16)> {
    let part = archive.by_index_raw(index).ok()?;
    let start = usize::try_from(part.data_start()?).ok()?;
    let end = start.checked_add(usize::try_from(part.compressed_size()).ok()?)?;
    let method = match part.compression() {
        zip::CompressionMethod::Stored => STORED,
        zip::CompressionMethod::Deflated => DEFLATED,
        _ => UNKNOWN,
    };
    Some((bytes.get(start..end)?, method))
}

/// The unpacked bytes of a part, and how many they are said to be: more are not given.
pub(super) fn unpacked<'a>(
    archive: &mut Archive<'a>,
    bytes: &'a [u8],
    index: usize,
) -> Option<Unpacked<'a>> {
    let (packed, method) = packed(archive, bytes, index)?;
    let part = archive.by_index_raw(index).ok()?;
    let (size_bytes, checksum) = (part.size(), part.crc32());
    let input: Box<dyn Read + Send> = match method {
        STORED => Box::new(packed.take(size_bytes)),
        DEFLATED => Box::new(flate2::bufread::DeflateDecoder::new(packed).take(size_bytes)),
        _ => return None,
    };
    Some(Unpacked { input, size_bytes, checksum, passed: Hasher::new() })
}

/// A part as it is unpacked.
pub(super) struct Unpacked<'a> {
    input: Box<dyn Read + Send + 'a>,
    /// How many bytes it is said to have.
    pub(super) size_bytes: u64,
    checksum: u32,
    /// What was unpacked so far.
    passed: Hasher,
}

impl Unpacked<'_> {
    /// Whether it is what was saved, after whatever is left of it has been unpacked too.
    pub(super) fn is_as_saved(&mut self) -> bool {
        io::copy(self, &mut io::sink()).is_ok() && self.passed.clone().finalize() == self.checksum
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.passed.update(&buffer[..length]);
        Ok(length)
    }
}

/// For tests: bytes as a part.
#[cfg(test)]
pub(super) fn unpacked_already(bytes: &[u8]) -> Unpacked<'_> {
    let mut whole = Hasher::new();
    whole.update(bytes);
    let size_bytes = u64::try_from(bytes.len()).expect("small");
    let (input, checksum) = (Box::new(bytes), whole.finalize());
    Unpacked { input, size_bytes, checksum, passed: Hasher::new() }
}

/// What the readers of one archive are fed with; each has its own.
#[derive(Clone)]
pub(super) struct Fed<'a>(Arc<Mutex<Option<FedPart<'a>>>>);

/// Which part of the original is given, and what gives it.
type FedPart<'a> = (usize, Feed<'a>);

impl<'a> Fed<'a> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// Has the sheet of a part of the original be what this gives.
    pub(super) fn feed(&self, index: usize, feed: Feed<'a>) {
        *self.lock() = Some((index, feed));
    }

    /// Has the first piece be ready, once all before it has been given; says whether there are more
    /// for others.
    pub(super) fn begin(&self) -> bool {
        self.lock().as_mut().is_some_and(|(_, feed)| feed.begin())
    }

    /// Looks through what is left, with no reader.
    pub(super) fn look_on(&self) {
        if let Some((_, feed)) = self.lock().as_mut() {
            feed.look_on();
        }
    }

    /// Says that the reader has come to a piece; whether that is the one it was given next.
    pub(super) fn has_come_to(&self, piece: u32) -> bool {
        self.lock().as_mut().is_some_and(|(_, feed)| feed.has_come_to(piece))
    }

    /// Whether the reader has come to all pieces it was given.
    pub(super) fn has_been_read(&self) -> bool {
        self.lock().as_ref().is_none_or(|(_, feed)| feed.has_been_read())
    }

    fn lock(&self) -> MutexGuard<'_, Option<FedPart<'a>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The archive that stands in, for one reader.
pub(super) struct Standin<'a> {
    layout: Arc<Layout<'a>>,
    fed: Fed<'a>,
    at: u64,
}

impl<'a> Standin<'a> {
    pub(super) fn new(layout: Arc<Layout<'a>>, fed: Fed<'a>) -> Self {
        Self { layout, fed, at: 0 }
    }
}

impl Read for Standin<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let spans = &self.layout.spans;
        let Some(span) = spans.get(spans.partition_point(|span| span.end <= self.at)) else {
            return Ok(0);
        };
        let given = self.at - span.start;
        let length = match &span.what {
            What::Original(bytes) => give(bytes, given, buffer)?,
            What::Made(bytes) => give(bytes, given, buffer)?,
            What::Sheet(index) => match self.fed.lock().as_mut() {
                Some((part, feed)) if part == index => feed.read(buffer)?,
                // Whoever looks for the directory reads what is before it, too.
                _ if span.end - self.at <= BEFORE_DIRECTORY_BYTES_MAX => {
                    let left = usize::try_from(span.end - self.at).map_err(io::Error::other)?;
                    let length = left.min(buffer.len());
                    buffer[..length].fill(0);
                    length
                }
                _ => 0,
            },
        };
        self.at += u64::try_from(length).map_err(io::Error::other)?;
        Ok(length)
    }
}

fn give(bytes: &[u8], given: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let given = usize::try_from(given).map_err(io::Error::other)?;
    let mut left = bytes.get(given..).unwrap_or_default();
    left.read(buffer)
}

impl Seek for Standin<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(place) => {
                self.at = place;
                return Ok(place);
            }
            SeekFrom::End(by) => (self.layout.bytes, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        let before = || io::Error::from(io::ErrorKind::InvalidInput);
        self.at = from.checked_add_signed(by).ok_or_else(before)?;
        Ok(self.at)
    }
}
