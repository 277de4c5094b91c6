#!/bin/sh
# tidy.sh FILE...: the style rules a machine can check. Idea: TigerBeetle src/tidy.zig.
# A line that must break a rule carries the word tidy-ok and the reason.
exec awk '
function bad(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; count++ }
FNR == 1 { start = 0 }
FNR == 1 { product = FILENAME !~ /^tests\// } # tables of cases may be long
FNR == 501 && product { bad("file is longer than 500 lines: split it by concept") }
/tidy-ok/ { next }
{ wide = $0; gsub(/[^ -~]+/, "", wide) }
length(wide) > 100 { bad("line is longer than 100 columns") }
/[ \t]$/ { bad("space at the end of the line") }
/\t/ { bad("tab") }
/^\{/ { start = FNR }
/^\}/ { if (product && start && FNR - start - 1 > 70) bad("function is longer than 70 lines"); start = 0 }
/(^|[^a-z_])(strcpy|strcat|sprintf|gets|strtok|atoi|atol|rand|alloca)\(/ { bad("banned function") }
/(^|[^a-z_])volatile[^a-z_]/ { bad("volatile does not order threads: use _Atomic") }
/include <threads.h>/ { bad("C11 threads crash under ThreadSanitizer: use pthread.h") }
/FIXME|(^|[^X])XXX([^X]|$)/ { bad("leftover note: fix it, or open an issue and name it") }
END { if (count) print count " findings"; exit count > 0 }
' "$@"
