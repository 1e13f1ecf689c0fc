//! Whatever a mail server does, what is reported is what its own log says, in time, and the next
//! message is none the worse.

use std::thread;
use std::time::{Duration, Instant};

use delivery::{
    Envelope, Login, Mailer, NotStarted, Outcome, Password, Security, SmtpMailer, SmtpSettings,
};
use model::MessageId;

use crate::server::{Behaviour, Encryption, Received, Server, certificate_file};

const FIRST: &[u8] = b"Subject: The first\r\n\r\nFewer incidents.\r\n";
const NEXT: &[u8] = b"Subject: The next\r\n\r\nMore incidents.\r\n";

/// Long enough for a healthy server on a busy machine.
const SILENCE_MAX: Duration = Duration::from_millis(600);
/// Longer than two silences: one for the answer, one for the answer to QUIT.
const DEADLINE: Duration = Duration::from_millis(2400);
/// What a call may take beyond its deadline.
const GRACE: Duration = Duration::from_secs(2);

/// One fault of the server on its first connection; on the next it is healthy.
struct Case {
    name: &'static str,
    security: Security,
    first: (Behaviour, Encryption),
}

/// What was reported of one message.
#[derive(Debug)]
enum Reported {
    NotStarted(NotStarted),
    Handed(Outcome),
}

fn plain(name: &'static str, behaviour: Behaviour) -> Case {
    Case { name, security: Security::Plain, first: (behaviour, Encryption::None) }
}

fn encrypted(name: &'static str, behaviour: Behaviour, encryption: Encryption) -> Case {
    Case { name, security: Security::StartTls, first: (behaviour, encryption) }
}

fn cases() -> Vec<Case> {
    use Behaviour::{Accept, Cut, Dribble, Drop, Late, Reply, Silent};
    vec![
        plain("nothing wrong", Accept),
        plain("silent at greeting", Silent("greeting")),
        plain("silent at EHLO", Silent("EHLO")),
        plain("silent at MAIL", Silent("MAIL")),
        plain("silent at RCPT", Silent("RCPT")),
        plain("silent at DATA", Silent("DATA")),
        plain("silent at dot", Silent("dot")),
        plain("drops at greeting", Drop("greeting")),
        plain("drops at EHLO", Drop("EHLO")),
        plain("drops at MAIL", Drop("MAIL")),
        plain("drops at RCPT", Drop("RCPT")),
        plain("drops at DATA", Drop("DATA")),
        plain("drops within message", Cut),
        plain("drops at dot", Drop("dot")),
        plain("late at greeting", Late("greeting")),
        plain("late at EHLO", Late("EHLO")),
        plain("late at MAIL", Late("MAIL")),
        plain("late at RCPT", Late("RCPT")),
        plain("late at DATA", Late("DATA")),
        plain("late at dot", Late("dot")),
        plain("byte by byte at greeting", Dribble("greeting")),
        plain("byte by byte at RCPT", Dribble("RCPT")),
        plain("byte by byte at DATA", Dribble("DATA")),
        plain("byte by byte at dot", Dribble("dot")),
        plain("421 at greeting", Reply("greeting", "421 busy")),
        plain("421 at RCPT", Reply("RCPT", "421 closing")),
        plain("450 at RCPT", Reply("RCPT", "450 greylisted")),
        plain("550 at RCPT", Reply("RCPT", "550 nobody here")),
        plain("552 at RCPT", Reply("RCPT", "552 mailbox full")),
        plain("451 at DATA", Reply("DATA", "451 later")),
        plain("421 at dot", Reply("dot", "421 closing")),
        plain("450 at dot", Reply("dot", "450 later")),
        plain("550 at dot", Reply("dot", "550 spam")),
        plain("552 at dot", Reply("dot", "552 too large")),
        plain("nonsense at dot", Reply("dot", "nonsense")),
        encrypted("no STARTTLS", Accept, Encryption::None),
        encrypted("another's certificate", Accept, Encryption::StartTls("elsewhere")),
        encrypted("expired certificate", Accept, Encryption::StartTls("expired")),
        encrypted(
            "wrong password",
            Reply("AUTH", "535 5.7.8 no"),
            Encryption::StartTls("localhost"),
        ),
        encrypted("silent at AUTH", Silent("AUTH"), Encryption::StartTls("localhost")),
        encrypted("silent at STARTTLS", Silent("STARTTLS"), Encryption::StartTls("localhost")),
        encrypted("drops at encrypted dot", Drop("dot"), Encryption::StartTls("localhost")),
    ]
}

#[test]
fn what_is_reported_is_what_the_servers_log_says() {
    let rows: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> =
            cases().into_iter().map(|case| scope.spawn(move || row(&case))).collect();
        running.into_iter().map(|row| row.join().expect("a row")).collect()
    });
    let head = line("the server", "reported", "its log", "the next message");
    insta::assert_snapshot!(format!("{head}\n{}", rows.join("\n")), @"
    the server               | reported                 | its log                                 | the next message
    nothing wrong            | accepted                 | message, said 250 queued as 1           | accepted, once
    silent at greeting       | not started: unreachable | nothing of it                           | accepted, once
    silent at EHLO           | not started: unreachable | nothing of it                           | accepted, once
    silent at MAIL           | not started: put off     | nothing of it                           | accepted, once
    silent at RCPT           | not started: put off     | nothing of it                           | accepted, once
    silent at DATA           | deferred                 | nothing of it                           | accepted, once
    silent at dot            | unknown                  | message, no answer                      | accepted, once
    drops at greeting        | not started: unreachable | nothing of it                           | accepted, once
    drops at EHLO            | not started: unreachable | nothing of it                           | accepted, once
    drops at MAIL            | not started: put off     | nothing of it                           | accepted, once
    drops at RCPT            | not started: put off     | nothing of it                           | accepted, once
    drops at DATA            | deferred                 | nothing of it                           | accepted, once
    drops within message     | unknown                  | part of message, no answer              | accepted, once
    drops at dot             | unknown                  | message, no answer                      | accepted, once
    late at greeting         | not started: unreachable | nothing of it                           | accepted, once
    late at EHLO             | not started: unreachable | nothing of it                           | accepted, once
    late at MAIL             | not started: put off     | nothing of it                           | accepted, once
    late at RCPT             | not started: put off     | nothing of it                           | accepted, once
    late at DATA             | deferred                 | nothing of it                           | accepted, once
    late at dot              | unknown                  | message, said too late: 250 queued as 1 | accepted, once
    byte by byte at greeting | not started: unreachable | nothing of it                           | accepted, once
    byte by byte at RCPT     | not started: unreachable | nothing of it                           | accepted, once
    byte by byte at DATA     | deferred                 | nothing of it                           | accepted, once
    byte by byte at dot      | unknown                  | message, no answer                      | accepted, once
    421 at greeting          | not started: unreachable | nothing of it                           | accepted, once
    421 at RCPT              | not started: put off     | nothing of it                           | accepted, once
    450 at RCPT              | not started: put off     | nothing of it                           | accepted, once
    550 at RCPT              | not started: refused     | nothing of it                           | accepted, once
    552 at RCPT              | not started: refused     | nothing of it                           | accepted, once
    451 at DATA              | deferred                 | nothing of it                           | accepted, once
    421 at dot               | deferred                 | message, said 421 closing               | accepted, once
    450 at dot               | deferred                 | message, said 450 later                 | accepted, once
    550 at dot               | refused                  | message, said 550 spam                  | accepted, once
    552 at dot               | refused                  | message, said 552 too large             | accepted, once
    nonsense at dot          | unknown                  | message, said nonsense                  | accepted, once
    no STARTTLS              | not started: unreachable | nothing of it                           | accepted, once
    another's certificate    | not started: unreachable | nothing of it                           | accepted, once
    expired certificate      | not started: unreachable | nothing of it                           | accepted, once
    wrong password           | not started: unreachable | nothing of it                           | accepted, once
    silent at AUTH           | not started: unreachable | nothing of it                           | accepted, once
    silent at STARTTLS       | not started: unreachable | nothing of it                           | accepted, once
    drops at encrypted dot   | unknown                  | message, no answer                      | accepted, once
    ");
}

fn line(name: &str, reported: &str, log: &str, next: &str) -> String {
    format!("{name:<24} | {reported:<24} | {log:<39} | {next}")
}

/// Hands two messages over with one mailer: what was said and what is in the server's log.
fn row(case: &Case) -> String {
    let healthy = match case.security {
        Security::Plain => Encryption::None,
        Security::StartTls | Security::ImplicitTls => Encryption::StartTls("localhost"),
    };
    let server = Server::scripted(vec![case.first, (Behaviour::Accept, healthy)]);
    let mailer = mailer(case, server.port());
    let reported = hand_over(&mailer, "first@reports.example", FIRST, case.name);
    let next = hand_over(&mailer, "next@reports.example", NEXT, case.name);
    let (firsts, others): (Vec<_>, Vec<_>) =
        server.received().into_iter().partition(|received| FIRST.starts_with(&received.bytes));
    assert!(agrees(&reported, &firsts), "{}: {reported:?}, but {firsts:?}", case.name);
    let [received] = &others[..] else {
        panic!("{}: the next message arrived {} times", case.name, others.len());
    };
    assert_eq!(received.bytes, NEXT, "{}", case.name);
    let said = match &next {
        Reported::Handed(Outcome::Accepted { reply }) => reply,
        other => panic!("{}: the next message: {other:?}", case.name),
    };
    assert_eq!(Some(said), received.answer.as_ref(), "{}", case.name);
    line(case.name, reported_as(&reported), &logged(&firsts), "accepted, once")
}

fn mailer(case: &Case, port: u16) -> Mailer {
    let is_plain = case.security == Security::Plain;
    let login = Login { user: "csp".to_owned(), password: Password::new("secret") };
    let settings = SmtpSettings {
        host: if is_plain { "127.0.0.1" } else { "localhost" }.to_owned(),
        port,
        security: case.security,
        login: (!is_plain).then_some(login),
        oauth: None,
        hello_name: "reports.example".to_owned(),
        extra_ca: (!is_plain).then(|| certificate_file("authority.pem")),
        silence_max: SILENCE_MAX,
        deadline: DEADLINE,
    };
    Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"))
}

/// Hands a message over; each of the two steps keeps its deadline.
fn hand_over(mailer: &Mailer, id: &str, mime: &[u8], case: &str) -> Reported {
    let envelope = Envelope {
        message_id: MessageId::new(id),
        from: "csp@reports.example".to_owned(),
        to: "chair@sevenoaks.example".to_owned(),
        size_bytes: mime.len() as u64,
    };
    let started = Instant::now();
    let session = mailer.begin(&envelope);
    assert!(started.elapsed() < DEADLINE + GRACE, "{case}: begin took {:?}", started.elapsed());
    match session {
        Err(not_started) => Reported::NotStarted(not_started),
        Ok(session) => {
            let started = Instant::now();
            let outcome = session.commit(mime);
            let took = started.elapsed();
            assert!(took < DEADLINE + GRACE, "{case}: commit took {took:?}");
            Reported::Handed(outcome)
        }
    }
}

/// Whether a report is what the server's log says of the message.
fn agrees(reported: &Reported, log: &[Received]) -> bool {
    let answered_with = |first: char| {
        log.iter().all(|received| {
            received.answer.as_ref().is_some_and(|answer| answer.starts_with(first))
        })
    };
    match reported {
        // Nothing of it ever arrived.
        Reported::NotStarted(_) => log.is_empty(),
        // It has it, whole, once, and said so.
        Reported::Handed(Outcome::Accepted { reply }) => {
            matches!(log, [Received { is_whole: true, answer: Some(answer), .. }] if answer == reply)
                && answered_with('2')
        }
        // Either it never got that far, or it said so.
        Reported::Handed(Outcome::Deferred { .. }) => answered_with('4'),
        Reported::Handed(Outcome::Refused { .. }) => answered_with('5'),
        // It got some or all of it and gave no answer, or none in time, or none
        // that could be understood.
        Reported::Handed(Outcome::Unknown { .. }) => {
            let is_code = |answer: &String| answer.starts_with(|c: char| c.is_ascii_digit());
            matches!(log, [received] if !received.answer.as_ref().is_some_and(is_code))
        }
    }
}

fn reported_as(reported: &Reported) -> &'static str {
    match reported {
        Reported::NotStarted(NotStarted::Unreachable { .. }) => "not started: unreachable",
        Reported::NotStarted(NotStarted::Deferred { .. }) => "not started: put off",
        Reported::NotStarted(NotStarted::Refused { .. }) => "not started: refused",
        Reported::Handed(Outcome::Accepted { .. }) => "accepted",
        Reported::Handed(Outcome::Deferred { .. }) => "deferred",
        Reported::Handed(Outcome::Refused { .. }) => "refused",
        Reported::Handed(Outcome::Unknown { .. }) => "unknown",
    }
}

fn logged(log: &[Received]) -> String {
    let of_one = |received: &Received| {
        let what = if received.is_whole { "message" } else { "part of message" };
        match &received.answer {
            Some(answer) => format!("{what}, said {answer}"),
            None => format!("{what}, no answer"),
        }
    };
    if log.is_empty() {
        return "nothing of it".to_owned();
    }
    log.iter().map(of_one).collect::<Vec<_>>().join(" and ")
}
