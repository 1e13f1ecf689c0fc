//! Certificates: those in a file that is to be trusted, until when one is good, and why one was
//! not accepted.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use der::{Decode, SliceReader, Tag, Tagged};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustls::CertificateError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};

use crate::SettingsError;

/// Largest file of certificates that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Most errors inside errors that are looked at.
const DEPTH_MAX: usize = 16;

/// When the first of the certificates in a PEM file expires. For warning before it happens.
pub fn certificates_expiry(path: &Path) -> Result<Timestamp, SettingsError> {
    let mut first: Option<Timestamp> = None;
    for (number, certificate) in (1..).zip(read(path)?) {
        let expires = not_after(&certificate).ok_or_else(|| {
            unreadable(
                path,
                format!("certificate {number} in it does not say until when it is valid"),
            )
        })?;
        first = Some(first.map_or(expires, |earlier| earlier.min(expires)));
    }
    first.ok_or_else(|| unreadable(path, "there is no PEM certificate in it".to_owned()))
}

/// The certificates in a PEM file: at least one, and none left out because it is damaged.
pub(crate) fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    let wrong = |why: String| unreadable(path, why);
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut pem))
        .map_err(|error| wrong(error.to_string()))?;
    if u64::try_from(pem.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(wrong(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        // The library's own words are about bytes.
        certificates.push(certificate.map_err(|_| {
            wrong(format!("certificate {} in it is damaged or cut off", certificates.len() + 1))
        })?);
    }
    if certificates.is_empty() {
        return Err(wrong("there is no PEM certificate in it".to_owned()));
    }
    Ok(certificates)
}

fn unreadable(path: &Path, why: String) -> SettingsError {
    SettingsError::Certificates { path: path.to_owned(), why }
}

/// Until when a certificate (DER) is valid, that moment included. `None` if it cannot be read.
///
/// Only what stands before that date is looked at: a certificate that TLS accepts may have oddities
/// in it that a strict reader of all its parts would stop at.
pub(crate) fn not_after(der: &[u8]) -> Option<Timestamp> {
    // Anything after the certificate is TLS's business, not ours.
    let certificate = next(&mut SliceReader::new(der).ok()?)?;
    let signed = next(&mut SliceReader::new(certificate.value()).ok()?)?;
    let mut fields = SliceReader::new(signed.value()).ok()?;
    let mut field = next(&mut fields)?;
    if field.tag().is_context_specific() {
        // The version, which the oldest leave out.
        field = next(&mut fields)?;
    }
    if field.tag() != Tag::Integer {
        return None;
    }
    // After the serial number: algorithm, issuer, validity.
    let mut validity = None;
    for _ in 0..3 {
        validity = Some(next(&mut fields)?);
    }
    let mut times = SliceReader::new(validity?.value()).ok()?;
    next(&mut times)?;
    let time = next(&mut times)?;
    let since_1970 = match time.tag() {
        Tag::UtcTime => time.decode_as::<UtcTime>().ok()?.to_unix_duration(),
        Tag::GeneralizedTime => time.decode_as::<GeneralizedTime>().ok()?.to_unix_duration(),
        _ => return None,
    };
    Timestamp::from_second(i64::try_from(since_1970.as_secs()).ok()?).ok()
}

fn next<'a>(reader: &mut SliceReader<'a>) -> Option<AnyRef<'a>> {
    AnyRef::decode(reader).ok()
}

/// What is wrong with a server's certificate and what to do, if that is why something failed.
/// Reads on from the server's name.
pub(crate) fn explained(error: &(dyn Error + 'static)) -> Option<String> {
    let rustls::Error::InvalidCertificate(fault) = tls_error(error)? else {
        return None;
    };
    let said = match fault {
        CertificateError::ExpiredContext { not_after, .. } => format!(
            "its certificate expired on {}: whoever runs the server must renew the certificate (or the clock of this machine is wrong)",
            day(*not_after)
        ),
        CertificateError::Expired => "its certificate has expired: whoever runs the server must renew the certificate (or the clock of this machine is wrong)".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "its certificate is not valid before {}: the clock of this machine is probably wrong",
            day(*not_before)
        ),
        CertificateError::NotValidYet => "its certificate is not valid yet: the clock of this machine is probably wrong".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "its certificate is for another name: set the host to the name in the certificate, or somebody else is answering".to_owned(),
        CertificateError::UnknownIssuer => "its certificate was issued by nobody this machine trusts: if it is the right server, put the certificate of its authority into the file of certificates in the settings".to_owned(),
        CertificateError::Revoked => "its certificate has been revoked: whoever runs the server must renew the certificate".to_owned(),
        // Named by the library in words of its own; nothing of the certificate is in them.
        _ => "its certificate is not accepted, because it is damaged or of a kind that is not safe: whoever runs the server must renew the certificate".to_owned(),
    };
    Some(said)
}

/// The TLS library's error inside other errors. (An I/O error does not name what it wraps as its
/// source.)
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    for _ in 0..DEPTH_MAX {
        let error = next?;
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(
            || "a day that no calendar has".to_owned(),
            |time| time.to_zoned(TimeZone::UTC).date().to_string(),
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certificate(name: &str) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
        read(&folder.join(name)).expect("a certificate")[0].to_vec()
    }

    #[test]
    fn both_ways_to_write_the_time_are_read() {
        let until = |name| not_after(&certificate(name)).expect("a time").to_string();
        assert_eq!(until("expired.pem"), "2021-01-01T00:00:00Z");
        assert_eq!(until("localhost.pem"), "2120-01-01T00:00:00Z");
    }

    #[test]
    fn a_file_beyond_all_measure_is_not_read() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(FILE_BYTES_MAX + 1).expect("a size");
        let error = read(file.path()).expect_err("too large");
        assert!(error.to_string().contains("more than 4194304 bytes"), "{error}");
    }

    proptest! {
        #[test]
        fn damage_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            not_after(&bytes);
        }

        #[test]
        fn a_changed_certificate_is_no_panic(at in 0_usize..600, to: u8, length in 0_usize..600) {
            let mut bytes = certificate("localhost.pem");
            bytes.truncate(length);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = to;
            }
            not_after(&bytes);
        }
    }
}
