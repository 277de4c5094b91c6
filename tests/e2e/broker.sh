#!/bin/sh
# broker.sh: a real Apache Kafka broker (one node, KRaft) for a test, everything below one folder.
#
#   broker.sh start DIR     fresh or again on what DIR holds; writes DIR/port and DIR/pid and
#                           returns when the broker answers metadata
#   broker.sh stop DIR      SIGTERM, waits
#   broker.sh kill DIR      SIGKILL, waits
#   broker.sh restart DIR   starts again on the same port and data (stop or kill it first)
#
# HEAP (default 1g) bounds the JVM. DIR/broker.log has what the JVM says. DRIFTGATE_KAFKA_PROPS is
# appended to server.properties of a fresh broker.
set -eu

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 64; }
[ $# -eq 2 ] || usage
cmd=$1
dir=$2
here=$(cd "$(dirname "$0")" && pwd)

alive() { [ -s "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null; }

# Two different ports that nobody listens on now.
free_ports() {
    awk -v seed="$$" 'BEGIN { srand(); srand(seed * 7919 + srand()); for (i = 0; i < 200; i++) print 20000 + int(rand() * 12000) }' |
        while read -r p; do
            ss -Htln "sport = :$p" 2>/dev/null | grep -q . || echo "$p"
        done | head -2
}

format() {
    mkdir -p "$dir/data"
    # shellcheck disable=SC2046
    set -- $(free_ports)
    echo "$1" >"$dir/port"
    cat >"$dir/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$2
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
log.segment.delete.delay.ms=1000
log.retention.check.interval.ms=10000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=1
num.io.threads=2
log.segment.bytes=134217728
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
message.max.bytes=10485760
${DRIFTGATE_KAFKA_PROPS:-}
CONF
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c1-22 | sed 's/^-/A/') # no option
    java -cp "$libs/*" kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" \
        >"$dir/format.log" 2>&1 || { cat "$dir/format.log" >&2; exit 1; }
}

run() {
    setsid java "-Xmx${HEAP:-1g}" -XX:+UseSerialGC -cp "$libs/*" kafka.Kafka \
        "$dir/server.properties" >>"$dir/broker.log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    i=0
    until kcat -L -b "127.0.0.1:$(cat "$dir/port")" -m 1 2>/dev/null | grep -q '^  broker 1 at'; do
        alive || { tail -20 "$dir/broker.log" >&2; echo "broker.sh: the JVM ended" >&2; exit 1; }
        i=$((i + 1))
        [ $i -lt 60 ] || { echo "broker.sh: no metadata after 60 tries" >&2; end KILL; exit 1; }
        sleep 0.2
    done
}

end() {
    alive || { rm -f "$dir/pid"; return 0; }
    pid=$(cat "$dir/pid")
    kill "-$1" "$pid"
    i=0
    while kill -0 "$pid" 2>/dev/null; do
        i=$((i + 1))
        [ $i -lt 300 ] || kill -KILL "$pid" 2>/dev/null || :
        sleep 0.1
    done
    rm -f "$dir/pid"
}

case $cmd in
start | restart)
    libs=$("$here/fetch-kafka.sh")
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    alive && { echo "broker.sh: already running, pid $(cat "$dir/pid")" >&2; exit 1; }
    [ "$cmd" = start ] || [ -s "$dir/port" ] || { echo "broker.sh: nothing in $dir" >&2; exit 1; }
    [ -s "$dir/port" ] || format
    run
    ;;
stop) end TERM ;;
kill) end KILL ;;
*) usage ;;
esac
