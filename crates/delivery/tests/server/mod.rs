//! A mail server on a port of this machine that behaves as it is told, and keeps what it heard.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

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
}

#[derive(Debug, Default)]
struct Heard {
    commands: Vec<String>,
    messages: Vec<Vec<u8>>,
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
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Heard>>::default();
        let ears = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ears = Arc::clone(&ears);
                thread::spawn(move || serve(stream, behaviour, encryption, &ears));
            }
        });
        Self { port, heard }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The commands heard so far, one a line. Waits until the last connection has said QUIT or a
    /// moment has passed.
    pub(crate) fn commands(&self) -> String {
        for _ in 0..50 {
            let heard = self.heard.lock().expect("not poisoned").commands.join("\n");
            if heard.ends_with("QUIT") {
                return heard;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.heard.lock().expect("not poisoned").commands.join("\n")
    }

    /// The messages that were received to their end, without transparency dots.
    pub(crate) fn messages(&self) -> Vec<Vec<u8>> {
        self.heard.lock().expect("not poisoned").messages.clone()
    }
}

/// What the files in a folder hold, in order of name; hidden ones too.
pub(crate) fn files_in(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
        Err(_) => Vec::new(),
    };
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let mut bytes = Vec::new();
            let mut file = std::fs::File::open(path).expect("opens");
            file.read_to_end(&mut bytes).expect("reads");
            bytes
        })
        .collect()
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
        features: "250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000",
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

fn tls(name: &str, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let file = |ending: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/certificates/{name}.{ending}"))
    };
    let certificate = CertificateDer::from_pem_file(file("pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file("key")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
    StreamOwned::new(connection, stream)
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
            if command == "DATA" && goes_ahead {
                let message = message(&mut stream)?;
                let number = {
                    let mut heard = self.heard.lock().expect("not poisoned");
                    heard.messages.push(message);
                    heard.messages.len()
                };
                let usual = format!("250 queued as {number}");
                if !self.answer(&mut stream, "dot", &usual) {
                    return None;
                }
            }
        }
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

/// A message to its final dot; `None` if the connection ends before.
fn message(lines: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            // The line end before the final dot belongs to the dot; the message's own comes first.
            return Some(message);
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
