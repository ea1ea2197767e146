#!/usr/bin/env bash
# Where events come from: files, globs, every kind of standard input, and what is wrong with them.
. "$(dirname "$0")/lib.sh"

run query -f app.json '| stats count'
expect_code 0; expect_out '{"count":5}'; expect_err_has 'Scanned 5 events | 1 result | '

# Globs: sorted, repeatable, quoted by the shell or not.
mkdir logs
echo 'second line' >logs/b.log
echo 'first line' >logs/a.log
run query --file 'logs/*.log' '* | fields _raw, _source'
expect_code 0
expect_out '{"_raw":"first line","_source":"logs/a.log"}
{"_raw":"second line","_source":"logs/b.log"}'
run query -f logs/b.log --file=logs/a.log '* | fields _raw'
expect_out '{"_raw":"second line"}
{"_raw":"first line"}'
run query -f 'logs/*.log' '| stats count by source'
expect_out '{"source":"logs/a.log","count":1}
{"source":"logs/b.log","count":1}'

# Labels.
run query -f logs/a.log --source mine --sourcetype custom '* | fields source, sourcetype'
expect_out '{"source":"mine","sourcetype":"custom"}'
run query -f app.json --sourcetype raw '* | stats dc(level) AS levels'
expect_out '{"levels":0}'

# What cannot be read: exit 1 before any output.
run query -f app.json -f missing.log '*'
expect_code 1; expect_out ''; expect_err_has 'missing.log'
run query -f 'none/*.log' '*'
expect_code 1; expect_err_has 'none/*.log'
run query -f logs '*'
expect_code 1; expect_err_has 'directory'
if [ "$(id -u)" != 0 ]; then
  cp app.json secret.json && chmod 000 secret.json
  run query -f secret.json '*'
  expect_code 1; expect_err_has 'secret.json'
fi

# Standard input as pipe, file, FIFO; with a name and a label.
cat app.json | "$lynxdb" query 'level=error | stats count' >out 2>err
code=${PIPESTATUS[1]} ran='cat app.json | lynxdb query'
expect_code 0; expect_out '{"count":2}'
run query 'level=error | stats count' <app.json
expect_code 0; expect_out '{"count":2}'
run query '* | head 1 | fields _source' <app.json
expect_out '{"_source":"stdin"}'
run query -f - '| stats count' <app.json
expect_out '{"count":5}'
mkfifo fifo
cat app.json >fifo &
run query '| stats count' <fifo
expect_out '{"count":5}'
cat app.json >fifo &
run query -f fifo '| stats count'
expect_out '{"count":5}'

# With another --file, standard input is left alone.
{ "$lynxdb" query -q -f app.json '| stats count' >out 2>err; code=$?; left=$(wc -l); } <logs/a.log
ran='lynxdb query -f app.json <logs/a.log'
expect_code 0; expect_out '{"count":5}'
[ "$left" = 1 ] || fail 'standard input was read'

# Nothing to read from: that would be the server.
export LYNXDB_SERVER=http://127.0.0.1:1
run query '*' </dev/null
expect_code 3; expect_err_has 'cannot reach http://127.0.0.1:1'
run query '*' <&-
expect_code 3
unset LYNXDB_SERVER
run query --server http://localhost:1 '*' <app.json
expect_code 3
run query --server http://localhost:1 -f app.json '*'
expect_code 2

# Empty input is no mistake, but worth a word.
: >empty
run query '* | fields a' <empty
expect_code 0; expect_out ''; expect_err_has 'hint: standard input is empty'

# A query that reads its input twice works on a pipe, too.
cat app.json | "$lynxdb" query -q 'level=error | append [search level=warn] | stats count' >out 2>err
code=${PIPESTATUS[1]} ran='cat app.json | lynxdb query (two scans)'
expect_code 0; expect_out '{"count":3}'

for input in app.json app.json.gz; do
  gzip -kf app.json
  run query -q '* | append [search level=warn] | stats count' <$input
  expect_code 0; expect_out '{"count":6}'
  cat $input | "$lynxdb" query -q '* | append [search level=warn] | stats count' >out 2>err
  code=${PIPESTATUS[1]} ran="cat $input | lynxdb query (two scans)"
  expect_code 0; expect_out '{"count":6}'
done
run query -f <(cat app.json) '* | append [search level=warn] | stats count'
expect_code 1; expect_err_has 'can be read only once'

# A query that has its rows does not wait for more input.
mkfifo idle
exec 3<>idle
cat app.json >&3
timeout 10 "$lynxdb" query -q '* | head 2 | fields ms' <idle >out 2>err
code=$? ran='lynxdb query head 2, on a pipe that stays open'
expect_code 0; expect_out_lines 2
exec 3>&-

# Pipe mode has one index.
run query -f app.json 'FROM other | stats count'
expect_code 0; expect_out '{"count":0}'; expect_err_has "no index 'other'"

# Time ranges.
run query -f app.json --from 2026-01-15T10:00:01Z --to 2026-01-15T10:00:03Z '| stats count'
expect_out '{"count":2}'
run query -f app.json --since 1h '| stats count'
expect_out '{"count":0}'
run query -f app.json --since soon '*'
expect_code 2; expect_err_has '--since'
run query -f app.json --since 1h --to now '*'
expect_code 2; expect_err_has '--since excludes'
run query -f app.json --from now --to -1h '*'
expect_code 2; expect_err_has 'after'

# Hostile bytes reach the output as U+FFFD.
printf 'a \xff b\n' >bytes.log
run query -f bytes.log '* | fields _raw'
expect_out $'{"_raw":"a \xef\xbf\xbd b"}'

# Bare lynxdb: the first ten of what is piped in, or a query without its command word.
seq 1 20 | "$lynxdb" -q >out 2>err
code=${PIPESTATUS[1]} ran='seq 1 20 | lynxdb'
expect_code 0; expect_out_lines 10
run 'level=error | stats count' <app.json
expect_code 0; expect_out '{"count":2}'
run -F raw --no-stats 'slow' <app.json
expect_code 0; expect_out_lines 1; expect_err ''
run cuont <app.json
expect_code 0; expect_err_has "write count"
finish
