#!/usr/bin/env bash
# Mistakes: what is said, and with which exit code.
. "$(dirname "$0")/lib.sh"

# Queries that do not parse: the place is shown.
run query -f app.json 'level=error | staats count'
expect_code 4; expect_out ''
expect_err "parse error: unknown command 'staats'
  level=error | staats count
                ^^^^^^
did you mean: stats"
run query -f app.json '| where match(level, "(")'
expect_code 4
run query -f app.json 'FROM $nowhere | stats count'
expect_code 4

# Queries that parse and cannot be planned: the same display.
run query -f app.json 'level=error | eval a=sum(ms)'
expect_code 4; expect_out ''
expect_err "parse error: sum() is an aggregate and cannot be computed row by row
  level=error | eval a=sum(ms)
                       ^^^^^^^
did you mean: stats sum(ms) AS x, or eventstats sum(ms) AS x to keep the rows, then x"
run explain -f app.json '| eval a=relative_time(0, "bad") | stats count'
expect_code 4; expect_out ''
expect_err "parse error: cannot read 'bad' as a time
  | eval a=relative_time(0, \"bad\") | stats count
                            ^^^^^
did you mean: \"-1d@d\", \"-15m\" or \"@h\""
run query -f app.json --explain '| where cidrmatch("bad", host)'
expect_code 4; expect_out ''; expect_err "parse error: cidrmatch(): 'bad' is not a network
  | where cidrmatch(\"bad\", host)
                    ^^^^^
did you mean: cidrmatch(\"10.0.0.0/8\", client_ip)"
# What only the events show, too.
run query -f app.json '| timechart span=1ns count by host'
expect_code 4; expect_err 'parse error: timechart: more than 50000 buckets of 1ns
  | timechart span=1ns count by host
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
did you mean: a larger span, for example span=1d'

# Commands.
run qurey '*'
expect_code 2; expect_err "error: unknown command 'qurey'
hint: did you mean query?"
for command in tail watch mv import; do
  run $command
  expect_code 2; expect_err_has "command '$command' is not part of this build"
done

run version x
expect_code 2; expect_err_has 'version takes no arguments'
expect_err_has 'usage: lynxdb version [flags]'
run -- x
expect_code 2; expect_err_has "unknown command 'x'"
run explain ''
expect_code 2; expect_err_has 'the query is empty'
run explain ' '
expect_code 2; expect_err_has 'the query is empty'

# Flags and arguments.
run query --nope '*'
expect_code 2; expect_err "error: unknown flag '--nope'"
run query --coppy '*'
expect_code 2; expect_err "error: unknown flag '--coppy'"
run --sever http://localhost:1 query '*'
expect_code 2; expect_err "error: unknown flag '--sever'
hint: did you mean --server?"
run query --fromat csv '*'
expect_code 2; expect_err "error: unknown flag '--fromat'
hint: did you mean --format?"
run query -f app.json
expect_code 2; expect_err_has 'no query given'
run query -f app.json ' '
expect_code 2; expect_err_has 'the query is empty'
run query -f app.json level=error '|' stats count
expect_code 2; expect_err_has 'put quotes around it'
run query level=error app.json
expect_code 2; expect_err_has 'files are named with --file: lynxdb query --file app.json'
run query -f app.json --timeout never '*'
expect_code 2; expect_err_has '--timeout'
run query -f app.json --max-memory lots '*'
expect_code 2; expect_err_has '--max-memory'
run query -f app.json --copy '*'
expect_code 2; expect_err_has 'not part of this build'
run query -f app.json -D a=b '*'
expect_code 2; expect_err_has 'not part of this build'
run --since
expect_code 2

# What looks like a flag is text behind two dashes.
run query -f app.json -F raw --no-stats -- '-1' 
expect_code 0
run query -f app.json '-1'
expect_code 2; expect_err_has 'put -- before it'

# Global flags before and after the command.
run --format csv query -f app.json 'slow | table level'
expect_out 'level
warn'
run -f app.json -F csv query 'slow | table level'
expect_out 'level
warn'
finish
