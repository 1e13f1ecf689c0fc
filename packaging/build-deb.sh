#!/usr/bin/env bash
# Makes the Debian package, by cargo-deb (cargo install cargo-deb).
#
# Without --program the program is built first, as operators install it: with the profile `dist`, which takes long.
# With --program the package holds that one: it must be of this checkout.
#
# From anywhere: packaging/build-deb.sh [--program PROGRAM] [--output FOLDER] [-- OPTION_OF_CARGO_DEB…]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "build-deb: $*" >&2
  exit 1
}

program='' output=''
while [ $# -gt 0 ]; do
  case $1 in
    --program) program=$(realpath -e "${2:?}") && shift 2 ;;
    --output) mkdir -p "${2:?}" && output=$(realpath -e "$2") && shift 2 ;;
    --) shift && break ;;
    *) fail "$1 is not known here: [--program PROGRAM] [--output FOLDER] [-- OPTION_OF_CARGO_DEB…]" ;;
  esac
done
command -v cargo-deb > /dev/null || fail "cargo-deb is missing: cargo install cargo-deb"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root"
if [ -z "$program" ]; then
  cargo build --profile dist --locked
  target=$(cargo metadata --no-deps --format-version 1 --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  program=$target/dist/quarterdeck
  output=${output:-$target/debian}
fi
output=${output:-$PWD}

# cargo-deb looks for what was built in a target folder: this one holds the program and what it can say of itself.
staged=$scratch/target/dist
mkdir -p "$staged/completions"
cp "$program" "$staged/quarterdeck"
# Symbols are half of a program that was built for its developers.
if command -v strip > /dev/null; then strip "$staged/quarterdeck"; fi
"$staged/quarterdeck" completions bash > "$staged/completions/quarterdeck.bash"
"$staged/quarterdeck" completions zsh > "$staged/completions/_quarterdeck"
"$staged/quarterdeck" completions fish > "$staged/completions/quarterdeck.fish"

CARGO_TARGET_DIR=$scratch/target cargo deb --package cli --no-build --no-strip --offline --locked --output "$output" "$@"
