//! Counting the shared texts of an xls workbook, as its reader goes through them.

/// Bytes before the first text: two counts.
const HEAD_BYTES: usize = 8;

/// Where the walk through the pieces stands.
struct Walk<'a> {
    pieces: &'a [&'a [u8]],
    rest: &'a [u8],
}

/// How many texts the record and its continuations hold; `None` if they do not add up.
pub(super) fn count(pieces: &[&[u8]]) -> Option<u32> {
    let (first, more) = pieces.split_first()?;
    let mut walk = Walk { pieces: more, rest: first.get(HEAD_BYTES..)? };
    let mut texts = 0;
    while !walk.rest.is_empty() || walk.turn() {
        walk.text()?;
        texts += 1;
    }
    Some(texts)
}

impl Walk<'_> {
    fn turn(&mut self) -> bool {
        match self.pieces.split_first() {
            Some((next, more)) => {
                (self.rest, self.pieces) = (next, more);
                true
            }
            None => false,
        }
    }

    fn take(&mut self, bytes: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            if self.rest.is_empty() && !self.turn() {
                return None;
            }
            let step = bytes.min(self.rest.len());
            self.take(step)?;
            bytes -= step;
        }
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        if self.rest.is_empty() {
            // A piece of nothing: the reader counts it as a text of nothing.
            return Some(());
        }
        let head = self.take(3)?;
        let (mut characters, flags) =
            (usize::from(u16::from_le_bytes([head[0], head[1]])), head[2]);
        let mut trailing = 0_usize;
        if flags & 8 != 0 {
            let runs = self.take(2)?;
            trailing += 4 * usize::from(u16::from_le_bytes([runs[0], runs[1]]));
        }
        if flags & 4 != 0 {
            let more = self.take(4)?;
            let more = u32::from_le_bytes([more[0], more[1], more[2], more[3]]);
            trailing = trailing.checked_add(usize::try_from(more).ok()?)?;
        }
        let mut width = 1 + usize::from(flags & 1);
        while characters > 0 {
            let here = characters.min(self.rest.len() / width);
            self.take(here * width)?;
            characters -= here;
            if characters > 0 {
                // Half a character before the turn would shift all that follows.
                if !self.rest.is_empty() || !self.turn() {
                    return None;
                }
                width = 1 + usize::from(self.take(1)?[0] & 1);
            }
        }
        self.skip(trailing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_over_pieces() {
        let head = [9, 0, 0, 0, 9, 0, 0, 0];
        let record = |texts: &[u8]| [&head, texts].concat();
        let one = record(b"\x02\0\0ab");
        assert_eq!(count(&[&one]), Some(1));
        let two = record(b"\x02\0\0ab\x01\0\x01x\0");
        assert_eq!(count(&[&two]), Some(2));
        let rich = record(b"\x02\0\x08\x01\0ab1234\x01\0\x04\x02\0\0\0x99");
        assert_eq!(count(&[&rich]), Some(2));
        let split = record(b"\x04\0\0ab");
        assert_eq!(count(&[&split, b"\x01c\0d\0"]), Some(1));
        assert_eq!(count(&[&split]), None);
        let cut = record(b"\x02\0");
        assert_eq!(count(&[&cut]), None);
        assert_eq!(count(&[b"1234"]), None);
        let half = record(b"\x02\0\x01a\0b");
        assert_eq!(count(&[&half, b"\x01\0c\0"]), None);
    }
}
