//! What a Postfix relay wrote into its log about messages: evidence for those whose answer was lost.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Read as _};

use model::MessageId;

/// Longest line that is looked at, in bytes; what is longer is no line of a mail log.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// What the relay's log says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// The relay took it; this is the last that is said of its way.
    Taken(String),
    /// The relay took it, and it came back.
    Bounced(String),
    /// The relay saw it begin and never had it whole.
    NeverWhole,
}

/// Looks messages up in a log of Postfix, in the order it was written. Messages of which it says nothing are absent:
/// that they were not taken can only be concluded by somebody who knows that the log is complete.
pub fn look_up(
    log: impl BufRead,
    wanted: &BTreeSet<MessageId>,
) -> io::Result<BTreeMap<MessageId, Logged>> {
    let mut log = log;
    // A message may be handed over more than once; a queue id belongs to one of them at a time.
    let mut by_queue_id: BTreeMap<String, MessageId> = BTreeMap::new();
    let mut found: BTreeMap<MessageId, Logged> = BTreeMap::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if log.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        let text = String::from_utf8_lossy(&line);
        let Some(Said { program, queue_id, rest }) = said(&text) else { continue };
        if program == "cleanup"
            && let Some(id) = rest.strip_prefix("message-id=<").and_then(|id| id.strip_suffix('>'))
        {
            let id = MessageId::new(id);
            if wanted.contains(&id) {
                found.entry(id.clone()).or_insert(Logged::NeverWhole);
                by_queue_id.insert(queue_id.to_owned(), id);
            } else {
                by_queue_id.remove(queue_id);
            }
            continue;
        }
        let Some(id) = by_queue_id.get(queue_id) else { continue };
        if let Some(logged) = way(program, rest) {
            found.insert(id.clone(), logged);
        }
    }
}

struct Said<'a> {
    program: &'a str,
    queue_id: &'a str,
    rest: &'a str,
}

/// `… postfix/smtp[123]: 4F1B2: to=<…>, …` in its parts; the date and host before it may have any form.
fn said(line: &str) -> Option<Said<'_>> {
    let (_, after) = line.split_once("postfix")?;
    let (instance, message) = after.split_once(": ")?;
    let program = instance.rsplit('/').next()?.split('[').next()?;
    let (queue_id, rest) = message.split_once(": ")?;
    let is_id = !queue_id.is_empty() && queue_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| Said { program, queue_id, rest: rest.trim_end() })
}

fn way(program: &str, rest: &str) -> Option<Logged> {
    if let Some((_, status)) = rest.split_once("status=") {
        // Without the recipient, which is on the same line.
        let status: String = status.chars().filter(|c| !c.is_control()).take(200).collect();
        return Some(if status.starts_with("bounced") || status.starts_with("expired") {
            Logged::Bounced(status)
        } else {
            Logged::Taken(status)
        });
    }
    (program == "qmgr" && rest.contains("(queue active)"))
        .then(|| Logged::Taken("in the relay's queue".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
Jul 21 09:00:01 relay postfix/smtpd[11]: connect from unknown[10.0.0.5]
Jul 21 09:00:01 relay postfix/smtpd[11]: 4F1B21: client=unknown[10.0.0.5]
Jul 21 09:00:01 relay postfix/cleanup[12]: 4F1B21: message-id=<one@csp.example>
Jul 21 09:00:01 relay postfix/qmgr[5]: 4F1B21: from=<csp@csp.example>, size=900, nrcpt=1 (queue active)
2025-07-21T09:00:02+01:00 relay postfix-out/smtp[13]: 4F1B21: to=<chair@x.example>, relay=mx[1.2.3.4]:25, dsn=2.0.0, status=sent (250 2.0.0 ok)
Jul 21 09:00:03 relay postfix/cleanup[12]: 4F1B22: message-id=<two@csp.example>
Jul 21 09:00:03 relay postfix/smtpd[11]: lost connection after DATA from unknown[10.0.0.5]
Jul 21 09:00:04 relay postfix/cleanup[12]: 4F1B23: message-id=<three@csp.example>
Jul 21 09:00:04 relay postfix/qmgr[5]: 4F1B23: from=<csp@csp.example>, size=900, nrcpt=1 (queue active)
Jul 21 09:00:05 relay postfix/smtp[13]: 4F1B23: to=<gone@x.example>, relay=mx[1.2.3.4]:25, dsn=5.1.1, status=bounced (host said: 550 no such user)
Jul 21 09:00:06 relay postfix/cleanup[12]: 4F1B24: message-id=<four@csp.example>
Jul 21 09:00:06 relay postfix/qmgr[5]: 4F1B24: from=<csp@csp.example>, size=900, nrcpt=1 (queue active)
Jul 21 09:00:07 relay postfix/cleanup[12]: 4F1B24: message-id=<somebody-elses@x.example>
Jul 21 09:00:08 relay postfix/smtp[13]: 4F1B24: to=<a@b.example>, status=bounced (no)
";

    #[test]
    fn what_the_relay_wrote_is_evidence() {
        let wanted = ["one", "two", "three", "four", "five"];
        let wanted = wanted.map(|name| MessageId::new(format!("{name}@csp.example"))).into();
        let found = look_up(LOG.as_bytes(), &wanted).expect("a log");
        let lines: Vec<String> = found.iter().map(|(id, it)| format!("{id}: {it:?}")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
            four@csp.example: Taken("in the relay's queue")
            one@csp.example: Taken("sent (250 2.0.0 ok)")
            three@csp.example: Bounced("bounced (host said: 550 no such user)")
            two@csp.example: NeverWhole
        "#);
    }

    #[test]
    fn a_log_of_anything_says_nothing() {
        let wanted = BTreeSet::from([MessageId::new("one@csp.example")]);
        let noise =
            [&vec![0xFF; 200_000][..], b"\npostfix: : \npostfix/cleanup[1]: : message-id=<>\n"];
        let found = look_up(noise.concat().as_slice(), &wanted).expect("a log");
        assert_eq!(found, BTreeMap::new());
    }
}
