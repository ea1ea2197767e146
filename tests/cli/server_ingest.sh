#!/usr/bin/env bash
# Ingest: every line arrives once, whatever happens on the way, or it is said how far it came.
here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
. "$here/server_lib.sh"

answers() { printf '%s\n' "$@" >"$work/server/ingest"; }
stored() { cat "$work/server/stored"; }
batch_ids() { requests | sed -n 's/.*batch=\([^ ]*\).*/\1/p'; }
seq 1 12000 >many.log

# Batches of at most 5000 lines, each with an id of its own.
run ingest many.log
expect_code 0; expect_out ''; expect_err_has 'Ingested 12,000 events | 1 file'
stored | cmp -s - many.log || fail 'the lines differ'
[ "$(requests | sed -n 's/.*lines=\([0-9]*\).*/\1/p' | tr '\n' ' ')" = '5000 5000 2000 ' ] || fail 'other batches'
[ "$(batch_ids | sort -u | wc -l)" = 3 ] || fail 'batch ids repeat'
expect_request_has 'X-Source=many.log'

# At most 4 MB.
forget_requests
head -c 9000000 /dev/zero | tr '\0' x | fold -w 1000 >wide.log
run ingest wide.log
expect_code 0
[ "$(requests | wc -l)" -ge 3 ] || fail 'a batch is too large'

# Standard input, labels, blank lines.
forget_requests
printf 'one\r\n\n  \ntwo' | "$lynxdb" ingest --index web --host h1 --sourcetype syslog >out 2>err
code=$? ran='printf | lynxdb ingest'
expect_code 0; expect_request_has 'lines=2'
expect_request_has 'X-Source=stdin X-Source-Type=syslog X-Index=web X-Host=h1'
seq 1 30 >thirty.log
run ingest --source mine thirty.log --batch-size 12
expect_request_has 'lines=12 '; expect_request_has 'X-Source=mine'

# Followed logs do not wait for a full batch.
forget_requests
mkfifo follow
"$lynxdb" ingest <follow >out 2>err &
ingest_pid=$!
exec 3>follow
echo now >&3
for _ in $(seq 50); do requests | grep -q 'lines=1 ' && break; sleep 0.1; done
ran='lynxdb ingest <follow'
expect_request_has 'lines=1 '
exec 3>&-
wait $ingest_pid || fail 'a followed log fails'

# Busy and lost: the same batch again, with the same id, and no line twice.
rm -f "$work/server/stored"; forget_requests
answers busy reset lost away ok
start=$(date +%s%N)
run ingest app.json
expect_code 0; expect_err_has 'Ingested 5 events'; expect_err_has 'repeated requests'
[ $((($(date +%s%N) - start) / 1000000)) -ge 1000 ] || fail 'Retry-After was not honoured'
[ "$(batch_ids | wc -l)" = 5 ] || fail 'not five tries'
[ "$(batch_ids | sort -u | wc -l)" = 1 ] || fail 'another batch id on a retry'

# Giving up: how far it came.
answers ok busy
run ingest --timeout 1500ms many.log
expect_code 1; expect_err_has 'last committed line: 5000 of many.log'; expect_err_has 'run the same command again'
answers ok
run ingest --server $nowhere --timeout 1s many.log
expect_code 3; expect_err_has 'no line of many.log is known to be committed'
answers ok denied
run ingest many.log
expect_code 7; expect_err_has 'last committed line: 5000 of many.log'
answers error
run ingest --timeout 5s app.json
expect_code 1; expect_err_has 'something broke'
answers busy
timeout --preserve-status -s INT 1 "$lynxdb" ingest many.log >out 2>err
code=$? ran='lynxdb ingest, then SIGINT'
expect_code 130

# Killed when the server had committed a batch and not answered yet: sent again, nothing is there twice.
for size in 5000 700; do
  rm -f "$work/server/stored"; forget_requests
  answers ok hang ok
  seq 12000 | sed "s/^/$size: /" >killed.log
  "$lynxdb" ingest --batch-size $size killed.log >out 2>err &
  ingest_pid=$! ran='lynxdb ingest, then SIGKILL'
  for _ in $(seq 100); do requests | grep -q 'INGEST hang' && break; sleep 0.1; done
  sleep 0.3
  kill -9 $ingest_pid; wait $ingest_pid 2>/dev/null
  run ingest --batch-size $size killed.log
  expect_code 0; expect_err_has 'was not sent to its end before'
  cmp -s killed.log "$work/server/stored" || fail 'lines are missing or there twice'
done
# A file that was sent to its end is stored again when it is sent again.
run ingest --batch-size 700 killed.log
[ "$(wc -l <"$work/server/stored")" = 24000 ] || fail 'a file cannot be sent twice'

# The next server of the list.
answers ok
run ingest --server "$nowhere,$url" app.json
expect_code 0

# A batch that is too large for the server goes in pieces.
rm -f "$work/server/stored"; forget_requests
answers max=100
head -1000 many.log >thousand.log
run ingest thousand.log
expect_code 0; expect_err_has 'Ingested 1,000 events'

# Lines that are refused do not take others with them.
answers ok
printf 'good\n\nbad 1\ngood\n' >mixed.log
run ingest mixed.log
expect_code 1; expect_err_has 'mixed.log:3: not understood'; expect_err_has '1 line refused'; expect_err_has 'Ingested 2 events'
printf 'bad 1\nbad 2\n' >bad.log
run ingest bad.log app.json
expect_code 1; expect_err_has 'bad.log:2: not understood'; expect_err_has 'Ingested 5 events'
head -c 10000000 /dev/zero | tr '\0' x >long.log
printf '\nshort\n' >>long.log
run ingest long.log
expect_code 1; expect_err_has 'long.log:1: the line is too long'; expect_err_has 'Ingested 1 event'

# Mistakes are found before the first line goes out.
forget_requests
run ingest app.json nowhere.log
expect_code 1; expect_err_has 'cannot read nowhere.log'
[ -z "$(requests)" ] || fail 'lines were sent'
run ingest
expect_code 2
for size in 0 5001 x; do run ingest --batch-size $size app.json; expect_code 2; done
run ingest --index $'a\nb' app.json
expect_code 2

# The demo speaks with four voices.
forget_requests
answers ok
run demo --rate 1000 --events 300
expect_code 0; expect_err_has 'sent 300 events'
for source in nginx api-gateway postgres redis; do expect_request_has "X-Source=$source"; done
run demo --rate none
expect_code 2
finish
