#!/bin/sh
# fetch-kafka.sh [streams]: the jars of a real Apache Kafka broker, once, into build/kafka-libs; or
# those of Kafka Streams and its RocksDB (bench_streams.py), into build/streams-libs.
#
# Prints the folder. Needs maven and a Java 17 runtime; 92 jars, 54 MB (streams: 11, 96 MB), offline
# afterwards. DRIFTGATE_KAFKA_LIBS names another folder of the broker's (a packaged Kafka, for
# instance): then nothing is fetched.
set -eu

version=4.3.1
root=$(cd "$(dirname "$0")/../.." && pwd)
given=
case "${1:-broker}" in
broker) name=kafka first=kafka_2.13 more=kafka-tools given=${DRIFTGATE_KAFKA_LIBS:-} ;;
streams) name=streams first=kafka-streams more= ;;
*) echo "usage: fetch-kafka.sh [streams]" >&2; exit 64 ;;
esac
libs=${given:-$root/build/$name-libs}

if [ -n "$(find "$libs" -name "$first-*.jar" 2>/dev/null)" ]; then
    echo "$libs"
    exit 0
fi
if [ -n "$given" ]; then
    echo "fetch-kafka: no $first jar in $libs" >&2
    exit 1
fi
command -v mvn >/dev/null || { echo "fetch-kafka: maven is needed (apt install maven)" >&2; exit 1; }

dependency() {
    echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"
}

# Into a temporary folder, moved at the end: an interrupted run leaves nothing half done.
mkdir -p "$root/build"
tmp=$(mktemp -d "$root/build/kafka-fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
{
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo "<groupId>driftgate.test</groupId><artifactId>$name-libs</artifactId><version>1</version>"
    echo '<packaging>pom</packaging><dependencies>'
    for jar in $first $more; do dependency org.apache.kafka "$jar" "$version"; done
    dependency org.slf4j slf4j-nop 1.7.36
    echo '</dependencies></project>'
} >"$tmp/pom.xml"
mvn -q -B -f "$tmp/pom.xml" dependency:copy-dependencies -DoutputDirectory="$tmp/libs" \
    -DincludeScope=runtime >&2
rm -rf "$libs"
mv "$tmp/libs" "$libs"
echo "$libs"
