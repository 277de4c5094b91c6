#!/bin/sh
# fetch.sh: Kafka Streams and its RocksDB for bench_streams.py, once, into build/streams-libs.
#
# Needs maven and the Maven repository; 10 jars, 96 MB, offline afterwards. Prints the folder.
set -eu

version=4.3.1 # as tests/e2e/fetch-kafka.sh
root=$(cd "$(dirname "$0")/../../.." && pwd)
libs=$root/build/streams-libs

if [ -n "$(find "$libs" -name 'kafka-streams-*.jar' 2>/dev/null)" ]; then
    echo "$libs"
    exit 0
fi
command -v mvn >/dev/null || { echo "fetch: maven is needed (apt install maven)" >&2; exit 1; }

# Into a temporary folder, moved at the end: an interrupted run leaves nothing half done.
mkdir -p "$root/build"
tmp=$(mktemp -d "$root/build/streams-fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>driftgate.bench</groupId>
  <artifactId>streams-libs</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-streams</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$tmp/pom.xml" dependency:copy-dependencies -DoutputDirectory="$tmp/libs" \
    -DincludeScope=runtime >&2
rm -rf "$libs"
mv "$tmp/libs" "$libs"
echo "$libs"
