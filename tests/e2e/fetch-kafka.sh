#!/bin/sh
# fetch-kafka.sh: the jars of a real Apache Kafka broker, once, into build/kafka-libs.
#
# Needs maven and a Java 17 runtime; 92 jars, 54 MB, offline afterwards. DRIFTGATE_KAFKA_LIBS names
# another folder (a packaged Kafka, for instance): then nothing is fetched.
set -eu

version=4.3.1
root=$(cd "$(dirname "$0")/../.." && pwd)
libs=${DRIFTGATE_KAFKA_LIBS:-$root/build/kafka-libs}

if [ -n "$(find "$libs" -name 'kafka_2.13-*.jar' 2>/dev/null)" ]; then
    echo "$libs"
    exit 0
fi
if [ -n "${DRIFTGATE_KAFKA_LIBS:-}" ]; then
    echo "fetch-kafka: no kafka_2.13 jar in $libs" >&2
    exit 1
fi
command -v mvn >/dev/null || { echo "fetch-kafka: maven is needed (apt install maven)" >&2; exit 1; }

# Into a temporary folder, moved at the end: an interrupted run leaves nothing half done.
mkdir -p "$root/build"
tmp=$(mktemp -d "$root/build/kafka-fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>driftgate.test</groupId>
  <artifactId>kafka-libs</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$version</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
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
