#!/bin/bash
# all.sh: everything that must pass. Every step writes its output to build/log/STEP.log; a step that
# fails shows the end of it and the others go on. Last line: `tests: N passed, N failed, N skipped`.
cd "$(dirname "$0")/.." || exit 70
mkdir -p build/log
pass=0
fail=0
skip=0
failed=
jobs=$(nproc)

# step NAME COMMAND...: counts `N passed, N failed` lines when it prints them, else itself as one.
step() {
    local name=$1 start=$SECONDS rc p f s
    local log=build/log/$name.log
    shift
    "$@" >"$log" 2>&1
    rc=$?
    p=$(grep -aoE '^([a-z_]+: )?[0-9]+ passed, [0-9]+ failed' "$log" | grep -oE '[0-9]+ passed' | awk '{n += $1} END {print n + 0}')
    f=$(grep -aoE '^([a-z_]+: )?[0-9]+ passed, [0-9]+ failed' "$log" | grep -oE '[0-9]+ failed' | awk '{n += $1} END {print n + 0}')
    s=$(grep -aoE 'failed, [0-9]+ skipped' "$log" | grep -oE '[0-9]+ skipped' | awk '{n += $1} END {print n + 0}')
    if [ $((p + f)) = 0 ]; then
        if [ $rc = 0 ]; then p=1; else f=1; fi
    elif [ $rc != 0 ] && [ "$f" = 0 ]; then
        f=1
    fi
    pass=$((pass + p))
    fail=$((fail + f))
    skip=$((skip + s))
    if [ "$f" = 0 ]; then
        printf 'ok     %-16s %5d passed  %4d s\n' "$name" "$p" $((SECONDS - start))
    else
        printf 'FAILED %-16s %5d passed, %d failed  %4d s\n' "$name" "$p" "$f" $((SECONDS - start))
        failed="$failed $name"
        tail -n 40 "$log" | sed 's/^/    /'
    fi
}

step build-gcc make -j"$jobs" CC=gcc
step build-clang make -j"$jobs" CC=clang OUT=build/clang build/clang/driftgate
step allocator sh -c 'build/driftgate version | grep "jemalloc .* 20 s"'
step fmt make fmt-check
step tidy make tidy
step unit make unit
step build-asan make -j"$jobs" MODE=asan lib
step unit-asan make -j"$jobs" MODE=asan unit
step rules build/driftgate rules test tests/data/rules/*.yaml
step cases make cases
step page make page
step demo build/driftgate demo --manifests 20000
step sim make -j"$jobs" sim
step stress make -j"$jobs" stress
step fuzz make fuzz
step e2e python3 tests/e2e/run.py --quick
step bench-quick make -j"$jobs" bench-quick

[ -z "$failed" ] || echo "failed:$failed (logs in build/log)"
echo "tests: $pass passed, $fail failed$([ $skip = 0 ] || echo ", $skip skipped")"
[ "$fail" = 0 ]
