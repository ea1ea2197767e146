# A server of scripted answers (fake_server.py) for the tests of server mode; sourced behind lib.sh.
command -v python3 >/dev/null || { echo 'skipped: no python3'; exit 0; }
mkdir "$work/server"
python3 "$here/fake_server.py" "$work/server" 2>"$work/server/errors" &
server_pid=$!
trap 'kill $server_pid 2>/dev/null; wait $server_pid 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 300); do [ -f "$work/server/port" ] && break; sleep 0.1; done
[ -f "$work/server/port" ] || { echo 'the test server does not start'; exit 1; }
url=http://127.0.0.1:$(cat "$work/server/port")
# Nobody listens there.
nowhere=http://127.0.0.1:1
export LYNXDB_SERVER=$url

# What the server was asked since the last call of forget_requests.
requests() { cat "$work/server/requests" 2>/dev/null; }
forget_requests() { : >"$work/server/requests"; }
expect_request_has() { requests | grep -qF -- "$1" || { fail "the server was not asked: $1"; requests | tail -5; }; }
