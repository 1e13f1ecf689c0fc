//! The parts of a message, decoded, as a mail program would show them.

/// A part that is not made of parts.
#[derive(Clone, Debug)]
pub struct Part {
    /// Media type and its parameters, as in `Content-Type`.
    pub kind: String,
    /// `Content-Disposition`; empty without one.
    pub disposition: String,
    /// Content, decoded.
    pub bytes: Vec<u8>,
}

/// Every part of a message, in order.
pub fn parts(message: &[u8]) -> Vec<Part> {
    let text = std::str::from_utf8(message).expect("a message in ASCII");
    let mut found = Vec::new();
    collect(text, &mut found);
    found
}

fn collect(text: &str, found: &mut Vec<Part>) {
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or_else(String::new, |(_, value)| value.to_owned())
    };
    let kind = header("Content-Type");
    if let Some((_, rest)) = kind.split_once("boundary=\"") {
        let (boundary, _) = rest.split_once('"').expect("a boundary in quotes");
        let inside =
            body.split_once(&format!("\r\n--{boundary}--")).map_or(body, |(inside, _)| inside);
        let inside = format!("\r\n{inside}");
        for part in inside.split(&format!("\r\n--{boundary}\r\n")).skip(1) {
            collect(part, found);
        }
        return;
    }
    let bytes = match header("Content-Transfer-Encoding").as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => base64(body),
        _ => body.as_bytes().to_vec(),
    };
    let disposition = header("Content-Disposition");
    found.push(Part { kind, disposition, bytes });
}

fn quoted_printable(body: &str) -> Vec<u8> {
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let code: Vec<u8> = rest.by_ref().take(2).collect();
            let code = std::str::from_utf8(&code).expect("two digits");
            bytes.push(u8::from_str_radix(code, 16).expect("two digits"));
        } else {
            bytes.push(byte);
        }
    }
    bytes
}

fn base64(body: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = body
        .bytes()
        .filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte))
        .map(|digit| u32::try_from(digit).expect("below 64"))
        .collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let number = (0..4).fold(0, |sum, index| sum << 6 | group.get(index).copied().unwrap_or(0));
        let [_, decoded @ ..] = number.to_be_bytes();
        bytes.extend_from_slice(&decoded[..group.len() - 1]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_decoded_and_in_order() {
        let message = "Content-Type: multipart/mixed;\r\n boundary=\"b\"\r\n\r\n--b\r\n\
            Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            caf=C3=A9 =\r\nau lait\r\n--b\r\nContent-Type: text/csv\r\n\
            Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            YSxi\r\nCg==\r\n--b--\r\n";
        let shown: Vec<String> = parts(message.as_bytes())
            .iter()
            .map(|part| {
                let text = String::from_utf8_lossy(&part.bytes).into_owned();
                format!("{} {} {text:?}", part.kind, part.disposition)
            })
            .collect();
        assert_eq!(shown, ["text/plain  \"café au lait\"", "text/csv attachment \"a,b\\n\""]);
    }
}
