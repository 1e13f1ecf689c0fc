//! A web server on a port of this machine that behaves as it is told, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::tls::tls;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers with a status and a body.
    Say(u16, String),
    /// Answers with a redirect to this address.
    Redirect(String),
    /// Answers with this instead of HTTP.
    Raw(&'static str),
    /// Never answers.
    Silent,
    /// Answers with a body of one byte every tenth of a second, without end.
    Dribble,
    /// Answers with a body as fast as it goes, without end.
    Endless,
}

/// The server. Its threads end with their connections.
#[derive(Debug)]
pub(crate) struct HttpServer {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpServer {
    /// Listens on a free port. Each request gets its own reply; the last stays.
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        Self::listening(script, None)
    }

    /// The same over TLS, with the certificate of this name.
    pub(crate) fn encrypted(script: Vec<Reply>, certificate: &'static str) -> Self {
        Self::listening(script, Some(certificate))
    }

    fn listening(script: Vec<Reply>, certificate: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let ears = Arc::clone(&asked);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let ears = Arc::clone(&ears);
                let reply = script[number.min(script.len() - 1)].clone();
                thread::spawn(move || match certificate {
                    None => answer(stream, &reply, &ears),
                    Some(name) => answer(tls(name, stream), &reply, &ears),
                });
            }
        });
        Self { port, asked }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The requests heard so far: first line, blank line, body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

/// Answers one request and closes the connection; `None` when that fails.
fn answer<S: Read + Write>(stream: S, reply: &Reply, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).expect("a form");
    asked.lock().expect("not poisoned").push(format!("{}\n\n{body}", first.trim_end()));
    let stream = stream.get_mut();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    match reply {
        Reply::Say(status, body) => {
            let length = body.len();
            let said = format!(
                "HTTP/1.1 {status} said\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(said.as_bytes()).ok()?;
        }
        Reply::Redirect(to) => {
            let said = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(said.as_bytes()).ok()?;
        }
        Reply::Raw(said) => stream.write_all(said.as_bytes()).ok()?,
        Reply::Silent => {
            // Until the other side has had enough.
            while matches!(stream.read(&mut [0]), Ok(1)) {}
        }
        Reply::Dribble => {
            stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
            loop {
                stream.write_all(b"{").ok()?;
                thread::sleep(Duration::from_millis(100));
            }
        }
        Reply::Endless => {
            stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
            loop {
                stream.write_all(&[b'['; 4096]).ok()?;
            }
        }
    }
    stream.flush().ok()
}
