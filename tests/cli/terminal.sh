#!/usr/bin/env bash
# On a terminal: people's formats, colours unless unwanted, a footer. Through script(1)'s terminal.
. "$(dirname "$0")/lib.sh"
command -v script >/dev/null || { echo 'skipped: no script(1)'; exit 0; }

# Runs a shell command on a terminal; its output, without carriage returns, goes to the file out.
on_terminal() {
  script -qec "$1" /dev/null </dev/null | tr -d '\r' >out
  code=${PIPESTATUS[0]}
  ran=$1
  : >err
}

on_terminal "'$lynxdb' query --no-stats -f app.json '| stats count'"
expect_code 0; expect_out '5'
seq 1 1234 >many.log
on_terminal "'$lynxdb' count --no-stats -f many.log"
expect_out '1,234'
on_terminal "'$lynxdb' query --no-stats -f app.json '| stats count by level'"
expect_out 'level  count
-----  -----
error      2
info       2
warn       1'
on_terminal "'$lynxdb' query --no-color --no-stats -f app.json '* | fields level | head 2'"
expect_out '#1 {"level": "info"}
#2 {"level": "error"}'
on_terminal "'$lynxdb' query --no-stats -f app.json 'slow | table level, ms'"
expect_out 'level  ms
-----  --
warn   99'
on_terminal "'$lynxdb' query --no-color --no-stats -F json -f app.json 'slow | fields level, ms'"
expect_out '{
  "level": "warn",
  "ms": 99
}'
on_terminal "'$lynxdb' query --no-stats -F ndjson -f app.json 'slow | fields level, ms'"
expect_out '{"level":"warn","ms":99}'

# Colours.
on_terminal "'$lynxdb' query --no-stats -f app.json 'slow | fields level'"
grep -q $'\x1b\\[' out || fail 'no colours on a terminal'
on_terminal "NO_COLOR=1 '$lynxdb' query --no-stats -f app.json 'slow | fields level'"
grep -q $'\x1b\\[' out && fail 'colours in spite of NO_COLOR'
on_terminal "NO_COLOR= '$lynxdb' query --no-stats -f app.json 'slow | fields level'"
grep -q $'\x1b\\[' out || fail 'an empty NO_COLOR means nothing'

# Standard output that is no terminal gets the bytes of a pipe.
on_terminal "'$lynxdb' query --no-stats -f app.json '| stats count' >file; cat file"
expect_out '{"count":5}'
on_terminal "'$lynxdb' query --no-stats -f app.json '| stats count' -o file2; cat file2"
expect_out '{"count":5}'

# The footer.
on_terminal "'$lynxdb' query -f app.json '| stats count'"
expect_out_has '1 result | 5 events scanned | 1 file | '

# A terminal as standard input is no data.
on_terminal "LYNXDB_SERVER=http://127.0.0.1:1 '$lynxdb' query '*'"
expect_code 3
on_terminal "'$lynxdb'"
expect_code 0; expect_out_has 'lynxdb help'
finish
