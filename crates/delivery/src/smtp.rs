//! A mailer that talks to a mail server: one connection, one message, one recipient.
//!
//! Each phase is driven from here, so that it is known how far it came. The dialogue runs on a
//! thread of its own: a socket's timeout begins anew with every byte, so only somebody beside it
//! can keep a deadline against a server that sends one byte a minute.

mod dialogue;
mod left;
mod login;
mod settings;
mod tokens;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::CertificateDer;

use crate::{Envelope, NotStarted, Outcome, ProbedServer, certificates};
use dialogue::Dialogue;
use left::{LEFT, LEFT_MAX, Left, Presence};
pub(crate) use settings::is_this_machine;
pub use settings::{Login, OAuth, Password, Security, SettingsError, SmtpSettings};
use tokens::Tokens;

/// Hands messages to one mail server.
pub struct SmtpMailer {
    settings: Arc<SmtpSettings>,
    tls: Option<TlsParameters>,
    tokens: Option<Arc<Tokens>>,
    left: &'static Left,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpMailer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A dialogue that waits, after RCPT, for the message.
#[derive(Debug)]
pub(crate) struct SmtpSession {
    message: Sender<Vec<u8>>,
    outcome: Receiver<Outcome>,
    threshold: Threshold,
    presence: Presence,
    deadline: Duration,
}

/// The point of no return, just before the first byte of a message. Only one of two may be there
/// first: the thread that hands the message over, or the caller who gives it up.
#[derive(Clone, Debug, Default)]
struct Threshold(Arc<AtomicBool>);

impl Threshold {
    /// Whether we are the first here, and the other therefore never gets past.
    fn is_ours(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

impl SmtpMailer {
    /// Checks the settings and reads the certificates. Connects to nothing.
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        let trusted = match &settings.extra_ca {
            Some(path) if settings.security != Security::Plain => certificates::read(path)?,
            Some(_) | None => Vec::new(),
        };
        let tls = match settings.security {
            Security::Plain => None,
            Security::StartTls | Security::ImplicitTls => {
                Some(tls_parameters(settings.host.clone(), &trusted)?)
            }
        };
        let tokens = settings.oauth.clone().map(|oauth| Arc::new(Tokens::new(oauth, trusted)));
        Ok(Self { settings: Arc::new(settings), tls, tokens, left: &LEFT })
    }

    pub(crate) fn begin(&self, envelope: &Envelope) -> Result<SmtpSession, NotStarted> {
        let (message, messages) = channel::<Vec<u8>>();
        let (outcomes, outcome) = channel::<Outcome>();
        let envelope = envelope.clone();
        let dialogue = self.dialogue(Some(envelope.to.clone()));
        let threshold = Threshold::default();
        let passed = threshold.clone();
        let presence = Presence::new(self.left);
        self.beside(&presence, move |begun| {
            let Some(mut connection) = first_word(begun, dialogue.open(&envelope)) else { return };
            if let Ok(mime) = messages.recv() {
                let may_go_on = || passed.is_ours();
                let Some(outcome) = dialogue.hand_over(&mut connection, &mime, may_go_on) else {
                    // Closed without QUIT, which the server would take for the message.
                    return;
                };
                // Once the caller is gone, sending to it fails, which is no matter: it has given
                // its own answer by then.
                outcomes.send(outcome).unwrap_or_default();
            }
            // Sends QUIT and closes; what the server says to that no longer matters.
            connection.abort();
        })?;
        Ok(SmtpSession { message, outcome, threshold, presence, deadline: self.settings.deadline })
    }

    pub(crate) fn probe(&self) -> Result<ProbedServer, NotStarted> {
        let dialogue = self.dialogue(None);
        self.beside(&Presence::new(self.left), move |probed| {
            probed.send(dialogue.probe()).unwrap_or_default();
        })
    }

    fn dialogue(&self, recipient: Option<String>) -> Dialogue {
        Dialogue {
            settings: Arc::clone(&self.settings),
            tls: self.tls.clone(),
            tokens: self.tokens.clone(),
            recipient,
            hello: ClientId::Domain(self.settings.hello_name.clone()),
            started: Instant::now(),
        }
    }

    /// Starts a thread that talks, and waits for its first word, for at most the deadline.
    fn beside<T: Send + 'static>(
        &self,
        presence: &Presence,
        talk: impl FnOnce(&Sender<Result<T, NotStarted>>) + Send + 'static,
    ) -> Result<T, NotStarted> {
        let (begun, has_begun) = channel();
        let deadline = self.settings.deadline;
        if self.left.are_too_many() {
            return Err(NotStarted::Unreachable {
                why: format!(
                    "`{}` has kept {LEFT_MAX} dialogues from coming to an end; the next is begun when one of them has",
                    self.settings.host
                ),
            });
        }
        let until_the_end = presence.until_the_end();
        let talk = move || {
            talk(&begun);
            drop(until_the_end);
        };
        thread::Builder::new().name("smtp".to_owned()).spawn(talk).map_err(|error| {
            NotStarted::Unreachable {
                why: format!("no thread to talk to it could be started: {error}"),
            }
        })?;
        match has_begun.recv_timeout(deadline) {
            Ok(first) => first,
            // The thread is left to itself. It cannot go on to hand anything over: with the
            // session gone no message ever reaches it.
            Err(RecvTimeoutError::Timeout) => {
                presence.leave();
                Err(NotStarted::Unreachable {
                    why: format!(
                        "`{}` did not come to an end within {} seconds",
                        self.settings.host,
                        deadline.as_secs_f32()
                    ),
                })
            }
            Err(RecvTimeoutError::Disconnected) => Err(NotStarted::Unreachable {
                why: "the dialogue with it broke off inside this program".to_owned(),
            }),
        }
    }
}

impl SmtpSession {
    pub(crate) fn commit(self, mime: &[u8]) -> Outcome {
        if self.message.send(mime.to_vec()).is_err() {
            return Outcome::Deferred {
                reply: "the dialogue broke off before the message was handed over".to_owned(),
            };
        }
        self.outcome.recv_timeout(self.deadline).unwrap_or_else(|error| {
            self.presence.leave();
            let why = match error {
                RecvTimeoutError::Timeout => {
                    let seconds = self.deadline.as_secs_f32();
                    format!("the server did not answer within {seconds} seconds")
                }
                RecvTimeoutError::Disconnected => {
                    "the dialogue broke off inside this program".to_owned()
                }
            };
            if self.threshold.is_ours() {
                Outcome::Deferred { reply: format!("{why}, before the message") }
            } else {
                Outcome::Unknown { reason: format!("{why} after the message") }
            }
        })
    }
}

/// Tells the caller how the beginning went. The connection, if there is one and the caller still
/// waits for it.
fn first_word(
    begun: &Sender<Result<(), NotStarted>>,
    opened: Result<SmtpConnection, NotStarted>,
) -> Option<SmtpConnection> {
    match opened {
        Ok(mut connection) => {
            if begun.send(Ok(())).is_ok() {
                return Some(connection);
            }
            connection.abort();
        }
        Err(not_started) => begun.send(Err(not_started)).unwrap_or_default(),
    }
    None
}

fn tls_parameters(
    host: String,
    trusted: &[CertificateDer<'static>],
) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(host.clone());
    let refused = |host, error: lettre::transport::smtp::Error| SettingsError::Tls {
        host,
        why: error.to_string(),
    };
    for der in trusted {
        let certificate =
            Certificate::from_der(der.to_vec()).map_err(|error| refused(host.clone(), error))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| refused(host, error))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    fn settings(host: &str, security: Security) -> SmtpSettings {
        SmtpSettings {
            host: host.to_owned(),
            port: 25,
            security,
            login: None,
            oauth: None,
            hello_name: "reports.example".to_owned(),
            extra_ca: None,
            silence_max: Duration::from_secs(1),
            deadline: Duration::from_secs(1),
        }
    }

    fn refused(settings: SmtpSettings) -> String {
        SmtpMailer::new(settings).expect_err("refused").to_string()
    }

    #[test]
    fn plain_is_only_for_this_machine_and_without_a_password() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(SmtpMailer::new(settings(host, Security::Plain)).is_ok(), "{host}");
        }
        insta::assert_snapshot!(refused(settings("mail.example", Security::Plain)), @"mail to `mail.example` would travel unencrypted: set security to starttls or implicit-tls (plain is only for this machine)");
        assert!(refused(settings("localhost.example", Security::Plain)).contains("unencrypted"));
        let mut with_login = settings("localhost", Security::Plain);
        with_login.login =
            Some(Login { user: "csp".to_owned(), password: Password::new("canary-secret") });
        let said = refused(with_login);
        insta::assert_snapshot!(said, @"a log-in is set for `localhost` with security plain: passwords and tokens are only sent encrypted");
    }

    #[test]
    fn a_password_shows_nowhere() {
        let mut settings = settings("mail.example", Security::StartTls);
        settings.login =
            Some(Login { user: "csp".to_owned(), password: Password::new("canary-secret") });
        let mailer = SmtpMailer::new(settings).expect("valid");
        assert!(!format!("{mailer:?}").contains("canary"));
    }

    #[test]
    fn names_that_carry_commands_are_refused() {
        let mut settings = settings("localhost", Security::Plain);
        settings.hello_name = "x\r\nMAIL FROM:<y>".to_owned();
        assert!(matches!(SmtpMailer::new(settings), Err(SettingsError::HostName { .. })));
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let mut settings = settings("mail.example", Security::StartTls);
        settings.extra_ca = Some(path.clone());
        assert!(refused(settings.clone()).contains("could not read the certificates"));
        drop(File::create(&path).expect("makes a file"));
        assert!(refused(settings).contains("no PEM certificate"));
    }

    /// The mail library waits for the end of a line for as long as bytes come: only we stop waiting.
    #[test]
    fn a_server_that_never_ends_a_line_gets_so_many_dialogues_and_no_more() {
        static HERE: Left = Left::none();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
        let port = listener.local_addr().expect("an address").port();
        let (leave, left) = channel::<()>();
        thread::spawn(move || {
            let mut callers = listener.incoming().map_while(Result::ok);
            let mut held: Vec<_> = callers.by_ref().take(LEFT_MAX).collect();
            for stream in &mut held {
                stream.write_all(b"220-").expect("begins a line");
            }
            left.recv().expect("the test goes on");
            drop(held);
            for mut stream in callers {
                stream.write_all(b"554 not today\r\n").unwrap_or_default();
                stream.read_to_end(&mut Vec::new()).unwrap_or_default();
            }
        });
        let mut mailer = SmtpMailer::new(SmtpSettings {
            port,
            silence_max: Duration::from_mins(1),
            deadline: Duration::from_millis(20),
            ..settings("127.0.0.1", Security::Plain)
        })
        .expect("good settings");
        mailer.left = &HERE;
        let said = |mailer: &SmtpMailer| format!("{:?}", mailer.probe().expect_err("no server"));
        for _ in 0..LEFT_MAX {
            assert!(said(&mailer).contains("did not come to an end"), "{}", said(&mailer));
        }
        insta::assert_snapshot!(said(&mailer), @r#"Unreachable { why: "`127.0.0.1` has kept 32 dialogues from coming to an end; the next is begun when one of them has" }"#);
        leave.send(()).expect("the server is there");
        let patience = Instant::now() + Duration::from_secs(30);
        let answer = loop {
            let answer = said(&mailer);
            if !answer.contains("has kept") && !answer.contains("did not come") {
                break answer;
            }
            assert!(Instant::now() < patience, "{answer}");
            thread::yield_now();
        };
        insta::assert_snapshot!(answer, @r#"Unreachable { why: "`127.0.0.1`: 554 not today" }"#);
    }
}
