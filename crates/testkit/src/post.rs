//! A mail server on a port of this machine, which does with each message what its recipient's name says, or what its
//! mood is, and keeps a log of what it took.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    counter: Arc<Counter>,
}

/// What all conversations share.
#[derive(Debug, Default)]
struct Counter {
    taken: Mutex<Taken>,
    met: Mutex<BTreeMap<&'static str, usize>>,
    /// Out of a thousand conversations, how many go wrong by mood.
    moody_per_mille: AtomicU64,
    dice: AtomicU64,
    is_closed: AtomicBool,
}

/// What goes wrong with a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Fine,
    HangsUpAtOnce,
    SilentAtFirst,
    SilentAtRcpt,
    Refused,
    Later,
    Cut,
    Full,
    Again,
    Lost,
    SilentAfter,
}

impl Mood {
    /// Names and shares of what goes wrong.
    const BAD: [(Self, &'static str, u64); 10] = [
        (Self::HangsUpAtOnce, "hangs up at once", 3),
        (Self::SilentAtFirst, "says nothing", 1),
        (Self::SilentAtRcpt, "falls silent at RCPT", 1),
        (Self::Refused, "550 at RCPT", 15),
        (Self::Later, "450 at RCPT", 35),
        (Self::Cut, "hangs up in the message", 10),
        (Self::Full, "552 after the message", 5),
        (Self::Again, "451 after the message", 18),
        (Self::Lost, "takes it and hangs up", 10),
        (Self::SilentAfter, "takes it and falls silent", 2),
    ];

    /// What the recipient's name asks for.
    fn asked_by(recipient: &str) -> Option<Self> {
        let named = [
            ("refused", Self::Refused),
            ("later", Self::Later),
            ("full", Self::Full),
            ("again", Self::Again),
            ("lost", Self::Lost),
            ("cut", Self::Cut),
        ];
        named.into_iter().find(|(name, _)| recipient.starts_with(name)).map(|(_, mood)| mood)
    }
}

impl Counter {
    /// The mood of the next conversation; the same ones in the same order for the same seed.
    fn mood(&self) -> Mood {
        // SplitMix64.
        let mut number = self.dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^= number >> 31;
        if number % 1000 >= self.moody_per_mille.load(Ordering::Relaxed) {
            return Mood::Fine;
        }
        let mut left = (number >> 32) % Mood::BAD.iter().map(|(.., share)| share).sum::<u64>();
        for (mood, name, share) in Mood::BAD {
            if left < share {
                *self
                    .met
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .entry(name)
                    .or_default() += 1;
                return mood;
            }
            left -= share;
        }
        Mood::Fine
    }

    fn take(&self, recipient: &str, id: String) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken.entry((recipient.to_owned(), id)).or_default() += 1;
    }
}

impl PostOffice {
    /// Listens on a free port.
    pub fn open() -> Self {
        Self::open_moody(0, 0)
    }

    /// Listens on a free port; of a thousand conversations so many go wrong, in ways that the seed settles.
    pub fn open_moody(seed: u64, per_mille: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let counter = Arc::new(Counter {
            moody_per_mille: AtomicU64::new(per_mille),
            dice: AtomicU64::new(seed),
            ..Counter::default()
        });
        let shared = Arc::clone(&counter);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.is_closed.load(Ordering::Relaxed) {
                    continue;
                }
                let counter = Arc::clone(&shared);
                // A client that goes away in the middle is the client's business.
                thread::spawn(move || drop(serve(stream, &counter)));
            }
        });
        Self { port, counter }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often each message was taken, by recipient and Message-ID.
    pub fn taken(&self) -> Taken {
        self.counter.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it was in which mood, other than a good one.
    pub fn moods(&self) -> BTreeMap<&'static str, usize> {
        self.counter.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on so many of a thousand conversations go wrong.
    pub fn set_moody(&self, per_mille: u64) {
        self.counter.moody_per_mille.store(per_mille, Ordering::Relaxed);
    }

    /// Closed, it hangs up on everybody; or opens again.
    pub fn set_closed(&self, is_closed: bool) {
        self.counter.is_closed.store(is_closed, Ordering::Relaxed);
    }
}

fn serve(stream: TcpStream, counter: &Counter) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    let mut mood = counter.mood();
    match mood {
        Mood::HangsUpAtOnce => return Ok(()),
        Mood::SilentAtFirst => return until_it_hangs_up(&mut lines),
        _ => say("220 post office")?,
    }
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
                mood = Mood::asked_by(&recipient).unwrap_or(mood);
                match mood {
                    Mood::SilentAtRcpt => return until_it_hangs_up(&mut lines),
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
                        counter.take(&recipient, id);
                        match mood {
                            Mood::Lost => return Ok(()),
                            Mood::SilentAfter => return until_it_hangs_up(&mut lines),
                            _ => say("250 taken")?,
                        }
                    }
                }
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
}

/// Reads on without an answer.
fn until_it_hangs_up(lines: &mut impl BufRead) -> std::io::Result<()> {
    std::io::copy(lines, &mut std::io::sink()).map(drop)
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
