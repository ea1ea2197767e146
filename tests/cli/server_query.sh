#!/usr/bin/env bash
# Queries on a server: rows as they come, every failure with its exit code, and a stream that was
# cut is never a result.
here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
. "$here/server_lib.sh"

# Rows in every format.
run query '* | head 2'
expect_code 0
expect_out '{"_time":"2026-01-15T10:00:00Z","_raw":"a <b>","level":"info","ms":12}
{"_time":"2026-01-15T10:00:01Z","_raw":"c","big":1e300,"tags":["x","y"]}'
expect_err_has 'Scanned 5 events | 2 results | '
expect_err_has 'hint: a hint of the server'
run query -F csv '* | head 2'
expect_out '_time,_raw,big,level,ms,tags
2026-01-15T10:00:00Z,a <b>,,info,12,
2026-01-15T10:00:01Z,c,1e+300,,,"[""x"",""y""]"'
run query -F raw '* | head 2'
expect_out 'a <b>
c'
run query -F table '| stats count'
expect_out 'count
-----
    5'
run query -F csv '| stats count' -o rows.csv
expect_out ''
[ "$(cat rows.csv)" = 'count
5' ] || fail 'no rows in the file'
run query -q '| stats count'
expect_out '{"count":5}'; expect_err ''
run query --no-stats '| stats count'
expect_err ''

# What is sent.
forget_requests
run query --since 15m --token secret 'level="a b"'
expect_request_has 'QUERY {"from": "-15m", "q": "level=\"a b\""} token=Bearer secret'
run query --from 2026-01-15 --to now '*'
expect_request_has '"from": "2026-01-15", "q": "*", "to": "now"'
LYNXDB_TOKEN=fromenv run query '*'
expect_request_has 'token=Bearer fromenv'
run count 'level=error'
expect_code 0; expect_out '{"count":5}'; expect_request_has '"q": "level=error\n| stats count"'
run sample 3
expect_request_has '"q": "| head 3"'
run query --source web '*'
expect_code 2; expect_err_has 'source=web'
run query --max-memory 1gb '*'
expect_code 2
run query --since never '*'
expect_code 2

# No rows.
run query nothing
expect_code 0; expect_out ''; expect_err_has 'no events match'
run query --fail-on-empty nothing
expect_code 6

# Failures.
run query 'level=error | staats count'
expect_code 4; expect_out ''
expect_err "parse error: unknown command 'staats'
  level=error | staats count
                ^^^^^^
did you mean: stats"
run query denied
expect_code 7; expect_err_has 'server says denied'; expect_err_has 'hint: a key is given with --token'
run query forbidden
expect_code 7
run query tooslow
expect_code 5
run query broken
expect_code 1; expect_err_has 'server says broken'
run query page
expect_code 1; expect_err_has 'status 502'
run query memory
expect_code 1
run query badtime
expect_code 2
run query --server $nowhere '*'
expect_code 3; expect_err_has "cannot reach $nowhere"
run query --server http://no.such.host.invalid '*'
expect_code 3
run query --server "https://${url#http://}" '*'
expect_code 3
run query reset
expect_code 3
run query --server 'ftp://x' '*'
expect_code 2

# Streams that broke, and errors behind the first rows.
run query cut
expect_code 1; expect_err_has 'cut off'
run query torn
expect_code 1; expect_err_has 'broke off'
run query cut -o cut.json
expect_code 1; [ ! -e cut.json ] || fail 'a cut result was left as a file'
run query late
expect_code 5; expect_err_has 'too slow'

# The next server, when one cannot be reached.
run query --server "$nowhere,$url" '| stats count'
expect_code 0; expect_out '{"count":5}'
run query --server "$nowhere,$nowhere" '*'
expect_code 3

# Ends from outside; the server sees the client leave.
forget_requests
timeout --preserve-status -s INT 1 "$lynxdb" query hang >out 2>err
code=$? ran='lynxdb query hang, then SIGINT'
expect_code 130; expect_out '{"n":0}'; expect_err_has 'interrupted'
for _ in $(seq 30); do requests | grep -q 'client left' && break; sleep 0.1; done
expect_request_has 'client left'
run query --timeout 300ms hang
expect_code 5; expect_err_has 'timed out'
"$lynxdb" query many 2>err | head -1 >out
code=${PIPESTATUS[0]} ran='lynxdb query many | head -1'
expect_code 0; expect_out_lines 1; expect_err_lacks 'error'
run query many
expect_code 0; expect_out_lines 100000

# Plans.
run explain '* | head 1'
expect_code 0; expect_out_has '"estimated_cost":"low"'
run query --explain '* | head 1'
expect_code 0; expect_out_has '"estimated_cost":"low"'
run explain 'level=error | staats count'
expect_code 4; expect_err_has '^^^^^^'
run explain --analyze '*'
expect_code 0; expect_out_has '"rows_out":5'
run query --analyze '| stats count'
expect_code 0; expect_out '{"count":5}'; expect_err_has 'rows_out: 5'
run explain --server $nowhere '*'
expect_code 3
LYNXDB_SERVER='' run explain --file app.json 'level=error'
expect_code 0

# Fields.
run fields
expect_code 0
expect_out '{"name":"level","type":"string","count":5,"coverage":1,"min":null,"max":null,"avg":null,"p50":null,"p99":null,"top_values":[{"value":"info","count":3},{"value":"error","count":2}]}
{"name":"ms","type":"integer","count":5,"coverage":1,"min":1,"max":250,"avg":73.8,"p50":12,"p99":250,"top_values":[]}'
run fields zzzz
expect_code 0; expect_out ''
expect_err_has "no field has a name like 'zzzz'; the events have: level, ms"
run fields LEV -F csv
expect_out_lines 2; expect_out_has 'level,string,5,1'
run fields levle -F csv
expect_out_lines 2
forget_requests
run fields --prefix l --source web --since 1h
expect_request_has '{"from": "-1h", "prefix": "l", "source": "web"}'
run fields level --values -F csv
expect_out 'value,count,percent
info,3,60
error,2,40'

# The last query again.
run query --since 15m 'level=again'
forget_requests
run last
expect_code 0; expect_request_has '{"from": "-15m", "q": "level=again"}'
run last --since 2h
expect_request_has '{"from": "-2h", "q": "level=again"}'
run query -q -f app.json '| stats count'
(cd server && HOME=$work "$lynxdb" last -q) >out 2>err
code=$? ran='lynxdb last, elsewhere'
expect_code 0; expect_out '{"count":5}'
finish
