#!/usr/bin/env bash
# A query ends when it is told to: by a signal or by its time limit, even while it waits for input.
. "$(dirname "$0")/lib.sh"

# Both ends open: reading waits for ever.
mkfifo idle
exec 3<>idle

for signal in INT TERM; do
  timeout --preserve-status -s $signal 0.5 "$lynxdb" query '| stats count' <idle >out 2>err
  code=$? ran="lynxdb query, then SIG$signal"
  expect_code 130; expect_out ''
done

start=$(date +%s%N)
run query --timeout 300ms '| stats count' <idle
expect_code 5; expect_err_has 'timed out'
elapsed=$((($(date +%s%N) - start) / 1000000))
[ "$elapsed" -lt 3000 ] || fail "took ${elapsed} ms to stop"
run query --timeout 10s -f app.json '| stats count'
expect_code 0
run query --timeout 0 -f app.json '| stats count'
expect_code 0

# Nothing half-written is left, and the older file stays.
echo old >result
timeout --preserve-status -s INT 0.5 "$lynxdb" query '*' -o result <idle >out 2>err
code=$? ran='lynxdb query -o result, then SIGINT'
expect_code 130
[ "$(cat result)" = old ] || fail 'the old file is gone'
[ "$(find . -name 'result*' | wc -l)" = 1 ] || fail 'a temporary file is left'

# A query that reads its input twice first copies it: that ends, too.
timeout --preserve-status -s INT 0.5 "$lynxdb" query 'a | append [search b]' <idle >out 2>err
code=$? ran='lynxdb query with two scans, then SIGINT'
expect_code 130
finish
