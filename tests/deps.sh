#!/bin/sh
# deps.sh build|test: installs the Debian packages that are missing, as root or through sudo.
set -eu
build="gcc make git pkg-config librdkafka-dev libxxhash-dev libjemalloc-dev libyaml-dev"
tests="g++ clang clang-format libclang-rt-14-dev libcriterion-dev libexpat1-dev libjansson-dev
libsimdjson-dev libxml2-dev libxml2-utils python3 kcat openjdk-17-jdk-headless maven procps
chromium fonts-wqy-microhei"
case "${1:-}" in
build) want=$build ;;
test) want="$build $tests" ;;
*) echo "usage: tests/deps.sh build|test" >&2; exit 64 ;;
esac
missing=
for p in $want; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing missing Debian packages:$missing"
as=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "not root and no sudo: install them yourself" >&2; exit 77; }
    as=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as apt-get update -qq
# shellcheck disable=SC2086
$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
