//! Damage that knows nothing of a format.

use super::Dice;

pub(super) fn damaged(bytes: &[u8], dice: &mut Dice) -> (String, Vec<u8>) {
    let mut bytes = bytes.to_vec();
    let start = dice.below(bytes.len());
    let end = (start + 1 + dice.below(512)).min(bytes.len());
    let what = match dice.below(8) {
        0 | 1 => {
            for _ in 0..=dice.below(8) {
                let place = dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << (dice.next() % 8);
                }
            }
            "flipped"
        }
        2 => {
            bytes.truncate(start);
            "cut"
        }
        3 => {
            bytes.drain(start..end);
            "block removed"
        }
        4 => {
            let block = bytes[start..end].to_vec();
            let place = dice.below(bytes.len());
            bytes.splice(place..place, block);
            "block doubled"
        }
        5 => {
            bytes[start..end].fill(if dice.one_in(2) { 0 } else { 0xff });
            "block blotted"
        }
        6 => {
            for (byte, bad) in bytes[start..].iter_mut().zip(dice.bad_number()) {
                *byte = bad;
            }
            "four bytes"
        }
        _ => {
            let block: Vec<u8> =
                (0..dice.below(64)).map(|_| u8::try_from(dice.next() % 256).unwrap_or(0)).collect();
            bytes.splice(start..start, block);
            "noise"
        }
    };
    (what.to_owned(), bytes)
}
