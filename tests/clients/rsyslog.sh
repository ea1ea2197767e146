#!/usr/bin/env bash
# rsyslog delivers a file of lines through omelasticsearch while the server is stopped, killed and
# overloaded: with ids (%uuid%) every line is stored once, without them at least once.
#
#   tests/clients/rsyslog.sh LYNXDB [EVENTS]     EVENTS: default 10000
#
# rsyslogd runs as an ordinary process with files of its own. Exit code 77: it is not installed.
set -euo pipefail
lynxdb=$1 events=${2:-10000}
export PATH=$PATH:/usr/sbin
type -P rsyslogd curl >/dev/null && compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' >/dev/null ||
  { echo 'skipped: the packages rsyslog-elasticsearch and curl are not installed'; exit 77; }
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

# write_config MODE: `ids` as docs/guide/ingest.md has it, or `none`.
write_config() {
  local ids='' retry=''
  if [ "$1" = ids ]; then
    ids='writeoperation="create" bulkid="id" dynbulkid="on"'
    retry='retryfailures="on" retryruleset="deliver" ratelimit.interval="0"'
  fi
  cat >"$work/rsyslog.conf" <<END
global(workDirectory="$work/rsyslog")
module(load="imfile")
module(load="omelasticsearch")
template(name="time" type="string" string="%timereported:::date-rfc3339%")
template(name="id" type="string" string="%\$.id%")
template(name="document" type="string" string="%\$!%")
input(type="imfile" file="$work/lines.log" tag="test" ruleset="take")
ruleset(name="take") {
  set \$!@timestamp = exec_template("time");
  set \$!n = cnum(field(\$msg, 32, 1));
  set \$!message = \$msg;
  call deliver
}
ruleset(name="deliver") {
  if strlen(\$.omes!status) > 0 then {
    if \$.omes!status != 429 then stop
    set \$.id = \$.omes!_id;
  } else {
    set \$.id = \$uuid;
  }
  action(type="omelasticsearch" server="$address" serverport="$port"
    bulkmode="on" searchindex="rsyslog" searchtype="" template="document" $ids $retry
    queue.type="linkedlist" queue.size="$((events * 2))" queue.dequeuebatchsize="200"
    queue.timeoutshutdown="60000" queue.timeoutactioncompletion="60000"
    action.resumeretrycount="-1" action.resumeinterval="1")
}
syslog.* action(type="omfile" file="$work/rsyslog.log")
END
}

# A hundredth at a time, so that the delivery takes a while.
write_lines() {
  local begin step=$((events / 100))
  for ((begin = 1; begin <= events; begin += step)); do
    seq -f '%.0f is the number of this line' "$begin" $((begin + step - 1)) >>"$work/lines.log"
    sleep 0.03
  done
}

is_refused() { curl -sS "$url/metrics" | grep -qE '^lynxdb_ingest_refused_total [1-9]'; }

# deliver MODE DUPLICATES_MAX
deliver() {
  rm -rf "$work/data" "$work/rsyslog" "$work/lines.log"
  mkdir -p "$work/rsyslog"
  : >"$work/lines.log"
  write_config "$1"
  local began writer
  # A server that takes nothing: its disk is full beyond 1 %.
  if [ "$1" = ids ]; then start_server --storage.disk_high_percent 1; else start_server; fi
  rsyslogd -n -C -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" >>"$work/rsyslog.log" 2>&1 &
  client=$!
  began=$(now_ms)
  write_lines &
  writer=$!
  if [ "$1" = ids ]; then
    wait_for 60 'a refusal' is_refused
    stop_server TERM
    # Refused before it is looked at: a request or two of each second is taken.
    start_server --http.rate_limit 1
    wait_for 60 'a refusal of one too many' is_refused
    stop_server TERM
    start_server
  fi
  interrupt_with TERM KILL TERM KILL
  wait "$writer"
  wait_for 240 'the delivery' has_stored "$events"
  echo "delivered in $(($(now_ms) - began)) ms, restarts included"
  kill "$client" && wait "$client" || true
  client=''
  expect_all "$events" "$2"
  stop_server TERM
}

echo "--- with ids"
deliver ids 0
echo "--- without ids: what was sent again is stored again"
deliver none "$events"
