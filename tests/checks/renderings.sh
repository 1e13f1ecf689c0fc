#!/usr/bin/env bash
# Reads an edition of the report as its readers do: with a browser, a PDF reader, a spreadsheet program and a mail program.
#
#   tests/checks/renderings.sh EDITION_FOLDER OUT_FOLDER [MESSAGE…]
#
# EDITION_FOLDER is as `quarterdeck demo` makes it, under var/reports/. OUT_FOLDER gets pictures of what was seen. Each
# MESSAGE is one of the report's, as in var/outbox/. Prints a line for each check with what it counted; runs all of them, and
# ends with 1 when one failed. Installs nothing: .ci/run does, into the folder that RENDERING_TOOLS names (node_modules and
# a Python environment, venv). Half a minute on 2 cores.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tools=${RENDERING_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/quarterdeck-ci/renderings}

fail() {
  echo "renderings: $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail "say which edition, and where pictures of it go: tests/checks/renderings.sh EDITION_FOLDER OUT_FOLDER [MESSAGE…]"
edition=$1 out=$2
shift 2
[ -f "$edition/report.json" ] || fail "$edition is no edition's folder: it has no report.json"

# needs PROGRAM PACKAGE: fails with what to install.
needs() {
  command -v "$1" > /dev/null || fail "$1 is missing: apt-get install --no-install-recommends $2"
}

needs chromium chromium
needs soffice libreoffice-calc
needs java default-jre-headless
for program in pdfinfo pdffonts pdftotext pdfdetach pdftoppm; do
  needs "$program" poppler-utils
done
for program in python node; do
  [ -x "$tools/venv/bin/$program" ] || fail "$tools/venv/bin/$program is missing: install it as .ci/run does (rendering_tools), or set RENDERING_TOOLS"
done
for package in axe-core caniemail playwright-core vnu-jar; do
  [ -d "$tools/node_modules/$package" ] || fail "$tools/node_modules/$package is missing: install it as .ci/run does (rendering_tools)"
done
export PATH="$tools/venv/bin:$PATH" QUARTERDECK_NODE=$tools PYTHONDONTWRITEBYTECODE=1

mkdir -p "$out"
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT

# check NAME COMMAND…: what it says and how it ended go to a file; others go on.
check() {
  local name=$1 began=$SECONDS code=0
  shift
  "$@" > "$said/$name" 2>&1 || code=$?
  echo "$code $((SECONDS - began))" > "$said/$name.ended"
}

# The browser takes as long as all the others: it has one core, they have the other.
in_the_browser() {
  check page-and-mail node "$here/page-and-mail.mjs" "$edition" "$out"
}

by_the_others() {
  local message
  check mail-clients node "$here/mail-clients.mjs" "$edition"
  check html-valid python "$here/html_valid.py" "$edition"
  check pack python "$here/pack.py" "$edition"
  check workbook python "$here/workbook.py" "$edition"
  check parity python "$here/parity.py" "$edition"
  for message in "$@"; do
    check "received-$(basename "$message")" python "$here/received.py" "$message" "$edition"
  done
}

in_the_browser &
browser=$!
by_the_others "$@"
wait "$browser"

failed=0
for ended in "$said"/*.ended; do
  read -r code seconds < "$ended"
  # One line is what a check says when all is well.
  sed "\$s/\$/ ($seconds s)/" "${ended%.ended}"
  [ "$code" -eq 0 ] || failed=$((failed + 1))
done
[ "$failed" -eq 0 ] || fail "$failed of $(find "$said" -name '*.ended' | wc -l) checks failed"
echo "renderings: $(find "$said" -name '*.ended' | wc -l) checks passed; pictures are in $out"
