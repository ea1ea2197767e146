# shellcheck shell=bash
# A LynxDB server that is stopped and killed while a client delivers to it; sourced by the tests of
# clients. Takes $lynxdb; sets $work (removed at the end), $address, $port and $url.
set -euo pipefail
work=$(mktemp -d "${TMPDIR:-/tmp}/lynxdb-client-XXXXXX")
# An address for each run, so that runs do not meet; the port can be the default then.
address=127.0.$((192 + $$ / 250 % 60)).$((1 + $$ % 250)) port=3100
url=http://$address:$port
server='' client=''

finish() {
  local code=$?
  for pid in $client $server; do kill -KILL "$pid" 2>/dev/null || true; done
  [ $code = 0 ] || tail -n 20 "$work"/*.log >&2 || true
  rm -rf "$work"
}
trap finish EXIT
die() { echo "FAILED: $*" >&2; exit 1; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local end=$(($(date +%s) + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$(date +%s)" -lt "$end" ] || die "$what: not within its time"
    [ -z "$client" ] || kill -0 "$client" 2>/dev/null || die "$what: the client has ended"
    sleep 0.1
  done
}

now_ms() { date +%s%3N; }
answers() { "$lynxdb" health --server "$url" >/dev/null 2>&1; }
# start_server FLAG...
start_server() {
  "$lynxdb" server --quiet --addr "$address:$port" --data-dir "$work/data" --retention 0 "$@" \
    2>>"$work/server.log" &
  server=$!
  wait_for 60 'the start of the server' answers
}

# stop_server TERM|KILL
stop_server() {
  kill "-$1" "$server"
  wait "$server" 2>/dev/null || true
  server=''
}

stored() {
  local answer
  answer=$("$lynxdb" query --server "$url" --no-stats --format raw '| stats count') &&
    echo "${answer#count=}" || echo 0
}
has_stored() { [ "$(stored)" -ge "$1" ]; }

# The server dies by each signal while events arrive, and comes back.
interrupt_with() {
  local signal
  for signal in "$@"; do
    local before
    before=$(stored)
    # A busy machine restarts slower than a client delivers.
    if [ "$before" -ge "$events" ]; then
      echo "SIG$signal: not sent, everything is delivered"
      continue
    fi
    # Something of this life has arrived, and more is on its way.
    wait_for 60 'events on their way' has_stored $((before + 1))
    sleep "0.$((RANDOM % 3))"
    stop_server "$signal"
    # Long enough for the client to notice.
    sleep 0.3
    start_server
    echo "SIG$signal: $(stored) events stored"
  done
}

# expect_all EVENTS DUPLICATES_MAX: every event has a field n, from 1 to EVENTS.
expect_all() {
  curl -sS "$url/api/v1/query/stream" -d '{"q":"| fields n"}' >"$work/found"
  tail -n 1 "$work/found" | grep -q '"__meta"' || die 'the stream of all events was cut'
  sed '$d' "$work/found" | grep -oE '"n":[0-9]+' | cut -d: -f2 |
    awk -v wanted="$1" -v most="$2" '
      { seen[$1]++; events++ }
      END {
        for (n = 1; n <= wanted; n++) if (n in seen) { ids++; again += seen[n] - 1 }
        printf "%d events sent, %d ids found, %d stored, %d twice\n", wanted, ids, events, again
        if (ids != wanted || events != ids + again || again > most) exit 1
      }' || die 'not every event is there as often as promised'
}
