//! Tokens to log in with, from the server that gives them out, kept as long as they are good.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use serde_json::Value;

use super::{OAuth, Password};
use crate::http::{self, Answer, Request};

/// Longest answer of a token server that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Longest token, in bytes: what a server takes in one line (RFC 4954) after base64.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// How long before its end a token is not used any more.
const RENEWED_BEFORE: Duration = Duration::from_mins(1);

/// Longest time a token is kept, whatever the server says.
const KEPT_MAX: Duration = Duration::from_hours(24);

/// What error codes mean for the operator. Others are not repeated: a server can put anything
/// there, even what it was sent.
const ERRORS: [(&str, &str); 10] = [
    (
        "invalid_client",
        "check the client id, and whether the client secret is right and has not expired",
    ),
    (
        "unauthorized_client",
        "the application may not ask for tokens in its own name: have that allowed",
    ),
    ("access_denied", "the application may not have this token: have that allowed"),
    ("invalid_scope", "check the scope"),
    ("invalid_resource", "check the scope"),
    ("invalid_request", "check the token address, client id and scope"),
    ("invalid_grant", "check the token address, client id and scope"),
    ("unsupported_grant_type", "check the token address"),
    ("temporarily_unavailable", "try again later"),
    ("server_error", "try again later"),
];

/// Where tokens come from, and the last one.
pub(super) struct Tokens {
    settings: OAuth,
    trusted: Vec<CertificateDer<'static>>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    secret: Password,
    until: Instant,
}

/// A token.
pub(super) struct Token {
    pub(super) secret: Password,
    /// Whether it is from an earlier log-in.
    pub(super) was_kept: bool,
}

/// The server's answer, good or bad. Never printed.
#[derive(Deserialize)]
struct Said {
    access_token: Option<String>,
    token_type: Option<String>,
    /// Seconds: a number, or from some servers a number in quotes.
    expires_in: Option<Value>,
    error: Option<String>,
    /// Microsoft's numbers for the error.
    error_codes: Option<Value>,
}

impl Tokens {
    /// With settings that were checked.
    pub(super) fn new(settings: OAuth, trusted: Vec<CertificateDer<'static>>) -> Self {
        Self { settings, trusted, kept: Mutex::new(None) }
    }

    /// Whose tokens these are.
    pub(super) fn user(&self) -> &str {
        &self.settings.user
    }

    /// The last token, or a new one if that is about to expire.
    pub(super) fn token(&self, patience: Duration) -> Result<Token, String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() < kept.until) {
            return Ok(Token { secret: kept.secret.clone(), was_kept: true });
        }
        // Nobody waits for this lock while the server is asked: two may ask at once, which does no
        // harm.
        drop(kept);
        self.fetch(patience)
    }

    /// A new token, asked for once.
    pub(super) fn fetch(&self, patience: Duration) -> Result<Token, String> {
        let OAuth { user: _, token_url, client_id, client_secret, scope } = &self.settings;
        let url = http::checked_address(token_url).map_err(|error| error.to_string())?;
        let host = http::host_of(&url);
        let asked = Instant::now();
        let form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", client_id.clone()),
            ("client_secret", client_secret.0.clone()),
            ("scope", scope.clone()),
        ];
        let answer = http::ask(Request {
            url,
            form: Some(form),
            trusted: self.trusted.clone(),
            deadline: patience,
            body_bytes_max: Some(ANSWER_BYTES_MAX),
        });
        let given = answer.map_err(|error| error.to_string()).and_then(|answer| read(&answer));
        let (secret, lasts) = given.map_err(|why| format!("the token server `{host}` {why}"))?;
        let kept = lasts
            .checked_sub(RENEWED_BEFORE)
            .and_then(|lasts| asked.checked_add(lasts.min(KEPT_MAX)))
            .map(|until| Kept { secret: secret.clone(), until });
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(Token { secret, was_kept: false })
    }
}

/// The token in an answer and how long it lasts, or why there is none. Says nothing of the answer
/// but numbers and known words.
fn read(answer: &Answer) -> Result<(Password, Duration), String> {
    let status = answer.status;
    let said: Option<Said> = serde_json::from_slice(&answer.body).ok();
    if status != 200 {
        return Err(refusal(status, said));
    }
    let unfit = |what| format!("gave {what}: check the token address");
    let said = said.ok_or_else(|| unfit("no token but something else"))?;
    if said.error.is_some() {
        return Err(refusal(status, Some(said)));
    }
    if said.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unfit("a token of another kind than Bearer"));
    }
    let token = said.access_token.ok_or_else(|| unfit("no token"))?;
    let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        return Err(unfit("a token that cannot be sent"));
    }
    // One that does not say how long it lasts is used now and not kept.
    let seconds = said.expires_in.and_then(|seconds| match seconds {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    Ok((Password::new(token), Duration::from_secs(seconds.unwrap_or(0))))
}

fn refusal(status: u16, said: Option<Said>) -> String {
    let (error, numbers) = said.map_or((None, None), |said| (said.error, said.error_codes));
    let known = ERRORS.iter().find(|(code, _)| error.as_deref() == Some(*code));
    let Some((code, advice)) = known else {
        let advice = if status >= 500 || status == 429 {
            "try again later"
        } else {
            "check the token address, client id and scope"
        };
        return format!("gave no token (status {status}): {advice}");
    };
    let number = numbers.as_ref().and_then(|numbers| numbers.get(0)).and_then(Value::as_u64);
    // A number of theirs is never longer; a longer one could be something else.
    match number.filter(|number| *number < 100_000_000) {
        Some(number) => {
            format!("gave no token ({code}, AADSTS{number}, status {status}): {advice}")
        }
        None => format!("gave no token ({code}, status {status}): {advice}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of an answer.
    fn told(status: u16, body: &str) -> String {
        match read(&Answer { status, body: body.as_bytes().to_vec() }) {
            Ok((Password(token), lasts)) => format!("{} bytes, {}", token.len(), lasts.as_secs()),
            Err(why) => {
                assert!(!why.contains("canary"), "{why}");
                why
            }
        }
    }

    #[test]
    fn a_token_is_taken_with_the_time_it_lasts() {
        let token = |rest: &str| told(200, &format!(r#"{{"access_token":"abc.def"{rest}}}"#));
        assert_eq!(token(r#","token_type":"Bearer","expires_in":3599"#), "7 bytes, 3599");
        assert_eq!(token(r#","token_type":"bearer","expires_in":"3599""#), "7 bytes, 3599");
        for rest in ["", r#","expires_in":null"#, r#","expires_in":-1"#, r#","expires_in":[1]"#] {
            assert_eq!(token(rest), "7 bytes, 0", "{rest}");
        }
    }

    #[test]
    fn what_is_no_token_is_said_without_repeating_it() {
        let unfit = |token: &str| told(200, &format!(r#"{{"access_token":"{token}"}}"#));
        let cannot = "gave a token that cannot be sent: check the token address";
        for token in ["", "canary canary", r"canary\r\n", r"canary\u0001", "canär"] {
            assert_eq!(unfit(token), cannot, "{token}");
        }
        assert_eq!(unfit(&"x".repeat(TOKEN_BYTES_MAX + 1)), cannot);
        insta::assert_snapshot!(told(200, "<html>canary"), @"gave no token but something else: check the token address");
        insta::assert_snapshot!(told(200, "{}"), @"gave no token: check the token address");
        insta::assert_snapshot!(told(200, r#"{"access_token":"canary","token_type":"mac"}"#), @"gave a token of another kind than Bearer: check the token address");
        insta::assert_snapshot!(told(401, r#"{"error":"invalid_client","error_description":"canary","error_codes":[7000222]}"#), @"gave no token (invalid_client, AADSTS7000222, status 401): check the client id, and whether the client secret is right and has not expired");
        insta::assert_snapshot!(told(400, r#"{"error":"invalid_scope","error_codes":"canary"}"#), @"gave no token (invalid_scope, status 400): check the scope");
        insta::assert_snapshot!(told(200, r#"{"error":"access_denied"}"#), @"gave no token (access_denied, status 200): the application may not have this token: have that allowed");
        insta::assert_snapshot!(told(400, r#"{"error":"canary"}"#), @"gave no token (status 400): check the token address, client id and scope");
        insta::assert_snapshot!(told(503, "canary"), @"gave no token (status 503): try again later");
        insta::assert_snapshot!(told(302, "canary"), @"gave no token (status 302): check the token address, client id and scope");
    }
}
