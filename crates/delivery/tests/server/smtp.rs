//! A mail server on a port of this machine that behaves as it is told, and keeps what it heard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::tls::tls;

/// How the server encrypts; the name is that of a certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encryption {
    /// Not at all.
    None,
    /// Offers STARTTLS.
    StartTls(&'static str),
    /// From the first byte.
    Implicit(&'static str),
}

/// What the server does. A phase is `greeting`, a command, or `dot` for the end of the message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// Everything as it should be.
    Accept,
    /// Answers one phase with this.
    Reply(&'static str, &'static str),
    /// Closes the connection instead of answering this phase.
    Drop(&'static str),
    /// Never answers this phase.
    Silent(&'static str),
    /// Answers this phase with one byte every tenth of a second, without end.
    Dribble(&'static str),
    /// Answers this phase as usual, but only once the other side has stopped waiting.
    Late(&'static str),
    /// Closes the connection after the first line of the message.
    Cut,
}

/// A message the server began to receive: its own log of it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The message, without transparency dots.
    pub(crate) bytes: Vec<u8>,
    /// Whether it came to its final dot.
    pub(crate) is_whole: bool,
    /// What the server said to that, if anything; `too late: ` before it if nobody waited any more.
    pub(crate) answer: Option<String>,
}

#[derive(Debug, Default)]
struct Heard {
    opened: usize,
    closed: usize,
    commands: Vec<String>,
    received: Vec<Received>,
}

/// The server. Its threads end with their connections.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Server {
    /// Listens on a free port, unencrypted.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::encrypted(behaviour, Encryption::None)
    }

    /// Listens on a free port.
    pub(crate) fn encrypted(behaviour: Behaviour, encryption: Encryption) -> Self {
        Self::scripted(vec![(behaviour, encryption)])
    }

    /// Listens on a free port. Each connection gets its own behaviour; the last stays.
    pub(crate) fn scripted(script: Vec<(Behaviour, Encryption)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Heard>>::default();
        let ears = Arc::clone(&heard);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let ears = Arc::clone(&ears);
                let (behaviour, encryption) = script[number.min(script.len() - 1)];
                ears.lock().expect("not poisoned").opened += 1;
                thread::spawn(move || {
                    serve(stream, behaviour, encryption, &ears);
                    ears.lock().expect("not poisoned").closed += 1;
                });
            }
        });
        Self { port, heard }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The commands heard so far, one a line. Waits until all connections have ended or a moment
    /// has passed.
    pub(crate) fn commands(&self) -> String {
        for _ in 0..30 {
            {
                let heard = self.heard.lock().expect("not poisoned");
                if heard.opened > 0 && heard.opened == heard.closed {
                    break;
                }
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.heard.lock().expect("not poisoned").commands.join("\n")
    }

    /// The messages that were received to their end, without transparency dots.
    pub(crate) fn messages(&self) -> Vec<Vec<u8>> {
        let whole = self.received().into_iter().filter(|received| received.is_whole);
        whole.map(|received| received.bytes).collect()
    }

    /// Every message that was begun.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.heard.lock().expect("not poisoned").received.clone()
    }
}

fn serve(stream: TcpStream, behaviour: Behaviour, encryption: Encryption, heard: &Mutex<Heard>) {
    let plain = Conversation {
        behaviour,
        heard,
        mark: "",
        features: match encryption {
            Encryption::StartTls(_) => "250-localhost\r\n250-STARTTLS\r\n250 SIZE 1000000",
            Encryption::None | Encryption::Implicit(_) => "250-localhost\r\n250 SIZE 1000000",
        },
    };
    let encrypted = Conversation {
        mark: "(encrypted) ",
        features: "250-localhost\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250 SIZE 1000000",
        ..plain
    };
    match encryption {
        Encryption::None => drop(plain.greet(stream)),
        Encryption::Implicit(name) => drop(encrypted.greet(tls(name, stream))),
        Encryption::StartTls(name) => {
            if let Some(stream) = plain.greet(stream) {
                encrypted.converse(BufReader::new(tls(name, stream)));
            }
        }
    }
}

/// One side of a connection: before or after encryption.
struct Conversation<'a> {
    behaviour: Behaviour,
    heard: &'a Mutex<Heard>,
    /// Put before each command heard.
    mark: &'static str,
    /// The answer to EHLO.
    features: &'static str,
}

impl Conversation<'_> {
    /// Greets, then converses.
    fn greet<S: Read + Write>(&self, stream: S) -> Option<S> {
        let mut stream = BufReader::new(stream);
        if !self.answer(&mut stream, "greeting", "220 localhost ready") {
            return None;
        }
        self.converse(stream)
    }

    /// Answers commands to the end, or to STARTTLS: then the stream is given back.
    fn converse<S: Read + Write>(&self, mut stream: BufReader<S>) -> Option<S> {
        loop {
            let mut line = String::new();
            if !matches!(stream.read_line(&mut line), Ok(1..)) {
                return None;
            }
            let line = line.trim_end();
            let command = line.split([' ', ':']).next().unwrap_or_default().to_owned();
            let marked = format!("{}{line}", self.mark);
            self.heard.lock().expect("not poisoned").commands.push(marked);
            let usual = match command.as_str() {
                "EHLO" => self.features,
                "STARTTLS" => "220 begin",
                "AUTH" => "235 welcome",
                // The empty line after an explanation why a token is not good.
                "" => "535 5.7.3 not this token",
                "DATA" => "354 go ahead",
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            if !self.answer(&mut stream, &command, usual) || command == "QUIT" {
                return None;
            }
            if command == "STARTTLS" {
                return Some(stream.into_inner());
            }
            let goes_ahead = !matches!(self.behaviour, Behaviour::Reply("DATA", _));
            if command == "DATA" && goes_ahead && !self.receive(&mut stream) {
                return None;
            }
        }
    }

    /// Receives a message and answers it; `false` when the connection is at its end.
    fn receive<S: Read + Write>(&self, stream: &mut BufReader<S>) -> bool {
        let is_cut = matches!(self.behaviour, Behaviour::Cut);
        let Some(bytes) = message(stream, if is_cut { 1 } else { usize::MAX }) else {
            return false;
        };
        let usual = {
            let mut heard = self.heard.lock().expect("not poisoned");
            let usual = format!("250 queued as {}", heard.received.len() + 1);
            let answer = match self.behaviour {
                Behaviour::Reply("dot", reply) => Some(reply.to_owned()),
                Behaviour::Drop("dot")
                | Behaviour::Silent("dot")
                | Behaviour::Dribble("dot")
                | Behaviour::Cut => None,
                Behaviour::Late("dot") => Some(format!("too late: {usual}")),
                _ => Some(usual.clone()),
            };
            heard.received.push(Received { bytes, is_whole: !is_cut, answer });
            usual
        };
        !is_cut && self.answer(stream, "dot", &usual)
    }

    /// Answers one phase; `false` when the connection is at its end.
    fn answer<S: Read + Write>(&self, stream: &mut BufReader<S>, phase: &str, usual: &str) -> bool {
        let stream = stream.get_mut();
        let said = match self.behaviour {
            Behaviour::Reply(at, reply) if at == phase => reply,
            Behaviour::Drop(at) if at == phase => return false,
            Behaviour::Silent(at) if at == phase => {
                // Until the other side has had enough.
                let mut byte = [0];
                while matches!(stream.read(&mut byte), Ok(1)) {}
                return false;
            }
            Behaviour::Late(at) if at == phase => {
                let given_up = stream.read(&mut [0]);
                let answered = stream.write_all(format!("{usual}\r\n").as_bytes());
                drop((given_up, answered));
                return false;
            }
            Behaviour::Dribble(at) if at == phase => {
                while stream.write_all(b"2").is_ok() {
                    thread::sleep(Duration::from_millis(100));
                }
                return false;
            }
            _ => usual,
        };
        let said = stream.write_all(format!("{said}\r\n").as_bytes());
        said.and_then(|()| stream.flush()).is_ok()
    }
}

/// A message to its final dot, or as many lines of it; `None` if the connection ends before.
fn message(lines: &mut impl BufRead, lines_max: usize) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    for _ in 0..lines_max {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            // The line end before the final dot belongs to the dot; the message's own comes first.
            break;
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
    Some(message)
}
