//! Which addresses mail is sent to: plain ASCII ones, which every server takes.

use lettre::Address;

/// Why text is not an address mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `name@domain`.
    #[error("it is not an e-mail address: write name@domain")]
    Malformed,
    /// Letters beyond ASCII before the `@`; many servers refuse them.
    #[error(
        "it has letters before the @ that many mail servers refuse: use only a to z, digits, dots and dashes"
    )]
    NameNotAscii,
    /// Letters beyond ASCII after the `@`.
    #[error(
        "its domain has letters beyond a to z: write the domain in its ASCII form, which begins xn--"
    )]
    DomainNotAscii,
}

/// Says whether mail can be sent to an address. For checking configuration before anything is due.
pub fn check_address(text: &str) -> Result<(), AddressError> {
    parse(text).map(|_| ())
}

/// The address, checked.
pub(crate) fn parse(text: &str) -> Result<Address, AddressError> {
    let (name, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
    if !name.is_ascii() {
        return Err(AddressError::NameNotAscii);
    }
    if !domain.is_ascii() {
        return Err(AddressError::DomainNotAscii);
    }
    // Legal in quotes, and the classic way to smuggle a header or a second recipient.
    let odd = |c: char| c.is_ascii_control() || " <>\"\\,;:()[]".contains(c);
    if text.contains(odd) {
        return Err(AddressError::Malformed);
    }
    text.parse().map_err(|_| AddressError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_pass() {
        for good in ["chair@sevenoaks.example", "a.b+c@x-y.example", "x@xn--bcher-kva.example"] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "chair",
            "@x.example",
            "chair@",
            "a b@x.example",
            "a@x.example\r\nBcc: b@y.example",
            "a@x.example, b@y.example",
            "\"a\"@x.example",
            "<a@x.example>",
            "a@x.example>",
            "a@b@c.example",
        ] {
            assert_eq!(check_address(bad), Err(AddressError::Malformed), "{bad}");
        }
        assert_eq!(check_address("zoë@x.example"), Err(AddressError::NameNotAscii));
        assert_eq!(check_address("a@bücher.example"), Err(AddressError::DomainNotAscii));
    }
}
