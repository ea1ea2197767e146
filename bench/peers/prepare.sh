# shellcheck shell=bash
# Sourced by the benchmarks: installs the peers, builds LynxDB, makes up the logs. Not run by itself.
# Takes $lines, $data, $work and $tools (program:package pairs); sets $lynxdb, $duckdb_library,
# $chdb_library and $data.
missing=()
for tool in "${tools[@]}" hyperfine:hyperfine npm:npm time:time; do
  [ -n "$(type -P "${tool%%:*}")" ] || missing+=("${tool#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  step "installing ${missing[*]}"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi
lynxdb=$("$root/scripts/build" | tail -1)

if [ ! -d "$work/npm/node_modules/chdb" ]; then
  step "installing DuckDB and ClickHouse from npm"
  mkdir -p "$work/npm"
  (cd "$work/npm" && npm init -y && npm install --ignore-scripts --legacy-peer-deps @duckdb/node-api chdb) >"$work/npm.log" 2>&1 ||
    { cat "$work/npm.log" >&2; die "npm could not install the peers"; }
fi
duckdb_library=$(find "$work/npm/node_modules" -name libduckdb.so | head -1)
chdb_library=$(find "$work/npm/node_modules" -name libchdb.so | head -1)
for program in sql_peer access_logs; do
  [ "$work/$program" -nt "$root/bench/peers/$program.cc" ] ||
    clang++-19 -O2 -std=c++20 "$root/bench/peers/$program.cc" -ldl -o "$work/$program"
done

if [ -z "$data" ]; then
  data=$work/data-$lines
  if [ ! -f "$data/complete" ]; then
    step "making up $lines lines"
    mkdir -p "$data"
    "$work/access_logs" "$lines" "$data" && touch "$data/complete"
  fi
fi
