//! Telling the watcher, and what is said when that fails: never its address.

use std::time::{Duration, Instant};

use delivery::{PingSettings, ping};

use crate::server::{HttpServer, Reply, certificate_file};

/// What became of telling a watcher; the end of its address is a secret.
fn told(address: &str, settings: &PingSettings) -> String {
    let started = Instant::now();
    let said = match ping(address, settings) {
        Ok(()) => "told".to_owned(),
        Err(error) => {
            let debug = format!("{error:?}");
            assert!(!debug.contains("canary"), "{debug}");
            format!("{error} (again later: {})", error.is_transient())
        }
    };
    assert!(started.elapsed() < settings.deadline + Duration::from_secs(2), "{said}");
    assert!(!said.contains("canary"), "{said}");
    said
}

fn with(reply: Reply) -> (String, HttpServer) {
    let server = HttpServer::start(vec![reply]);
    let port = server.port();
    // Long, so that a busy machine does not fail a test about something else.
    let settings = PingSettings { deadline: Duration::from_secs(20), ..PingSettings::default() };
    let said = told(&format!("http://localhost:{port}/canary?key=canary"), &settings);
    (said.replace(&port.to_string(), "PORT"), server)
}

#[test]
fn a_watcher_is_told_once() {
    for status in [200, 204] {
        let (said, server) = with(Reply::Say(status, String::new()));
        assert_eq!(said, "told");
        assert_eq!(server.asked(), ["GET /canary?key=canary HTTP/1.1\n\n"]);
    }
    // What it has to say is not waited for.
    assert_eq!(with(Reply::Endless).0, "told");
    assert_eq!(with(Reply::Dribble).0, "told");
}

#[test]
fn a_watcher_that_does_not_take_it_is_named_without_its_address() {
    let said = |status| with(Reply::Say(status, "canary".to_owned())).0;
    insta::assert_snapshot!(said(404), @"the watcher was not told: `localhost:PORT` answered with status 404: check the address it gave you (again later: false)");
    insta::assert_snapshot!(said(429), @"the watcher was not told: `localhost:PORT` answered with status 429: try again later (again later: true)");
    insta::assert_snapshot!(said(500), @"the watcher was not told: `localhost:PORT` answered with status 500: try again later (again later: true)");
    insta::assert_snapshot!(with(Reply::Raw("canary\r\n\r\n")).0, @"the watcher was not told: `localhost:PORT` could not be asked: invalid HTTP version parsed (again later: true)");
    let elsewhere = HttpServer::start(vec![Reply::Say(200, String::new())]);
    let to = format!("http://localhost:{}/canary", elsewhere.port());
    insta::assert_snapshot!(with(Reply::Redirect(to)).0, @"the watcher was not told: `localhost:PORT` answered with status 302: check the address it gave you (again later: false)");
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

#[test]
fn a_silent_watcher_is_given_up_in_time() {
    let server = HttpServer::start(vec![Reply::Silent]);
    let port = server.port();
    let settings = PingSettings { extra_ca: None, deadline: Duration::from_millis(300) };
    let said = told(&format!("http://127.0.0.1:{port}/canary"), &settings);
    insta::assert_snapshot!(said.replace(&port.to_string(), "PORT"), @"the watcher was not told: `127.0.0.1:PORT` did not answer within 0.3 seconds (again later: true)");
}

#[test]
fn a_watcher_that_is_gone_is_said_to_be() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let said = told(&format!("http://127.0.0.1:{port}/canary"), &PingSettings::default());
    insta::assert_snapshot!(said.replace(&port.to_string(), "PORT"), @"the watcher was not told: `127.0.0.1:PORT` could not be asked: Connection refused (again later: true)");
}

#[test]
fn a_watcher_elsewhere_is_told_only_through_encryption() {
    let settings = PingSettings::default();
    insta::assert_snapshot!(told("http://watcher.example/canary", &settings), @"the watcher's address cannot be used: it must begin with https:// (http:// is only for this machine) (again later: false)");
    insta::assert_snapshot!(told("canary", &settings), @"the watcher's address cannot be used: it is not an address: write https:// and then host and path, at most 2048 characters (again later: false)");
    insta::assert_snapshot!(told("https://canary:canary@watcher.example/", &settings), @"the watcher's address cannot be used: it has a user name or password in it: take them out (again later: false)");
    let missing =
        PingSettings { extra_ca: Some("no-such-file.pem".into()), ..PingSettings::default() };
    insta::assert_snapshot!(told("https://watcher.example/canary", &missing), @"the watcher was not told: could not read the certificates in `no-such-file.pem`: No such file or directory (os error 2) (again later: false)");
}

#[test]
fn a_watcher_must_be_who_it_says() {
    let over_tls = |certificate, extra_ca| {
        let server = HttpServer::encrypted(vec![Reply::Say(200, String::new())], certificate);
        let port = server.port();
        let settings = PingSettings { extra_ca, deadline: Duration::from_secs(20) };
        let said = told(&format!("https://localhost:{port}/canary"), &settings);
        (said.replace(&port.to_string(), "PORT"), server.asked().len())
    };
    let authority = || Some(certificate_file("authority.pem"));
    assert_eq!(over_tls("localhost", authority()), ("told".to_owned(), 1));
    for (certificate, extra_ca, why) in [
        ("localhost", None, "issued by nobody this machine trusts"),
        ("elsewhere", authority(), "is for another name"),
        ("expired", authority(), "expired on 2021-01-01"),
    ] {
        let (said, asked) = over_tls(certificate, extra_ca);
        assert!(said.contains(why), "{said}");
        assert_eq!(asked, 0);
    }
}

#[test]
fn it_may_be_told_from_inside_an_async_runtime() {
    let server = HttpServer::start(vec![Reply::Say(200, String::new())]);
    let address = format!("http://127.0.0.1:{}/canary", server.port());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert_eq!(runtime.block_on(async { told(&address, &PingSettings::default()) }), "told");
}
