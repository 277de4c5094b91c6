#!/bin/sh
# run.sh: the corpus through the decoders under ASan and UBSan (gcc), then SECONDS of libFuzzer (clang)
# that starts from it. Two tests; the last line counts them.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-30}
out=build/fuzz
mkdir -p "$out/found"
src="$(ls src/base/*.c src/manifest/*.c src/codec/*.c | grep -v avx2)"
flags="-std=c17 -D_GNU_SOURCE -Isrc -O1 -g -fno-sanitize-recover=all"
failed=0

# twins CC SANITIZERS: the objects that the Makefile compiles for AVX2, the same way.
twins() {
    [ "$(uname -m)" = x86_64 ] || return 0
    for f in src/base/*_avx2.c src/codec/*_avx2.c; do
        o=$out/$(basename "$f" .c)_$1.o
        # shellcheck disable=SC2086
        "$1" $flags -mavx2 -mbmi -mbmi2 -fsanitize="$2" -c "$f" -o "$o"
        echo "$o"
    done
}

# shellcheck disable=SC2086,SC2046
gcc $flags -fsanitize=address,undefined $(twins gcc address,undefined) tests/fuzz/fuzz_decode.c tests/fuzz/replay.c $src -lm \
    -o "$out/replay_decode"
"$out/replay_decode" tests/fuzz/corpus || { echo "FAILED: the corpus"; failed=1; }
# shellcheck disable=SC2086,SC2046
clang $flags -fsanitize=fuzzer,address,undefined $(twins clang fuzzer-no-link,address,undefined) tests/fuzz/fuzz_decode.c $src -lm \
    -o "$out/fuzz_decode"
"$out/fuzz_decode" -max_total_time="$seconds" -max_len=65536 -timeout=10 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$out/found/" "$out/found" tests/fuzz/corpus ||
    { echo "FAILED: see $out/found"; failed=$((failed + 1)); }
echo "$((2 - failed)) passed, $failed failed"
[ "$failed" = 0 ]
