//! The body of an answer: no more than is allowed, no less than was sent, and a file.

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, TRANSFER_ENCODING};

use super::SourceError;
use super::http::HttpSource;
use super::told::{Told, innermost};
use crate::sniff;

/// Reads a body to its end, within limits, and makes sure that it is a whole file.
pub(super) async fn read(
    source: &HttpSource,
    told: &Told,
    mut response: Response,
) -> Result<Vec<u8>, SourceError> {
    let too_large = || SourceError::TooLarge {
        id: told.id.clone(),
        host: told.host.clone(),
        limit_bytes: source.body_bytes_max,
    };
    let declared: Option<u64> = response
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse().ok());
    let is_chunked = response.headers().contains_key(TRANSFER_ENCODING);
    if declared.is_some_and(|length| length > source.body_bytes_max) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        let chunk = response
            .chunk()
            .await
            .map_err(|error| told.truncated(innermost(&error.without_url())))?;
        let Some(chunk) = chunk else { break };
        bytes.extend_from_slice(&chunk);
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > source.body_bytes_max {
            return Err(too_large());
        }
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if let Some(declared) = declared.filter(|declared| *declared != length) {
        return Err(told.truncated(format!("{length} of {declared} bytes arrived")));
    }
    check_body(told, &bytes, declared.is_some() || is_chunked)?;
    Ok(bytes)
}

fn check_body(told: &Told, bytes: &[u8], is_length_known: bool) -> Result<(), SourceError> {
    let (id, host) = (told.id.clone(), told.host.clone());
    if bytes.is_empty() {
        return Err(SourceError::Empty { id, host });
    }
    if sniff::looks_like_html(bytes) {
        return Err(SourceError::HtmlInsteadOfData { id, host });
    }
    if sniff::is_zip(bytes) {
        if !sniff::has_zip_end(bytes) {
            return Err(told.truncated("the end of the workbook is missing"));
        }
    } else if !is_length_known {
        // A connection that broke looks just like one that was closed at the end.
        return Err(told.truncated(
            "the site does not say how long the file is, so that a cut-off copy could not be told from a whole one",
        ));
    }
    Ok(())
}
