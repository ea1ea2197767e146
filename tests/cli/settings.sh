#!/usr/bin/env bash
# The configuration file, .lynxdbrc and the environment, as a command sees them.
. "$(dirname "$0")/lib.sh"

printf 'format: csv\n' >.lynxdbrc
run query -f app.json '| stats count'
expect_out 'count
5'
run query -f app.json -F ndjson '| stats count'
expect_out '{"count":5}'
mkdir -p deep/er
(cd deep/er && "$lynxdb" query -q -f ../../app.json '| stats count') >out 2>err
ran='lynxdb below .lynxdbrc'
expect_out 'count
5'

printf 'default_since: 1h\n' >.lynxdbrc
run query -f app.json '| stats count'
expect_out '{"count":0}'; expect_err_has 'default_since'
run query -f app.json --from 2026-01-01 '| stats count'
expect_out '{"count":5}'; expect_err_lacks 'default_since'

printf 'fromat: csv\n' >.lynxdbrc
run query -f app.json '*'
expect_code 2; expect_err_has ".lynxdbrc:1: unknown key 'fromat'"; expect_err_has 'did you mean format?'
rm .lynxdbrc

printf 'storage:\n  compresion: lz4\n' >lynxdb.yaml
run query -f app.json '*'
expect_code 2; expect_err_has "lynxdb.yaml:2: unknown key 'storage.compresion'"
# What does not depend on the configuration works in spite of it.
run version
expect_code 0
rm lynxdb.yaml

run --config none.yaml query -f app.json '*'
expect_code 2; expect_err_has 'none.yaml'
LYNXDB_CONFIG=none.yaml run query -f app.json '*'
expect_code 2
printf 'ingest:\n  max_line_bytes: 20\n' >small.yaml
run --config small.yaml query -f app.json '* | head 1 | eval n = len(_raw) | fields n'
expect_out '{"n":20}'
LYNXDB_INGEST_MAX_LINE_BYTES=30 run --config small.yaml query -f app.json '* | head 1 | eval n = len(_raw) | fields n'
expect_out '{"n":30}'
LYNXDB_INGEST_MAX_LINE_BYTES=many run query -f app.json '*'
expect_code 2; expect_err_has 'LYNXDB_INGEST_MAX_LINE_BYTES'
finish
