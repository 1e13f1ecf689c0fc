//! Logging in with a token: where it comes from, how long it is kept, and that it shows nowhere.

use std::time::{Duration, Instant};

use delivery::{
    Envelope, Login, Mailer, OAuth, Outcome, Password, Probed, Security, SmtpMailer, SmtpSettings,
};
use model::MessageId;

use crate::server::{Behaviour, Encryption, HttpServer, Reply, Server, certificate_file};

const MIME: &[u8] = b"Subject: Quarter 1\r\n\r\nFewer incidents.\r\n";

/// `user=csp@reports.example^Aauth=Bearer canary-token-1^A^A`, and with 2.
const FIRST: &str =
    "AUTH XOAUTH2 dXNlcj1jc3BAcmVwb3J0cy5leGFtcGxlAWF1dGg9QmVhcmVyIGNhbmFyeS10b2tlbi0xAQE=";
const SECOND: &str =
    "AUTH XOAUTH2 dXNlcj1jc3BAcmVwb3J0cy5leGFtcGxlAWF1dGg9QmVhcmVyIGNhbmFyeS10b2tlbi0yAQE=";

fn settings(port: u16, token_url: String) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        security: Security::StartTls,
        login: None,
        oauth: Some(OAuth {
            user: "csp@reports.example".to_owned(),
            token_url,
            client_id: "0aa1-client".to_owned(),
            client_secret: Password::new("canary~secret&=?"),
            scope: "https://outlook.office365.com/.default".to_owned(),
        }),
        hello_name: "reports.example".to_owned(),
        extra_ca: Some(certificate_file("authority.pem")),
        // Long, so that a busy machine does not fail a test about something else.
        silence_max: Duration::from_secs(20),
        deadline: Duration::from_secs(20),
    }
}

/// A token server's answer.
fn token(number: u8, lasts_seconds: u32) -> Reply {
    let body = format!(
        r#"{{"token_type":"Bearer","expires_in":{lasts_seconds},"access_token":"canary-token-{number}"}}"#
    );
    Reply::Say(200, body)
}

fn refusal(status: u16, body: &str) -> Reply {
    Reply::Say(status, body.to_owned())
}

/// Hands one message over and says in one line what became of it.
fn handed_over(mailer: &Mailer) -> String {
    let envelope = Envelope {
        message_id: MessageId::new("one@reports.example"),
        from: "csp@reports.example".to_owned(),
        to: "chair@sevenoaks.example".to_owned(),
        size_bytes: MIME.len() as u64,
    };
    let said = match mailer.begin(&envelope) {
        Err(not_started) => format!("not started: {not_started}"),
        Ok(session) => match session.commit(MIME) {
            Outcome::Accepted { reply } => format!("accepted: {reply}"),
            other => format!("{other:?}"),
        },
    };
    for text in [&said, &format!("{mailer:?}")] {
        // The second is how base64 of the token begins.
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    }
    said
}

/// What became of some messages, one a line, and what the two servers heard.
struct Heard {
    said: String,
    tokens_asked: Vec<String>,
    commands: String,
}

/// Sends messages one after another with one mailer.
fn sent(messages: usize, tokens: Vec<Reply>, behaviours: &[Behaviour]) -> Heard {
    let token_server = HttpServer::start(tokens);
    let encrypted = |&behaviour| (behaviour, Encryption::StartTls("localhost"));
    let server = Server::scripted(behaviours.iter().map(encrypted).collect());
    let port = token_server.port();
    let settings = settings(server.port(), format!("http://localhost:{port}/tenant/token"));
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let said: Vec<String> = (0..messages).map(|_| handed_over(&mailer)).collect();
    Heard {
        said: said.join("\n").replace(&port.to_string(), "PORT"),
        tokens_asked: token_server.asked(),
        commands: server.commands(),
    }
}

/// The log-ins among what the mail server heard, by the token that was shown.
fn logins(heard: &Heard) -> Vec<&'static str> {
    let shown = heard.commands.lines().filter_map(|line| line.strip_prefix("(encrypted) AUTH"));
    shown
        .map(|rest| match format!("AUTH{rest}").as_str() {
            FIRST => "first",
            SECOND => "second",
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn a_token_is_got_and_shown() {
    let heard = sent(1, vec![token(1, 3599)], &[Behaviour::Accept]);
    insta::assert_snapshot!(heard.said, @"accepted: 250 queued as 1");
    insta::assert_snapshot!(heard.tokens_asked.join("\n"), @"
    POST /tenant/token HTTP/1.1

    grant_type=client_credentials&client_id=0aa1-client&client_secret=canary%7Esecret%26%3D%3F&scope=https%3A%2F%2Foutlook.office365.com%2F.default
    ");
    insta::assert_snapshot!(heard.commands, @"
    EHLO reports.example
    STARTTLS
    (encrypted) EHLO reports.example
    (encrypted) AUTH XOAUTH2 dXNlcj1jc3BAcmVwb3J0cy5leGFtcGxlAWF1dGg9QmVhcmVyIGNhbmFyeS10b2tlbi0xAQE=
    (encrypted) EHLO reports.example
    (encrypted) MAIL FROM:<csp@reports.example> SIZE=40
    (encrypted) RCPT TO:<chair@sevenoaks.example>
    (encrypted) DATA
    (encrypted) QUIT
    ");
}

#[test]
fn a_look_at_the_server_needs_a_token_too() {
    let token_server = HttpServer::start(vec![token(1, 3599)]);
    let server = Server::encrypted(Behaviour::Accept, Encryption::StartTls("localhost"));
    let address = format!("http://127.0.0.1:{}/token", token_server.port());
    let settings = settings(server.port(), address);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let Ok(Probed::Server(found)) = mailer.probe() else { panic!("it can be used") };
    assert!(found.is_logged_in && found.is_encrypted);
    assert!(!server.commands().contains("MAIL"));
    // The token serves the mail that follows.
    assert_eq!(handed_over(&mailer), "accepted: 250 queued as 1");
    assert_eq!(token_server.asked().len(), 1);
}

#[test]
fn a_token_is_kept_until_a_minute_before_its_end() {
    let accept = [Behaviour::Accept];
    let kept = sent(3, vec![token(1, 3599), token(2, 3599)], &accept);
    assert_eq!((kept.tokens_asked.len(), logins(&kept)), (1, vec!["first"; 3]), "{}", kept.said);
    for lasts_seconds in [0, 1, 60] {
        let anew = sent(2, vec![token(1, lasts_seconds), token(2, 3599)], &accept);
        assert_eq!(logins(&anew), ["first", "second"], "{lasts_seconds}: {}", anew.said);
    }
}

#[test]
fn a_kept_token_that_is_refused_is_replaced_once() {
    let refuses = Behaviour::Reply("AUTH", "535 5.7.3 canary-token-1 is no good");
    let tokens = || vec![token(1, 3599), token(2, 3599)];
    let heard = sent(2, tokens(), &[Behaviour::Accept, refuses, Behaviour::Accept]);
    insta::assert_snapshot!(heard.said, @"
    accepted: 250 queued as 1
    accepted: 250 queued as 2
    ");
    assert_eq!(logins(&heard), ["first", "first", "second"]);
    // No more than once.
    let heard = sent(2, tokens(), &[Behaviour::Accept, refuses]);
    insta::assert_snapshot!(heard.said, @"
    accepted: 250 queued as 1
    not started: the mail server cannot be used: `localhost` did not take the token (535 5.7.3): check that the application may send as this mailbox, and that the mailbox may log in over SMTP
    ");
    assert_eq!(logins(&heard), ["first", "first", "second"]);
    // A new one that is refused would not get better by being new.
    let heard = sent(1, tokens(), &[refuses]);
    assert_eq!((heard.tokens_asked.len(), logins(&heard)), (1, vec!["first"]), "{}", heard.said);
    // Any other answer says nothing of the token.
    let busy = Behaviour::Reply("AUTH", "454 4.7.0 canary later");
    let heard = sent(2, tokens(), &[Behaviour::Accept, busy]);
    insta::assert_snapshot!(heard.said, @"
    accepted: 250 queued as 1
    not started: the mail server cannot be used: `localhost` did not let us log in with the token (454 4.7.0)
    ");
    assert_eq!(logins(&heard), ["first", "first"]);
}

#[test]
fn a_refusal_that_is_explained_first_is_heard_to_its_end() {
    let explains = Behaviour::Reply("AUTH", "334 eyJzdGF0dXMiOiI0MDAifQ==");
    let heard = sent(1, vec![token(1, 3599)], &[explains]);
    insta::assert_snapshot!(heard.said, @"not started: the mail server cannot be used: `localhost` did not take the token (535 5.7.3): check that the application may send as this mailbox, and that the mailbox may log in over SMTP");
    assert!(!heard.commands.contains("MAIL"), "{}", heard.commands);
}

#[test]
fn without_xoauth2_no_token_is_shown() {
    let token_server = HttpServer::start(vec![token(1, 3599)]);
    let passwords_only = Behaviour::Reply("EHLO", "250-localhost\r\n250 AUTH PLAIN LOGIN");
    let server = Server::encrypted(passwords_only, Encryption::Implicit("localhost"));
    let address = format!("http://127.0.0.1:{}/token", token_server.port());
    let mut settings = settings(server.port(), address);
    settings.security = Security::ImplicitTls;
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    insta::assert_snapshot!(handed_over(&mailer), @"not started: the mail server cannot be used: `localhost` offers no way to log in with a token (XOAUTH2)");
    assert!(!server.commands().contains("AUTH"));
}

#[test]
fn without_a_token_the_mail_server_hears_nothing() {
    let said = |reply| {
        let heard = sent(1, vec![reply], &[Behaviour::Accept]);
        assert_eq!((heard.tokens_asked.len(), heard.commands.as_str()), (1, ""));
        heard.said
    };
    let expired = r#"{"error":"invalid_client","error_description":"canary~secret&=? has expired","error_codes":[7000222]}"#;
    insta::assert_snapshot!(said(refusal(401, expired)), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token (invalid_client, AADSTS7000222, status 401): check the client id, and whether the client secret is right and has not expired");
    insta::assert_snapshot!(said(refusal(400, r#"{"error":"canary~secret&=?"}"#)), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token (status 400): check the token address, client id and scope");
    insta::assert_snapshot!(said(refusal(500, "canary~secret&=?")), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token (status 500): try again later");
    insta::assert_snapshot!(said(refusal(200, "<html>canary</html>")), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token but something else: check the token address");
    insta::assert_snapshot!(said(refusal(200, "")), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token but something else: check the token address");
    insta::assert_snapshot!(said(refusal(200, r#"{"access_token":"canary\r\nMAIL FROM:<x>"}"#)), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave a token that cannot be sent: check the token address");
    insta::assert_snapshot!(said(Reply::Raw("canary\r\n\r\n")), @"not started: the mail server cannot be used: the token server `localhost:PORT` could not be asked: invalid HTTP version parsed");
    insta::assert_snapshot!(said(Reply::Endless), @"not started: the mail server cannot be used: the token server `localhost:PORT` answered with more than 65536 bytes");
    let elsewhere = HttpServer::start(vec![token(1, 3599)]);
    let to = format!("http://localhost:{}/canary", elsewhere.port());
    insta::assert_snapshot!(said(Reply::Redirect(to)), @"not started: the mail server cannot be used: the token server `localhost:PORT` gave no token (status 302): check the token address, client id and scope");
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

#[test]
fn a_token_server_that_does_not_answer_is_given_up_in_time() {
    for reply in [Reply::Silent, Reply::Dribble] {
        let token_server = HttpServer::start(vec![reply]);
        let server = Server::encrypted(Behaviour::Accept, Encryption::StartTls("localhost"));
        let port = token_server.port();
        let mut settings = settings(server.port(), format!("http://localhost:{port}/token"));
        settings.silence_max = Duration::from_millis(300);
        let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
        let started = Instant::now();
        let said = handed_over(&mailer).replace(&port.to_string(), "PORT");
        assert!(started.elapsed() < Duration::from_secs(3), "{said}");
        assert_eq!(
            said,
            "not started: the mail server cannot be used: the token server `localhost:PORT` did not answer within 0.3 seconds"
        );
    }
}

#[test]
fn a_token_server_that_is_down_is_asked_again_next_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let server = Server::encrypted(Behaviour::Accept, Encryption::StartTls("localhost"));
    let settings = settings(server.port(), format!("http://127.0.0.1:{port}/token"));
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let said = handed_over(&mailer).replace(&port.to_string(), "PORT");
    insta::assert_snapshot!(said, @"not started: the mail server cannot be used: the token server `127.0.0.1:PORT` could not be asked: Connection refused");
    let heard = sent(2, vec![refusal(503, ""), token(1, 3599)], &[Behaviour::Accept]);
    insta::assert_snapshot!(heard.said, @"
    not started: the mail server cannot be used: the token server `localhost:PORT` gave no token (status 503): try again later
    accepted: 250 queued as 1
    ");
}

#[test]
fn the_secret_goes_only_to_who_the_token_server_says_it_is() {
    let over_tls = |certificate, is_trusted: bool| {
        let token_server = HttpServer::encrypted(vec![token(1, 3599)], certificate);
        let server = Server::encrypted(Behaviour::Accept, Encryption::StartTls("localhost"));
        let port = token_server.port();
        let mut settings = settings(server.port(), format!("https://localhost:{port}/token"));
        if !is_trusted {
            settings.extra_ca = None;
        }
        let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
        let said = handed_over(&mailer).replace(&port.to_string(), "PORT");
        (said, token_server.asked().len())
    };
    assert_eq!(over_tls("localhost", true), ("accepted: 250 queued as 1".to_owned(), 1));
    for (certificate, is_trusted, why) in [
        ("localhost", false, "issued by nobody this machine trusts"),
        ("elsewhere", true, "is for another name"),
        ("expired", true, "expired on 2021-01-01"),
    ] {
        let (said, asked) = over_tls(certificate, is_trusted);
        assert!(said.contains("the token server") && said.contains(why), "{said}");
        assert_eq!(asked, 0);
    }
}

#[test]
fn a_token_may_be_got_from_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let heard = runtime.block_on(async { sent(1, vec![token(1, 3599)], &[Behaviour::Accept]) });
    assert_eq!(heard.said, "accepted: 250 queued as 1");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |change: &dyn Fn(&mut SmtpSettings, &mut OAuth)| {
        let mut settings = settings(587, "https://login.example/tenant/token".to_owned());
        let mut oauth = settings.oauth.take().expect("set above");
        change(&mut settings, &mut oauth);
        settings.oauth = Some(oauth);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("canary"), "{shown}");
        let error = SmtpMailer::new(settings).expect_err("refused");
        let said = format!("{error}");
        assert!(!said.contains("canary") && !format!("{error:?}").contains("canary"), "{said}");
        said
    };
    insta::assert_snapshot!(refused(&|settings, _| settings.security = Security::Plain), @"a log-in is set for `localhost` with security plain: passwords and tokens are only sent encrypted");
    insta::assert_snapshot!(refused(&|settings, _| {
        settings.login =
            Some(Login { user: "csp".to_owned(), password: Password::new("canary") });
    }), @"both a password and an OAuth client are set for `localhost`: keep the one that the server asks for");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.token_url = "http://login.example/".to_owned()), @"the OAuth token address cannot be used: it must begin with https:// (http:// is only for this machine)");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.token_url = "login.example".to_owned()), @"the OAuth token address cannot be used: it is not an address: write https:// and then host and path, at most 2048 characters");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.user = "x\u{1}auth=Bearer".to_owned()), @"the OAuth user cannot be used: give 1 to 2048 characters from space to ~, on one line");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.client_secret = Password::new("canary\n")), @"the OAuth client secret cannot be used: give 1 to 2048 characters from space to ~, on one line");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.client_secret = Password::new(" ")), @"the OAuth client secret cannot be used: give 1 to 2048 characters from space to ~, on one line");
    insta::assert_snapshot!(refused(&|_, oauth| oauth.scope = "x".repeat(5000)), @"the OAuth scope cannot be used: give 1 to 2048 characters from space to ~, on one line");
}
