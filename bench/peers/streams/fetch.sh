#!/bin/sh
# fetch.sh: Kafka Streams and its RocksDB for bench_streams.py, once, into build/streams-libs.
#
# Prints the folder. Needs maven, a Java runtime and the Maven repository; 11 jars, 96 MB, offline
# afterwards; the same version as the broker's (tests/e2e/fetch-kafka.sh). DRIFTGATE_STREAMS_LIBS
# names another folder that has them: then nothing is fetched.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
version=$(sed -n 's/^version=//p' "$root/tests/e2e/fetch-kafka.sh")
libs=${DRIFTGATE_STREAMS_LIBS:-$root/build/streams-libs}

if [ -n "$(find "$libs" -name "kafka-streams-$version.jar" 2>/dev/null)" ]; then
    echo "$libs"
    exit 0
fi
if [ -n "${DRIFTGATE_STREAMS_LIBS:-}" ]; then
    echo "fetch: no kafka-streams-$version.jar in $libs" >&2
    exit 1
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
    -DincludeScope=runtime >&2 ||
    { echo "fetch: maven did not get kafka-streams $version (see above)" >&2; exit 1; }
rm -rf "$libs"
mv "$tmp/libs" "$libs"
echo "$libs"
