//! What changes from run to run or machine to machine is blotted out before texts are compared.

/// Replaces each `from` by its `to`, the longest first.
pub fn redacted(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = pairs.iter().filter(|(from, _)| !from.is_empty()).collect();
    pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    let mut text = text.to_owned();
    for (from, to) in pairs {
        text = text.replace(from, to);
    }
    text
}

/// Blots out hexadecimal digests of 12 digits and more: `[hash]`.
pub fn blotted(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        // One short digest in three hundred has no letter at all.
        let digest = word.len() >= 12
            && word.bytes().all(|byte| byte.is_ascii_hexdigit())
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && (matches!(word.len(), 12 | 64)
                || word.bytes().any(|byte| byte.is_ascii_alphabetic()));
        out.push_str(if digest { "[hash]" } else { &word });
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_blotted_out_and_words_are_not() {
        let text = "file bf45fdcd2e83c1dea82b@x, 460125592303, acceded 100000000000000, decade";
        assert_eq!(blotted(text), "file [hash]@x, [hash], acceded 100000000000000, decade");
    }

    #[test]
    fn the_longest_goes_first() {
        let pairs = [("/a", "HOME"), ("/a/b", "DATA")];
        assert_eq!(redacted("/a/b and /a/c", &pairs), "DATA and HOME/c");
    }
}
