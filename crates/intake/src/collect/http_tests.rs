use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use super::*;

const SECRET: &str = "canary-7f3a";

/// What the site does with one connection: bytes sent, then how long the connection stays open.
#[derive(Clone)]
struct Reply {
    bytes: Vec<u8>,
    linger: Duration,
}

fn reply(head: &str, body: &[u8]) -> Reply {
    let mut bytes = format!("{head}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    Reply { bytes, linger: Duration::ZERO }
}

fn ok(body: &[u8]) -> Reply {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"v1\"\r\nLast-Modified: Mon, 30 Jun 2025 10:00:00 GMT\r\nConnection: close",
        body.len()
    );
    reply(&head, body)
}

/// A site that gives these replies, one a connection, and then is gone. What it was asked comes
/// through the channel.
fn site(replies: Vec<Reply>) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for reply in replies {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = String::new();
            let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
            while lines.read_line(&mut request).is_ok_and(|length| length > 2) {}
            sender.send(request).expect("somebody listens");
            // The client may have hung up; that is what some tests are about.
            drop(stream.write_all(&reply.bytes));
            std::thread::sleep(reply.linger);
        }
    });
    (port, receiver)
}

struct Fetch {
    _folder: tempfile::TempDir,
    landing: Landing,
    source: HttpSource,
    asked: mpsc::Receiver<String>,
}

impl Fetch {
    fn new(replies: Vec<Reply>) -> Self {
        let (port, asked) = site(replies);
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("http://127.0.0.1:{port}/share/{SECRET}/Q1%20return.xlsx?key={SECRET}");
        Self {
            landing: Landing::open(folder.path()).expect("opens"),
            _folder: folder,
            source: HttpSource {
                id: SourceId::new("county"),
                url: url.parse().expect("an address"),
                internal: true,
                connect_timeout: Duration::from_secs(5),
                total_deadline: Duration::from_secs(20),
                body_bytes_max: 100,
                extra_ca: None,
                bearer: Some(SECRET.to_owned()),
                attempts_max: 3,
            },
            asked,
        }
    }

    fn run(&self, known: Option<&Validators>) -> Result<Fetched, SourceError> {
        let now = "2025-07-21T08:00:00Z".parse().expect("a time");
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(collect_http(&self.source, known, &self.landing, now))
    }

    /// The outcome as text, with the port blanked out; asserts that it keeps the secret.
    fn told(&self) -> String {
        let text = match self.run(None) {
            Ok(Fetched::NotModified) => "not modified".to_owned(),
            Ok(Fetched::New { arrival, .. }) => {
                format!("{} ({} bytes)", arrival.file, arrival.size_bytes)
            }
            Err(error) => {
                let whole = format!("{error:?} {error}");
                assert!(!whole.contains(SECRET), "{whole}");
                assert!(!whole.contains("/share"), "{whole}");
                format!("{}: {error} (again later: {})", error.code(), error.is_transient())
            }
        };
        match self.source.url.port() {
            Some(port) => text.replace(&port.to_string(), "PORT"),
            None => text,
        }
    }

    fn hits(&self) -> usize {
        self.asked.try_iter().count()
    }
}

fn told(reply: Reply) -> String {
    Fetch::new(vec![reply]).told()
}

#[test]
fn a_file_is_fetched_kept_and_asked_for_again_by_its_version() {
    let fetch = Fetch::new(vec![ok(b"a,b\n1,2\n"), reply("HTTP/1.1 304 Not Modified", b"")]);
    let Ok(Fetched::New { arrival, validators }) = fetch.run(None) else {
        panic!("nothing came");
    };
    assert_eq!(arrival.file, "Q1 return.xlsx");
    assert_eq!(arrival.arrived_at.to_string(), "2025-07-21T08:00:00Z");
    assert_eq!(fetch.landing.read(&arrival.hash).expect("kept"), b"a,b\n1,2\n");
    let first = fetch.asked.recv().expect("asked").to_lowercase();
    assert!(first.contains("accept-encoding: identity"), "{first}");
    assert!(first.contains(&format!("authorization: bearer {SECRET}")), "{first}");
    assert!(!first.contains("if-none-match"), "{first}");
    assert_eq!(fetch.run(Some(&validators)).expect("answers"), Fetched::NotModified);
    let second = fetch.asked.recv().expect("asked").to_lowercase();
    assert!(second.contains("if-none-match: \"v1\""), "{second}");
    assert!(second.contains("if-modified-since: mon, 30 jun 2025 10:00:00 gmt"), "{second}");
}

#[test]
fn a_fault_of_the_site_is_tried_again_and_a_refusal_is_not() {
    let fault = reply("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close", b"");
    let fetch = Fetch::new(vec![fault.clone(), ok(b"a,b\n")]);
    assert_eq!(fetch.told(), "Q1 return.xlsx (4 bytes)");
    assert_eq!(fetch.hits(), 2);

    let fetch = Fetch::new(vec![fault; 5]);
    insta::assert_snapshot!(fetch.told(), @"http-status: source `county`: 127.0.0.1:PORT answered 500: it has a fault of its own; it will be asked again later (again later: true)");
    assert_eq!(fetch.hits(), 3);

    for status in ["401 A", "403 B", "404 C", "410 D"] {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close");
        let fetch = Fetch::new(vec![reply(&head, b""); 3]);
        assert!(fetch.told().contains("(again later: false)"), "{status}");
        assert_eq!(fetch.hits(), 1, "{status}");
    }
}

#[test]
fn refusals_are_worded_for_a_person() {
    let words = |status: &str| {
        told(reply(&format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close"), b""))
    };
    insta::assert_snapshot!(words("401 Unauthorized"), @"http-status: source `county`: 127.0.0.1:PORT answered 401: it asks us to sign in; the token is missing or has expired (again later: false)");
    insta::assert_snapshot!(words("403 Forbidden"), @"http-status: source `county`: 127.0.0.1:PORT answered 403: it does not let us have the file; ask the partner to share it with us (again later: false)");
    insta::assert_snapshot!(words("404 Not Found"), @"http-status: source `county`: 127.0.0.1:PORT answered 404: there is no such file; ask the partner for the new link (again later: false)");
    insta::assert_snapshot!(words("410 Gone"), @"http-status: source `county`: 127.0.0.1:PORT answered 410: the file has been taken down; ask the partner for the new link (again later: false)");
    insta::assert_snapshot!(words("204 No Content"), @"http-status: source `county`: 127.0.0.1:PORT answered 204: it sent no file (again later: false)");
}

#[test]
fn redirects_are_not_followed() {
    let to = |location: &str| {
        told(reply(
            &format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0"),
            b"",
        ))
    };
    insta::assert_snapshot!(to("https://login.example.org/share/canary-7f3a?x=1"), @"redirected: source `county`: 127.0.0.1:PORT answered 302: the file has moved to login.example.org; ask the partner for the new link and correct `url` in the settings (again later: false)");
    insta::assert_snapshot!(to("/elsewhere"), @"redirected: source `county`: 127.0.0.1:PORT answered 302: the file has moved to another place on the same host; ask the partner for the new link and correct `url` in the settings (again later: false)");
}

#[test]
fn what_is_not_a_whole_file_is_refused() {
    let cut = reply("HTTP/1.1 200 OK\r\nContent-Length: 50", b"only a part");
    insta::assert_snapshot!(told(cut), @"truncated-file: source `county`: the file from 127.0.0.1:PORT is not whole: end of file before message length reached (again later: true)");
    let cut_chunks =
        reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"5\r\nhello\r\n5\r\nhe");
    assert!(told(cut_chunks).starts_with("truncated-file"));
    let unknown = reply("HTTP/1.1 200 OK\r\nConnection: close", b"a,b\n1,2\n");
    insta::assert_snapshot!(told(unknown), @"truncated-file: source `county`: the file from 127.0.0.1:PORT is not whole: the site does not say how long the file is, so that a cut-off copy could not be told from a whole one (again later: true)");
    insta::assert_snapshot!(told(ok(b"PK\x03\x04 half a workbook")), @"truncated-file: source `county`: the file from 127.0.0.1:PORT is not whole: the end of the workbook is missing (again later: true)");
    insta::assert_snapshot!(told(ok(b"")), @"empty-file: source `county`: the file at 127.0.0.1:PORT is empty (again later: true)");
    insta::assert_snapshot!(told(ok(b"\n<html><body>Sign in</body></html>")), @"html-instead-of-data: source `county`: the link at 127.0.0.1:PORT returned a web page, perhaps a sign-in page, instead of a file; ask the partner for a link that needs no sign-in (again later: false)");
    let whole_chunks = reply(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close",
        b"4\r\na,b\n\r\n0\r\n\r\n",
    );
    assert_eq!(told(whole_chunks), "Q1 return.xlsx (4 bytes)");
}

#[test]
fn a_file_that_is_too_large_is_given_up_early() {
    insta::assert_snapshot!(told(ok(&[b'x'; 101])), @"file-too-large: source `county`: the file at 127.0.0.1:PORT is larger than the 100 bytes allowed (again later: false)");
    let endless = reply("HTTP/1.1 200 OK\r\nConnection: close", &[b'x'; 5000]);
    assert!(told(endless).starts_with("file-too-large"));
    assert_eq!(told(ok(&[b'x'; 100])), "Q1 return.xlsx (100 bytes)");
}

#[test]
fn a_slow_site_is_left_at_the_deadline() {
    let slow = Reply {
        linger: Duration::from_secs(5),
        ..reply("HTTP/1.1 200 OK\r\nContent-Length: 50", b"one by one")
    };
    let mut fetch = Fetch::new(vec![slow]);
    fetch.source.total_deadline = Duration::from_millis(400);
    let start = std::time::Instant::now();
    insta::assert_snapshot!(fetch.told(), @"deadline-passed: source `county`: 127.0.0.1:PORT did not deliver the file in time (1 s) (again later: true)");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn nobody_there_is_said_after_three_attempts() {
    let mut fetch = Fetch::new(Vec::new());
    fetch.source.total_deadline = Duration::from_secs(5);
    // The listener is dropped as soon as its thread has no replies to give.
    let told = fetch.told();
    assert!(
        told.starts_with("cannot-connect: source `county`: cannot connect to 127.0.0.1:PORT ("),
        "{told}"
    );
}

#[test]
fn a_source_outside_the_house_stays_outside() {
    let told = |url: &str| {
        let mut fetch = Fetch::new(Vec::new());
        fetch.source.internal = false;
        fetch.source.url = url.parse().expect(url);
        fetch.told()
    };
    insta::assert_snapshot!(told("http://data.example.org/x"), @"address-refused: source `county`: data.example.org must be asked over https, because the source is not marked `internal`; correct `url` in the settings (again later: false)");
    insta::assert_snapshot!(told("https://me:canary-7f3a@data.example.org/x"), @"address-refused: source `county`: the address at data.example.org carries a user name or password; give a token as `bearer` instead; correct `url` in the settings (again later: false)");
    insta::assert_snapshot!(told("file:///etc/passwd"), @"address-refused: source `county`: `file` addresses are not fetched, only https; correct `url` in the settings (again later: false)");
    insta::assert_snapshot!(told("ftp://data.example.org/x"), @"address-refused: source `county`: `ftp` addresses are not fetched, only https; correct `url` in the settings (again later: false)");
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[fd00::1]",
    ] {
        let told = told(&format!("https://{host}/x"));
        assert!(told.contains("inside a private network"), "{host}: {told}");
    }
}

#[test]
fn nothing_shown_of_a_source_is_secret() {
    let fetch = Fetch::new(Vec::new());
    let shown = format!("{:?}", fetch.source);
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("county") && shown.contains("127.0.0.1"), "{shown}");
}

#[test]
fn certificates_that_cannot_be_read_are_a_setting_to_correct() {
    let mut fetch = Fetch::new(Vec::new());
    fetch.source.url = "https://127.0.0.1/x".parse().expect("an address");
    fetch.source.extra_ca = Some(PathBuf::from("/nowhere/ca.pem"));
    insta::assert_snapshot!(fetch.told(), @"source-settings: source `county`: `extra_ca` file `/nowhere/ca.pem` cannot be read: No such file or directory (os error 2) (again later: false)");
}
