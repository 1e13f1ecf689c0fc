//! The dialogue with the server, phase by phase.

use std::error::Error as _;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};

use super::{Security, SmtpSettings};
use crate::{Envelope, NotStarted, Outcome};

/// Longest text of a server that is kept, in characters.
const REPLY_CHARACTERS_MAX: usize = 300;

/// How long to listen for anything the server should not have said.
const LISTEN: Duration = Duration::from_millis(2);

/// Everything needed to talk about one message.
pub(super) struct Dialogue {
    pub(super) settings: SmtpSettings,
    pub(super) tls: Option<TlsParameters>,
    pub(super) envelope: Envelope,
    pub(super) hello: ClientId,
    pub(super) started: Instant,
}

/// How the server answered a command it did not simply say yes to.
enum Answer {
    /// 4xx.
    NotNow(String),
    /// 5xx.
    No(String),
    /// Nothing that can be understood, or nothing at all.
    None(String),
}

impl Dialogue {
    /// From connecting to RCPT.
    pub(super) fn open(&self) -> Result<SmtpConnection, NotStarted> {
        let mut connection = self.connect()?;
        self.encrypt(&mut connection)?;
        self.log_in(&mut connection)?;
        let size_max = self.announced_size(&mut connection)?;
        if let Some(most) = size_max.filter(|&most| most > 0 && self.envelope.size_bytes > most) {
            let reply = format!(
                "the message has {} bytes and the server takes at most {most}",
                self.envelope.size_bytes
            );
            return Err(NotStarted::Refused { reply });
        }
        let parameters = match (size_max, usize::try_from(self.envelope.size_bytes)) {
            (Some(_), Ok(size_bytes)) => vec![MailParameter::Size(size_bytes)],
            _ => Vec::new(),
        };
        let from = address(&self.envelope.from)?;
        let to = address(&self.envelope.to)?;
        self.in_time()?;
        let said = connection.command(Mail::new(Some(from), parameters));
        self.expect(said, &[250], "MAIL")?;
        self.in_time()?;
        let said = connection.command(Rcpt::new(to, Vec::new()));
        self.expect(said, &[250, 251], "RCPT")?;
        Ok(connection)
    }

    /// From DATA to the server's last word.
    pub(super) fn hand_over(&self, connection: &mut SmtpConnection, mime: &[u8]) -> Outcome {
        // Until the server has said 354 no byte of the message has left.
        match connection.command(Data) {
            Ok(response) if response.has_code(354) => {}
            Ok(response) => {
                let reply = format!("answered DATA with {}", self.text(&response));
                return Outcome::Deferred { reply };
            }
            Err(error) => {
                return match self.answer(&error, "DATA") {
                    Answer::NotNow(reply) | Answer::None(reply) => Outcome::Deferred { reply },
                    Answer::No(reply) => Outcome::Refused { reply },
                };
            }
        }
        // The library puts a line end before the final dot; with the message's own the server would
        // get a blank line more than was composed.
        match connection.message(mime.strip_suffix(b"\r\n").unwrap_or(mime)) {
            // Exactly 250: any other yes is an answer to something else.
            Ok(response) if response.has_code(250) => {
                Outcome::Accepted { reply: self.text(&response) }
            }
            Ok(response) => Outcome::Unknown {
                reason: format!("answered the message with {}", self.text(&response)),
            },
            Err(error) => match self.answer(&error, "the message") {
                Answer::NotNow(reply) => Outcome::Deferred { reply },
                Answer::No(reply) => Outcome::Refused { reply },
                Answer::None(reason) => Outcome::Unknown { reason },
            },
        }
    }

    fn connect(&self) -> Result<SmtpConnection, NotStarted> {
        let SmtpSettings { host, port, security, silence_max, .. } = &self.settings;
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = (name, *port)
            .to_socket_addrs()
            .map_err(|error| unreachable(format!("`{host}` cannot be found: {error}")))?
            .filter(|address| *security != Security::Plain || address.ip().is_loopback())
            .collect();
        self.in_time()?;
        let tls = match security {
            Security::ImplicitTls => self.tls.as_ref(),
            Security::StartTls | Security::Plain => None,
        };
        SmtpConnection::connect(&addresses[..], Some(*silence_max), &self.hello, tls, None)
            .map_err(|error| self.unusable(&error, "the greeting"))
    }

    fn encrypt(&self, connection: &mut SmtpConnection) -> Result<(), NotStarted> {
        if self.settings.security != Security::StartTls {
            return Ok(());
        }
        let host = &self.settings.host;
        let Some(tls) = self.tls.as_ref().filter(|_| connection.can_starttls()) else {
            connection.abort();
            return Err(unreachable(format!(
                "`{host}` does not offer encryption (STARTTLS), so nothing was sent"
            )));
        };
        self.in_time()?;
        connection.starttls(tls, &self.hello).map_err(|error| self.unusable(&error, "STARTTLS"))?;
        // Answers put into the plain part of the dialogue by somebody on the way would still be
        // in the buffer, and be taken for the server's own from here on.
        let listened = connection.set_timeout(Some(LISTEN)).map(|()| connection.read_response());
        let silent = match listened {
            Ok(Err(error)) => is_timeout(&error),
            Ok(Ok(_)) | Err(_) => false,
        };
        let restored = connection.set_timeout(Some(self.settings.silence_max));
        if !silent || restored.is_err() {
            return Err(unreachable(format!(
                "`{host}` said more than it was asked while encryption began"
            )));
        }
        Ok(())
    }

    fn log_in(&self, connection: &mut SmtpConnection) -> Result<(), NotStarted> {
        let Some(login) = &self.settings.login else {
            return Ok(());
        };
        self.in_time()?;
        let host = &self.settings.host;
        // Settings with a login and without TLS do not exist; this is the second lock.
        if !connection.is_encrypted() {
            return Err(unreachable(format!(
                "`{host}` is not encrypted, so the password was not sent"
            )));
        }
        let credentials = Credentials::new(login.user.clone(), login.password.0.clone());
        match connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials) {
            Ok(response) if response.has_code(235) => Ok(()),
            // The server's own words are left out: some repeat what they were sent.
            Ok(response) => {
                Err(unreachable(format!("`{host}` answered the log-in with {}", response.code())))
            }
            Err(error) => Err(unreachable(match error.status() {
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

    /// The largest message the server says it takes, in bytes; 0 means no limit. `None` if it
    /// says nothing of sizes.
    fn announced_size(&self, connection: &mut SmtpConnection) -> Result<Option<u64>, NotStarted> {
        self.in_time()?;
        // Asked anew because the mail library keeps no sizes.
        let response = connection
            .command(Ehlo::new(self.hello.clone()))
            .map_err(|error| self.unusable(&error, "EHLO"))?;
        Ok(response.message().find_map(|line| {
            let mut words = line.split_whitespace();
            words
                .next()
                .filter(|word| word.eq_ignore_ascii_case("SIZE"))
                .map(|_| words.next().and_then(|size| size.parse().ok()).unwrap_or(0))
        }))
    }

    /// Whether there is time left to say the next thing.
    fn in_time(&self) -> Result<(), NotStarted> {
        if self.started.elapsed() < self.settings.deadline {
            return Ok(());
        }
        Err(unreachable(format!(
            "`{}` was too slow: {} seconds have passed",
            self.settings.host,
            self.settings.deadline.as_secs_f32()
        )))
    }

    fn expect(
        &self,
        said: Result<Response, Error>,
        codes: &[u16],
        phase: &str,
    ) -> Result<(), NotStarted> {
        match said {
            Ok(response) if codes.iter().any(|&code| response.has_code(code)) => Ok(()),
            Ok(response) => Err(NotStarted::Deferred {
                reply: format!("answered {phase} with {}", self.text(&response)),
            }),
            Err(error) => Err(match self.answer(&error, phase) {
                Answer::NotNow(reply) | Answer::None(reply) => NotStarted::Deferred { reply },
                Answer::No(reply) => NotStarted::Refused { reply },
            }),
        }
    }

    fn unusable(&self, error: &Error, phase: &str) -> NotStarted {
        let (Answer::NotNow(why) | Answer::No(why) | Answer::None(why)) = self.answer(error, phase);
        unreachable(format!("`{}`: {why}", self.settings.host))
    }

    fn answer(&self, error: &Error, phase: &str) -> Answer {
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let said = self.cleaned(&said);
        match error.status() {
            Some(code) if code.severity == Severity::TransientNegativeCompletion => {
                Answer::NotNow(format!("{code} {said}"))
            }
            Some(code) => Answer::No(format!("{code} {said}")),
            None if is_timeout(error) => Answer::None(format!(
                "no answer to {phase} within {} seconds",
                self.settings.silence_max.as_secs_f32()
            )),
            None if said == "incomplete response" => {
                Answer::None(format!("the server closed the connection at {phase}"))
            }
            None if error.is_response() => {
                Answer::None(format!("the server's answer to {phase} cannot be understood"))
            }
            None => Answer::None(format!("the connection broke off at {phase}: {said}")),
        }
    }

    fn text(&self, response: &Response) -> String {
        let lines: Vec<&str> = response.message().collect();
        self.cleaned(&format!("{} {}", response.code(), lines.join(" ")))
    }

    /// What a server said, fit to be kept and printed: short, one line, without the recipient.
    fn cleaned(&self, text: &str) -> String {
        let one_line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(REPLY_CHARACTERS_MAX)
            .collect();
        one_line.replace(&self.envelope.to, "[recipient]").trim().to_owned()
    }
}

fn address(text: &str) -> Result<lettre::Address, NotStarted> {
    crate::address::parse(text).map_err(|error| NotStarted::Refused {
        reply: format!("the address cannot be used: {error}"),
    })
}

fn unreachable(why: String) -> NotStarted {
    NotStarted::Unreachable { why }
}

/// Whether nothing came in time. (A socket's timeout is `WouldBlock` on Unix, which the mail
/// library's own question does not know.)
fn is_timeout(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return matches!(inner.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        }
        source = inner.source();
    }
    false
}
