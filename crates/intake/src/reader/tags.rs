//! XML cut into tags and texts, and no more: what a look through a hundred megabytes of cells needs.
//!
//! Whoever looks decides what is odd; here only what is not even cut properly is given up.

use std::io::Read;

use super::package::{Next, Trouble};

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// Longest tag, comment or the like, in bytes.
const MARKUP_BYTES_MAX: usize = 1024 * 1024;

/// A piece of XML.
#[derive(Debug)]
pub(super) enum Tag<'b> {
    Start(Element<'b>),
    /// The end of the element of this name, also of one that is empty: `<c/>`.
    End(&'b [u8]),
    /// Text or part of one, as it stands.
    Text(&'b [u8]),
    /// A comment, marked text, a declaration or an instruction.
    Other,
}

/// The start of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'b> {
    /// Its name without a prefix.
    pub(super) name: &'b [u8],
    attributes: &'b [u8],
}

impl<'b> Element<'b> {
    /// Names and values of its attributes as they stand; nothing where that is not proper XML.
    pub(super) fn attributes(self) -> impl Iterator<Item = Option<(&'b [u8], &'b [u8])>> {
        let mut rest = self.attributes.trim_ascii();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let found = split_attribute(rest);
            rest = found.map_or(&[], |(_, _, rest)| rest);
            Some(found.map(|(name, value, _)| (name, value)))
        })
    }
}

/// The first attribute's name, its value, and what follows.
fn split_attribute(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let name = text[..equals].trim_ascii_end();
    let (quote, rest) = text[equals + 1..].trim_ascii_start().split_first()?;
    if name.is_empty() || name.contains(&b' ') || !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let end = rest.iter().position(|byte| byte == quote)?;
    Some((name, &rest[..end], rest[end + 1..].trim_ascii_start()))
}

/// Calls `visit` with each piece of a part, in order.
pub(super) fn tags(
    mut input: impl Read,
    mut visit: impl FnMut(&Tag<'_>) -> Result<Next, Trouble>,
) -> Result<(), Trouble> {
    let mut buffer = Vec::new();
    loop {
        let is_whole = fill(&mut input, &mut buffer, READ_BYTES).ok_or(Trouble::Xml)?;
        let mut at = 0;
        while let Some(length) = piece(&buffer[at..], &mut visit)? {
            at += match length {
                Piece::On(length) => length,
                Piece::Stop(_) => return Ok(()),
            };
        }
        drop_front(&mut buffer, at);
        if !may_go_on(&buffer, is_whole)? {
            return Ok(());
        }
    }
}

/// Whether there is more to come after what is left of a buffer when all whole pieces are gone.
pub(super) fn may_go_on(left: &[u8], is_whole: bool) -> Result<bool, Trouble> {
    match (is_whole, left.len()) {
        (true, 0) => Ok(false),
        (true, _) | (_, MARKUP_BYTES_MAX..) => Err(Trouble::Xml),
        _ => Ok(true),
    }
}

/// Forgets the first bytes of a buffer.
pub(super) fn drop_front(buffer: &mut Vec<u8>, bytes: usize) {
    let left = buffer.len() - bytes;
    buffer.copy_within(bytes.., 0);
    buffer.truncate(left);
}

/// Adds up to so many bytes of the input; says whether that was the last of it, and nothing if it
/// cannot be read.
pub(super) fn fill(input: &mut impl Read, buffer: &mut Vec<u8>, bytes: usize) -> Option<bool> {
    let wanted = u64::try_from(bytes).ok()?;
    let arrived = input.by_ref().take(wanted).read_to_end(buffer).ok()?;
    Some(arrived < bytes)
}

/// How long a visited piece was, and whether its visitor wants more.
pub(super) enum Piece {
    On(usize),
    Stop(usize),
}

/// Calls `visit` with the piece that the bytes begin with; nothing if its end is not there yet.
pub(super) fn piece(
    bytes: &[u8],
    visit: &mut impl FnMut(&Tag<'_>) -> Result<Next, Trouble>,
) -> Result<Option<Piece>, Trouble> {
    let text = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
    let (length, next) = if text > 0 {
        (text, visit(&Tag::Text(&bytes[..text]))?)
    } else if let Some(length) = markup_length(bytes) {
        (length, visit_markup(&bytes[..length], visit)?)
    } else {
        return Ok(None);
    };
    Ok(Some(match next {
        Next::On => Piece::On(length),
        Next::Stop => Piece::Stop(length),
    }))
}

/// How long the markup is that the text begins with; nothing if its end is not there yet.
fn markup_length(text: &[u8]) -> Option<usize> {
    let closed_by = |end: &[u8]| memchr::memmem::find(text, end).map(|place| place + end.len());
    match text {
        [b'<', b'!', b'-', b'-', ..] => closed_by(b"-->"),
        [b'<', b'!', b'[', ..] => closed_by(b"]]>"),
        [b'<', b'?', ..] => closed_by(b"?>"),
        // More may have to come before it is clear which of these it is.
        [b'<', b'!'] | [b'<', b'!', b'-'] | [b'<'] | [] => None,
        _ => {
            let mut at = 0;
            loop {
                at += memchr::memchr3(b'>', b'"', b'\'', &text[at..])? + 1;
                let quote = text[at - 1];
                if quote == b'>' {
                    return Some(at);
                }
                at += memchr::memchr(quote, &text[at..])? + 1;
            }
        }
    }
}

fn visit_markup(
    markup: &[u8],
    visit: &mut impl FnMut(&Tag<'_>) -> Result<Next, Trouble>,
) -> Result<Next, Trouble> {
    let inside = &markup[1..markup.len() - 1];
    match inside {
        [b'!' | b'?', ..] => visit(&Tag::Other),
        [b'/', name @ ..] => visit(&Tag::End(local(name.trim_ascii_end()))),
        _ => {
            let (inside, is_empty) = match inside {
                [inside @ .., b'/'] => (inside, true),
                _ => (inside, false),
            };
            let end = inside.iter().position(u8::is_ascii_whitespace).unwrap_or(inside.len());
            let name = local(&inside[..end]);
            let element = Element { name, attributes: &inside[end..] };
            match visit(&Tag::Start(element))? {
                Next::On if is_empty => visit(&Tag::End(name)),
                next => Ok(next),
            }
        }
    }
}

/// A name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    let colon = name.iter().position(|byte| *byte == b':');
    colon.map_or(name, |colon| &name[colon + 1..])
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use quick_xml::events::Event;

    use super::*;

    /// Gives what it has in small pieces.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn cut(xml: &[u8]) -> Option<String> {
        let (mut told, mut text) = (String::new(), Vec::new());
        let mut piece = |tag: &Tag<'_>| {
            if let Tag::Text(more) = tag {
                text.extend_from_slice(more);
                return Ok(Next::On);
            }
            if !text.is_empty() {
                write!(told, "{:?} ", shown(&std::mem::take(&mut text))).expect("a String");
            }
            match tag {
                Tag::Start(element) => {
                    write!(told, "<{}", shown(element.name)).expect("a String");
                    for attribute in element.attributes() {
                        match attribute {
                            Some((name, value)) => {
                                write!(told, " {}={:?}", shown(name), shown(value))
                            }
                            None => write!(told, " ?"),
                        }
                        .expect("a String");
                    }
                    told.push_str("> ");
                }
                Tag::End(name) => write!(told, "</{}> ", shown(name)).expect("a String"),
                Tag::Other => told.push_str("! "),
                Tag::Text(_) => {}
            }
            Ok(Next::On)
        };
        tags(Trickle(xml, 7), &mut piece).ok()?;
        Some(told)
    }

    #[test]
    fn xml_is_cut_into_its_pieces() {
        let xml = r#"<?xml version="1.0"?><!-- <c> --><x:row r="1" s = 'a>b'><c r="A1"/><v>1&amp;2</v ><![CDATA[<v>]]></x:row>"#;
        insta::assert_snapshot!(cut(xml.as_bytes()).expect("proper"), @r#"! ! <row r="1" s="a>b"> <c r="A1"> </c> <v> "1&amp;2" </v> ! </row>"#);
        insta::assert_snapshot!(cut(b"<c r=1><c r><c r='A1'x=\"2\" r=\"3>").unwrap_or("cut short".to_owned()), @"cut short");
        insta::assert_snapshot!(cut(b"<c r=1/><c r/><c r='A1'x=\"2\" =\"3\">").expect("proper"), @r#"<c ?> </c> <c ?> </c> <c r="A1" x="2" ?> "#);
        assert_eq!(cut(b"<row"), None);
        assert_eq!(cut(b"<!-- "), None);
        assert_eq!(
            cut(&[b"<c ".as_slice(), &vec![b' '; MARKUP_BYTES_MAX + READ_BYTES]].concat()),
            None
        );
    }

    proptest::proptest! {
        /// The workbooks' own reader cuts proper XML in the same places.
        #[test]
        fn the_reader_of_workbooks_cuts_it_the_same(pieces in proptest::collection::vec(0..10_usize, 0..60)) {
            let known = [
                "<row r=\"1\">", "</row>", "<c r='A\">1'/>", "<v>", "</v>", "12", "<!-- <v> > -->",
                "<![CDATA[<c>]]>", "<x:c r=\"B1\" t=\"s\">", "<?go > ?>",
            ];
            let xml: String = pieces.iter().map(|piece| known[*piece]).collect();
            let mut reader = quick_xml::Reader::from_reader(xml.as_bytes());
            reader.config_mut().expand_empty_elements = true;
            reader.config_mut().check_end_names = false;
            reader.config_mut().allow_unmatched_ends = true;
            let (mut buffer, mut wanted) = (Vec::new(), String::new());
            loop {
                let event = reader.read_event_into(&mut buffer).expect("proper");
                match event {
                    Event::Start(element) => {
                        write!(wanted, "<{}", element.local_name().as_ref()).expect("a String");
                        for attribute in element.attributes().flatten() {
                            write!(wanted, " {}={:?}", attribute.key.as_ref(), attribute.value).expect("a String");
                        }
                        wanted.push_str("> ");
                    }
                    Event::End(element) => write!(wanted, "</{}> ", element.local_name().as_ref()).expect("a String"),
                    Event::Text(text) => write!(wanted, "{:?} ", text.as_ref() as &str).expect("a String"),
                    Event::Eof => break,
                    _ => wanted.push_str("! "),
                }
                buffer.clear();
            }
            let told = cut(format!("{xml}<end/>").as_bytes()).expect("proper");
            proptest::prop_assert_eq!(told, format!("{wanted}<end> </end> "));
        }
    }
}
