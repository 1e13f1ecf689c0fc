#!/usr/bin/env bash
# Installs and runs the program as packaging/ says, and looks at what it may do then.
#
# What needs no rights: the unit is sound and little exposed; the Debian package holds what it should; the unit's own
# commands, as an unprivileged user without capabilities, in folders laid out as when installed.
# As root, with systemd-nspawn: a systemd of its own on an overlay of this machine's files, without a network. There the
# package is really installed, upgraded and purged, and the service runs under all restrictions of its unit. Nothing of
# it reaches the machine. What could not be tried is said in a line that begins with `service: NOT TRIED`.
#
# Needs systemd; for the package cargo-deb 3.8, dpkg and binutils; for the rest root, python3, iproute2 and Debian's
# systemd-container. Two minutes, most of them for compressing a program with its developers' symbols; with lintian half
# a minute more.
# Run from the root of the checkout: tests/checks/service.sh [PROGRAM]
set -euo pipefail
umask 022

exposure_max=1.5
stop_seconds_max=30

fail() {
  echo "service: $*" >&2
  exit 1
}

say() { echo "service: $*"; }

untried() { echo "service: NOT TRIED: $*"; }

# within SECONDS COMMAND…: tries until it succeeds.
within() {
  local seconds=$1 tries
  shift
  for ((tries = seconds * 10; tries > 0; tries--)); do
    "$@" > /dev/null 2>&1 && return
    sleep 0.1
  done
  return 1
}

# --- In the container --------------------------------------------------------------------------------------------------

# The demonstration's partnership as an operator would set it up: sources are folders under /srv, and nothing is waited for.
set_up_as_operator() {
  local etc=$1 example=$2 inbox=$3
  cp -r "$example/config" "$example/jobs" "$etc/"
  sed -i -e "s|^path = \"inbox/|path = \"$inbox/|" -e 's/^settle_seconds = .*/settle_seconds = 0/' \
    -e '/^\[sources\.ons\]/,/^$/d' "$etc/config/quarterdeck.toml"
  grep -q "^path = \"$inbox/kent-police\"" "$etc/config/quarterdeck.toml" || fail "config/quarterdeck.toml is not as this check knows it"
}

# once NAME FOLDER_OF_DROP_INS|- COMMAND…: runs a command with the unit's restrictions, and prints what it says.
once() {
  local name=quarterdeck-$1 drop_ins=$2 status
  shift 2
  sed -e '/^ExecStartPre=/d' -e "s|^ExecStart=.*|ExecStart=$*|" -e 's/^Type=.*/Type=oneshot/' -e '/^Restart/d' \
    -e "s#^\(StandardOutput\|StandardError\)=.*#\1=append:/run/$name.txt#" \
    "$unit" > "/run/systemd/system/$name.service"
  if [ "$drop_ins" != - ]; then ln -sfn "$drop_ins" "/run/systemd/system/$name.service.d"; fi
  systemctl daemon-reload
  status=0
  systemctl start "$name.service" || status=$?
  cat "/run/$name.txt" 2> /dev/null || true
  if [ "$status" -ne 0 ]; then systemctl status --no-pager --lines=20 "$name.service" || true; fi
  return "$status"
}

is_installed() {
  say "installing $(dpkg-deb -f "$package" Package Version | tr '\n' ' ')"
  dpkg --install "$package" > /run/dpkg.txt 2>&1 || { cat /run/dpkg.txt; fail "the package cannot be installed"; }
  id quarterdeck > /dev/null || fail "installing made no user quarterdeck"
  [ "$(getent passwd quarterdeck | cut -d: -f7)" = /usr/sbin/nologin ] || fail "the user quarterdeck can log in"
  local folder
  for folder in "/etc/quarterdeck root:quarterdeck 750" "/etc/quarterdeck/secrets root:root 700" \
    "/var/lib/quarterdeck quarterdeck:quarterdeck 750"; do
    [ "$(stat -c '%n %U:%G %a' "${folder%% *}")" = "$folder" ] || fail "not $folder but $(stat -c '%n %U:%G %a' "${folder%% *}")"
  done
  ! systemctl --quiet is-enabled quarterdeck 2> /dev/null || fail "installing enabled the service"
  ! systemctl --quiet is-active quarterdeck || fail "installing started the service"
  local said
  said=$(systemd-analyze verify quarterdeck.service 2>&1) || fail "the installed unit: $said"
  [ -z "$said" ] || fail "the installed unit: $said"
}

# Before there is a configuration, starting fails at once and says why.
unconfigured_is_said() {
  ! systemctl start quarterdeck 2> /dev/null || fail "the service starts without a configuration"
  systemctl stop quarterdeck
  journalctl --quiet -u quarterdeck -o cat | grep -q '/etc/quarterdeck/' \
    || fail "the journal does not say that there is no configuration"
  say "without a configuration the service does not start, and says so"
}

restrictions_hold() {
  local said line
  echo secret > /etc/quarterdeck/secrets/probe
  once probe - /bin/bash /check/tree/tests/checks/service.sh --probe > /run/probe.txt || { cat /run/probe.txt; fail "the restrictions could not be looked at"; }
  said=$(cat /run/probe.txt)
  while IFS= read -r line; do
    grep -qx "$line" <<< "$said" || fail "under the unit's restrictions, not: $line; but: $said"
  done < <(printf '%s\n' "/etc/quarterdeck closed" "/etc/quarterdeck/secrets hidden" "/usr closed" "/usr read-only" "/var/lib/quarterdeck open" \
    "/root hidden" "namespace closed" "netlink closed" "packet closed" "names found" "Seccomp 2" "NoNewPrivs 1" "CapBnd 0000000000000000" "run closed")
  rm /etc/quarterdeck/secrets/probe
  say "restrictions hold: nothing is written but the data, no namespace, no odd socket, no capability, nothing run from the data"
}

# Under the restrictions: one line for each thing that is tried.
probe() {
  local folder field
  for folder in /etc/quarterdeck /usr /var/lib/quarterdeck; do
    if (: > "$folder/probe") 2> /dev/null; then echo "$folder open"; else echo "$folder closed"; fi
  done
  for folder in /etc/quarterdeck/secrets /root; do
    if ls "$folder"/* > /dev/null 2>&1; then echo "$folder seen"; else echo "$folder hidden"; fi
  done
  if findmnt --noheadings --output OPTIONS --target /usr | grep -q '^ro,'; then echo "/usr read-only"; else echo "/usr writable"; fi
  if unshare --user true 2> /dev/null; then echo "namespace open"; else echo "namespace closed"; fi
  python3 - <<'PYTHON'
import socket
for name, family, kind in [("netlink", 16, socket.SOCK_RAW), ("packet", 17, socket.SOCK_DGRAM)]:
    try:
        socket.socket(family, kind).close()
        print(name, "open")
    except OSError:
        print(name, "closed")
PYTHON
  # The library that looks up names likes to ask netlink first.
  if getent ahosts localhost > /dev/null; then echo "names found"; else echo "names lost"; fi
  for field in Seccomp NoNewPrivs CapBnd; do
    sed -n "s/^$field:\t/$field /p" /proc/self/status
  done
  cp /usr/bin/true /var/lib/quarterdeck/probe
  chmod 755 /var/lib/quarterdeck/probe
  if /var/lib/quarterdeck/probe 2> /dev/null; then echo "run open"; else echo "run closed"; fi
  rm -f /var/lib/quarterdeck/probe
}

work_is_done_under_restrictions() {
  # The reader child limits and re-executes itself here.
  once check - /usr/bin/quarterdeck --config /etc/quarterdeck/config --as-of 2025-07-21 check \
    '"/check/tree/fixtures/partners/davss/DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx"' --return davss-quarterly \
    > /run/check.txt 2>&1 || true
  grep -q 'would be accepted.*: 24 figures' /run/check.txt || { cat /run/check.txt; fail "a workbook cannot be checked under the unit's restrictions"; }
  say "$(grep 'would be accepted' /run/check.txt)"
  # From workbooks to mail: lake, ledger, charts, PDF, and a web site to collect from.
  once demo - /usr/bin/quarterdeck --config /check/tree/config --data /var/lib/quarterdeck/demo demo > /run/demo.txt \
    || { cat /run/demo.txt; fail "the demonstration does not run under the unit's restrictions"; }
  grep -q '^Faults planted.* 0 missed, 0 unexpected' /run/demo.txt || { cat /run/demo.txt; fail "the demonstration did not find the faults as planted"; }
  [ -n "$(find /var/lib/quarterdeck/demo/reports -name '*.pdf' -size +0)" ] || fail "the demonstration made no PDF"
  say "the demonstration runs under them: $(grep '^Faults planted' /run/demo.txt)"
  rm -rf /var/lib/quarterdeck/demo
}

has_collected() {
  as_operator --json runs list | grep -q '"collect-returns"' && as_operator query 'SELECT count(*) AS n FROM observations' --format csv | grep -qx '[1-9][0-9]*'
}

# As docs say that commands are to be given by hand.
as_operator() {
  (cd /root && runuser -u quarterdeck -- quarterdeck --config /etc/quarterdeck/config --data /var/lib/quarterdeck "$@")
}

service_serves() {
  systemctl start quarterdeck || { journalctl -u quarterdeck --no-pager; fail "the service does not start"; }
  within 60 has_collected || { journalctl -u quarterdeck --no-pager; as_operator status; fail "the service collected nothing within a minute"; }
  systemctl --quiet is-active quarterdeck || fail "the service does not run any more"
  [ -z "$(find /var/lib/quarterdeck ! -user quarterdeck -o ! -type l -perm /027)" ] \
    || fail "others may look into the data: $(find /var/lib/quarterdeck ! -user quarterdeck -o ! -type l -perm /027 | head -n 3)"
  if within 30 test -s /var/lib/quarterdeck/heartbeat.json; then
    [ $(($(date +%s) - $(stat -c %Y /var/lib/quarterdeck/heartbeat.json))) -le 60 ] || fail "heartbeat.json is not written anew"
  else
    untried "the program writes no heartbeat.json"
  fi
  say "the service collected $(as_operator query 'SELECT count(*) AS n FROM observations' --format csv | tail -n 1) figures"
}

# stops WHEN: by SIGTERM, in time, and as a success.
stops() {
  local began took said
  began=$(date +%s%N)
  journalctl --quiet --rotate --vacuum-time=1s > /dev/null 2>&1
  systemctl stop quarterdeck
  took=$((($(date +%s%N) - began) / 1000000))
  said=$(journalctl --quiet -u quarterdeck -o cat)
  grep -qF 'quarterdeck.service: Deactivated successfully.' <<< "$said" || fail "$1, the service does not end well: $said"
  ! grep -q 'timed out\|Killing' <<< "$said" || fail "$1, the service does not end in time: $said"
  [ "$took" -lt $((stop_seconds_max * 1000)) ] || fail "$1, the service takes more than $stop_seconds_max s to stop"
  say "$1, it stops cleanly in $took ms"
}

was_started_again() {
  [ "$(systemctl show -p NRestarts --value quarterdeck)" -ge 1 ] && systemctl --quiet is-active quarterdeck
}

# It is back after dying, by itself.
returns_when_killed() {
  mkdir -p /run/systemd/system/quarterdeck.service.d
  printf '[Service]\nRestartSec=1\n' > /run/systemd/system/quarterdeck.service.d/soon.conf
  systemctl daemon-reload
  systemctl start quarterdeck
  kill -KILL "$(systemctl show -p MainPID --value quarterdeck)"
  within 30 was_started_again || fail "the service does not come back after it was killed"
  systemctl stop quarterdeck
  rm /run/systemd/system/quarterdeck.service.d/soon.conf
  systemctl daemon-reload
  say "after a kill it is started again"
}

secrets_reach_only_the_service() {
  local secret=/run/credentials/quarterdeck.service/smtp-password
  mkdir -p /etc/systemd/system/quarterdeck.service.d
  cp /usr/share/doc/quarterdeck/examples/secrets.conf /etc/systemd/system/quarterdeck.service.d/
  systemctl daemon-reload
  ! systemctl start quarterdeck 2> /dev/null || fail "the service starts without the secret it was promised"
  systemctl stop quarterdeck
  install -m 600 /dev/null /etc/quarterdeck/secrets/smtp-password
  echo "correct horse" > /etc/quarterdeck/secrets/smtp-password
  sed -i 's|^# user = .*|user = "quarterdeck"\npassword_file = "'"$secret"'"|' /etc/quarterdeck/config/quarterdeck.toml
  systemctl start quarterdeck || { journalctl -u quarterdeck --no-pager; fail "the service does not start with a secret"; }
  [ "$(runuser -u quarterdeck -- cat "$secret")" = "correct horse" ] || fail "the service's user cannot read its secret"
  ! runuser -u nobody -- cat "$secret" 2> /dev/null || fail "everybody can read the secret"
  ! runuser -u quarterdeck -- cat /etc/quarterdeck/secrets/smtp-password 2> /dev/null || fail "the secret's own file can be read by the service's user"
  as_operator config check > /dev/null || fail "a password_file among the credentials is not accepted"
  systemctl stop quarterdeck
  rm -r /etc/systemd/system/quarterdeck.service.d
  systemctl daemon-reload
  say "a secret by LoadCredential is read by the service's user, and by no other"
}

# Whether a port can be spoken to: refused is an answer, too, and nobody listens here.
ports() {
  python3 - "$@" <<'PYTHON'
import socket, sys
for address in sys.argv[1:]:
    with socket.socket() as s:
        s.settimeout(2)
        try:
            s.connect((address, 9))
        except ConnectionRefusedError:
            print(address, "answers")
        except OSError as error:
            print(address, "is cut off:", error.strerror or error)
PYTHON
}

egress_is_closed() {
  ip link set lo up
  ip address add 192.0.2.25/32 dev lo
  ip address add 198.51.100.7/32 dev lo
  once open - /bin/bash /check/tree/tests/checks/service.sh --ports 192.0.2.25 198.51.100.7 > /run/open.txt
  [ "$(grep -c ' answers$' /run/open.txt)" -eq 2 ] || fail "without a drop-in: $(cat /run/open.txt)"
  mkdir -p /run/egress
  cp /usr/share/doc/quarterdeck/examples/egress.conf /run/egress/
  once closed /run/egress /bin/bash /check/tree/tests/checks/service.sh --ports 192.0.2.25 198.51.100.7 127.0.0.1 > /run/closed.txt
  if grep -q '^198.51.100.7 answers' /run/closed.txt; then
    untried "the kernel here filters no packets for a unit: examples/egress.conf was only read"
    return
  fi
  [ "$(grep -c ' answers$' /run/closed.txt)" -eq 2 ] || fail "with examples/egress.conf: $(cat /run/closed.txt)"
  say "examples/egress.conf leaves the mail server and this machine, and cuts off the rest"
}

operators_files() {
  find /etc/quarterdeck /var/lib/quarterdeck -type f ! -name 'quarterdeck.lock' ! -name '*-wal' ! -name '*-shm' ! -name 'heartbeat*' -print0 \
    | sort -z | xargs -0 sha256sum
  stat -c '%n %U:%G %a' /etc/quarterdeck /etc/quarterdeck/* /var/lib/quarterdeck
}

upgrade_touches_nothing() {
  echo "# changed by the operator" >> /etc/quarterdeck/config/partnership.toml
  systemctl --quiet enable quarterdeck 2> /dev/null
  chmod 700 /etc/quarterdeck/config
  chown quarterdeck /etc/quarterdeck/config
  operators_files > /run/before.txt
  dpkg --install "$package" > /run/dpkg.txt 2>&1 || { cat /run/dpkg.txt; fail "the package cannot be installed again"; }
  ! systemctl --quiet is-active quarterdeck || fail "installing again started a service that was stopped"
  dpkg --install "$newer" > /run/dpkg.txt 2>&1 || { cat /run/dpkg.txt; fail "the package cannot be upgraded"; }
  ! systemctl --quiet is-active quarterdeck || fail "an upgrade started a service that was stopped"
  systemctl --quiet is-enabled quarterdeck || fail "an upgrade switched the service off"
  operators_files | diff /run/before.txt - || fail "an upgrade changed the operator's files"
  systemctl start quarterdeck
  local before
  before=$(systemctl show -p MainPID --value quarterdeck)
  dpkg --install "$newer" > /run/dpkg.txt 2>&1 || { cat /run/dpkg.txt; fail "the package cannot be installed over a running service"; }
  systemctl --quiet is-active quarterdeck || fail "an upgrade ended the running service"
  [ "$(systemctl show -p MainPID --value quarterdeck)" != "$before" ] || fail "after an upgrade the old program runs on"
  say "an upgrade leaves the operator's files, restarts a service that runs, and starts none that does not"
}

purge_leaves_the_operators_files() {
  dpkg --purge quarterdeck > /run/dpkg.txt 2>&1 || { cat /run/dpkg.txt; fail "the package cannot be purged"; }
  ! systemctl --quiet is-active quarterdeck || fail "the service outlives its program"
  if [ -e /usr/bin/quarterdeck ] || [ -e /usr/share/quarterdeck ]; then fail "purging left files of the package"; fi
  [ -z "$(find /etc/systemd/system -name 'quarterdeck*')" ] || fail "purging left the service enabled"
  local file
  for file in /etc/quarterdeck/config/partnership.toml /var/lib/quarterdeck/ledger.sqlite; do
    [ -s "$file" ] || fail "purging took the operator's files"
  done
  say "purging removes the program, and nothing of the operator's"
}

inside() {
  unit=/usr/lib/systemd/system/quarterdeck.service
  package=/check/quarterdeck.deb
  newer=/check/newer.deb
  # What waits for a network would wait for long: there is none.
  local waiting
  for waiting in systemd-networkd-wait-online NetworkManager-wait-online ifupdown-wait-online networking; do
    ln -s /dev/null "/run/systemd/system/$waiting.service"
  done
  systemctl daemon-reload
  # Images of containers say in it that nothing may be started by packages.
  rm -f /usr/sbin/policy-rc.d
  # Should the machine have one already: here it has none, and the machine keeps its own.
  dpkg --purge quarterdeck > /dev/null 2>&1 || true
  rm -rf /etc/quarterdeck /var/lib/quarterdeck /var/log/quarterdeck
  is_installed
  unconfigured_is_said
  mkdir -p /srv/inbox
  cp -r /check/tree/fixtures/partners/. /srv/inbox/
  set_up_as_operator /etc/quarterdeck /usr/share/quarterdeck/example /srv/inbox
  as_operator config check > /run/config.txt || { cat /run/config.txt; fail "the example configuration is not sound"; }
  restrictions_hold
  work_is_done_under_restrictions
  service_serves
  stops "in the middle of its work"
  systemctl start quarterdeck
  stops "just started"
  returns_when_killed
  secrets_reach_only_the_service
  egress_is_closed
  upgrade_touches_nothing
  purge_leaves_the_operators_files
}

case ${1:-} in
  --inside)
    trap 'systemctl exit $?' EXIT
    inside
    exit
    ;;
  --probe) probe && exit ;;
  --ports) shift && ports "$@" && exit ;;
esac

# --- On this machine ---------------------------------------------------------------------------------------------------

root=$(cd "$(dirname "$0")/../.." && pwd)
unit=$root/packaging/systemd/quarterdeck.service
program=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/quarterdeck}
[ -x "$program" ] || fail "$program is not there: build it first (cargo build)"
program=$(realpath "$program")
command -v systemd-analyze > /dev/null || fail "systemd-analyze is missing: apt-get install systemd"

work=$(mktemp -d "${TMPDIR:-/tmp}/quarterdeck-service.XXXXXX")
chmod 755 "$work"
serving=
finish() {
  status=$?
  [ -z "$serving" ] || kill -KILL "$serving" 2> /dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

unit_is_sound() {
  local folder=$work/unit said exposure
  mkdir -p "$folder/quarterdeck.service.d"
  # Not installed yet: verifying asks whether the program is there.
  sed "s|/usr/bin/quarterdeck|$program|" "$unit" > "$folder/quarterdeck.service"
  cp "$root"/packaging/systemd/examples/*.conf "$folder/quarterdeck.service.d/"
  # What it cannot understand it says, and succeeds.
  said=$(systemd-analyze verify "$folder/quarterdeck.service" 2>&1) || fail "the unit or an example beside it: $said"
  [ -z "$said" ] || fail "the unit or an example beside it: $said"
  rm -r "$folder/quarterdeck.service.d"
  exposure=$(systemd-analyze security --offline=true --no-pager "$folder/quarterdeck.service" | sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p')
  # Given in tenths.
  systemd-analyze security --offline=true --no-pager --threshold="${exposure_max/./}" "$folder/quarterdeck.service" > /dev/null 2>&1 \
    || fail "the unit's exposure is $exposure; it may be $exposure_max"
  say "the unit is sound; its exposure is $exposure (of 10; at most $exposure_max)"
}

# The unit's own command lines, with other folders.
from_unit() {
  sed -n "s|^$1=||p" "$unit" | sed -e "s|/etc/quarterdeck|$work/installed/etc/quarterdeck|g" \
    -e "s|/var/lib/quarterdeck|$work/installed/var/lib/quarterdeck|g" -e "s|^/usr/bin/quarterdeck|$work/installed/usr/bin/quarterdeck|"
}

has_begun() { [ -s "$work/said.txt" ] && kill -0 "$serving"; }

is_gone() { ! kill -0 "$serving"; }

commands_of_the_unit_work() {
  local installed=$work/installed who=() pre start began
  mkdir -p "$installed"/{usr/bin,etc/quarterdeck,var/lib/quarterdeck,srv}
  cp "$program" "$installed/usr/bin/quarterdeck"
  cp -r "$root/fixtures/partners" "$installed/srv/inbox"
  set_up_as_operator "$installed/etc/quarterdeck" "$root" "$installed/srv/inbox"
  chmod 700 "$installed/var/lib/quarterdeck"
  if [ "$(id -u)" -eq 0 ]; then
    chown 65534:65534 "$installed/var/lib/quarterdeck"
    who=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs)
  else
    who=(setpriv --no-new-privs)
  fi
  read -r -a pre < <(from_unit ExecStartPre)
  read -r -a start < <(from_unit ExecStart)
  cd "$installed/etc/quarterdeck"
  umask 027
  env -i "${who[@]}" "${pre[@]}" || fail "not as an unprivileged user: ${pre[*]}"
  env -i "${who[@]}" "${start[@]:0:5}" --as-of 2025-07-21 check \
    "$installed/srv/inbox/davss/DAVSS return Sevenoaks Apr-Jun 2025 FINAL.xlsx" --return davss-quarterly > "$work/check.txt" 2>&1 || true
  grep -q 'would be accepted.*: 24 figures' "$work/check.txt" || { cat "$work/check.txt" >&2; fail "an unprivileged user cannot check a workbook"; }
  env -i "${who[@]}" "${start[@]}" > "$work/said.txt" 2>&1 &
  serving=$!
  within 60 has_begun || { cat "$work/said.txt" >&2; fail "not within a minute: ${start[*]}"; }
  began=$(date +%s%N)
  kill -TERM "$serving"
  within "$stop_seconds_max" is_gone || { cat "$work/said.txt" >&2; fail "SIGTERM does not stop it within $stop_seconds_max s"; }
  say "as an unprivileged user it checks a workbook, and stops $((($(date +%s%N) - began) / 1000000)) ms after SIGTERM"
  wait "$serving" || { cat "$work/said.txt" >&2; fail "stopped by SIGTERM it does not end with success"; }
  serving=
  umask 022
  cd "$root"
}

package_is_sound() {
  local package=$work/quarterdeck.deb listed=$work/listed.txt control=$work/control line
  mkdir "$work/deb"
  "$root/packaging/build-deb.sh" --program "$program" --output "$work/deb" -- --fast --quiet > /dev/null
  mv "$work"/deb/quarterdeck_*.deb "$package"
  dpkg-deb --contents "$package" | awk '{ print $1, $2, $6 }' > "$listed"
  for line in "-rwxr-xr-x 0/0 ./usr/bin/quarterdeck" "-rw-r--r-- 0/0 ./usr/lib/systemd/system/quarterdeck.service" \
    "-rw-r--r-- 0/0 ./usr/lib/sysusers.d/quarterdeck.conf" "-rw-r--r-- 0/0 ./usr/lib/tmpfiles.d/quarterdeck.conf" \
    "-rw-r--r-- 0/0 ./usr/share/doc/quarterdeck/copyright" "-rw-r--r-- 0/0 ./usr/share/doc/quarterdeck/docs/operations.md" \
    "-rw-r--r-- 0/0 ./usr/share/bash-completion/completions/quarterdeck" \
    "-rw-r--r-- 0/0 ./usr/share/quarterdeck/example/jobs/collect-returns/mail/receipt.txt.j2"; do
    grep -qxF -e "$line" "$listed" || fail "the package does not hold $line"
  done
  # One user owns it all, nobody else may write, nothing runs as somebody else, and the operator's folders are not in it.
  line=$(grep -Ev '^(-rwxr-xr-x|-rw-r--r--|drwxr-xr-x) 0/0 \./usr/' "$listed" | grep -vE '^drwxr-xr-x 0/0 \./(usr/)?$' || true)
  [ -z "$line" ] || fail "should not be in the package, or not like this: $line"
  ! grep -q 'fixtures' "$listed" || fail "the package holds fixtures"
  dpkg-deb --control "$package" "$control"
  [ ! -e "$control/conffiles" ] || fail "the package has conffiles, though nothing of it is to be edited: $(cat "$control/conffiles")"
  for line in postinst prerm postrm; do
    sh -n "$control/$line" || fail "the package's $line is no shell script"
  done
  dpkg-deb --extract "$package" "$work/extracted"
  for line in config jobs; do
    diff -r "$root/$line" "$work/extracted/usr/share/quarterdeck/example/$line" || fail "$line/ in the package is not that of this checkout"
  done
  rm -r "$work/extracted"
  if command -v lintian > /dev/null; then
    # Not for Debian's archive: no changelog and no manual page of its kind. Rust's libraries are looked at by `cargo deny`.
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 \
      --suppress-tags debian-changelog-file-missing-or-wrong-name,syntax-error-in-debian-changelog,no-manual-page,embedded-library \
      "$package" || fail "lintian finds fault with the package"
  else
    untried "lintian is not there"
  fi
  # The same once more as the next version.
  dpkg-deb --raw-extract "$package" "$work/newer"
  sed -i 's/^Version: .*/&+next/' "$work/newer/DEBIAN/control"
  dpkg-deb -Znone --root-owner-group --build "$work/newer" "$work/newer.deb" > /dev/null
  rm -r "$work/newer"
  say "the package is sound: version $(dpkg-deb -f "$package" Version), $(wc -l < "$listed") entries"
  say "it depends on $(dpkg-deb -f "$package" Depends)"
}

# container OPTION…: systemd-nspawn on an overlay of this machine's files. They are mounted once more, read only, since / itself
# may not be an overlay's bottom. Filtering packets for a unit takes bpf. Nobody else sees these mounts, and they end with the container.
container() {
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --propagation private bash -c '
    set -e
    mount --bind / "$1"
    mount -o remount,bind,ro "$1"
    mount -t tmpfs tmpfs /run
    machine=$1
    shift
    exec systemd-nspawn --quiet --directory="$machine" --volatile=overlay --machine=quarterdeck-check --register=no --keep-unit \
      --private-network --link-journal=no --system-call-filter=bpf --capability=CAP_BPF,CAP_NET_ADMIN "$@"' container "$work/machine" "$@" < /dev/null > "$work/container.txt" 2>&1
}

installs_and_serves() {
  mkdir -p "$work/machine" "$work/boot"
  cat > "$work/boot/check.service" <<'UNIT'
[Unit]
DefaultDependencies=no
Requires=sysinit.target basic.target
After=sysinit.target basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash /check/tree/tests/checks/service.sh --inside
StandardOutput=append:/check/said.txt
StandardError=inherit
TimeoutStartSec=600
UNIT
  : > "$work/boot/said.txt"
  ln "$work/quarterdeck.deb" "$work/newer.deb" "$work/boot/"
  mkdir "$work/boot/tree"
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
  if ! container --pipe /bin/true; then
    untried "no container can be started here ($(tail -n 1 "$work/container.txt")): the unit's restrictions were not put on"
    return
  fi
  local status=0
  container --bind="$work/boot:/check" --bind-ro="$root:/check/tree" \
    --bind-ro="$work/boot/check.service:/etc/systemd/system/check.service" --boot -- --unit=check.service || status=$?
  cat "$work/boot/said.txt"
  [ "$status" -eq 0 ] || { tail -n 20 "$work/container.txt" >&2; fail "as installed, under systemd (exit code $status)"; }
}

image_builds() {
  local builder
  builder=$(command -v podman || command -v buildah) || { untried "neither podman nor buildah is there: the image was not built"; return; }
  "$builder" build --file packaging/container/Containerfile --ignorefile packaging/container/Containerfile.dockerignore \
    --tag localhost/quarterdeck:check .
  say "the image was built"
}

unit_is_sound
commands_of_the_unit_work
if command -v cargo-deb > /dev/null && command -v dpkg-deb > /dev/null; then
  package_is_sound
  if [ "$(id -u)" -ne 0 ]; then
    untried "not root: the package was not installed, the unit's restrictions not put on"
  elif ! command -v systemd-nspawn > /dev/null; then
    untried "systemd-nspawn is missing (Debian: systemd-container): the package was not installed, the unit's restrictions not put on"
  else
    installs_and_serves
  fi
else
  untried "cargo-deb or dpkg-deb is missing: no package was made, the unit's restrictions not put on"
fi
image_builds
