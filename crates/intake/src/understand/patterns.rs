//! What identifies a person in Britain: NHS numbers, National Insurance numbers, postcodes,
//! e-mail addresses, telephone numbers, names.

use super::names::{holds_a_name, is_thing};

/// What kind of personal detail a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    NhsNumber,
    InsuranceNumber,
    Email,
    Phone,
    Postcode,
    Address,
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
            Self::Address => "addresses",
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

/// What a text holds that identifies a person; a text that is an NHS number and nothing else apart.
pub(super) fn detail(text: &str) -> Option<Detail> {
    const TEXT_BYTES_MAX: usize = 4000;
    let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
    // Most texts are labels: nothing below is without a digit but an address of mail.
    if !text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@') {
        return None;
    }
    if text.split(|c: char| c.is_whitespace() || ",;:<>()\"".contains(c)).any(is_personal_email) {
        return Some(Detail::Email);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 10 && (is_phone(text) || has_phone(text)) {
        return Some(Detail::Phone);
    }
    if digits >= 10 && has_nhs_number(text) {
        return Some(Detail::NhsNumber);
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
    if whole || inside {
        return Some(Detail::Postcode);
    }
    is_address(text).then_some(Detail::Address)
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

/// Mailboxes of a role: how to reach an organisation, not a person.
#[rustfmt::skip]
const ROLES: &[&str] = &[
    "admin", "asb", "analysis", "analyst", "analysts", "business", "child", "childrens", "communications", "community", "communitysafety",
    "contact", "contacts", "crime", "csp", "customer", "data", "desk", "duty", "enquiries", "enquiry", "feedback", "foi", "general",
    "hello", "help", "helpdesk", "hub", "info", "information", "insight", "intelligence", "mail", "noreply", "office", "partnership", "partnerships", "performance",
    "police", "policy", "post", "press", "publications", "referral", "referrals", "reception", "reporting", "reports", "research", "returns", "safer", "safety",
    "service", "services", "statistics", "stats", "support", "survey", "team", "victim", "victims", "webmaster",
];

/// Ends of the addresses of public bodies: their mailboxes are a role's unless a name says not.
const PUBLIC_BODIES: &[&str] =
    &[".gov.uk", ".police.uk", ".nhs.uk", ".ac.uk", ".gov.wales", ".gov.scot"];

/// A mail address that is not known to be a role's.
fn is_personal_email(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_lowercase();
    let Some((local, domain)) = word.split_once('@').filter(|_| is_email(&word)) else {
        return false;
    };
    let mut parts = local.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty());
    // `jsmith` is a person, too.
    let is_name = |part: &str| holds_a_name(part) || part.get(1..).is_some_and(holds_a_name);
    let is_role = |part: &str| {
        ROLES.iter().any(|role| part == *role || part.len() > 6 && part.ends_with(role))
    };
    if parts.clone().any(is_name) {
        return !parts.clone().all(is_role);
    }
    !parts.any(is_role) && !PUBLIC_BODIES.iter().any(|end| domain.ends_with(end))
}

/// A telephone number inside a text: `call 07700 900123 after five`. Only ways of writing count
/// that reference numbers seldom have: a mobile, groups, or the country's code.
fn has_phone(text: &str) -> bool {
    const GROUPS_MAX: usize = 5;
    let words: Vec<&str> = text.split([' ', '\u{a0}', ',', ';', ':', '/']).collect();
    (0..words.len()).any(|start| {
        (1..=GROUPS_MAX).any(|length| {
            let Some(part) = words.get(start..start + length) else { return false };
            let joined = part.join(" ");
            let bare = joined.trim_matches(['.', '(', ')', ' ']);
            let mobile = bare.starts_with("07") || bare.starts_with("+44");
            let long = bare.chars().filter(char::is_ascii_digit).count() >= 11;
            (mobile || length > 1 && long) && is_phone(bare)
        })
    })
}

/// An NHS number inside a text: grouped, or behind the word `NHS`.
fn has_nhs_number(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let fits = |text: &str, grouped: bool| {
        ten_digits(text).is_some_and(|digits| digits.is_nhs_number && digits.grouped == grouped)
    };
    words.len() > 1
        && (words.windows(3).any(|three| fits(&three.join(" "), true))
            || words.iter().any(|word| fits(word, true))
            || words.iter().any(|word| word.eq_ignore_ascii_case("nhs"))
                && words.iter().any(|word| fits(word, false)))
}

/// Words that end the name of a street and hardly anything else.
#[rustfmt::skip]
const STREETS: &[&str] = &[
    "road", "rd", "street", "lane", "avenue", "ave", "close", "drive", "crescent", "cres", "terrace", "gardens", "gdns", "grove", "mews",
];

/// A house in a street: `12 High Street`, `Flat 2, 7a Old Mill Lane, Otford`.
fn is_address(text: &str) -> bool {
    const BETWEEN_MAX: usize = 4;
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_house = |word: &str| {
        let word = word.trim_end_matches(',');
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        (1..=4).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && word.len() <= digits.len() + 1
    };
    (0..words.len()).any(|at| {
        if !is_house(words[at]) {
            return false;
        }
        let street = words[at + 1..].iter().take(BETWEEN_MAX + 1).position(|word| {
            let word = word.trim_end_matches([',', '.']).to_lowercase();
            STREETS.contains(&word.as_str())
        });
        let Some(street) = street.filter(|street| *street > 0) else { return false };
        let between = &words[at + 1..at + 1 + street];
        let proper = between.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word.chars().all(|c| c.is_alphabetic() || "'’-.".contains(c))
        });
        // In small letters only as the whole: `12 high street`.
        let small = at == 0 && street == 1 && between[0].chars().all(char::is_alphabetic);
        proper || small && words.len() <= 5
    })
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

/// How surely a title means a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Title {
    Doubtful,
    Sure,
}

/// Whether a text names a person by title: `Mr J Smith`, `Dr Khan`, `call from Mrs Jones`.
pub(super) fn title(text: &str) -> Option<Title> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let titles = words.windows(2).enumerate().filter_map(|(at, pair)| {
        if !pair[1].starts_with(char::is_uppercase) {
            return None;
        }
        let title = pair[0].trim_start_matches('(').trim_end_matches('.');
        // `MS Teams` is a programme, `MRS SMITH` a person.
        let sure = ["mr", "mrs"].iter().any(|known| known.eq_ignore_ascii_case(title));
        match (sure, at == 0 && TITLES.contains(&title)) {
            (true, _) => Some(Title::Sure),
            (false, true) => Some(Title::Doubtful),
            (false, false) => None,
        }
    });
    titles.max_by_key(|title| *title == Title::Sure)
}

/// Words of labels: what a return counts, and how.
#[rustfmt::skip]
const LABEL_WORDS: &[&str] = &[
    "a", "abuse", "actions", "adult", "adults", "age", "alcohol", "all", "and", "anti", "antisocial", "areas", "arson", "asb", "assault", "assaults", "at", "attempted", "average", "behaviour", "beat", "burglaries",
    "by", "calls", "cases", "closed", "collisions", "complaints", "count", "counts", "crimes", "criminal", "damage", "date", "deliberate", "detected", "deter", "domestic", "drug", "drugs", "female", "fires", "fly", "for", "fraud", "from",
    "graffiti", "harassment", "harm", "hate", "helpline", "homicide", "hours", "in", "incident", "incidents", "injuries", "injury", "knife", "level", "litter", "litters", "male", "medium", "mental", "month", "monthly", "near", "neighbour", "new", "night", "no",
    "noise", "not", "notes", "nuisance", "number", "of", "offences", "offender", "offenders", "on", "open", "order", "orders", "other", "outcome", "outcomes", "patrols", "people", "per", "percentage", "person", "personal", "persons",
    "possession", "public", "quarter", "racial", "rate", "recorded", "referral", "referrals", "repeat", "report", "reported", "reports", "risk", "robbery", "rough", "rubbish", "rural", "serious", "sessions", "severity", "sexual",
    "shoplifting", "slight", "stalking", "standard", "status", "stolen", "substance", "supported", "tenancy", "the", "theft", "thefts", "tipping", "to", "type", "unknown", "update", "use", "vehicle", "vehicles", "victim", "victims", "violence",
    "violent", "visits", "volunteer", "warning", "warnings", "weapon", "weapons", "with", "without", "women", "year", "young", "zone",
];

/// Whether a text may be about a person, and so is not repeated in any finding: it holds a name or
/// another detail, reads like a name without a word that labels have, or is a piece of prose.
pub(super) fn may_be_about_a_person(text: &str) -> bool {
    const LABEL_WORDS_MAX: usize = 12;
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let said = |word: &String| {
        word == "dob" || TITLES.iter().any(|title| title.eq_ignore_ascii_case(word))
    };
    let lettered = words.iter().any(|word| word.chars().any(char::is_alphabetic));
    let of_labels = words.iter().any(|word| LABEL_WORDS.contains(&word.as_str()) || is_thing(word));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    lettered && words.len() > LABEL_WORDS_MAX
        || words.iter().any(said)
        || is_name_like(text) && !of_labels
        || holds_a_name(text)
        || detail(text).is_some()
        || digits >= 9 && ten_digits(text).is_some_and(|digits| digits.is_nhs_number)
}

/// Whether a text in a cell of figures says more than a short remark, and so may name somebody.
pub(super) fn is_remark(text: &str) -> bool {
    const REMARK_WORDS_MAX: usize = 2;
    // `2.5e-1` is one word, `1,234 (est.)` two.
    let lettered = |word: &&str| word.chars().any(char::is_alphabetic);
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(lettered).collect();
    let spaced = text.split_whitespace().count();
    !words.is_empty() && words.len().max(spaced) > REMARK_WORDS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_details_are_known_by_their_shape() {
        for (text, wanted) in [
            ("jane@example.org", Some(Detail::Email)),
            ("see j.smith@example.co.uk.", Some(Detail::Email)),
            ("performance.team@example.org", None),
            ("crimestats@example.org", None),
            ("info@jsmith.example", None),
            ("labour.market@ons.gov.uk", None),
            ("jsmith@council.gov.uk", Some(Detail::Email)),
            ("susan.info@example.org", Some(Detail::Email)),
            ("call 07700 900123 after five", Some(Detail::Phone)),
            ("Tel: 01632 960123", Some(Detail::Phone)),
            ("ring (01632) 960 123 or write", Some(Detail::Phone)),
            ("case 07/2025, 12 calls", None),
            ("NHS 943 476 5919", Some(Detail::NhsNumber)),
            ("nhs no: 9434765919", Some(Detail::NhsNumber)),
            ("ref 9434765919", None),
            ("12 High Street", Some(Detail::Address)),
            ("lives at Flat 2, 7a Old Mill Lane, Otford", Some(Detail::Address)),
            ("12 high street", Some(Detail::Address)),
            ("On or near High Street", None),
            ("3 incidents in High Street", None),
            ("20 mph zone, London Road", None),
            ("A25 London Road", None),
            ("1 Hillside Dr Otford", None),
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
