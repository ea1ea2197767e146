#!/usr/bin/env bash
# @elastic/elasticsearch, the official client for Node.js, delivers with its bulk helper while the
# server is stopped and killed: with ids every event is stored once, without them at least once.
#
#   tests/clients/elastic.sh LYNXDB MODULES [EVENTS]
#
#   MODULES   the folder that the clients are installed to, as package-lock.json names them
#   EVENTS    default 100000
#
# Exit code 77: npm is missing, or cannot install.
set -euo pipefail
lynxdb=$1 modules=$2 events=${3:-100000}
here=$(cd "$(dirname "$0")" && pwd)
type -P node npm curl >/dev/null || { echo 'skipped: npm, node or curl is missing'; exit 77; }
mkdir -p "$modules"
# What was installed for this lock file is used again.
if ! cmp -s "$here/package-lock.json" "$modules/installed"; then
  cp "$here/package.json" "$here/package-lock.json" "$modules"
  npm ci --prefix "$modules" --ignore-scripts --no-audit --no-fund >"$modules/npm.log" 2>&1 ||
    { cat "$modules/npm.log"; echo 'skipped: npm cannot install the clients'; exit 77; }
  cp "$here/package-lock.json" "$modules/installed"
fi
# shellcheck source=tests/clients/lib.sh
. "$here/lib.sh"

# deliver VERSION EVENTS ID DUPLICATES_MAX SIGNAL...
deliver() {
  local version=$1 count=$2 id=$3 most=$4 began
  shift 4
  echo "--- client $version, $id"
  rm -rf "$work/data"
  start_server
  began=$(now_ms)
  node "$here/bulk.mjs" "$modules" "$version" "$url" "$count" "$id" >"$work/client.log" 2>&1 &
  client=$!
  interrupt_with "$@"
  wait "$client" || die "the client of version $version failed"
  client=''
  cat "$work/client.log"
  echo "delivered in $(($(now_ms) - began)) ms, restarts included"
  expect_all "$count" "$most"
  stop_server TERM
}

deliver 8 "$events" create 0 TERM KILL TERM KILL
deliver 9 "$events" index 0 TERM KILL TERM KILL
deliver 8 "$events" none "$events" TERM KILL
deliver 7 1000 index 0
