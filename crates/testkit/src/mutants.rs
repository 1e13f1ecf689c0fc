//! Damaged copies of workbooks, the same for the same seed.
//!
//! Damage is done where a format can be hurt most: bytes of the file, parts of a zip archive,
//! attributes and tags of XML, records of binary workbooks, chains of an old Office container.

mod binary;
mod bytes;
mod xml;
mod zipped;

/// A damaged copy of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What was done to which file, for people: `date.xlsx: sheet1.xml: number`.
    pub name: String,
    /// The damaged bytes.
    pub bytes: Vec<u8>,
}

/// The mutant of this number: of one of `sources` (names and bytes, not empty), damaged in one to
/// three places.
pub fn mutant(number: u64, sources: &[(String, Vec<u8>)]) -> Mutant {
    let mut dice = Dice::new(number);
    let (source, bytes) = &sources[dice.below(sources.len())];
    let mut bytes = bytes.clone();
    let mut name = source.clone();
    for _ in 0..=dice.below(3) {
        let (done, changed) = damaged(&bytes, &mut dice);
        name = format!("{name}: {done}");
        bytes = changed;
    }
    Mutant { name, bytes }
}

fn damaged(bytes: &[u8], dice: &mut Dice) -> (String, Vec<u8>) {
    // A quarter of all damage knows nothing of the format.
    if !dice.one_in(4) {
        let known = if bytes.starts_with(b"PK") {
            zipped::damaged(bytes, dice)
        } else if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            binary::damaged_container(bytes, dice)
        } else {
            None
        };
        if let Some(done) = known {
            return done;
        }
    }
    bytes::damaged(bytes, dice)
}

/// Numbers without order that are the same for the same start (the generator called `SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, exclusive; 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Four bytes at which counts, lengths and numbers of sectors go wrong.
    pub(crate) fn bad_number(&mut self) -> [u8; 4] {
        let any = u32::try_from(self.next() & 0xffff_ffff).unwrap_or(0);
        let choices =
            [0, 1, 0xff, 0xffff, 0x10_0000, 0x7fff_ffff, 0xffff_ffff, 0xffff_fffe, 0xffff_fffd];
        let number = if self.one_in(4) { any } else { *self.pick(&choices) };
        number.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_mutant_and_another_another() {
        let sources = [
            ("a.csv".to_owned(), b"Area,Count\nSevenoaks,3\n".repeat(20)),
            ("b.xlsx".to_owned(), crate::workbook(&[("Q1", "Area | Count\nSevenoaks | 3\n")])),
        ];
        let made: Vec<Mutant> = (0..200).map(|number| mutant(number, &sources)).collect();
        let again: Vec<Mutant> = (0..200).map(|number| mutant(number, &sources)).collect();
        assert_eq!(made, again);
        let unchanged = made.iter().filter(|made| sources.iter().any(|it| it.1 == made.bytes));
        assert!(unchanged.count() < 20);
        for kind in ["flipped", "cut", "number", "tag", "cell"] {
            assert!(made.iter().any(|made| made.name.contains(kind)), "no `{kind}`");
        }
    }
}
