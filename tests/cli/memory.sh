#!/usr/bin/env bash
# A query stays within --max-memory, whatever its text and its input: it spills and gives the same
# rows, or it ends with an error that names the limit. Measured from outside, with room for the
# program itself, its buffers and what each worker has in hand.
. "$(dirname "$0")/lib.sh"

limit_kb=$((64 * 1024))
slack_kb=${LYNXDB_TEST_SLACK_KB:-$((256 * 1024))}

# Like run, but within 64 MB and a minute; leaves the peak of resident memory in $peak_kb.
run_small() {
  timeout 120 /usr/bin/time -f '%M' -o peak "$lynxdb" query --max-memory 64mb "$@" >out 2>err
  code=$?
  ran="lynxdb query --max-memory 64mb ${*:0:200}"
  peak_kb=$(tail -1 peak)
  [ "$peak_kb" -le $((limit_kb + slack_kb)) ] || fail "took $((peak_kb / 1024)) MB"
}
expect_ok_or_out_of_memory() {
  [ "$code" = 0 ] && return
  expect_code 1
  expect_err_has '--max-memory'
}

# Names that never repeat: columns would be empty but for one row each.
seq 0 14999 | sed 's/.*/{"f&":1}/' >names.json
run_small -f names.json '* | stats count, sum(f14999) AS s'
expect_code 0; expect_out '{"count":15000,"s":1}'
run_small -f names.json '*'
expect_code 0; expect_out_lines 15000
expect_err_lacks 'fields'
run_small -f names.json 'f7000=1 | fields f7000, f1'
expect_code 0; expect_out_lines 1
# An event that does have too many.
{ printf '{"f0":0'; seq 1 1100 | sed 's/.*/,"f&":1/' | tr -d '\n'; echo '}'; } >wide.json
run_small -f wide.json '* | stats count'
run_small -f wide.json '*'
expect_code 0; expect_err_has 'more than 1000 fields'

# Values that grow.
yes '{"a":"0123456789abcdef0123456789abcdef"}' | head -20000 >values.json
double='| eval a=a.a'
grow=''
for _ in $(seq 24); do grow="$grow $double"; done
run_small -f values.json "* $grow | stats max(len(a)) AS m"
expect_ok_or_out_of_memory
run_small -f values.json '* | eval a=replace(a, "", a) | eval a=replace(a, "", a) | eval a=replace(a, "", a) | stats max(len(a)) AS m'
expect_ok_or_out_of_memory
run_small -f values.json '* | eval a=split(a, "") | eval a=mvappend(a,a,a,a,a,a,a,a) | eval a=mvappend(a,a,a,a,a,a,a,a) | eval a=mvappend(a,a,a,a,a,a,a,a) | eval a=mvappend(a,a,a,a,a,a,a,a) | stats count'
expect_ok_or_out_of_memory
run_small -f values.json '* | eval a=split(a, "") | eval b=a | eval c=a | eval d=a | stats count by a, b, c, d'
expect_ok_or_out_of_memory
run_small -f values.json '* | eval b=split(a, "") | unroll b | eval b=split(a, "") | unroll b | eval b=split(a, "") | unroll b | stats count'
expect_ok_or_out_of_memory

# Groups that do not fit.
seq 0 399999 | sed 's/.*/{"k":"a key of some length &","n":&,"g":"g"}/' >groups.json
run_small -f groups.json '* | eventstats count AS c, values(n) AS v by k | stats count, sum(c) AS s, dc(k) AS d'
expect_code 0; expect_out_has '"count":400000,"s":400000'
run_small -f groups.json '* | stats count, values(n) AS v by k | stats count, sum(count) AS s'
expect_code 0; expect_out '{"count":400000,"s":400000}'
run_small -f groups.json '* | xyseries k g n | stats count, sum(g) AS s'
expect_code 0; expect_out '{"count":400000,"s":79999800000}'
run_small -f groups.json '* | timechart limit=2 count by k | fields OTHER'
expect_code 0; expect_out '{"OTHER":399998}'
run_small -f groups.json '* | streamstats count AS c by k | stats count, sum(c) AS s'
expect_code 0; expect_out '{"count":400000,"s":400000}'
# One key with more rows than fit.
run_small -f groups.json 'n<3 | fields g | join g [search n>=0 | fields g, k, n] | stats count, sum(n) AS s'
expect_code 0; expect_out '{"count":1200000,"s":239999400000}'

finish
