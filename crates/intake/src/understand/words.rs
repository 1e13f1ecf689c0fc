//! Cuts a text about time into the words that matter.

/// One word of a text about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'t> {
    /// A number without sign, and how many digits it is written with.
    Number(u32, usize),
    /// A month, 1 to 12, by its name or short name.
    Month(i8),
    /// `Quarter`, `Qtr`, `Q`.
    Quarter,
    /// `year`
    Year,
    /// `YE`
    YearEnding,
    /// `months`
    Months,
    /// `ending`, `ended`
    Ending,
    /// `to`, `until`
    To,
    /// `of`
    Of,
    /// `mid`
    Middle,
    /// Any dash.
    Dash,
    /// `/`
    Slash,
    /// `.` between numbers.
    Dot,
    /// `(`
    Open,
    /// `)`
    Close,
    /// Anything else.
    Other(&'t str),
}

/// The words of a text that is about time and nothing else; `None` if there is any other word.
pub(super) fn words(text: &str) -> Option<Vec<Word<'_>>> {
    // No period takes more: a long text is not a heading.
    const TEXT_BYTES_MAX: usize = 120;
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let all = cut(text);
    let foreign = all.iter().any(|word| matches!(word, Word::Other(_)));
    (!foreign && !all.is_empty()).then_some(all)
}

/// The words of any text.
pub(super) fn words_leniently(text: &str) -> Vec<Word<'_>> {
    cut(text)
}

fn cut(text: &str) -> Vec<Word<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\'' | '\u{2018}' | '\u{2019}' if year_after_apostrophe(rest).is_some() => {
                let (year, taken) = year_after_apostrophe(rest).expect("just seen");
                all.push(Word::Number(year, 2));
                taken
            }
            c if c.is_ascii_digit() => {
                let length = run(rest, |c| c.is_ascii_digit());
                let digits = &rest[..length];
                let number = digits.parse().ok().filter(|_| length <= 4);
                all.push(number.map_or(Word::Other(digits), |number| Word::Number(number, length)));
                length + ordinal(&rest[length..])
            }
            c if c.is_alphabetic() => {
                let length = run(rest, char::is_alphabetic);
                all.push(named(&rest[..length]));
                length
            }
            c => {
                let length = c.len_utf8();
                match c {
                    '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => all.push(Word::Dash),
                    '/' => all.push(Word::Slash),
                    '(' => all.push(Word::Open),
                    ')' => all.push(Word::Close),
                    // `Sept. 2024` and `01.04.2025`.
                    '.' if matches!(all.last(), Some(Word::Number(..))) => all.push(Word::Dot),
                    // Footnote marks as well: `June¹`.
                    '.'
                    | ','
                    | '\''
                    | '\u{2018}'
                    | '\u{2019}'
                    | '*'
                    | '†'
                    | '‡'
                    | '¹'
                    | '²'
                    | '³'
                    | '⁴'..='⁹' => {}
                    c if c.is_whitespace() => {}
                    _ => all.push(Word::Other(&rest[..length])),
                }
                length
            }
        };
        rest = &rest[taken..];
    }
    all
}

/// `'11`, of which no more than two digits are the year: what is glued to them, and the numbers after
/// commas, are footnotes (`'114`, `'125, 6`). Gives the year and how many bytes that was.
fn year_after_apostrophe(text: &str) -> Option<(u32, usize)> {
    let mut characters = text.chars();
    let apostrophe = characters.next()?.len_utf8();
    let digits = run(&text[apostrophe..], |c| c.is_ascii_digit());
    let year = text.get(apostrophe..apostrophe + 2).filter(|_| (2..=3).contains(&digits))?;
    let mut taken = apostrophe + digits;
    loop {
        if digits != 3 {
            break;
        }
        let after = text[taken..].strip_prefix(',').map(str::trim_start);
        let Some(note) = after.filter(|after| after.starts_with(|c: char| c.is_ascii_digit()))
        else {
            break;
        };
        taken = text.len() - note.len() + run(note, |c| c.is_ascii_digit());
    }
    Some((year.parse().ok()?, taken))
}

/// How many bytes of `8th` are no number.
fn ordinal(after: &str) -> usize {
    let length = run(after, char::is_alphabetic);
    if matches!(&after[..length], "st" | "nd" | "rd" | "th") { length } else { 0 }
}

fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn named(word: &str) -> Word<'_> {
    match word.to_lowercase().as_str() {
        "quarter" | "qtr" | "q" => Word::Quarter,
        "year" => Word::Year,
        "ye" => Word::YearEnding,
        "months" => Word::Months,
        "ending" | "ended" => Word::Ending,
        "to" | "until" => Word::To,
        "of" => Word::Of,
        "mid" => Word::Middle,
        "jan" | "january" => Word::Month(1),
        "feb" | "february" => Word::Month(2),
        "mar" | "march" => Word::Month(3),
        "apr" | "april" => Word::Month(4),
        "may" => Word::Month(5),
        "jun" | "june" => Word::Month(6),
        "jul" | "july" => Word::Month(7),
        "aug" | "august" => Word::Month(8),
        "sep" | "sept" | "september" => Word::Month(9),
        "oct" | "october" => Word::Month(10),
        "nov" | "november" => Word::Month(11),
        "dec" | "december" => Word::Month(12),
        _ => Word::Other(word),
    }
}
