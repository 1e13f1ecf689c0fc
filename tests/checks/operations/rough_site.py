"""A site on which partners publish their returns, and which misbehaves in some of its answers."""

import hashlib
import http.server
import socket
import struct
import threading
import time
from collections import Counter

from .big_partnership import SITE_SECONDS
from .returns import Deck

# Each with its share: whoever asks waits for what hangs as long as the settings let it.
KINDS = {"500": 4, "503": 4, "reset": 4, "truncated": 4, "empty": 4, "HTML error page": 4, "slow": 2, "hangs": 1}
ERROR_PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>"


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 - the name that the standard library looks for
        keeper = self.server.keeper
        source = self.path.split("/")[1]
        fault, content = keeper.ask(source)
        tag = content and f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if fault in ("500", "503"):
            self.send(int(fault), b"busy")
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault == "empty":
            self.send(200, b"")
        elif fault == "HTML error page":
            self.send(200, ERROR_PAGE, "text/html")
        elif fault == "hangs":
            time.sleep(SITE_SECONDS + 0.5)
        elif content is None:
            self.send(404, b"no such file")
        elif self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.send_header("ETag", tag)
            self.end_headers()
        elif fault == "truncated":
            self.send(200, content, tag=tag, sent=len(content) // 2)
        else:
            time.sleep(0.4 if fault == "slow" else 0)
            self.send(200, content, tag=tag)
            keeper.note_delivered(source, content)

    def send(self, status, content, kind="application/octet-stream", tag=None, sent=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(content[:sent])

    def log_message(self, *_):
        """Nothing: what matters is counted."""


class _Listening(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever asks may go away at any time."""


class RoughSite:
    """`rate` is the part of answers in which something is wrong."""

    def __init__(self, chance):
        self.rate = 0.0
        self.chance = chance
        self.deck = Deck(KINDS, chance)
        self.lock = threading.Lock()
        self.pages = {}
        self.requests = 0
        self.met = Counter()
        # Source and SHA-256 of what was answered whole, since it was last asked for.
        self.delivered = []
        self.listening = _Listening(("127.0.0.1", 0), _Answer)
        self.listening.keeper = self
        threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self):
        return self.listening.server_address[1]

    def publish(self, source, content):
        with self.lock:
            self.pages[source] = content

    def ask(self, source):
        with self.lock:
            self.requests += 1
            fault = self.deck.draw() if self.chance.random() < self.rate else None
            if fault:
                self.met[fault] += 1
            return fault, self.pages.get(source)

    def note_delivered(self, source, content):
        with self.lock:
            self.delivered.append((source, hashlib.sha256(content).hexdigest()))

    def take_delivered(self):
        with self.lock:
            delivered, self.delivered = self.delivered, []
        return delivered
