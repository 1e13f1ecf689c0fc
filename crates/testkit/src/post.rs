//! A mail server on a port of this machine, which does with each message what its recipient's name says, and keeps a log of
//! what it took.

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

/// What it does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Fine,
    Refused,
    Later,
    Full,
    Again,
    Cut,
    Lost,
}

impl Mood {
    /// What the recipient's name asks for.
    fn asked_by(recipient: &str) -> Self {
        let named = [
            ("refused", Self::Refused),
            ("later", Self::Later),
            ("full", Self::Full),
            ("again", Self::Again),
            ("lost", Self::Lost),
            ("cut", Self::Cut),
        ];
        let found = named.into_iter().find(|(name, _)| recipient.starts_with(name));
        found.map_or(Self::Fine, |(_, mood)| mood)
    }
}

impl PostOffice {
    /// Listens on a free port.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(Mutex::new(Taken::new()));
        let shared = Arc::clone(&taken);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taken = Arc::clone(&shared);
                // A client that goes away in the middle is the client's business.
                thread::spawn(move || drop(serve(stream, &taken)));
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

fn serve(stream: TcpStream, taken: &Mutex<Taken>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 post office")?;
    let mut mood = Mood::Fine;
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
                mood = Mood::asked_by(&recipient);
                match mood {
                    Mood::Refused => say("550 no such mailbox")?,
                    Mood::Later => say("450 not now")?,
                    _ => say("250 fine")?,
                }
            }
            "DATA" => {
                say("354 go ahead")?;
                let Some(id) = message_id(&mut lines)? else { return Ok(()) };
                match mood {
                    Mood::Cut => return Ok(()),
                    Mood::Full => say("552 too much")?,
                    Mood::Again => say("451 not now")?,
                    _ => {
                        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
                        *taken.entry((recipient.clone(), id)).or_default() += 1;
                        drop(taken);
                        if mood == Mood::Lost {
                            return Ok(());
                        }
                        say("250 taken")?;
                    }
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
