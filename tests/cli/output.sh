#!/usr/bin/env bash
# What is written where: formats, --output, statistics, a reader that leaves, errors of writing.
. "$(dirname "$0")/lib.sh"

run query -f app.json 'slow'
expect_out '{"_time":"2026-01-15T10:00:03Z","_raw":"{\"timestamp\":\"2026-01-15T10:00:03Z\",\"level\":\"warn\",\"host\":\"web-2\",\"ms\":99,\"message\":\"slow\"}","_source":"app.json","_sourcetype":"json","_index":"main","host":"web-2","level":"warn","message":"slow","ms":99,"timestamp":"2026-01-15T10:00:03Z"}'
run query -f app.json -F json '* | fields level, ms | head 1'
expect_out '{"level":"info","ms":12}'
run query -f app.json -F csv '| stats count, avg(ms) AS avg by level'
expect_out 'level,count,avg
error,2,125.5
info,2,9.5
warn,1,99'
run query -f app.json --format=tsv 'badly | table level, message, none'
expect_out 'level	message	none
error	failed "badly"	'
run query -f app.json -F csv 'badly | table message'
expect_out 'message
"failed ""badly"""'
run query -f app.json -F table '| stats count by level'
expect_out 'level  count
-----  -----
error      2
info       2
warn       1'
run query -f app.json -F raw 'slow'
expect_out "$(grep slow app.json)"
run query -f app.json -F raw '| stats count by level | head 1'
expect_out 'level=error	count=2'
run query -f app.json -F xml '*'
expect_code 2; expect_err_has "unknown format 'xml'"

# No rows: no bytes in any format.
for format in auto json ndjson table csv tsv raw; do
  run query -f app.json -F "$format" 'nothing-like-this'
  expect_code 0; expect_out ''; expect_err_has 'hint: no events match'
done
run query -f app.json --fail-on-empty 'nothing-like-this'
expect_code 6
run query -f app.json --fail-on-empty 'slow'
expect_code 0

# Statistics and hints stay off standard output, and can be turned off.
run query -f app.json '*'
expect_out_lines 5; expect_err_has 'Scanned 5 events | 5 results | '
run query -f app.json --no-stats '*'
expect_err ''
run --quiet query -f app.json 'nothing-like-this'
expect_err ''
run query -f app.json 'index=main level=error' --no-stats
expect_code 0; expect_err_has 'hint: '

# --output: the same bytes, whole or not at all.
run query -f app.json '| stats count by level'
mv out expected
run query -f app.json '| stats count by level' -o result.json
expect_code 0; expect_out ''
cmp -s expected result.json || fail '--output differs from standard output'
[ "$(find . -name 'result.json*' | wc -l)" = 1 ] || fail 'a temporary file is left'
run query -f app.json 'staats' -o result.json '| x'
expect_code 2
run query -f app.json '| staats' -o result.json
expect_code 4
cmp -s expected result.json || fail 'a failed query changed the file'
run query -f app.json '*' -o no/such/file
expect_code 1; expect_err_has 'no/such/file'
run query -f app.json '* | head 1 | fields ms' -o -
expect_out '{"ms":12}'

# A reader that leaves ends the query quietly.
seq 1 300000 >big.log
"$lynxdb" query -f big.log '*' 2>err | head -1 >out
code=${PIPESTATUS[0]} ran='lynxdb query | head -1'
expect_code 0; expect_out_lines 1; expect_err ''

# Other failures of writing are failures.
"$lynxdb" query -f big.log '*' >/dev/full 2>err
code=$? ran='lynxdb query >/dev/full'
expect_code 1; expect_err_has 'cannot write standard output'
"$lynxdb" query -f app.json '*' >&- 2>err
code=$? ran='lynxdb query >&-'
expect_code 1; expect_err_has 'cannot write standard output'

# Rows of a slow input are shown as they come.
mkfifo slow
"$lynxdb" query '*' -F raw <slow >out 2>err &
exec 3>slow
echo 'one line' >&3
for _ in $(seq 50); do
  [ -s out ] && break
  sleep 0.1
done
ran='lynxdb query <slow'
expect_out 'one line'
exec 3>&-
wait
finish
