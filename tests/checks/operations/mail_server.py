"""A mail server on this machine that writes down what it took, from whom it was cut off, and when.

Plain SMTP, as many conversations at once as are asked for. A message counts as taken at the moment it is whole, before the
server says so: whoever dies between the two cannot know. What is taken stays taken.
"""

import hashlib
import re
import socket
import socketserver
import threading
import time

PHASES = ["connected", "EHLO", "MAIL", "RCPT", "DATA", "whole", "answered", "left"]


class Taken:
    """A message that was taken for one recipient."""

    def __init__(self, message_id, recipient, digest, moments):
        self.message_id = message_id
        self.recipient = recipient
        self.digest = digest
        self.moments = moments

    @property
    def at(self):
        return self.moments["whole"]


class Talk(socketserver.StreamRequestHandler):
    """One side of a conversation, a line at a time."""

    disable_nagle_algorithm = True

    def line(self):
        # A client that sends in small pieces would wait 40 ms for each to be acknowledged.
        if hasattr(socket, "TCP_QUICKACK"):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return self.rfile.readline()

    def say(self, text):
        self.wfile.write(text.encode("ascii") + b"\r\n")


class _Conversation(Talk):
    def handle(self):
        keeper = self.server.keeper
        with keeper.lock:
            keeper.open += 1
        try:
            self.converse(keeper)
        except OSError:
            pass
        finally:
            keeper.note_end(self.moments)

    def converse(self, keeper):
        self.moments = {"connected": time.time()}
        recipient = None
        if self.is_silent(keeper, "greeting"):
            return
        self.say("220 here")
        while True:
            line = self.line()
            if not line:
                return
            word = line[:4].upper()
            time.sleep(keeper.pause_seconds)
            if word in (b"EHLO", b"HELO"):
                self.moments["EHLO"] = time.time()
                self.say("250-here\r\n250 8BITMIME")
            elif word == b"MAIL":
                self.moments = {"connected": self.moments["connected"], "EHLO": self.moments.get("EHLO"), "MAIL": time.time()}
                self.say("250 ok")
            elif word == b"RCPT":
                self.moments["RCPT"] = time.time()
                recipient = re.search(rb"<([^>]*)>", line).group(1).decode("ascii")
                self.say("250 ok")
            elif word == b"DATA":
                self.moments["DATA"] = time.time()
                self.say("354 go on")
                if not self.take(keeper, recipient):
                    return
            elif word == b"QUIT":
                self.moments["left"] = time.time()
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, keeper, recipient):
        lines = []
        while True:
            line = self.line()
            if not line.endswith(b"\n"):
                return False
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.moments["whole"] = time.time()
        keeper.take(b"".join(lines), recipient, self.moments)
        if self.is_silent(keeper, "whole"):
            return False
        time.sleep(keeper.pause_seconds)
        self.say("250 taken")
        self.moments["answered"] = time.time()
        return True

    def is_silent(self, keeper, where):
        """If it is to be: once the client has gone."""
        if keeper.silent != where:
            return False
        keeper.silences += 1
        self.rfile.read()
        return True


class Listening(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


class MailServer:
    """`pause_seconds` is how long it thinks before each answer: long enough for a death to fall in between."""

    def __init__(self, pause_seconds=0.004):
        self.pause_seconds = pause_seconds
        self.lock = threading.Lock()
        self.open = 0
        self.log = []
        self.cut_off = {}
        # Where it says nothing more: `greeting`, or `whole` (it has the message); and how often it did so.
        self.silent, self.silences = None, 0
        # For checks of the checks: says yes to the message of this number and forgets it, or takes it twice.
        self.loses = None
        self.doubles = None
        self.listening = Listening(("127.0.0.1", 0), _Conversation)
        self.listening.keeper = self
        threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self):
        return self.listening.server_address[1]

    def begin(self, earlier=()):
        """Forgets everything but what was taken before."""
        self.wait_until_idle()
        with self.lock:
            self.log = list(earlier)
            self.cut_off = {}

    def take(self, content, recipient, moments):
        headers = content.split(b"\r\n\r\n", 1)[0]
        found = re.search(rb"(?im)^Message-ID:\s*<([^>]+)>", headers)
        message_id = found.group(1).decode("ascii") if found else "none"
        one = Taken(message_id, recipient, hashlib.sha256(content).hexdigest(), moments)
        with self.lock:
            count = len(self.log)
            if count != self.loses:
                self.log.append(one)
            if count == self.doubles:
                self.log.append(one)

    def note_end(self, moments):
        with self.lock:
            self.open -= 1
            if "left" not in moments and "connected" in moments:
                last = [phase for phase in PHASES if moments.get(phase)][-1]
                self.cut_off[last] = self.cut_off.get(last, 0) + 1

    def wait_until_idle(self):
        """Until nobody talks any more: what a dead client had sent may still be in the pipe."""
        for _ in range(5000):
            with self.lock:
                if self.open == 0:
                    return
            time.sleep(0.002)
        raise RuntimeError("somebody is still talking to the mail server")

    def taken(self):
        self.wait_until_idle()
        with self.lock:
            return list(self.log)
