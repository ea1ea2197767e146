# What every command-line test needs; sourced with the program as $1.
set -u
lynxdb=$(realpath "$1")
[ -x "$lynxdb" ] || { echo "no program $1"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
# The machine's own settings must not show.
export HOME=$work XDG_CONFIG_HOME=$work/xdg XDG_STATE_HOME=$work/state TMPDIR=$work LC_ALL=C.UTF-8 TERM=xterm
unset NO_COLOR LYNXDB_CONFIG LYNXDB_SERVER LYNXDB_PROFILE LYNXDB_TOKEN
# Standard input is nothing unless a test says otherwise.
exec </dev/null
failures=0

# Runs the program; leaves its output in the files out and err, its exit code in $code.
run() {
  "$lynxdb" "$@" >out 2>err
  code=$?
  ran="lynxdb $*"
}

fail() {
  echo "FAILED: $ran"
  echo "  $1"
  sed 's/^/  out: /' out | head -20
  sed 's/^/  err: /' err | head -20
  failures=$((failures + 1))
}

expect_code() { [ "$code" = "$1" ] || fail "exit code $code, expected $1"; }
expect_out() { [ "$(cat out)" = "$1" ] || fail "output differs from: $1"; }
expect_out_has() { grep -qF -- "$1" out || fail "output lacks: $1"; }
expect_out_lines() { [ "$(wc -l <out)" = "$1" ] || fail "$(wc -l <out) lines of output, expected $1"; }
expect_err() { [ "$(cat err)" = "$1" ] || fail "messages differ from: $1"; }
expect_err_has() { grep -qF -- "$1" err || fail "messages lack: $1"; }
expect_err_lacks() { grep -qF -- "$1" err && fail "messages hold: $1"; return 0; }

finish() {
  [ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
  echo ok
  exit 0
}

cat >app.json <<'DATA'
{"timestamp":"2026-01-15T10:00:00Z","level":"info","host":"web-1","ms":12,"message":"started"}
{"timestamp":"2026-01-15T10:00:01Z","level":"error","host":"web-2","ms":250,"message":"failed \"badly\""}
{"timestamp":"2026-01-15T10:00:02Z","level":"info","host":"web-1","ms":7,"message":"ok"}
{"timestamp":"2026-01-15T10:00:03Z","level":"warn","host":"web-2","ms":99,"message":"slow"}
{"timestamp":"2026-01-15T10:00:04Z","level":"error","host":"web-1","ms":1,"message":"failed"}
DATA
