#!/usr/bin/env bash
# Sends the bundled partnership's report through a real mail server, and looks at what arrived.
#
# A private Postfix on a free port of this machine, in a folder of its own: STARTTLS with a certificate made here, a
# login, one recipient it refuses (550) and one it puts off (450). Then smtp-sink, which takes a message and drops the
# line before it answers. Nothing can leave the machine.
#
# Needs root, Debian's postfix, sasl2-bin, libsasl2-modules, openssl, jq and python3; about 10 seconds.
# Run from the root of the checkout: tests/checks/postfix.sh [PROGRAM]
set -euo pipefail
umask 022

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/quarterdeck}
now=2025-07-21T09:00:00+01:00
later=2025-07-21T18:00:00+01:00
password=correct-horse-battery

fail() {
  echo "postfix: $*" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || fail "Postfix starts only as root: run this check as root"
[ -x "$program" ] || fail "$program is not there: build it first (cargo build)"
program=$(realpath "$program")
for tool in postfix smtp-sink saslpasswd2 openssl jq python3; do
  command -v "$tool" > /dev/null || fail "$tool is missing: apt-get install postfix sasl2-bin libsasl2-modules openssl jq python3"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/quarterdeck-postfix.XXXXXX")
chmod 755 "$work"
sink=
finish() {
  status=$?
  [ -z "$sink" ] || kill "$sink" 2> /dev/null || true
  postfix -c "$work/etc" stop > /dev/null 2>&1 || true
  if [ "$status" -ne 0 ]; then
    echo "--- the mail server's log" >&2
    tail -40 "$work/log/maillog" >&2 || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null || break
  done
  echo "$port"
}

wait_for_port() {
  for _ in $(seq 100); do
    (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
    sleep 0.1
  done
  fail "nothing answers on port $1 after 10 seconds"
}

# --- Certificates ---------------------------------------------------------------------------------------------------

mkdir -p "$work"/{etc/sasl,queue,data,log,mail,tls}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Check authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
  -keyout "$work/tls/ca.key" -out "$work/tls/ca.pem" 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
  -keyout "$work/tls/server.key" -out "$work/tls/server.csr" 2> /dev/null
openssl x509 -req -in "$work/tls/server.csr" -CA "$work/tls/ca.pem" -CAkey "$work/tls/ca.key" -CAcreateserial -days 2 \
  -extfile <(printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n') \
  -out "$work/tls/server.pem" 2> /dev/null

# --- The mail server ------------------------------------------------------------------------------------------------

port=$(free_port)
mapfile -t recipients < <(sed -n 's/^address = "\(.*\)"$/\1/p' "$root/config/partnership.toml")
[ "${#recipients[@]}" -ge 3 ] || fail "config/partnership.toml has fewer than three recipients"
reports=${#recipients[@]}
# Partners with a contact are told what became of what they sent: one letter each.
mapfile -t contacts < <(sed -n 's/^contact = "\(.*\)"$/\1/p' "$root/config/partnership.toml")
[ "${#contacts[@]}" -ge 1 ] || fail "config/partnership.toml has no partner with a contact"
recipients+=("${contacts[@]}")
gone=${recipients[0]}
busy=${recipients[1]}
for address in "${recipients[@]}"; do
  echo "$address $address/"
done > "$work/etc/mailboxes"
printf '%s 550 5.1.1 no such mailbox\n%s 450 4.2.1 come back later\n' "$gone" "$busy" > "$work/etc/access"

cat > "$work/etc/main.cf" << END
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
maillog_file = $work/log/maillog
maillog_file_prefixes = $work
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
disable_dns_lookups = yes
smtpd_peername_lookup = no
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
virtual_mailbox_domains = $(printf '%s\n' "${recipients[@]#*@}" | sort -u | tr '\n' ' ')
virtual_mailbox_base = $work/mail
virtual_mailbox_maps = texthash:$work/etc/mailboxes
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
message_size_limit = 10000000
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $work/tls/server.pem
smtpd_tls_key_file = $work/tls/server.key
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_authenticated_header = yes
smtpd_sasl_local_domain = localhost
cyrus_sasl_config_path = $work/etc/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:$work/etc/access, permit_sasl_authenticated, reject
END

cat > "$work/etc/master.cf" << END
127.0.0.1:$port inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n -  0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
local     unix - n n - - local
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
proxymap  unix - - n - - proxymap
postlog   unix-dgram n - n - 1 postlogd
END

cat > "$work/etc/sasl/smtpd.conf" << END
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $work/etc/sasl/sasldb2
mech_list: PLAIN
END
printf '%s' "$password" | saslpasswd2 -p -c -f "$work/etc/sasl/sasldb2" -u localhost quarterdeck
chown root:postfix "$work/etc/sasl/sasldb2"
chmod 640 "$work/etc/sasl/sasldb2"
chown postfix "$work/data"
chown nobody "$work/mail"
postfix -c "$work/etc" start > "$work/log/start" 2>&1 || fail "it does not start: $(cat "$work/log/start")"
wait_for_port "$port"

# --- The partnership ------------------------------------------------------------------------------------------------

mkdir "$work/partnership"
cp -r "$root/config" "$root/jobs" "$work/partnership/"
{
  printf '[landing]\nsettle_seconds = 0\n\n'
  # The sources as they are bundled, but every one a folder of the fixtures.
  awk -v root="$root" '
    /^\[sources\./ { name = $0; gsub(/^\[sources\.|\]$/, "", name); print; next }
    name && /^kind = /   { print "kind = \"folder\""; next }
    name && /^path = /   { printf "path = \"%s/fixtures/partners/%s\"\n", root, name; next }
    name && /^url = /    { printf "path = \"%s/fixtures/site/%s\"\n", root, name; next }
    name && /^return = / { print; print ""; next }
  ' "$root/config/quarterdeck.toml"
} > "$work/own.toml"
mv "$work/own.toml" "$work/partnership/config/quarterdeck.toml"

export QUARTERDECK__MAIL__TRANSPORT=smtp
export QUARTERDECK__MAIL__SMTP__HOST=localhost
export QUARTERDECK__MAIL__SMTP__PORT=$port
export QUARTERDECK__MAIL__SMTP__SECURITY=starttls
export QUARTERDECK__MAIL__SMTP__USER=quarterdeck
export QUARTERDECK__MAIL__SMTP__PASSWORD_ENV=CHECK_PASSWORD
export QUARTERDECK__MAIL__SMTP__CA_FILE=$work/tls/ca.pem
export CHECK_PASSWORD=$password

data=$work/var
# Runs the program; its output goes to $work/output, its exit code must be the one expected.
expect() {
  local expected=$1 code=0
  shift
  "$program" --config "$work/partnership/config" --data "$data" "$@" > "$work/output" 2> "$work/errors" || code=$?
  [ "$code" -eq "$expected" ] \
    || fail "\`quarterdeck $*\` ended with $code instead of $expected:"$'\n'"$(cat "$work/output" "$work/errors")"
}

# How many messages are in a state.
in_state() {
  expect 0 outbox list --json
  jq --arg state "$1" '[.messages[] | select(.state == $state)] | length' "$work/output"
}

states_are() {
  local accepted=$1 deferred=$2 refused=$3 when=$4 found
  found="$(in_state accepted) $(in_state deferred) $(in_state refused)"
  [ "$found" = "$accepted $deferred $refused" ] \
    || fail "$when: expected $accepted accepted, $deferred deferred, $refused refused; found $found"
}

delivered() {
  find "$work/mail" -type f -path '*/new/*' | wc -l
}

# A message's headers, each on one line.
headers() {
  awk '{ sub(/\r$/, "") } /^$/ { exit }
       /^[ \t]/ { sub(/^[ \t]+/, " "); line = line $0; next }
       { if (line) print line; line = $0 } END { print line }' "$1"
}

# Postfix answers before it delivers: wait until its queue is empty.
settled() {
  for _ in $(seq 100); do
    [ -n "$(find "$work"/queue/{maildrop,incoming,active,deferred} -type f)" ] || return 0
    sleep 0.1
  done
  fail "the mail server's queue does not empty"
}

sends_nothing() {
  local before
  before=$(delivered)
  expect "$1" outbox send --as-of "$2"
  settled
  [ "$(delivered)" -eq "$before" ] || fail "$3"
}

all=${#recipients[@]}
expect 3 run quarterly-monitoring --no-send --as-of "$now" --json
[ "$(jq .messages_queued "$work/output")" -eq "$reports" ] || fail "not every recipient's message was queued"
[ "$(delivered)" -eq 0 ] || fail "--no-send sent something"
cp -r "$data" "$work/unsent"

# A server that cannot be trusted, or that does not let us in, gets nothing; everything goes on waiting.
QUARTERDECK__MAIL__SMTP__HOST=127.0.0.1 sends_nothing 75 "$now" "mail was sent although the certificate is for another name"
cp "$work/tls/ca.pem" "$work/tls/right.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Another authority" \
  -keyout "$work/tls/other.key" -out "$work/tls/ca.pem" 2> /dev/null
sends_nothing 75 "$now" "mail was sent although nobody vouches for the certificate"
cp "$work/tls/right.pem" "$work/tls/ca.pem"
CHECK_PASSWORD=wrong sends_nothing 75 "$now" "mail was sent with a wrong password"
if grep -q wrong "$work/output" "$work/errors"; then fail "the password is printed"; fi
[ "$(in_state approved)" -eq "$all" ] || fail "a server that cannot be used changed what waits"

# The right server: one recipient refused, one put off, the others delivered.
expect 3 outbox send --as-of "$now"
settled
states_are $((all - 2)) 1 1 "after sending"
[ "$(delivered)" -eq $((all - 2)) ] || fail "$(delivered) messages arrived instead of $((all - 2))"
sends_nothing 0 "$now" "what was settled was sent again"

# Later the recipient that was put off is there.
printf '%s 550 5.1.1 no such mailbox\n' "$gone" > "$work/etc/access"
postfix -c "$work/etc" reload > "$work/log/reload" 2>&1 || fail "it does not reload: $(cat "$work/log/reload")"
wait_for_port "$port"
expect 0 outbox send --as-of "$later"
settled
states_are $((all - 1)) 0 1 "after the second try"
sends_nothing 0 "$later" "what was settled was sent again"

# Each mailbox has its own message, once, as the ledger says; encrypted and after a login.
expect 0 outbox list --json
jq -r '.messages[] | select(.state == "accepted") | .message_id' "$work/output" | sort > "$work/accepted"
for address in "${recipients[@]:1}"; do
  mapfile -t files < <(find "$work/mail/$address/new" -type f)
  [ "${#files[@]}" -eq 1 ] || fail "$address has ${#files[@]} messages"
  headers "${files[0]}" > "$work/headers"
  grep -qi "^To: .*<$address>" "$work/headers" || fail "the message to $address does not say so"
  others=$(printf '%s\n' "${recipients[@]}" | grep -vxF "$address")
  if grep -qF "$others" "${files[0]}"; then fail "the message to $address names another recipient"; fi
  grep -qi '^Received: .* with ESMTPSA ' "$work/headers" || fail "the message to $address came without TLS or login"
  sed -n 's/^Message-ID: *<\(.*\)>$/\1/Ip' "$work/headers"
done | sort > "$work/arrived"
diff "$work/accepted" "$work/arrived" > "$work/difference" || fail "what arrived is not what was accepted: $(cat "$work/difference")"
[ ! -e "$work/mail/$gone" ] || fail "the refused recipient has a mailbox"

# Each report that was received is the edition, part by part: nothing on the way changed it.
editions=("$data"/reports/*/*)
[ "${#editions[@]}" -eq 1 ] || fail "there are ${#editions[@]} editions: ${editions[*]}"
for address in "${recipients[@]:1:reports-1}"; do
  PYTHONDONTWRITEBYTECODE=1 "$root/tests/checks/received.py" "$work/mail/$address/new/"* "${editions[0]}" > "$work/output" \
    || fail "the report to $address is not as it should be"
done

# A server that takes a message and says nothing: nobody knows, and it is not sent again by itself.
port=$(free_port)
data=$work/unsent
smtp-sink -u nobody -q . "127.0.0.1:$port" 10 > "$work/log/sink" 2>&1 &
sink=$!
wait_for_port "$port"
export QUARTERDECK__MAIL__SMTP__PORT=$port QUARTERDECK__MAIL__SMTP__SECURITY=plain
unset QUARTERDECK__MAIL__SMTP__{USER,PASSWORD_ENV,CA_FILE}
expect 3 outbox send --as-of "$now"
[ "$(in_state unknown)" -eq "$all" ] || fail "messages without an answer are not unknown"
expect 0 outbox send --as-of "$later" --json
[ "$(jq '.sent | .accepted + .deferred + .refused + .unknown' "$work/output")" -eq 0 ] || fail "an unknown message was sent again"

echo "postfix: $((all - 1)) messages delivered once each, 1 refused, $all unknown after lost answers: as it should be"
