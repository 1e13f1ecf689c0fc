//! Cells as spreadsheet programs write nearly all of them, `<c r="B2" s="1" t="s"><v>12</v></c>`,
//! found with one look at each byte. What is written otherwise is nothing to this; the cutting into
//! tags sees to it.

/// Longest attribute and longest value taken here.
const ATTRIBUTE_BYTES_MAX: usize = 16;
const VALUE_BYTES_MAX: usize = 64;

/// What a cell says of itself, as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said<'b> {
    /// `r`
    pub(super) place: Option<&'b [u8]>,
    /// `s`
    pub(super) format: Option<&'b [u8]>,
    /// `t`
    pub(super) kind: Option<&'b [u8]>,
}

/// The cell that the bytes begin with: what it says of itself, its value, and how many bytes it has.
/// Nothing if it is not whole or anything about it is unusual.
pub(super) fn plain_cell(bytes: &[u8]) -> Option<(Said<'_>, &[u8], usize)> {
    let (said, rest) = match bytes {
        [b'<', b'c', b'>', ..] => (Said::default(), &bytes[2..]),
        [b'<', b'c', b' ', rest @ ..] => said(rest)?,
        _ => return None,
    };
    let text = match rest {
        [b'>', b'<', b'v', b'>', text @ ..] => text,
        [b'/', b'>', rest @ ..] => return Some((said, b"", bytes.len() - rest.len())),
        _ => return None,
    };
    let is_end = |byte| matches!(byte, b'<' | b'&');
    let (value, after) = split_before(text, VALUE_BYTES_MAX, is_end)?;
    let after = after.strip_prefix(b"</v></c>")?;
    Some((said, value, bytes.len() - after.len()))
}

/// The attributes that the bytes begin with, and what comes right after the last.
fn said(mut rest: &[u8]) -> Option<(Said<'_>, &[u8])> {
    let mut said = Said::default();
    loop {
        let [name, b'=', b'"', text @ ..] = rest else {
            return None;
        };
        let (value, after) = split_before(text, ATTRIBUTE_BYTES_MAX, |byte| byte == b'"')?;
        let slot = match name {
            b'r' => &mut said.place,
            b's' => &mut said.format,
            b't' => &mut said.kind,
            _ => return None,
        };
        if slot.replace(value).is_some() {
            return None;
        }
        match after {
            [_, b' ', more @ ..] => rest = more,
            [_, more @ ..] => return Some((said, more)),
            [] => return None,
        }
    }
}

/// Splits before the first byte of a kind, if that comes soon.
fn split_before(
    text: &[u8],
    bytes_max: usize,
    is_end: impl Fn(u8) -> bool,
) -> Option<(&[u8], &[u8])> {
    let length = text.iter().take(bytes_max).position(|byte| is_end(*byte))?;
    Some(text.split_at(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &str) -> String {
        let Some((said, value, length)) = plain_cell(bytes.as_bytes()) else {
            return "unusual".to_owned();
        };
        let shown = |bytes: Option<&[u8]>| {
            bytes.map_or("-".to_owned(), |it| String::from_utf8_lossy(it).into_owned())
        };
        let Said { place, format, kind } = said;
        let all = [place, format, kind, Some(value)].map(shown).join(" ");
        format!("{all}, then {:?}", &bytes[length..])
    }

    #[test]
    fn plain_cells_are_told_from_unusual_ones() {
        let cases = [
            r#"<c r="B2" s="1" t="s"><v>12</v></c><c"#,
            r#"<c t="b" r="B2"><v></v></c>"#,
            r#"<c r="B>2" s="/>"/></row>"#,
            r#"<c r="B2"><v>1</v></c"#,
            r#"<c r="B2"><v>1</v> </c>"#,
            r#"<c r="B2"><v>1&#48;</v></c>"#,
            r#"<c r="B2"><f>1</f><v>1</v></c>"#,
            r#"<c r="B2" r="B3"><v>1</v></c>"#,
            r#"<c r="B2" cm="1"><v>1</v></c>"#,
            r"<c r='B2'><v>1</v></c>",
            r#"<c r="B2" ><v>1</v></c>"#,
            r"<c><v>1</v></c>",
            r"<c/>",
            r#"<c r="B2"></c>"#,
            r#"<c r="B2"x="1"></c>"#,
        ];
        insta::assert_snapshot!(cases.map(told).join("\n"), @r#"
        B2 1 s 12, then "<c"
        B2 - b , then ""
        B>2 /> - , then "</row>"
        unusual
        unusual
        unusual
        unusual
        unusual
        unusual
        unusual
        unusual
        - - - 1, then ""
        unusual
        unusual
        unusual
        "#);
    }
}
