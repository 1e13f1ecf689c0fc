//! Text that partners wrote, made safe to lay out: one line, nothing invisible, not too long.

/// Longest name of a thing: a title, a file, a lead agency, in characters.
pub(crate) const NAME_MAX: usize = 160;
/// Longest sentence, in characters.
pub(crate) const SENTENCE_MAX: usize = 600;

/// One line: blanks folded to one, control, bidirectional and zero-width characters removed, and
/// cut at a word with an ellipsis when longer than `max` characters.
pub(crate) fn clean(text: &str, max: usize) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .collect();
    let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    shortened(&folded, max)
}

/// Characters that change how their neighbours look without being seen themselves.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text, or as many whole words of it as fit in `max` characters with an ellipsis.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max.saturating_sub(1)).collect();
    let next = text.chars().nth(max.saturating_sub(1));
    let whole = match head.rfind(' ') {
        Some(end) if next != Some(' ') && end > head.len() / 2 => &head[..end],
        _ => &head,
    };
    format!("{}…", whole.trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_taken_out() {
        insta::assert_snapshot!(clean("Pay\u{202e}roll\u{200b}\r\nBcc: all\u{0}\u{2066}!", 80), @"Payroll Bcc: all !");
        insta::assert_snapshot!(clean("  a\u{a0}\u{2028} b\t", 80), @"a b");
    }

    #[test]
    fn long_text_is_cut_at_a_word() {
        let long = "Monthly group to address crime trends, and to deliver";
        insta::assert_snapshot!(clean(long, 39), @"Monthly group to address crime trends…");
        insta::assert_snapshot!(clean(long, 30), @"Monthly group to address…");
        insta::assert_snapshot!(clean(&"x".repeat(50), 10), @"xxxxxxxxx…");
        assert_eq!(clean(long, 53), long);
        for max in 1..60 {
            assert!(clean(long, max).chars().count() <= max, "{max}");
        }
    }
}
