//! Text in the encodings that spreadsheets write.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much of the start is looked at to tell text from other bytes.
const HEAD_BYTES: usize = 65_536;

/// Text of bytes in UTF-8, UTF-16 (each with or without its mark) or Windows-1252; `None` if the
/// bytes are not text.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        // What says it is UTF-8 and is not has been damaged by some program on the way; the
        // strange characters will show where.
        return printable(String::from_utf8_lossy(rest).into_owned());
    }
    let utf_16 = match bytes {
        [0xff, 0xfe, rest @ ..] => Some((UTF_16LE, rest)),
        [0xfe, 0xff, rest @ ..] => Some((UTF_16BE, rest)),
        _ => unmarked_utf_16(bytes).map(|encoding| (encoding, bytes)),
    };
    if let Some((encoding, rest)) = utf_16 {
        return printable(encoding.decode_without_bom_handling(rest).0.into_owned());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => printable(text.to_owned()),
        Err(_) => printable(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
    }
}

/// UTF-16 of mostly Latin text shows by zeros in every other place and in no other.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES) & !1];
    let zeros =
        |place: usize| head.iter().skip(place).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 2 * 2 / 5;
    if head.len() < 4 {
        None
    } else if even == 0 && odd > most {
        Some(UTF_16LE)
    } else if odd == 0 && even > most {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The text, unless it holds what text does not: zeros, or more than a few control characters.
fn printable(text: String) -> Option<String> {
    let (mut all, mut strange) = (0_usize, 0_usize);
    for character in text.chars().take(HEAD_BYTES) {
        all += 1;
        let is_layout = matches!(character, '\t' | '\r' | '\n' | '\x0c' | '\x1a');
        if character == '\0' {
            return None;
        }
        if character.is_control() && !is_layout {
            strange += 1;
        }
    }
    // One odd character in a file of any size is an accident.
    (strange <= 1 + all / 100).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_in_seven_encodings() {
        let text = "Area;Höhe £\r\n";
        let utf_16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(to_bytes).collect()
        };
        let (little, big) = (utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let encoded = [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
            b"Area;H\xf6he \xa3\r\n".to_vec(),
        ];
        for bytes in encoded {
            assert_eq!(decode(&bytes).as_deref(), Some(text), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_not_text_is_not_decoded() {
        for bytes in [b"a\0b".as_slice(), b"\x01\x02\x03\x04\x05\x06\x07\x08", b"\xff\xfea\0\0\0"] {
            assert_eq!(decode(bytes), None, "{bytes:x?}");
        }
    }
}
