"""A mail server that misbehaves in some of its conversations, in every way of crates/delivery/tests/faults.rs.

Faults of encryption are left out: those need certificates, and are all of the kind that nothing was begun. What was whole and
never answered is taken or not by chance: both happen, and nobody who sends can know.
"""

import re
import socket
import threading
import time
from collections import Counter

from .big_partnership import MAIL_SECONDS
from .mail_server import Listening, MailServer, Talk
from .returns import Deck

PHASES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
# These make whoever sends wait for as long as the settings let it.
WAITING = [f"{how} at {phase}" for how in ("silent", "late") for phase in PHASES]
WAITING += [f"byte by byte at {phase}" for phase in ("greeting", "RCPT", "DATA", "dot")]
QUICK = [f"drops at {phase}" for phase in PHASES] + ["drops within message", "drops after its yes"]
SAYS = {
    "421 at greeting": "421 busy",
    "421 at RCPT": "421 closing",
    "450 at RCPT": "450 greylisted",
    "550 at RCPT": "550 nobody here",
    "552 at RCPT": "552 mailbox full",
    "451 at DATA": "451 later",
    "421 at dot": "421 closing",
    "450 at dot": "450 later",
    "550 at dot": "550 spam",
    "552 at dot": "552 too large",
    "nonsense at dot": "nonsense",
}
KINDS = [*WAITING, *QUICK, *SAYS]
BYTES_BEFORE_A_DROP = 300
BYTE_BY_BYTE_SECONDS = 2 * MAIL_SECONDS
IDLE_SECONDS_MAX = 60


class _Conversation(Talk):
    rbufsize = 1 << 16

    def handle(self):
        keeper = self.server.keeper
        self.moments = {"connected": time.time()}
        self.fault = keeper.draw()
        self.is_met = False
        try:
            self.converse(keeper)
        except OSError:
            pass
        finally:
            keeper.settle(self.fault, self.is_met)
            keeper.note_end(self.moments)

    def is_now(self, *names):
        """Whether this conversation's fault is one of these; then it is met."""
        self.is_met = self.is_met or self.fault in names
        return self.fault in names

    def converse(self, keeper):
        recipient = None
        usual = {"EHLO": "250-here\r\n250 8BITMIME", "DATA": "354 go on"}
        goes_on = self.answer("greeting", "220 here")
        while goes_on and (line := self.line()):
            word = line[:4].upper().decode("ascii", "replace")
            if word == "QUIT":
                self.moments["left"] = time.time()
                self.say("221 bye")
                return
            self.moments[word] = time.time()
            if word == "RCPT":
                recipient = re.search(rb"<([^>]*)>", line).group(1).decode("ascii")
            goes_on = self.answer(word, usual.get(word, "250 ok"))
            if word == "DATA" and goes_on and self.fault != "451 at DATA":
                goes_on = self.take(keeper, recipient)

    def answer(self, phase, usual):
        """Answers as usual, or as the fault has it; whether the conversation goes on."""
        if self.is_now(f"silent at {phase}"):
            self.wait_for_end()
            return False
        if self.is_now(f"drops at {phase}"):
            return False
        if self.is_now(f"late at {phase}"):
            self.wait_for_end()
            self.say(usual)
            return False
        if self.is_now(f"byte by byte at {phase}"):
            # Not for ever: whoever gives up leaves somebody listening for as long as this goes on.
            for _ in range(10 * BYTE_BY_BYTE_SECONDS):
                self.wfile.write(b"2")
                time.sleep(0.1)
            return False
        said = self.fault if self.fault in SAYS and self.fault.endswith(f" at {phase}") else None
        if said:
            self.is_met = True
            self.say(SAYS[said])
            return not said.startswith("421")
        self.say(usual)
        return True

    def take(self, keeper, recipient):
        content, is_whole = self.message()
        if not is_whole:
            keeper.note_part(content)
            return False
        self.moments["whole"] = time.time()
        is_refused = self.fault in SAYS and self.fault.endswith(" at dot") and self.fault != "nonsense at dot"
        is_unanswered = self.fault in ("silent at dot", "drops at dot", "byte by byte at dot", "nonsense at dot")
        if is_refused or is_unanswered and keeper.forgets():
            keeper.note_part(content)
        else:
            keeper.take(content, recipient, self.moments)
        goes_on = self.answer("dot", "250 taken")
        self.moments["answered"] = time.time()
        return goes_on and not self.is_now("drops after its yes")

    def message(self):
        lines, size = [], 0
        while (line := self.line()) != b".\r\n":
            size += len(line)
            if not line.endswith(b"\n") or size > BYTES_BEFORE_A_DROP and self.is_now("drops within message"):
                return b"".join(lines), False
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines), True

    def wait_for_end(self):
        """Until the other side has had enough."""
        while (line := self.line()) and not line.upper().startswith(b"QUIT"):
            pass


class _Listening(Listening):
    allow_reuse_port = True


class RoughMailServer(MailServer):
    """`rate` is the part of conversations in which something is wrong; it may be set at any time."""

    def __init__(self, chance, quick):
        super().__init__(pause_seconds=0)
        self.rate = 0.0
        self.chance = chance
        # Of those that make somebody wait fewer, or nothing else would be done: one for so many of each other.
        self.deck = Deck({kind: 1 if kind in WAITING else quick for kind in KINDS}, chance)
        self.conversations = 0
        self.met = Counter()
        # In order of time, as a relay's log has it: Message-ID, and whether it was taken.
        self.relay_log = []
        # The door that its parent opened is another one; this one can be closed and opened, and nobody else gets it meanwhile.
        self.listening.shutdown()
        self.listening.server_close()
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.place.bind(("127.0.0.1", 0))
        self.listening = None
        self.come_up()

    @property
    def port(self):
        return self.place.getsockname()[1]

    @property
    def is_up(self):
        return self.listening is not None

    def come_up(self):
        if not self.is_up:
            self.listening = _Listening(("127.0.0.1", self.port), _Conversation)
            self.listening.keeper = self
            threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def go_down(self):
        """Whoever knocks now is refused at once."""
        if self.is_up:
            self.listening.shutdown()
            self.listening.server_close()
            self.listening = None

    def wait_until_idle(self):
        """As its parent does, with the patience that its faults need."""
        until = time.monotonic() + IDLE_SECONDS_MAX
        while self.open and time.monotonic() < until:
            time.sleep(0.01)
        super().wait_until_idle()

    def draw(self):
        with self.lock:
            self.open += 1
            self.conversations += 1
            return self.deck.draw() if self.chance.random() < self.rate else None

    def settle(self, fault, is_met):
        """A fault that never had its turn is for another conversation."""
        with self.lock:
            if fault and is_met:
                self.met[fault] += 1
            elif fault:
                self.deck.give_back(fault)

    def forgets(self):
        with self.lock:
            return self.chance.random() < 0.5

    def take(self, content, recipient, moments):
        super().take(content, recipient, moments)
        with self.lock:
            self.relay_log.append((message_id(content), True))

    def note_part(self, content):
        with self.lock:
            self.relay_log.append((message_id(content), False))

    def postfix_log(self):
        """What Postfix would have written about what it saw of messages."""
        lines = []
        with self.lock:
            entries = list(self.relay_log)
        for number, (name, is_taken) in enumerate(entries):
            queue_id = f"4F{number:06X}"
            if name:
                lines.append(f"Jul 21 09:00:01 relay postfix/cleanup[12]: {queue_id}: message-id=<{name}>")
            if name and is_taken:
                sent = "from=<performance@fallow-vale.example>, size=900, nrcpt=1 (queue active)"
                lines.append(f"Jul 21 09:00:01 relay postfix/qmgr[5]: {queue_id}: {sent}")
        return "".join(line + "\n" for line in lines)


def message_id(content):
    found = re.search(rb"(?im)^Message-ID:\s*<([^>]+)>", content.split(b"\r\n\r\n", 1)[0])
    return found.group(1).decode("ascii") if found else None
