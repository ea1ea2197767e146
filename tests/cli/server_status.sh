#!/usr/bin/env bash
# Which server is meant, how it is, and what the configuration says.
here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
. "$here/server_lib.sh"

run status
expect_code 0; expect_out '{"version":"1","health":"healthy","events":{"total":7,"today":3}}'
run st -F csv
expect_out 'version,health,events.total,events.today
1,healthy,7,3'
run indexes -F csv
expect_out 'name,event_count,retention
main,7,7d
web,1,7d'
run cluster -F csv
expect_code 0; expect_out_has 'healthy,a,'
run cluster nodes -F csv
expect_out 'node_id,state
a,alive
b,fenced'
run cluster partitions --under-replicated
expect_out '{"partition":1,"leader":"a","isr":["a"],"replicas":["a","b"]}'
run cluster nodse
expect_code 2; expect_err_has 'did you mean nodes?'
run cluster nodes --under-replicated
expect_code 2
run cluster nodes more
expect_code 2
run cluster drain
expect_code 2; expect_err_has "cluster drain needs a node's name"
run cluster drain b --dry-run
expect_code 0; expect_err_has 'copies leave'; expect_out '{"partition":1,"from":["a","b"],"to":["a"],"leader":"a"}'
run cluster remove b --force
expect_code 0; expect_err_has 'forgotten'
run cluster remove a
expect_code 1; expect_err_has 'is running'
run cluster recover-partition 1
expect_code 2; expect_err_has '--accept-loss'
run cluster status --force
expect_code 2; expect_err_has '--force is for remove'
run cluster join
expect_code 2; expect_err_has 'joins by itself'
run cluster --server $nowhere
expect_code 3
touch server/sick
run cluster
expect_code 1
rm server/sick
run health
expect_code 0; expect_out '{"status":"ok"}'
touch server/sick
run health
expect_code 1; expect_err_has 'unhealthy: starting'
rm server/sick
for command in status health indexes; do
  run $command --server $nowhere
  expect_code 3
  run $command more
  expect_code 2
done

# Which server: flag, profile, variable, .lynxdbrc, in that order.
cat >lynxdb.yaml <<DATA
profiles:
  good:
    url: $url
    token: sesame
  bad:
    url: $nowhere
DATA
forget_requests
LYNXDB_SERVER=$nowhere run status --profile good
expect_code 0; expect_request_has 'token=Bearer sesame'
LYNXDB_SERVER=$nowhere run status
expect_code 3
LYNXDB_SERVER='' LYNXDB_PROFILE=good run status
expect_code 0
run status --profile bad
expect_code 3
run status --profile none
expect_code 2; expect_err_has 'known profiles: bad, good'
run status --profile good --server $url
expect_code 2
echo 'profile: good' >.lynxdbrc
LYNXDB_SERVER='' run status
expect_code 0
echo "server: $nowhere" >.lynxdbrc
LYNXDB_SERVER='' run status
expect_code 3; expect_err_has "$nowhere"
rm .lynxdbrc
LYNXDB_TLS_SKIP_VERIFY=perhaps run status
expect_code 2
run status --token $'a\nb'
expect_code 2

# Configuration.
run config -F csv
expect_code 0; expect_out_has 'listen,localhost:3100,default'; expect_out_has 'profiles.good.token,********'
run config get storage.compression
expect_code 0; expect_out 'lz4'
run config get storage.compression --storage.compression zstd
expect_out 'zstd'
run config get storage.compresion
expect_code 2; expect_err_has 'did you mean storage.compression?'
run config path
expect_code 0; expect_out_has 'lynxdb.yaml'
run config validate
expect_code 0; expect_out_has 'ok'
run config validate --retention never
expect_code 2
echo 'retention: never' >wrong.yaml
run config validate --config wrong.yaml
expect_code 2; expect_err_has 'wrong.yaml:1'
run config set retention 1d
expect_code 2; expect_err_has 'not part of this build'
run config validat
expect_code 2; expect_err_has 'validate'
rm lynxdb.yaml
run config path
expect_code 1
run config init
expect_code 0; expect_out "$XDG_CONFIG_HOME/lynxdb/config.yaml"
run config path
expect_code 0; expect_out "$XDG_CONFIG_HOME/lynxdb/config.yaml"
sed -i 's/^# \([a-z0-9_.]*: \)/\1/' "$XDG_CONFIG_HOME/lynxdb/config.yaml"
run config validate
expect_code 0
run config init
expect_code 1; expect_err_has 'there already'

# A reload reaches the server's process, and only that.
run config reload --data-dir "$work/data"
expect_code 3; expect_err_has 'no server runs on'
mkdir data
bash -c 'trap "echo hangup >hup; exit" HUP; echo $BASHPID >data/other.pid; while :; do sleep 0.1; done' &
for _ in $(seq 50); do [ -s data/other.pid ] && break; sleep 0.1; done
cp data/other.pid data/lynxdb.pid
run config reload --data-dir "$work/data"
expect_code 3
[ ! -e hup ] || fail 'another program was signalled'
kill "$(cat data/other.pid)"
# A shell under the server's name.
cp "$(command -v bash)" lynxdb-server
./lynxdb-server -c 'trap "echo hangup >hup; exit" HUP; echo $$ >data/lynxdb.pid; while :; do read -t 0.1 <> <(:); done' &
sleep 0.5
run config reload --data-dir "$work/data"
expect_code 0
for _ in $(seq 50); do [ -s hup ] && break; sleep 0.1; done
[ -s hup ] || fail 'the server was not signalled'

# Doctor.
run doctor -F csv
expect_code 0; expect_out_has 'config,ok'; expect_out_has 'server,ok'; expect_out_has 'clock,ok'
run doctor --server $nowhere -F csv
expect_code 1; expect_out_has 'server,failed'
printf 'storage:\n  object_store: file://%s\n' "$work/objects" >objects.yaml
run doctor --config objects.yaml -F csv
expect_code 0; expect_out_has 's3,ok,'; expect_out_has 'put, read and deleted'
[ -z "$(find "$work/objects" -type f)" ] || fail 'the object stays'
printf 'storage:\n  s3_bucket: my-logs\n  s3_endpoint: http://127.0.0.1:1\n' >bucket.yaml
AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b run doctor --config bucket.yaml -F csv
expect_code 1; expect_out_has 's3,failed,bucket my-logs: put: '
run doctor --config wrong.yaml -F csv
expect_code 1; expect_out_has 'config,failed'
finish
