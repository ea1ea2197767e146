#!/usr/bin/env bash
# The commands beside query.
. "$(dirname "$0")/lib.sh"

run count -f app.json
expect_code 0; expect_out '{"count":5}'
run count 'level=error -- only these' -f app.json
expect_out '{"count":2}'
run count a b -f app.json
expect_code 2

run sample 2 -F raw -f app.json
expect_code 0; expect_out "$(tail -2 app.json | tac)"
run sample 'level=error' -f app.json -F raw
expect_out "$(grep error app.json | tac)"

run fields -f app.json -F csv
expect_code 0
expect_out_has 'level,string,5,1,'
expect_out_has 'ms,integer,5,1,1,250,73.8,'
run fields mesage -f app.json -F csv
expect_out_lines 2; expect_out_has 'message,string'
run fields --prefix le -f app.json -F csv
expect_out_lines 2
# Frequent values with their counts: objects in JSON, for people `value (count)`.
run fields level -f app.json
expect_out '{"name":"level","type":"string","count":5,"coverage":1,"min":null,"max":null,"avg":null,"p50":null,"p99":null,"top_values":[{"value":"error","count":2},{"value":"info","count":2},{"value":"warn","count":1}]}'
run fields message -F table -f app.json
expect_out_has 'failed (1), failed "badly" (1)'
run fields level -F csv -f app.json
expect_out_has '"[{""value"":""error"",""count"":2},'
run query -q '*' -f app.json -o one.json -F json
run fields ms -q -f one.json
expect_out_has '"top_values":[{"value":"1","count":1}'
# A name that is none, and what there is.
run fields zzzz -f app.json
expect_code 0; expect_out ''
expect_err_has "hint: no field has a name like 'zzzz'; the events have: "
expect_err_has 'level, message, ms'
expect_err_lacks 'no events match'
run fields --prefix zz -f app.json
expect_err_has "no field has a name that starts with 'zz'"
run fields level --values -f app.json -F csv
expect_out 'value,count,percent
error,2,40
info,2,40
warn,1,20'
run fields leve --values -f app.json
expect_code 0; expect_out ''; expect_err_has "no event has a field 'leve'"
expect_err_lacks 'no events match'
run fields --source 'nowhere' -f app.json
expect_code 0; expect_out ''; expect_err_has 'no events match'
run fields --values -f app.json
expect_code 2

run explain 'level=error | stats count by host'
expect_code 0; expect_out_has 'stats'
run query --explain 'level=error | stats count by host'
expect_code 0; expect_out_has 'stats'
run explain 'level=error | staats'
expect_code 4
run explain --analyze 'level=error | stats count by host' -f app.json
expect_code 0; expect_out_has 'stats'
run query --analyze 'level=error | stats count' -f app.json
expect_code 0; expect_out '{"count":2}'; expect_err_has 'stats'
run query --analyze full 'level=error | stats count' -f app.json
expect_code 0; expect_out '{"count":2}'; expect_err_has 'memory peak'
run query --analyze=deep '*' -f app.json
expect_code 2

run version
expect_code 0; expect_out_has 'LynxDB v'
run --version
expect_code 0; expect_out_has 'LynxDB v'
run version --short
grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' out || fail 'no version number'
run version --json
grep -qE '^\{"version":"[0-9.]+","commit":"[^"]+","built":"[^"]+"\}$' out || fail 'no JSON'

run
expect_code 0; expect_out_has 'lynxdb help'
for words in help --help -h 'help query' 'query --help' 'count -h'; do
  run $words
  expect_code 0; expect_out_has 'global flags:'
done
run help nonsense
expect_code 2
run examples
expect_code 0
cp out examples
run cookbook
expect_code 0; cmp -s out examples || fail 'the alias differs'

run completion bash
expect_code 0
bash -n out || fail 'not a bash script'
words=$(bash -c 'source ./out; COMP_WORDS=(lynxdb que); COMP_CWORD=1; _lynxdb; echo "${COMPREPLY[*]}"')
[ "$words" = query ] || fail "completes que to: $words"
words=$(bash -c 'source ./out; COMP_WORDS=(lynxdb query --format t); COMP_CWORD=3; _lynxdb; echo "${COMPREPLY[*]}"')
[ "$words" = 'table tsv' ] || fail "completes --format t to: $words"
run completion zsh
expect_code 0; expect_out_has '#compdef lynxdb'
command -v zsh >/dev/null && { zsh -n out || fail 'not a zsh script'; }
run completion fish
expect_code 0; expect_out_has 'complete -c lynxdb'
command -v fish >/dev/null && { fish -n out || fail 'not a fish script'; }
run completion powershell
expect_code 2; expect_err_has 'not part of this build'

run bench --events 2000
expect_code 0; expect_out_lines 7; expect_out_has 'timechart'
[ -z "$(find . -name 'lynxdb-bench*')" ] || fail 'a temporary file is left'
run bench --events none
expect_code 2
finish
