//! The dialogue with the server, phase by phase.

use std::error::Error as _;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};

use super::tokens::Tokens;
use super::{Security, SmtpSettings};
use crate::{Envelope, NotStarted, Outcome, ProbedServer, certificates};

/// Longest text of a server that is kept, in characters.
const REPLY_CHARACTERS_MAX: usize = 300;

/// Longest name of a server that is kept, in characters.
const NAME_CHARACTERS_MAX: usize = 253;

/// How long to listen for anything the server should not have said.
const LISTEN: Duration = Duration::from_millis(2);

/// How long to wait for the answer to QUIT after a probe.
const GOODBYE: Duration = Duration::from_secs(1);

/// Everything needed to talk about one message, or about none.
pub(super) struct Dialogue {
    pub(super) settings: Arc<SmtpSettings>,
    pub(super) tls: Option<TlsParameters>,
    pub(super) tokens: Option<Arc<Tokens>>,
    /// Whose address is taken out of what the server says.
    pub(super) recipient: Option<String>,
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
    pub(super) fn open(&self, envelope: &Envelope) -> Result<SmtpConnection, NotStarted> {
        let mut connection = self.enter()?;
        let size_max = announced_size(&self.hello(&mut connection)?);
        if let Some(most) = size_max.filter(|&most| most > 0 && envelope.size_bytes > most) {
            let reply = format!(
                "the message has {} bytes and the server takes at most {most}",
                envelope.size_bytes
            );
            return Err(NotStarted::Refused { reply });
        }
        let parameters = match (size_max, usize::try_from(envelope.size_bytes)) {
            (Some(_), Ok(size_bytes)) => vec![MailParameter::Size(size_bytes)],
            _ => Vec::new(),
        };
        let from = address(&envelope.from)?;
        let to = address(&envelope.to)?;
        self.in_time()?;
        let said = connection.command(Mail::new(Some(from), parameters));
        self.expect(said, &[250], "MAIL")?;
        self.in_time()?;
        let said = connection.command(Rcpt::new(to, Vec::new()));
        self.expect(said, &[250, 251], "RCPT")?;
        Ok(connection)
    }

    /// From connecting to logging in, and goodbye.
    pub(super) fn probe(&self) -> Result<ProbedServer, NotStarted> {
        let mut connection = self.enter()?;
        let said = self.hello(&mut connection)?;
        let certificate = match &self.tls {
            Some(_) => connection.peer_certificate().ok(),
            None => None,
        };
        let found = ProbedServer {
            name: server_name(&said),
            is_encrypted: connection.is_encrypted(),
            is_logged_in: self.settings.login.is_some() || self.settings.oauth.is_some(),
            certificate_expires: certificate.and_then(|der| certificates::not_after(&der)),
            size_bytes_max: announced_size(&said).filter(|&most| most > 0),
        };
        // Said before the answer is given, as the program may end with it; all that was to be
        // found is found by now.
        if connection.set_timeout(Some(GOODBYE.min(self.settings.silence_max))).is_ok() {
            connection.abort();
        }
        Ok(found)
    }

    /// From DATA to the server's last word. Whether to go on is asked once, when nothing but the
    /// message is left to be said; `None` if not.
    pub(super) fn hand_over(
        &self,
        connection: &mut SmtpConnection,
        mime: &[u8],
        may_go_on: impl FnOnce() -> bool,
    ) -> Option<Outcome> {
        // Until the server has said 354 no byte of the message has left.
        match connection.command(Data) {
            Ok(response) if response.has_code(354) => {}
            Ok(response) => {
                let reply = format!("answered DATA with {}", self.text(&response));
                return Some(Outcome::Deferred { reply });
            }
            Err(error) => {
                return Some(match self.answer(&error, "DATA") {
                    Answer::NotNow(reply) | Answer::None(reply) => Outcome::Deferred { reply },
                    Answer::No(reply) => Outcome::Refused { reply },
                });
            }
        }
        if !may_go_on() {
            return None;
        }
        // The library puts a line end before the final dot; with the message's own the server would
        // get a blank line more than was composed.
        Some(match connection.message(mime.strip_suffix(b"\r\n").unwrap_or(mime)) {
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
        })
    }

    /// A connection that is as encrypted as the settings ask for.
    pub(super) fn connect_encrypted(&self) -> Result<SmtpConnection, NotStarted> {
        self.in_time()?;
        let mut connection = self.connect()?;
        self.encrypt(&mut connection)?;
        Ok(connection)
    }

    fn connect(&self) -> Result<SmtpConnection, NotStarted> {
        let SmtpSettings { host, port, security, silence_max, .. } = &*self.settings;
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

    /// What the server says of itself. Asked anew because the mail library keeps no sizes.
    fn hello(&self, connection: &mut SmtpConnection) -> Result<Response, NotStarted> {
        self.in_time()?;
        let said = connection.command(Ehlo::new(self.hello.clone()));
        said.map_err(|error| self.unusable(&error, "EHLO"))
    }

    /// Whether there is time left to say the next thing.
    pub(super) fn in_time(&self) -> Result<(), NotStarted> {
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
            None if let Some(said) = certificates::explained(error) => Answer::None(said),
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
        let one_line = match &self.recipient {
            Some(recipient) => one_line.replace(recipient, "[recipient]"),
            None => one_line,
        };
        one_line.trim().to_owned()
    }
}

/// The largest message the server says it takes, in bytes; 0 means no limit. `None` if it says
/// nothing of sizes.
fn announced_size(said: &Response) -> Option<u64> {
    said.message().find_map(|line| {
        let mut words = line.split_whitespace();
        words
            .next()
            .filter(|word| word.eq_ignore_ascii_case("SIZE"))
            .map(|_| words.next().and_then(|size| size.parse().ok()).unwrap_or(0))
    })
}

/// The name with which the server answers EHLO, fit to be printed.
fn server_name(said: &Response) -> String {
    let name = said.first_word().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    name.chars().filter(|&c| fits(c)).take(NAME_CHARACTERS_MAX).collect()
}

fn address(text: &str) -> Result<lettre::Address, NotStarted> {
    crate::address::parse(text).map_err(|error| NotStarted::Refused {
        reply: format!("the address cannot be used: {error}"),
    })
}

pub(super) fn unreachable(why: String) -> NotStarted {
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
