#!/usr/bin/env bash
# A write-ahead log that is damaged in the middle: the server says where and does not start; with
# --accept-log-damage it cuts the log there, keeps what it cut, and starts.
here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
server_pid=''
trap '[ -z "$server_pid" ] || kill -9 $server_pid 2>/dev/null; rm -rf "$work"' EXIT

# Starts a server on the data directory `data`; its address is then in $url.
start_server() {
  "$lynxdb" server --addr 127.0.0.1:0 --data-dir data --retention 0 "$@" >server.out 2>server.err &
  server_pid=$!
  url=''
  for _ in $(seq 600); do
    url=$(sed -n 's/^listening on //p' server.err | head -1)
    [ -z "$url" ] || return 0
    kill -0 $server_pid 2>/dev/null || break
    sleep 0.1
  done
  fail "the server does not start: $(cat server.err)"
  finish
}
kill_server() { kill -9 $server_pid; wait $server_pid 2>/dev/null; server_pid=''; }

start_server
for line in 1 2 3 4 5; do
  sed -n "${line}p" app.json >line.json
  run ingest --server "$url" line.json
  expect_code 0
done
kill_server

# A byte of the second event changes on the disk. Events are the only place of their messages.
log=$(ls data/wal/wal-*)
at=$(grep -abo 'badly' "$log" | head -1 | cut -d: -f1)
[ -n "$at" ] || fail "the log does not hold the event as text"
printf 'X' | dd of="$log" bs=1 seek="$at" conv=notrunc status=none

run server --addr 127.0.0.1:0 --data-dir data --retention 0
expect_code 1
expect_err_has "$(basename "$log"): byte "
expect_err_has 'bad checksum of a record'
expect_err_has '--accept-log-damage'

start_server --accept-log-damage
run query --server "$url" --no-stats '| stats count' -F csv
expect_code 0
expect_out 'count
1'
ls data/wal/*.damaged >/dev/null 2>&1 || fail "nothing is kept of what was cut"
run ingest --server "$url" app.json
expect_code 0
kill_server

# Once: the log is whole again.
start_server
run query --server "$url" --no-stats '| stats count' -F csv
expect_out 'count
6'

# A damaged segment is named by answer and log, and can be dropped. A stop flushes.
kill $server_pid; wait $server_pid 2>/dev/null
object=$(cd data/objects && find segments -type f | head -1)
[ -n "$object" ] || fail 'there is no segment'
printf 'XXXXXXXX' | dd of="data/objects/$object" bs=1 seek=30 conv=notrunc status=none
start_server
run query --server "$url" --no-stats '*'
expect_code 1; expect_err_has "$object"; expect_err_has "--drop-damaged-segment $object"
grep -q "$object" server.err || fail 'the log does not name the segment'
kill_server
run server --addr 127.0.0.1:0 --data-dir data --drop-damaged-segment nosuch
expect_code 1; expect_err_has 'there is no segment nosuch'
start_server --drop-damaged-segment "$object"
grep -q 'and its 6 events' server.err || fail 'the log does not say what was lost'
run query --server "$url" --no-stats '| stats count' -F csv
expect_out 'count
0'
kill_server

# The metadata is there twice: damage to one costs nothing.
log=$(ls data/meta/log-*)
printf 'XXXX' | dd of="$log" bs=1 seek=60 conv=notrunc status=none
start_server
grep -q 'the metadata was damaged' server.err || fail 'the log does not say that the metadata was damaged'
grep -q "$(basename "$log")" server.err || fail 'the log does not name the damaged file'
kill_server
# Without any, the log of events is not blamed, and no new cluster hides what there was.
mv data/meta aside
run server --addr 127.0.0.1:0 --data-dir data --retention 0
expect_code 1; expect_err_has 'the metadata is lost'; expect_err_has 'restore data/meta from a backup'
rm -rf data/meta
mv aside data/meta
start_server
kill_server
finish
