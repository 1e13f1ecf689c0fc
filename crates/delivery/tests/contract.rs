//! One suite over all mailers, and a mail server that behaves as it is told.

use std::time::{Duration, Instant};

use delivery::{
    Envelope, FolderMailer, Login, Mailer, MemoryMailer, NotStarted, Outcome, Password, Security,
    SmtpMailer, SmtpSettings,
};
use model::MessageId;

use crate::server::{self, Behaviour, Encryption, Server};

const MIME: &[u8] = b"Subject: Quarter 1\r\n\r\nFewer incidents.\r\n.one dot\r\n..two dots\r\n";

fn envelope(id: &str) -> Envelope {
    Envelope {
        message_id: MessageId::new(id),
        from: "csp@reports.example".to_owned(),
        to: "chair@sevenoaks.example".to_owned(),
        size_bytes: MIME.len() as u64,
    }
}

fn settings(port: u16, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        login: None,
        oauth: None,
        hello_name: "reports.example".to_owned(),
        extra_ca: None,
        // Long, so that a busy machine does not fail a test about something else.
        silence_max: Duration::from_secs(20),
        deadline: Duration::from_secs(20),
    }
}

fn smtp(server: &Server) -> Mailer {
    let settings = settings(server.port(), Security::Plain);
    Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"))
}

/// Hands one message over and says in one line what became of it.
fn handed_over(mailer: &Mailer) -> String {
    match mailer.begin(&envelope("one@reports.example")) {
        Err(not_started) => format!("not started: {not_started}"),
        Ok(session) => match session.commit(MIME) {
            Outcome::Accepted { reply } => format!("accepted: {reply}"),
            Outcome::Deferred { reply } => format!("deferred: {reply}"),
            Outcome::Refused { reply } => format!("refused: {reply}"),
            Outcome::Unknown { reason } => format!("unknown: {reason}"),
        },
    }
}

fn with(behaviour: Behaviour) -> (String, Server) {
    let server = Server::start(behaviour);
    (handed_over(&smtp(&server)), server)
}

/// The same with little patience: what became of it, well within the time anybody would wait.
fn impatiently_with(behaviour: Behaviour) -> (String, Server) {
    let server = Server::start(behaviour);
    let mut settings = settings(server.port(), Security::Plain);
    settings.silence_max = Duration::from_millis(300);
    settings.deadline = Duration::from_millis(800);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let started = Instant::now();
    let said = handed_over(&mailer);
    assert!(started.elapsed() < Duration::from_secs(4), "{said}");
    (said, server)
}

/// What every mailer promises. `delivered` lists the messages that arrived, as bytes.
fn keeps_the_contract(mailer: &Mailer, delivered: &dyn Fn() -> Vec<Vec<u8>>) {
    // Begun and dropped: nothing arrives.
    drop(mailer.begin(&envelope("dropped@reports.example")).expect("begins"));
    assert_eq!(delivered(), Vec::<Vec<u8>>::new());
    // Committed: it arrives, unchanged.
    let session = mailer.begin(&envelope("one@reports.example")).expect("begins");
    let outcome = session.commit(MIME);
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(delivered(), vec![MIME.to_vec()]);
    // It can tell, or says that it cannot.
    let told = |id: &str| mailer.was_delivered(&MessageId::new(id));
    assert!(matches!(told("one@reports.example"), Some(true) | None));
    assert!(matches!(told("dropped@reports.example"), Some(false) | None));
    // What could forge a second message is not handed over.
    for unfit in [&b"a\n.\nMAIL FROM:<x>\n"[..], b"a\r.\r", "é".as_bytes()] {
        let session = mailer.begin(&envelope("unfit@reports.example")).expect("begins");
        let outcome = session.commit(unfit);
        assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    }
    // An address that could carry a command is not used.
    let forged = Envelope {
        to: "a@b.example>\r\nRCPT TO:<c@d.example".to_owned(),
        ..envelope("forged@reports.example")
    };
    assert!(matches!(mailer.begin(&forged), Err(NotStarted::Refused { .. })));
    assert_eq!(delivered().len(), 1);
}

#[test]
fn memory_keeps_the_contract() {
    let memory = MemoryMailer::new();
    let mailer = Mailer::Memory(memory.clone());
    keeps_the_contract(&mailer, &|| memory.sent().into_iter().map(|sent| sent.mime).collect());
    assert_eq!(memory.sent()[0].envelope, envelope("one@reports.example"));
}

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = folder.path().join("outbox");
    let mailer = Mailer::Folder(FolderMailer::new(&outbox));
    keeps_the_contract(&mailer, &|| server::files_in(&outbox));
}

#[test]
fn a_mail_server_keeps_the_contract() {
    let server = Server::start(Behaviour::Accept);
    keeps_the_contract(&smtp(&server), &|| server.messages());
}

#[test]
fn a_folder_never_writes_over_another_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailer = Mailer::Folder(FolderMailer::new(folder.path()));
    let send = |bytes: &[u8]| {
        let session = mailer.begin(&envelope("one@reports.example")).expect("begins");
        session.commit(bytes)
    };
    assert!(matches!(send(MIME), Outcome::Accepted { .. }));
    assert!(matches!(send(MIME), Outcome::Accepted { .. }), "again is harmless");
    assert!(matches!(send(b"other\r\n"), Outcome::Refused { .. }));
    assert_eq!(server::files_in(folder.path()), vec![MIME.to_vec()]);
}

#[test]
fn a_folder_that_cannot_be_made_is_unreachable() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mailer = Mailer::Folder(FolderMailer::new(file.path().join("outbox")));
    let outcome = mailer.begin(&envelope("one@reports.example"));
    assert!(matches!(outcome, Err(NotStarted::Unreachable { .. })), "{outcome:?}");
}

#[test]
fn the_server_is_told_what_is_needed_and_no_more() {
    let (said, server) = with(Behaviour::Accept);
    insta::assert_snapshot!(said, @"accepted: 250 queued as 1");
    insta::assert_snapshot!(server.commands(), @r"
    EHLO reports.example
    EHLO reports.example
    MAIL FROM:<csp@reports.example> SIZE=62
    RCPT TO:<chair@sevenoaks.example>
    DATA
    QUIT
    ");
}

#[test]
fn what_the_server_says_is_what_is_reported() {
    let said = |behaviour| with(behaviour).0;
    insta::assert_snapshot!(said(Behaviour::Reply("greeting", "554 go away")), @"not started: the mail server cannot be used: `127.0.0.1`: 554 go away");
    insta::assert_snapshot!(said(Behaviour::Reply("MAIL", "451 later")), @"not started: put off: 451 later");
    insta::assert_snapshot!(said(Behaviour::Reply("MAIL", "550 not you")), @"not started: refused: 550 not you");
    insta::assert_snapshot!(said(Behaviour::Reply("RCPT", "550 no chair@sevenoaks.example here")), @"not started: refused: 550 no [recipient] here");
    insta::assert_snapshot!(said(Behaviour::Reply("RCPT", "450 greylisted")), @"not started: put off: 450 greylisted");
    insta::assert_snapshot!(said(Behaviour::Reply("RCPT", "354 go ahead")), @"not started: put off: answered RCPT with 354 go ahead");
    insta::assert_snapshot!(said(Behaviour::Reply("DATA", "451 later")), @"deferred: 451 later");
    insta::assert_snapshot!(said(Behaviour::Reply("DATA", "554 no")), @"refused: 554 no");
    insta::assert_snapshot!(said(Behaviour::Reply("DATA", "250 off by one")), @"deferred: answered DATA with 250 off by one");
    insta::assert_snapshot!(said(Behaviour::Reply("dot", "452 full")), @"deferred: 452 full");
    insta::assert_snapshot!(said(Behaviour::Reply("dot", "554 spam")), @"refused: 554 spam");
    insta::assert_snapshot!(said(Behaviour::Reply("dot", "354 off by one")), @"unknown: answered the message with 354 off by one");
    insta::assert_snapshot!(said(Behaviour::Reply("dot", "nonsense")), @"unknown: the server's answer to the message cannot be understood");
}

#[test]
fn a_lost_connection_is_unknown_only_once_the_message_is_out() {
    let said = |phase| with(Behaviour::Drop(phase)).0;
    insta::assert_snapshot!(said("greeting"), @"not started: the mail server cannot be used: `127.0.0.1`: the server closed the connection at the greeting");
    insta::assert_snapshot!(said("EHLO"), @"not started: the mail server cannot be used: `127.0.0.1`: the server closed the connection at the greeting");
    insta::assert_snapshot!(said("MAIL"), @"not started: put off: the server closed the connection at MAIL");
    insta::assert_snapshot!(said("RCPT"), @"not started: put off: the server closed the connection at RCPT");
    insta::assert_snapshot!(said("DATA"), @"deferred: the server closed the connection at DATA");
    insta::assert_snapshot!(said("dot"), @"unknown: the server closed the connection at the message");
}

#[test]
fn a_silent_server_is_given_up_in_time() {
    let said = |phase| impatiently_with(Behaviour::Silent(phase)).0;
    insta::assert_snapshot!(said("greeting"), @"not started: the mail server cannot be used: `127.0.0.1`: no answer to the greeting within 0.3 seconds");
    insta::assert_snapshot!(said("MAIL"), @"not started: put off: no answer to MAIL within 0.3 seconds");
    insta::assert_snapshot!(said("DATA"), @"deferred: no answer to DATA within 0.3 seconds");
    insta::assert_snapshot!(said("dot"), @"unknown: no answer to the message within 0.3 seconds");
}

#[test]
fn a_server_that_dribbles_is_given_up_in_time() {
    let said = |phase| impatiently_with(Behaviour::Dribble(phase));
    let (early, server) = said("RCPT");
    insta::assert_snapshot!(early, @"not started: the mail server cannot be used: `127.0.0.1` did not come to an end within 0.8 seconds");
    assert!(!server.commands().contains("DATA"));
    insta::assert_snapshot!(said("dot").0, @"unknown: the server did not answer within 0.8 seconds after the message");
}

#[test]
fn a_message_over_the_announced_size_is_not_begun() {
    let (said, server) = with(Behaviour::Reply("EHLO", "250-localhost\r\n250 SIZE 10"));
    insta::assert_snapshot!(said, @"not started: refused: the message has 62 bytes and the server takes at most 10");
    assert!(!server.commands().contains("MAIL"));
}

#[test]
fn without_starttls_nothing_is_said() {
    let server = Server::start(Behaviour::Accept);
    let settings = settings(server.port(), Security::StartTls);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    insta::assert_snapshot!(handed_over(&mailer), @"not started: the mail server cannot be used: `127.0.0.1` does not offer encryption (STARTTLS), so nothing was sent");
    insta::assert_snapshot!(server.commands(), @"
    EHLO reports.example
    QUIT
    ");
}

#[test]
fn nobody_listening_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let settings = settings(port, Security::Plain);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let outcome = mailer.begin(&envelope("one@reports.example"));
    assert!(matches!(outcome, Err(NotStarted::Unreachable { .. })), "{outcome:?}");
}

/// Sends with a password to an encrypting server: what became of it, and what the server heard.
fn encrypted(
    behaviour: Behaviour,
    encryption: Encryption,
    change: fn(&mut SmtpSettings),
) -> (String, String) {
    let server = Server::encrypted(behaviour, encryption);
    let mut settings = settings(
        server.port(),
        match encryption {
            Encryption::Implicit(_) => Security::ImplicitTls,
            Encryption::StartTls(_) | Encryption::None => Security::StartTls,
        },
    );
    settings.host = String::from("localhost");
    settings.extra_ca =
        Some(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/authority.pem").into());
    settings.login =
        Some(Login { user: "csp".to_owned(), password: Password::new("canary-secret") });
    change(&mut settings);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let said = handed_over(&mailer);
    assert!(!said.contains("canary") && !said.contains("Y2FuYXJ5"), "{said}");
    (said, server.commands())
}

#[test]
fn the_password_and_the_message_go_only_through_encryption() {
    let (said, heard) = encrypted(Behaviour::Accept, Encryption::StartTls("localhost"), |_| {});
    insta::assert_snapshot!(said, @"accepted: 250 queued as 1");
    insta::assert_snapshot!(heard, @"
    EHLO reports.example
    STARTTLS
    (encrypted) EHLO reports.example
    (encrypted) AUTH PLAIN AGNzcABjYW5hcnktc2VjcmV0
    (encrypted) EHLO reports.example
    (encrypted) MAIL FROM:<csp@reports.example> SIZE=62
    (encrypted) RCPT TO:<chair@sevenoaks.example>
    (encrypted) DATA
    (encrypted) QUIT
    ");
    let (said, heard) = encrypted(Behaviour::Accept, Encryption::Implicit("localhost"), |_| {});
    insta::assert_snapshot!(said, @"accepted: 250 queued as 1");
    assert!(heard.lines().all(|line| line.starts_with("(encrypted) ")), "{heard}");
}

#[test]
fn a_server_that_is_not_who_it_says_gets_nothing() {
    for encryption in [Encryption::StartTls("elsewhere"), Encryption::Implicit("elsewhere")] {
        let (said, heard) = encrypted(Behaviour::Accept, encryption, |_| {});
        assert!(said.starts_with("not started: the mail server cannot be used"), "{said}");
        assert!(said.contains("certificate"), "{said}");
        assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    }
    // The right name, from an authority nobody trusts.
    let (said, heard) =
        encrypted(Behaviour::Accept, Encryption::StartTls("localhost"), |settings| {
            settings.extra_ca = None;
        });
    assert!(said.contains("certificate"), "{said}");
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
}

#[test]
fn answers_slipped_in_before_encryption_are_noticed() {
    // What somebody on the way would add so that his answers are taken for the server's.
    let slipped = Behaviour::Reply(
        "STARTTLS",
        "220 begin\r\n250-localhost\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 fine",
    );
    let (said, heard) = encrypted(slipped, Encryption::StartTls("localhost"), |_| {});
    insta::assert_snapshot!(said, @"not started: the mail server cannot be used: `localhost` said more than it was asked while encryption began");
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    // One answer only: everything is then answered one too early, and DATA with a 250.
    let one = Behaviour::Reply("STARTTLS", "220 begin\r\n250 localhost");
    let (said, heard) = encrypted(one, Encryption::StartTls("localhost"), |settings| {
        settings.login = None;
    });
    assert!(said.starts_with("not started") || said.starts_with("deferred"), "{said}");
    assert!(!heard.contains("Fewer incidents"), "{heard}");
}

#[test]
fn a_refused_password_is_said_without_it() {
    let repeats = Behaviour::Reply("AUTH", "535 canary-secret is wrong");
    let (said, heard) = encrypted(repeats, Encryption::StartTls("localhost"), |_| {});
    insta::assert_snapshot!(said, @"not started: the mail server cannot be used: `localhost` did not take the user name and password (535)");
    assert!(!heard.contains("MAIL"), "{heard}");
}
