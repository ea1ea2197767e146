#!/usr/bin/env bash
# A real S3 service on this machine: Ceph's monitor, one OSD in memory and the gateway, without
# systemd, on a loopback address of their own. About 5 s to start, 300 MB of memory.
#
#   tests/s3/radosgw.sh run CMD...   starts it, runs CMD with its address in the environment, stops it;
#                                    exit code: CMD's, or 77 when Ceph is not and cannot be installed
#   tests/s3/radosgw.sh start DIR    starts it; DIR (new or empty) holds its files and DIR/env
#   tests/s3/radosgw.sh stop DIR     stops it and removes DIR
#
# CMD finds LYNXDB_S3_TEST_ENDPOINT, LYNXDB_S3_TEST_TLS_ENDPOINT (certificate: LYNXDB_S3_TEST_CA),
# LYNXDB_S3_TEST_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The packages are installed when they are missing (scripts/install-deps
# --tests).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/common.sh
. "$here/../../scripts/common.sh"

skipped=77
start_seconds_max=60
access_key=lynxdbtest secret_key=lynxdb-test-secret bucket=lynxdb-test

install_ceph() {
  type -P ceph-mon ceph-osd radosgw curl openssl >/dev/null && return
  # Two tests that start at once must not fight about dpkg's lock.
  exec 8>"${TMPDIR:-/tmp}/lynxdb-install-deps.lock"
  flock -w 300 8 && timeout 400 "$root/scripts/install-deps" --tests && exec 8>&- && return
  echo "skipped: the Ceph packages (ceph-mon ceph-osd radosgw) are missing and could not be installed" >&2
  exit $skipped
}

# One address for each run, so that runs do not meet; ports can be the same then.
own_address() { echo "127.0.$((64 + $$ / 250 % 128)).$((1 + $$ % 250))"; }

write_config() {
  local dir=$1 address=$2
  cat >"$dir/ceph.conf" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v1:$address:6789
public addr = $address
cluster addr = $address
auth cluster required = none
auth service required = none
auth client required = none
# With auth = none these default to secure modes, and the gateway would hang.
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
ms bind msgr2 = false
run dir = $dir
admin socket = $dir/\$name.asok
log file = $dir/\$name.log
pid file =
# Every step of the start waits for a few of these rounds; the default is a second.
paxos propose interval = 0.05
paxos min wait = 0.01
mon data = $dir/mon
mon allow pool size one = true
mon warn on pool no redundancy = false
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
rgw frontends = beast endpoint=$address:7480 ssl_endpoint=$address:7443 ssl_certificate=$dir/server.pem
rgw data = $dir/rgw
rgw enable usage log = false
rgw enable gc threads = true
# Else what was deleted stays in the OSD's memory for two hours.
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw lifecycle work time = 00:00-00:00
END
}

make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lynxdb-test \
    -addext "subjectAltName=IP:$2" -keyout "$1/key.pem" -out "$1/ca.pem" 2>"$1/openssl.out"
  cat "$1/key.pem" "$1/ca.pem" >"$1/server.pem"
}

# daemon DIR NAME CMD...: in the background; its id goes to DIR/pids. In `run` it dies with us, even
# if we are killed.
daemon() {
  local dir=$1 name=$2
  shift 2
  ${die_with_us:-} "$@" >"$dir/$name.out" 2>&1 </dev/null &
  echo $! >>"$dir/pids"
}

# wait_for WHAT CMD...: until CMD succeeds, the time is over, or a daemon has died.
wait_for() {
  local what=$1 pid
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $start_seconds_max ] || { echo "error: no $what after ${SECONDS} s" >&2; return 1; }
    while read -r pid; do
      kill -0 "$pid" 2>/dev/null || { echo "error: a daemon died before there was a $what" >&2; return 1; }
    done <"$dir/pids"
    sleep 0.1
  done
}

gateway_answers() { curl --noproxy '*' -sf -m 2 -o /dev/null "http://$address:7480/"; }

start_in() {
  dir=$1 address=$(own_address)
  export CEPH_CONF=$dir/ceph.conf CEPH_ARGS=''
  mkdir -p "$dir/mon" "$dir/osd" "$dir/rgw"
  : >"$dir/pids"
  write_config "$dir" "$address"
  make_certificate "$dir" "$address"
  local fsid osd_uuid
  fsid=$(awk '/^fsid/ { print $3 }' "$dir/ceph.conf")
  osd_uuid=$(cat /proc/sys/kernel/random/uuid)

  monmaptool --create --fsid "$fsid" --addv a "[v1:$address:6789]" "$dir/monmap" >/dev/null
  ceph-mon --mkfs -i a --monmap "$dir/monmap" >"$dir/mkfs.out" 2>&1
  daemon "$dir" mon ceph-mon -f -i a
  wait_for monitor timeout 5 ceph --connect-timeout 2 osd new "$osd_uuid"
  ceph-osd --mkfs -i 0 --osd-uuid "$osd_uuid" >>"$dir/mkfs.out" 2>&1
  # Now and then the monitor refuses a client's first command.
  wait_for "place for the disk" timeout 20 ceph osd crush add osd.0 1 root=default host=localhost
  daemon "$dir" osd ceph-osd -f -i 0
  daemon "$dir" rgw radosgw -f -n client.rgw
  wait_for gateway gateway_answers
  timeout 30 radosgw-admin -n client.rgw user create --uid=lynxdb --display-name=LynxDB \
    --access-key="$access_key" --secret="$secret_key" >"$dir/user.json" 2>"$dir/admin.out"
  make_bucket
  cat >"$dir/env" <<END
export LYNXDB_S3_TEST_ENDPOINT=http://$address:7480
export LYNXDB_S3_TEST_TLS_ENDPOINT=https://$address:7443
export LYNXDB_S3_TEST_CA=$dir/ca.pem
export LYNXDB_S3_TEST_BUCKET=$bucket
export AWS_ACCESS_KEY_ID=$access_key
export AWS_SECRET_ACCESS_KEY=$secret_key
END
}

# Signed with openssl, so that no client of ours is needed to test ours.
make_bucket() {
  local time day empty to_sign canonical key
  time=$(date -u +%Y%m%dT%H%M%SZ) day=$(date -u +%Y%m%d)
  empty=$(printf '' | openssl dgst -sha256 -r | cut -d' ' -f1)
  canonical=$(printf 'PUT\n/%s\n\nhost:%s:7480\nx-amz-content-sha256:%s\nx-amz-date:%s\n\nhost;x-amz-content-sha256;x-amz-date\n%s' \
    "$bucket" "$address" "$empty" "$time" "$empty" | openssl dgst -sha256 -r | cut -d' ' -f1)
  to_sign=$(printf 'AWS4-HMAC-SHA256\n%s\n%s/us-east-1/s3/aws4_request\n%s' "$time" "$day" "$canonical")
  key=$(printf 'AWS4%s' "$secret_key" | od -An -v -tx1 | tr -d ' \n')
  local part
  for part in "$day" us-east-1 s3 aws4_request "$to_sign"; do
    key=$(printf '%s' "$part" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -r | cut -d' ' -f1)
  done
  curl --noproxy '*' -sS -f -m 20 -X PUT "http://$address:7480/$bucket" \
    -H "x-amz-content-sha256: $empty" -H "x-amz-date: $time" \
    -H "Authorization: AWS4-HMAC-SHA256 Credential=$access_key/$day/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=$key"
}

show_logs() {
  local log
  for log in "$1"/*.out "$1"/*.log; do
    [ -s "$log" ] || continue
    echo "--- $(basename "$log")" >&2
    tail -n 15 "$log" >&2
  done
}

# They keep nothing worth a clean end.
stop_in() {
  local dir=$1 pid
  [ -f "$dir/pids" ] || die "$dir is not a directory that 'start' made"
  while read -r pid; do
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done <"$dir/pids"
  rm -rf "$dir"
}

# On exit: a start that failed is explained and cleaned up; `run` always cleans up.
finish() {
  local code=$?
  if [ "$started" = 0 ]; then
    show_logs "$work"
    echo "error: the S3 service did not start" >&2
  fi
  if [ "$started" = 0 ] || [ "$keep" = 0 ]; then stop_in "$work"; fi
  exit $code
}

start_and_clean_up() {
  started=0
  trap finish EXIT
  trap 'exit 143' TERM INT
  start_in "$work"
  started=1
}

case ${1:-} in
  --help | -h) print_help ;;
  start)
    [ $# = 2 ] || wrong_usage "start needs a directory"
    install_ceph
    mkdir -p "$2"
    keep=1 work=$(realpath "$2")
    start_and_clean_up
    ;;
  stop)
    [ $# = 2 ] || wrong_usage "stop needs a directory"
    stop_in "$(realpath "$2")"
    ;;
  run)
    shift
    [ $# -gt 0 ] || wrong_usage "run needs a command"
    install_ceph
    die_with_us='setpriv --pdeathsig KILL'
    work=$(mktemp -d "${TMPDIR:-/tmp}/lynxdb-radosgw-XXXXXX")
    keep=0
    start_and_clean_up
    # shellcheck source=/dev/null
    . "$work/env"
    "$@"
    ;;
  *) wrong_usage "unknown command '${1:-}'" ;;
esac
