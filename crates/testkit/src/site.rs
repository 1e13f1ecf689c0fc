//! A partner's site, on a loopback port, that behaves as it is told.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

/// How a site answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// With a status and a body.
    Answers(u16, Vec<u8>),
    /// With a status, once so many wait for it at the same time.
    AnswersTogether(u16, Arc<Barrier>),
    /// Byte by byte, for ever.
    Drips,
    /// Not at all: nobody listens on the port.
    Closed,
}

/// A site. The thread that serves it ends with the test.
#[derive(Debug)]
pub struct Site {
    /// `http://127.0.0.1:PORT`.
    pub address: String,
}

impl Site {
    /// Starts to serve.
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        if !matches!(manner, Manner::Closed) {
            std::thread::spawn(move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    let manner = manner.clone();
                    // The client may hang up at any byte: that is what it is tested for.
                    std::thread::spawn(move || answer(stream, &manner).ok());
                }
            });
        }
        Self { address: format!("http://{address}") }
    }
}

fn answer(mut stream: TcpStream, manner: &Manner) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&piece[..length]);
    }
    match manner {
        Manner::Answers(status, body) => say(&mut stream, *status, body),
        Manner::AnswersTogether(status, others) => {
            others.wait();
            say(&mut stream, *status, b"")
        }
        Manner::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
            loop {
                stream.write_all(b"a")?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Manner::Closed => Ok(()),
    }
}

fn say(stream: &mut TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
