//! What may travel over SMTP without being changed or misread on the way.

/// Longest line of a message in bytes, without its line end (RFC 5322).
const LINE_BYTES_MAX: usize = 998;

/// Why bytes are not fit to be sent, if they are not: a lone CR or LF can be read as the end of a
/// message by one server and as text by the next, and then carries a second, forged message.
pub(crate) fn fault(mime: &[u8]) -> Option<&'static str> {
    if !mime.is_ascii() {
        return Some("it has bytes beyond ASCII");
    }
    let mut line_bytes = 0;
    let mut rest = mime;
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, tail.first()) {
            (b'\r', Some(b'\n')) => {
                line_bytes = 0;
                rest = &tail[1..];
                continue;
            }
            (b'\r' | b'\n', _) => return Some("it has a line end that is not CR LF"),
            (0, _) => return Some("it has a NUL byte"),
            _ => line_bytes += 1,
        }
        if line_bytes > LINE_BYTES_MAX {
            return Some("it has a line longer than 998 bytes");
        }
        rest = tail;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_lines_are_fit() {
        assert_eq!(fault(b"A: b\r\n\r\n.\r\n"), None);
        assert_eq!(fault(&[b'x'; 998]), None);
        for unfit in
            [&b"a\n.\nb"[..], b"a\r.\r\n", b"a\r", b"\n", "é".as_bytes(), b"a\0b", &[b'x'; 999]]
        {
            assert!(fault(unfit).is_some(), "{unfit:?}");
        }
    }
}
