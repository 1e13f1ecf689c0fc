#!/usr/bin/env python3
"""Checks a message of the report as it was received, or as it lies in the outbox, against the folder of its edition.

    tests/checks/received.py MESSAGE EDITION_FOLDER [--bytes-max 5000000]

What is checked: one part inside another as mail programs expect it, mixed(alternative(text, related(html, pictures)),
attachments); every picture used and there, once, with its size and alternative text; the HTML is the edition's, and short
enough not to be cut; attachments named, typed and equal to the edition's files; a subject that begins with the marking and
is short; plain text of at most 78 columns; headers that keep machines from answering; an identity that stays. One line
when all is well; exits 1 with every violation. Needs Python 3.11 and nothing else.
"""

import argparse
import email
import email.policy
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from rendered.edition import Edition, plain  # noqa: E402 - after the line that keeps compiled files out of the tree
from rendered.findings import Findings  # noqa: E402
from rendered.markup import Markup  # noqa: E402

HTML_BYTES_MAX = 100_000
COLUMNS_MAX = 78
TYPES = {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".zip": "application/zip",
}
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Content-Language": "en-GB", "MIME-Version": "1.0"}


def parts_of(findings, name, message):
    """Text, HTML, pictures and attachments; ends the check when the message is built in another way."""

    def children(part, kind, types, more):
        """Direct parts of a multipart of this kind: these types first, then any number of what `more` allows."""
        is_kind = part.get_content_type() == f"multipart/{kind}"
        if not findings.expect(is_kind, name, "structure", f"{part.get_content_type()} in place of multipart/{kind}"):
            findings.end()
        found = list(part.iter_parts())
        kinds = [child.get_content_type() for child in found]
        is_right = kinds[: len(types)] == types and all(more(kind) for kind in kinds[len(types) :])
        if not findings.expect(is_right, name, "structure", f"multipart/{kind} holds {kinds}"):
            findings.end()
        return found

    body, *attached = children(message, "mixed", ["multipart/alternative"], lambda kind: not kind.startswith("multipart/"))
    text, related = children(body, "alternative", ["text/plain", "multipart/related"], lambda kind: False)
    html, *pictures = children(related, "related", ["text/html"], lambda kind: kind == "image/png")
    return text, html, pictures, attached


def has_pictures(findings, name, html, pictures, edition):
    """Each `cid:` has its one part, each part its picture, and each is the edition's file."""
    by_id = {}
    for part in pictures:
        identity = (part["Content-ID"] or "").strip()
        is_one = re.fullmatch(r"<[^<>\s]+>", identity) and identity[1:-1] not in by_id
        findings.expect(is_one, name, "pictures", f"a part has the Content-ID `{identity}`: none, or one that another has")
        findings.expect(part.get_content_disposition() == "inline", name, "pictures", f"{identity} is not inline")
        by_id[identity[1:-1]] = part.get_content()
    sources = [image.get("src", "") for image in Markup(html).pictures]
    used = [source.removeprefix("cid:") for source in sources if source.startswith("cid:")]
    for source in sources:
        findings.expect(source.startswith("cid:"), name, "pictures", f"`{source[:80]}` is not in the message")
    findings.expect(sorted(used) == sorted(by_id), name, "pictures", f"used are {sorted(used)}; there are {sorted(by_id)}")
    for image in Markup(html).pictures:
        for attribute in ("alt", "width", "height"):
            findings.expect((image.get(attribute) or "").strip(), name, "pictures", f"{image.get('src')} has no {attribute}")
    for identity, data in by_id.items():
        is_same = any(file.read_bytes() == data for file in (edition.folder / "images").glob("*.png"))
        findings.expect(is_same, name, "pictures", f"{identity} is none of the edition's images")
    findings.count("pictures", len(pictures))


def is_the_editions(findings, name, html, text, edition):
    """The edition keeps pictures as files, and a message for each audience; nothing else may differ from what was sent."""

    def bare(document):
        return re.sub(r'src="(cid:|images/)[^"]*"', 'src=""', document.replace("\r\n", "\n")).strip()

    kept = [path for path in edition.folder.glob("email*.html") if bare(path.read_text(encoding="utf-8")) == bare(html)]
    findings.expect(kept, name, "HTML", "is none of the edition's email*.html")
    texts = [path.with_suffix(".txt").read_text(encoding="utf-8") for path in kept]
    is_same = any(bare(one) == bare(text) for one in texts)
    findings.expect(is_same or not kept, name, "text", f"does not go with {', '.join(path.name for path in kept)}")
    size = len(html.encode("utf-8"))
    findings.expect(size <= HTML_BYTES_MAX, name, "HTML", f"has {size} bytes: Gmail cuts at {HTML_BYTES_MAX}")
    longest = max(text.splitlines(), key=len, default="")
    findings.expect(text.strip(), name, "text", "is empty")
    findings.expect(len(longest) <= COLUMNS_MAX, name, "text", f"a line has {len(longest)} columns: {longest[:60]}")


def has_attachments(findings, name, html, attached, edition):
    names = [part.get_filename() or "" for part in attached]
    findings.expect(len(set(names)) == len(names), name, "attachments", f"two have one name: {sorted(names)}")
    for wanted in [edition.pack, edition.workbook]:
        findings.expect(wanted.name in names, name, "attachments", f"{wanted.name} is not among them")
    for part, file_name in zip(attached, names):
        where, kept = f"{name}: {file_name}", edition.folder / Path(file_name).name
        is_typed = part.get_content_type() == TYPES.get(Path(file_name).suffix)
        findings.expect(is_typed, where, "attachments", f"is of type {part.get_content_type()}")
        findings.expect(part.get_content_disposition() == "attachment", where, "attachments", "is not marked as one")
        data = part.get_payload(decode=True)
        is_same = kept.is_file() and kept.read_bytes() == data
        findings.expect(is_same, where, "attachments", "is not the edition's file")
        findings.expect(file_name in html, where, "attachments", "the message does not name it")
    findings.count("attachments", len(attached))


def has_headers(findings, name, message, edition):
    marking, subject = edition.report["marking"], str(message["Subject"] or "")
    findings.expect(plain(subject) == plain(edition.report["subject"]), name, "subject", f"`{subject}` is not the report's")
    findings.expect(not marking or subject.startswith(f"[{marking}] "), name, "subject", f"`{subject}` does not begin with [{marking}]")
    findings.expect(len(subject) <= 78, name, "subject", f"has {len(subject)} characters")
    for header, value in HEADERS.items():
        findings.expect(message[header] == value, name, header, f"is `{message[header]}`, not {value}")
    for header in ("Date", "From", "To"):
        findings.expect(len(message.get_all(header, [])) == 1, name, header, "is not there once")
    # Made of the job, the edition and the recipient: a message that is sent again is the same message.
    identity = str(message["Message-ID"] or "").strip()
    is_stable = re.fullmatch(rf"<[a-z0-9-]+-{re.escape(edition.folder.name)}\.[0-9a-f]{{8,}}@[a-z0-9.-]+>", identity)
    findings.expect(is_stable, name, "Message-ID", f"`{identity}` is not made of job, edition and recipient")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("message", type=Path)
    parser.add_argument("edition", type=Path)
    parser.add_argument("--bytes-max", type=int, default=5_000_000, help="how large the whole message may be")
    arguments = parser.parse_args()
    findings = Findings("received")
    edition = Edition(arguments.edition)
    edition.needs(findings, edition.html, edition.text, edition.pack, edition.workbook)
    raw = arguments.message.read_bytes()
    name, message = arguments.message.name, email.message_from_bytes(raw, policy=email.policy.default)
    findings.expect(len(raw) <= arguments.bytes_max, name, "size", f"{len(raw)} bytes; it may have {arguments.bytes_max}")
    for part in message.walk():
        for defect in part.defects:
            findings.add(name, "structure", f"{type(defect).__name__}: {defect}")
    text, html, pictures, attached = parts_of(findings, name, message)
    has_headers(findings, name, message, edition)
    is_the_editions(findings, name, html.get_content(), text.get_content(), edition)
    has_pictures(findings, name, html.get_content(), pictures, edition)
    has_attachments(findings, name, html.get_content(), attached, edition)
    findings.count("bytes", len(raw))
    findings.end("attachments", "bytes")


if __name__ == "__main__":
    main()
