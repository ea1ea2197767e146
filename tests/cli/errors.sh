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

# Commands.
run qurey '*'
expect_code 2; expect_err "error: unknown command 'qurey'
hint: did you mean query?"
for command in tail cluster mv import; do
  run $command
  expect_code 2; expect_err_has "command '$command' is not part of this build"
done

run version x
expect_code 2; expect_err_has 'version takes no arguments'
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
