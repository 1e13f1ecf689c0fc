//! A number and its noun.

/// `1 file`, `2 files`: for nouns that take an `s`, in lines for operators.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
