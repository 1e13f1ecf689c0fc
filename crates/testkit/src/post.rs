//! A mail server on a port of this machine, which does with each message what its recipient's name says, and keeps
//! a log of what it took.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What it took: how often, by recipient and Message-ID.
type Taken = BTreeMap<(String, String), usize>;

/// The server. Its threads end with their connections.
///
/// A recipient whose address begins with `refused` is answered 550, with `later` 450, at RCPT; `full` 552 and `again`
/// 451 after the message; of `lost` the message is taken and the connection closed without an answer, of `cut` it is
/// closed before it is taken.
#[derive(Debug)]
pub struct PostOffice {
    port: u16,
    taken: Arc<Mutex<Taken>>,
}

impl PostOffice {
    /// Listens on a free port.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::<Mutex<Taken>>::default();
        let log = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                // A client that goes away in the middle is the client's business.
                thread::spawn(move || drop(serve(stream, &log)));
            }
        });
        Self { port, taken }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often each message was taken, by recipient and Message-ID.
    pub fn taken(&self) -> Taken {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Taken>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 post office")?;
    let (mut recipient, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.split([' ', ':']).next().unwrap_or_default().trim().to_ascii_uppercase();
        match command.as_str() {
            "EHLO" => say("250-post office\r\n250 SIZE 50000000")?,
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                address.clone_into(&mut recipient);
                say(match recipient.as_str() {
                    it if it.starts_with("refused") => "550 no such mailbox",
                    it if it.starts_with("later") => "450 not now",
                    _ => "250 fine",
                })?;
            }
            "DATA" => {
                say("354 go ahead")?;
                let Some(id) = message_id(&mut lines)? else { return Ok(()) };
                if recipient.starts_with("cut") {
                    return Ok(());
                }
                if recipient.starts_with("full") {
                    say("552 too much")?;
                } else if recipient.starts_with("again") {
                    say("451 not now")?;
                } else {
                    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                    *log.entry((recipient.clone(), id)).or_default() += 1;
                    drop(log);
                    if recipient.starts_with("lost") {
                        return Ok(());
                    }
                    say("250 taken")?;
                }
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
}

/// The Message-ID of a message that is read to its end; none if it ends too soon.
fn message_id(lines: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let (mut id, mut line) = (None, String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(id.unwrap_or_default()));
        }
        if id.is_none()
            && let Some(rest) = line.strip_prefix("Message-ID: ")
        {
            id = Some(rest.trim().trim_matches(['<', '>']).to_owned());
        }
    }
}
