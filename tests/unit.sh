#!/bin/sh
# unit.sh PROGRAM...: runs Criterion programs one after the other; last line `N passed, N failed`.
pass=0
fail=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in "$@"; do
    if ! "./$t" >"$log" 2>&1; then
        cat "$log"
    fi
    line=$(grep -a 'Synthesis' "$log" | tail -1)
    n=$(printf '%s' "$line" | sed -n 's/.*Passing: \([0-9]*\).*/\1/p')
    f=$(printf '%s' "$line" | sed -n 's/.*Failing: \([0-9]*\).*/\1/p')
    c=$(printf '%s' "$line" | sed -n 's/.*Crashing: \([0-9]*\).*/\1/p')
    if [ -z "$n" ]; then
        echo "$t: did not finish"
        f=1
    fi
    pass=$((pass + ${n:-0}))
    fail=$((fail + ${f:-0} + ${c:-0}))
    [ $((${f:-0} + ${c:-0})) = 0 ] || echo "FAILED: $t"
done
echo "$pass passed, $fail failed"
[ "$fail" = 0 ]
