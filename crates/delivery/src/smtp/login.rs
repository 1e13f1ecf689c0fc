//! Logging in: with a password, or with a token that is got first.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::SmtpConnection;
use lettre::transport::smtp::commands::Auth;
use lettre::transport::smtp::response::Response;

use super::Login;
use super::dialogue::{Dialogue, unreachable};
use super::tokens::{Token, Tokens};
use crate::NotStarted;

/// What the server did with a token.
enum Shown {
    Taken(Box<SmtpConnection>),
    /// With the code it gave.
    Refused(String),
}

impl Dialogue {
    /// A connection that is as encrypted and as logged in as the settings ask for.
    pub(super) fn enter(&self) -> Result<SmtpConnection, NotStarted> {
        let Some(tokens) = &self.tokens else {
            let mut connection = self.connect_encrypted()?;
            if let Some(login) = &self.settings.login {
                self.log_in(&mut connection, login)?;
            }
            return Ok(connection);
        };
        // Before connecting, so that the mail server is not kept waiting.
        let mut token = tokens.token(self.token_patience()?).map_err(unreachable)?;
        let mut shown = self.show(tokens, &token)?;
        if token.was_kept && matches!(shown, Shown::Refused(_)) {
            // It may have been taken back before its time, or this machine may have slept. A
            // fresh one is shown once, on a new connection: some servers close the old one.
            token = tokens.fetch(self.token_patience()?).map_err(unreachable)?;
            shown = self.show(tokens, &token)?;
        }
        match shown {
            Shown::Taken(connection) => Ok(*connection),
            Shown::Refused(code) => Err(unreachable(format!(
                "`{}` did not take the token ({code}): check that the application may send as this mailbox, and that the mailbox may log in over SMTP",
                self.settings.host
            ))),
        }
    }

    fn token_patience(&self) -> Result<Duration, NotStarted> {
        self.in_time()?;
        let left = self.settings.deadline.saturating_sub(self.started.elapsed());
        Ok(self.settings.silence_max.min(left))
    }

    fn log_in(&self, connection: &mut SmtpConnection, login: &Login) -> Result<(), NotStarted> {
        self.may_log_in(connection)?;
        let host = &self.settings.host;
        let credentials = Credentials::new(login.user.clone(), login.password.0.clone());
        match connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials) {
            Ok(response) if response.has_code(235) => Ok(()),
            // The server's own words are left out: some repeat what they were sent.
            Ok(response) => {
                Err(unreachable(format!("`{host}` answered the log-in with {}", response.code())))
            }
            Err(error) => Err(unreachable(match code(&error) {
                Some(code) => {
                    format!("`{host}` did not take the user name and password ({code})")
                }
                None if error.is_client() => {
                    format!("`{host}` offers no way to log in with a user name and password")
                }
                None => format!("`{host}` did not answer the log-in"),
            })),
        }
    }

    /// Connects and logs in with a token.
    fn show(&self, tokens: &Tokens, token: &Token) -> Result<Shown, NotStarted> {
        let mut connection = self.connect_encrypted()?;
        self.may_log_in(&connection)?;
        let host = &self.settings.host;
        if !connection.server_info().supports_auth_mechanism(Mechanism::Xoauth2) {
            return Err(unreachable(format!(
                "`{host}` offers no way to log in with a token (XOAUTH2)"
            )));
        }
        let credentials = Credentials::new(tokens.user().to_owned(), token.secret.0.clone());
        match exchange(&mut connection, credentials) {
            Ok(response) if response.has_code(235) => Ok(Shown::Taken(Box::new(connection))),
            Ok(response) => {
                Err(unreachable(format!("`{host}` answered the log-in with {}", response.code())))
            }
            Err(error) => match code(&error) {
                Some(code) if code.starts_with("535") => Ok(Shown::Refused(code)),
                Some(code) => Err(unreachable(format!(
                    "`{host}` did not let us log in with the token ({code})"
                ))),
                None => Err(unreachable(format!("`{host}` did not answer the log-in"))),
            },
        }
    }

    /// Settings with a log-in and without TLS do not exist; this is the second lock.
    fn may_log_in(&self, connection: &SmtpConnection) -> Result<(), NotStarted> {
        self.in_time()?;
        if connection.is_encrypted() {
            return Ok(());
        }
        let host = &self.settings.host;
        Err(unreachable(format!("`{host}` is not encrypted, so no password or token was sent")))
    }
}

fn exchange(connection: &mut SmtpConnection, credentials: Credentials) -> Result<Response, Error> {
    let said = connection.command(Auth::new(Mechanism::Xoauth2, credentials, None)?)?;
    if said.has_code(334) {
        // Some explain what is wrong first, and say no only after an empty line.
        return connection.command("\r\n");
    }
    Ok(said)
}

/// The code of a refusal, with the finer one (`5.7.139`) that many servers add: that is what their
/// handbooks list. Nothing else of their words.
fn code(error: &Error) -> Option<String> {
    let code = error.status()?.to_string();
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let finer = said.split_whitespace().next().filter(|word| {
        let numbers: Vec<&str> = word.split('.').collect();
        let is_number = |text: &&str| {
            (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        numbers.len() == 3 && numbers.iter().all(is_number)
    });
    Some(finer.map_or_else(|| code.clone(), |finer| format!("{code} {finer}")))
}
