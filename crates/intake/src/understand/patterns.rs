//! What identifies a person in Britain: NHS numbers, National Insurance numbers, postcodes,
//! e-mail addresses, telephone numbers, names.

/// What kind of personal detail a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    NhsNumber,
    InsuranceNumber,
    Email,
    Phone,
    Postcode,
    Titled,
}

impl Detail {
    /// For people, in the plural.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::NhsNumber => "NHS numbers",
            Self::InsuranceNumber => "National Insurance numbers",
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::Postcode => "full postcodes",
            Self::Titled => "names of people",
        }
    }
}

/// Ten digits, as they stand or grouped 3-3-4; `None` if the text is something else.
pub(super) fn ten_digits(text: &str) -> Option<TenDigits> {
    let text = text.trim();
    let groups: Vec<&str> = text.split([' ', '-', '.', '\u{a0}']).collect();
    let grouped = match groups.as_slice() {
        [whole] if whole.len() == 10 => false,
        [a, b, c] if a.len() == 3 && b.len() == 3 && c.len() == 4 => true,
        _ => return None,
    };
    let digits: Vec<u32> =
        groups.concat().chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    Some(TenDigits { grouped, is_nhs_number: has_nhs_check_digit(&digits) })
}

/// A ten-digit number: one in eleven has an NHS check digit by chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct TenDigits {
    pub(super) grouped: bool,
    pub(super) is_nhs_number: bool,
}

/// The NHS check digit: weights 10 down to 2, modulo 11.
fn has_nhs_check_digit(digits: &[u32]) -> bool {
    let [head @ .., check] = digits else {
        return false;
    };
    let sum: u32 = head.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let expected = (11 - sum % 11) % 11;
    // The same digit ten times fits, and is a filler.
    let filler = head.iter().all(|digit| digit == check);
    expected == *check && !filler
}

/// What a text holds that identifies a person, NHS numbers apart.
pub(super) fn detail(text: &str) -> Option<Detail> {
    const TEXT_BYTES_MAX: usize = 4000;
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    if text.split(|c: char| c.is_whitespace() || ",;<>()\"".contains(c)).any(is_email) {
        return Some(Detail::Email);
    }
    if is_phone(text) {
        return Some(Detail::Phone);
    }
    let upper = text.to_uppercase();
    let words: Vec<&str> =
        upper.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if has_insurance_number(&words) {
        return Some(Detail::InsuranceNumber);
    }
    let compact = words.concat();
    let whole = words.len() <= 2 && is_postcode(&compact);
    // In running text only the usual way of writing counts: capitals, one blank.
    let inside = text.split(|c: char| c != ' ' && !c.is_ascii_alphanumeric()).any(|part| {
        let words: Vec<&str> = part.split(' ').filter(|word| !word.is_empty()).collect();
        words.windows(2).any(|pair| {
            let shaped = pair[1].len() == 3 && (2..=4).contains(&pair[0].len());
            shaped
                && pair[0].starts_with(|c: char| c.is_ascii_uppercase())
                && is_postcode(&pair.concat())
        })
    });
    (whole || inside).then_some(Detail::Postcode)
}

/// `AB 12 34 56 C`, with or without blanks.
fn has_insurance_number(words: &[&str]) -> bool {
    (0..words.len()).any(|start| {
        (1..=5).any(|length| {
            words.get(start..start + length).is_some_and(|part| is_insurance_number(&part.concat()))
        })
    })
}

fn is_insurance_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 9 || !bytes[2..8].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let prefix = &text[..2];
    let first = b"ABCEGHJKLMNOPRSTWXYZ".contains(&bytes[0]);
    let second = b"ABCEGHJKLMNPRSTWXYZ".contains(&bytes[1]);
    let never = ["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"].contains(&prefix);
    first && second && !never && (b'A'..=b'D').contains(&bytes[8])
}

/// A full postcode in capitals, without its blank: `TN131HG`.
fn is_postcode(compact: &str) -> bool {
    let compact = compact.to_ascii_uppercase();
    let bytes = compact.as_bytes();
    if !(5..=7).contains(&bytes.len()) {
        return false;
    }
    let (outward, inward) = bytes.split_at(bytes.len() - 3);
    let inward_fits = inward[0].is_ascii_digit()
        && inward[1..].iter().all(|b| b.is_ascii_uppercase() && !b"CIKMOV".contains(b));
    let letters = outward.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let rest = &outward[letters..];
    let outward_fits = (1..=2).contains(&letters)
        && match rest {
            [digit] => digit.is_ascii_digit(),
            [digit, last] => digit.is_ascii_digit() && last.is_ascii_alphanumeric(),
            _ => false,
        };
    inward_fits && outward_fits
}

fn is_email(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let Some((local, domain)) = word.split_once('@') else {
        return false;
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._%+-'".contains(c);
    let last = domain.rsplit('.').next().unwrap_or_default();
    !local.is_empty()
        && local.chars().all(allowed)
        && domain.contains('.')
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        && last.len() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic())
}

/// A whole text that is a British telephone number of a person or household; numbers of
/// organisations (03, 08, 09) are not.
fn is_phone(text: &str) -> bool {
    let text = text.trim();
    let shaped = text.chars().all(|c| c.is_ascii_digit() || " +()-.\u{a0}".contains(c));
    if !shaped || !text.starts_with(['0', '+', '(']) {
        return false;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let national = match (text.starts_with('+'), digits.as_str()) {
        (true, digits) => match digits.strip_prefix("44") {
            Some(rest) => rest.trim_start_matches('0'),
            None => return false,
        },
        (false, digits) => match digits.strip_prefix("0044").or_else(|| digits.strip_prefix('0')) {
            Some(rest) => rest,
            None => return false,
        },
    };
    let length_fits = match national.as_bytes().first() {
        Some(b'7' | b'2') => national.len() == 10,
        Some(b'1') => (9..=10).contains(&national.len()),
        _ => false,
    };
    // `01/02/2025` has too few digits; a reference number seldom starts like this.
    length_fits
}

/// Whether a text reads like a person's name: two to four capitalised words, or initials.
pub(super) fn is_name_like(text: &str) -> bool {
    let words: Vec<&str> =
        text.split([' ', ',', '\u{a0}', '.']).filter(|word| !word.is_empty()).collect();
    (2..=4).contains(&words.len())
        && words.iter().all(|word| {
            let letters =
                word.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '’' || c == '-');
            letters && word.starts_with(char::is_uppercase)
        })
}

/// How people are addressed; `Dr` and `Miss` are words of other things inside a text.
const TITLES: &[&str] = &["Mr", "Mrs", "Ms", "Miss", "Dr"];

/// Whether a text names a person by title: `Mr J Smith`, `Dr Khan`, `call from Mrs Jones`.
pub(super) fn is_titled(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).enumerate().any(|(at, pair)| {
        let title = pair[0].trim_start_matches('(').trim_end_matches('.');
        // `MS Teams` is a programme, `MRS SMITH` a person.
        let sure = ["mr", "mrs"].iter().any(|known| known.eq_ignore_ascii_case(title));
        let known = sure || at == 0 && TITLES.contains(&title);
        known && pair[1].starts_with(char::is_uppercase)
    })
}

/// Whether a text in a cell of figures says more than a short remark, and so may name somebody.
pub(super) fn may_be_about_a_person(text: &str) -> bool {
    const REMARK_WORDS_MAX: usize = 2;
    // `2.5e-1` is one word, `1,234 (est.)` two.
    let lettered = |word: &&str| word.chars().any(char::is_alphabetic);
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(lettered).collect();
    let spaced = text.split_whitespace().count();
    let said = |word: &&str| {
        word.eq_ignore_ascii_case("dob")
            || TITLES.iter().any(|title| title.eq_ignore_ascii_case(word))
    };
    let long = !words.is_empty() && words.len().max(spaced) > REMARK_WORDS_MAX;
    long || words.iter().any(said) || is_name_like(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_details_are_known_by_their_shape() {
        for (text, wanted) in [
            ("jane@example.org", Some(Detail::Email)),
            ("see j.smith@example.co.uk.", Some(Detail::Email)),
            ("AB 12 34 56 C", Some(Detail::InsuranceNumber)),
            ("ab123456c", Some(Detail::InsuranceNumber)),
            ("07700 900123", Some(Detail::Phone)),
            ("+44 7700 900123", Some(Detail::Phone)),
            ("01732 496 0123", None),
            ("01632 960123", Some(Detail::Phone)),
            ("TN13 1HG", Some(Detail::Postcode)),
            ("tn131hg", Some(Detail::Postcode)),
            ("Found near TN13 1HG, late", Some(Detail::Postcode)),
            ("0300 123 1234", None),
            ("TN13", None),
            ("E07000111", None),
            ("E01033467", None),
            ("2025070815222", None),
            ("17H102225", None),
            ("160,259 ", None),
            ("01/04/2025", None),
            ("Apr-25", None),
            ("meet @ the hall", None),
            ("Sevenoaks 001A", None),
            ("Plan 4 and the 12 actions", None),
        ] {
            assert_eq!(detail(text), wanted, "{text}");
        }
    }

    #[test]
    fn an_nhs_number_has_its_check_digit() {
        let nhs = |text: &str| ten_digits(text).is_some_and(|digits| digits.is_nhs_number);
        assert!(nhs("943 476 5919"));
        assert!(nhs("9434765919"));
        assert!(nhs("943-476-5919"));
        assert!(!nhs("943 476 5918"));
        assert!(!nhs("0000000000"));
        assert!(!nhs("94347659190"));
    }

    #[test]
    fn names_look_like_names() {
        for text in ["Jane Smith", "SMITH, John", "J. O'Neil", "Anne-Marie de Souza"] {
            assert_eq!(is_name_like(text), !text.contains(" de "), "{text}");
        }
        for text in ["Burglary", "Tonbridge and Malling", "12 High Street", "Apr 2025", "n/a"] {
            assert!(!is_name_like(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(head in proptest::collection::vec(0_u32..10, 9), at in 0_usize..9, by in 1_u32..10) {
            let sum: u32 = head.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
            let check = (11 - sum % 11) % 11;
            proptest::prop_assume!(check < 10);
            let text = |digits: &[u32]| digits.iter().chain([&check]).map(u32::to_string).collect::<String>();
            let mut wrong = head.clone();
            wrong[at] = (wrong[at] + by) % 10;
            let filler = head.iter().all(|digit| *digit == check);
            proptest::prop_assert_eq!(ten_digits(&text(&head)).is_some_and(|d| d.is_nhs_number), !filler);
            proptest::prop_assert!(!ten_digits(&text(&wrong)).is_some_and(|d| d.is_nhs_number));
        }
    }
}
