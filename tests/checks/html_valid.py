#!/usr/bin/env python3
"""Checks that the page and the message of an edition are valid HTML, as the Nu checker (vnu) sees it.

    tests/checks/html_valid.py EDITION_FOLDER

The page may have neither errors nor warnings. The message may have what Outlook for Windows needs, and nothing else: the
list is below. One line when all is well; exits 1 with every other error and warning. Needs Java (Debian's
default-jre-headless) and vnu-jar from npm, in $QUARTERDECK_NODE/node_modules.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.dont_write_bytecode = True

from rendered.edition import Edition, tool  # noqa: E402 - after the line that keeps compiled files out of the tree
from rendered.findings import Findings  # noqa: E402

JAR = Path(os.environ.get("QUARTERDECK_NODE", "")) / "node_modules/vnu-jar/build/dist/vnu.jar"

# What the message may have, and why.
IN_MAIL = [
    # Outlook for Windows lays out with Word, which reads these properties and no others for the same; all else skips them.
    r"CSS: “mso-[a-z-]+”: Property “mso-[a-z-]+” doesn't exist\.",
    # Word hands down neither alignment nor padding nor width by style; the attributes it understands.
    r"The “(align|valign|width|cellpadding|cellspacing|border|bgcolor)” attribute on the “(table|tbody|thead|tr|td|th)” element is obsolete\..*",
    # Outlook draws a frame around pictures that are links without it.
    r"The “border” attribute on the “img” element is obsolete\..*",
]


def messages(*paths):
    """What vnu says of each of these files, in order."""
    command = ["java", "-Xss4m", "-jar", str(JAR), "--format", "json", "--stdout", "--exit-zero-always", *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    try:
        said = json.loads(ran.stdout)["messages"]
    except (ValueError, KeyError):
        sys.exit(f"html-valid: vnu does not work: {(ran.stdout + ran.stderr)[-2000:]}")
    by_path = {path: [] for path in paths}
    for message in said:
        # A fault of vnu itself has no file: that is no document without faults.
        path = Path(unquote(urlsplit(message.get("url", "")).path))
        if path not in by_path:
            sys.exit(f"html-valid: vnu says of `{path}`: {message['message']}")
        by_path[path].append(message)
    return by_path.values()


def is_valid(findings, path, said, allowed):
    findings.count("documents")
    lines = {}
    for message in said:
        kind = message.get("subType") or message["type"]
        # A remark: the file is as good with it as without.
        if kind == "info":
            continue
        if any(re.fullmatch(pattern, message["message"]) for pattern in allowed):
            findings.count("allowed in mail")
        else:
            lines.setdefault(f"{kind}: {message['message']}", []).append(str(message.get("lastLine", "?")))
    for what, where in lines.items():
        more = f" and {len(where) - 3} more" if len(where) > 3 else ""
        findings.add(path.name, "valid HTML", f"line {', '.join(where[:3])}{more}: {what}")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    findings = Findings("html-valid")
    tool(findings, "java", "default-jre-headless")
    if not JAR.is_file():
        sys.exit(f"html-valid: {JAR} is missing: set QUARTERDECK_NODE, and npm ci there with tests/checks/package.json")
    edition = Edition(sys.argv[1])
    edition.needs(findings, edition.page, edition.html)
    of_page, of_mail = messages(edition.page, edition.html)
    is_valid(findings, edition.page, of_page, [])
    is_valid(findings, edition.html, of_mail, IN_MAIL)
    findings.end("documents")


if __name__ == "__main__":
    main()
