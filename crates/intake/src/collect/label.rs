//! File names as labels: shown and remembered, never used as a path.

/// Most characters of a label.
const LABEL_CHARACTERS_MAX: usize = 120;

/// Makes a name that somebody else chose fit to be shown: the last part of it, without control
/// characters or characters that change the direction of text, and of bounded length (the ending
/// is kept).
pub fn file_label(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: Vec<char> = last.chars().filter(|character| !is_hidden(*character)).collect();
    let label: String = if shown.len() <= LABEL_CHARACTERS_MAX {
        shown.iter().collect()
    } else {
        let ending_length = 12;
        let (head, tail) = (
            &shown[..LABEL_CHARACTERS_MAX - ending_length - 1],
            &shown[shown.len() - ending_length..],
        );
        head.iter().chain(&['…']).chain(tail).collect()
    };
    let label = label.trim();
    if label.is_empty() || label.chars().all(|character| character == '.') {
        "unnamed".to_owned()
    } else {
        label.to_owned()
    }
}

/// Control characters, and characters that change how the text around them is read.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffd}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_harmless_labels() {
        let labels = [
            "Q1 return.xlsx",
            "../../etc/passwd",
            r"C:\Users\x\q1.xlsx",
            "a\0b\nc.xlsx",
            "gnp\u{202e}xslx.exe",
            "",
            "..",
            "\u{200b}",
            "dir/",
        ]
        .map(file_label)
        .join("\n");
        insta::assert_snapshot!(labels, @r"
        Q1 return.xlsx
        passwd
        q1.xlsx
        abc.xlsx
        gnpxslx.exe
        unnamed
        unnamed
        unnamed
        unnamed
        ");
    }

    proptest::proptest! {
        #[test]
        fn a_label_is_short_and_is_no_path(name in "\\PC{0,400}|.{0,400}") {
            let label = file_label(&name);
            proptest::prop_assert!(label.chars().count() <= LABEL_CHARACTERS_MAX);
            proptest::prop_assert!(!label.is_empty() && !label.contains(['/', '\\', '\0', '\n']));
            proptest::prop_assert_eq!(file_label(&label), label.clone());
        }
    }
}
