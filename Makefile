# driftgate: every build and check.
#
#   make demo      installs what is missing, builds, runs the whole pipeline on made traffic; no broker
#   make test      everything that must pass, a real Kafka broker included (about 15 minutes)
#   make           build/driftgate
#   make unit      unit tests                        T=ledger runs those of src/ledger
#   make cases     worked examples of ../shared/cases (skipped when absent) and generated traffic
#   make page      the pages that people see, in a headless Chromium; pictures in build/page
#   make sim       crash sweep on the memory stream
#   make stress    thread tests under ThreadSanitizer
#   make fuzz      the corpus of the decoders, then half a minute of libFuzzer
#   make e2e       end to end on a real Kafka broker on 127.0.0.1
#   make bench     all benchmarks with their bounds and ratios
#   make bench-quick   do they still run?
#   make bench-year    a year of manifests on Kafka; MANIFESTS=1000000 make bench-year: a quick try
#   make fmt       rewrites the sources with clang-format;  make fmt-check, make tidy: only look
#   make clean
#
# MODE=release|debug|asan|tsan picks the build; each has its own folder under build/. V=1 shows the
# commands. CC=clang builds with clang (OUT=build/clang keeps it apart).

NAME    := driftgate
MODE    ?= release
MODULES ?= base manifest codec config drift posting ledger stream worker explain report gen bench cli
OUT     ?= build/$(MODE)
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)

STD  := -std=c17 -D_GNU_SOURCE
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wundef -Wvla -Wcast-qual -Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough -Werror

flags.release := -O2 -g -fno-omit-frame-pointer
flags.debug   := -O0 -g3
flags.asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
flags.tsan    := -O1 -g -fsanitize=thread
# By name: with -flto no object asks for malloc when the linker looks, and some linkers then leave it
# out. Sanitizers bring their own malloc: no jemalloc with them.
libs.release  := -Wl,--push-state,--no-as-needed -ljemalloc -Wl,--pop-state
libs.debug    := $(libs.release)

# What is installed or measured is linked as one program: the ledger's table gains a quarter by it.
# Objects hold ordinary code too, so that a hundred test programs link in no time.
ifneq ($(findstring gcc version,$(shell $(CC) -v 2>&1)),)
lto.release   := -flto -ffat-lto-objects
link.release  := -flto=auto
apart.release := -fno-lto
endif

ifeq ($(flags.$(MODE)),)
$(error MODE=$(MODE): use release, debug, asan or tsan)
endif

COMMIT   := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
CFLAGS   += $(STD) $(WARN) $(flags.$(MODE)) $(lto.$(MODE))
CPPFLAGS += -Isrc -I. -MMD -MP
LDFLAGS  += $(flags.$(MODE))
LDLIBS   += -lrdkafka -lyaml -lpthread -lm $(libs.$(MODE))

SRC    := $(foreach m,$(MODULES),$(wildcard src/$m/*.c))
OBJ    := $(SRC:%.c=$(OUT)/%.o)
LIB    := $(OUT)/lib$(NAME).a
UNIT   := $(patsubst %.c,$(OUT)/%,$(foreach m,$(or $(T),$(MODULES)),$(wildcard tests/unit/$m/test_*.c)))
STRESS := $(patsubst %.c,$(OUT)/%,$(wildcard tests/stress/stress_*.c))
SIM    := $(patsubst %.c,$(OUT)/%,$(wildcard tests/sim/sim_*.c))
BENCH  := $(patsubst %.c,$(OUT)/%,$(wildcard bench/bench_*.c))
CODE   := $(sort $(wildcard src/*.c src/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch] bench/*.[ch] bench/*/*.[ch]))

.PHONY: all help demo test deps unit run-unit cases page sim stress fuzz e2e bench bench-quick bench-year peers \
        fmt fmt-check tidy clean lib
.DELETE_ON_ERROR:
.SECONDARY:

all: build/$(NAME)

# The link is made again when it leads to another build, however new that is.
ifneq ($(shell readlink build/$(NAME)),$(OUT:build/%=%)/$(NAME))
.PHONY: build/$(NAME)
endif
build/$(NAME): $(OUT)/$(NAME)
	$(Q)ln -sf $(OUT:build/%=%)/$(NAME) $@

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

# Twins for processors that have AVX2, chosen when the program runs.
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine)),)
$(patsubst %.c,$(OUT)/%.o,$(wildcard src/*/*_avx2.c)): CFLAGS += -mavx2 -mbmi -mbmi2
endif

$(OUT)/src/cli/version.o: CPPFLAGS += -DGIT_COMMIT='"$(COMMIT)"'

lib: $(LIB)

$(LIB): $(OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUT)/$(NAME): $(OUT)/src/main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(link.$(MODE)) $^ $(LDLIBS) -o $@

help:
	@sed -n '3,18p' Makefile | sed 's/^#//'

# ---- the two commands of the README ----

demo:
	$(Q)tests/deps.sh build
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)build/$(NAME) demo

test:
	$(Q)tests/deps.sh test
	$(Q)tests/all.sh

# ---- tests ----

$(OUT)/tests/%.o: lto.$(MODE) :=
# Criterion's macros are not clean under -Wpedantic and -Wconversion. libxml2: the official schemas.
$(OUT)/tests/unit/%.o: CPPFLAGS += -isystem /usr/include/libxml2
$(OUT)/tests/unit/%.o: WARN := -Wall -Wextra -Werror
$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(apart.$(MODE)) $^ $(LDLIBS) -lcriterion -lexpat -ljansson -lxml2 -o $@

unit: $(UNIT)
	$(Q)tests/unit.sh $^

$(OUT)/tests/stress/%: $(OUT)/tests/stress/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(apart.$(MODE)) $^ $(LDLIBS) -o $@
$(OUT)/tests/sim/%: $(OUT)/tests/sim/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(apart.$(MODE)) $^ $(LDLIBS) -o $@
$(OUT)/tests/e2e/%: $(OUT)/tests/e2e/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(apart.$(MODE)) $^ $(LDLIBS) -o $@

stress:
	$(Q)$(MAKE) --no-print-directory MODE=tsan run-stress
.PHONY: run-stress
run-stress: $(STRESS)
	$(Q)for t in $^; do echo "$$t"; TSAN_OPTIONS=halt_on_error=1 ./$$t || exit 1; done

sim: $(SIM)
	$(Q)for t in $^; do ./$$t || exit 1; done

cases: all
	$(Q)python3 tests/cases/run.py -q
	$(Q)python3 tests/cases/journeys.py
	$(Q)python3 tests/cases/judge_run.py
	$(Q)python3 tests/cases/judge_order.py
	$(Q)python3 tests/cases/gen_truth.py --seeds 1,2
	$(Q)python3 tests/cases/receipts_ceb.py
	$(Q)python3 tests/cases/explain.py
	$(Q)python3 tests/cases/backtest.py
	$(Q)python3 tests/cases/report.py
	$(Q)python3 tests/cases/cli.py

page: all
	$(Q)python3 tests/page/report.py

fuzz:
	$(Q)tests/fuzz/run.sh

e2e: all
	$(Q)python3 tests/e2e/run.py

# ---- benchmarks ----

$(OUT)/bench/peers/simdjson_peer.o: bench/peers/simdjson_peer.cpp
	@mkdir -p $(@D)
	@echo "  CXX  $<"
	$(Q)$(CXX) -std=c++17 -O3 -march=native -Wall -Wextra -Werror -Ibench/peers -c $< -o $@
$(OUT)/bench/bench_decode: $(OUT)/bench/bench_decode.o $(OUT)/bench/peers/simdjson_peer.o \
                           $(OUT)/bench/peers/expat_peer.o $(LIB)
	$(Q)$(CXX) $(LDFLAGS) $(link.$(MODE)) $^ $(LDLIBS) -lsimdjson -lexpat -o $@
$(OUT)/bench/%: $(OUT)/bench/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $(link.$(MODE)) $^ $(LDLIBS) -o $@
$(OUT)/bench/copy_loop: $(OUT)/bench/peers/copy_loop.o
	$(Q)$(CC) $(LDFLAGS) $^ -lrdkafka -lpthread -o $@

bench: all $(BENCH) $(OUT)/bench/copy_loop $(OUT)/bench/kafka_side
	$(Q)rc=0; for b in $(BENCH) bench/bench_floors.py bench/bench_kafka.py bench/bench_streams.py; do ./$$b || rc=1; done; exit $$rc

# A year of manifests; MANIFESTS=1000000 make bench-year is a quick try of the same.
MANIFESTS ?= 99135800
bench-year: all $(OUT)/bench/bench_dedup $(OUT)/bench/copy_loop $(OUT)/bench/kafka_side
	$(Q)$(OUT)/bench/bench_dedup --year --documents $(MANIFESTS) \
	    || [ $(MANIFESTS) -lt 99135800 ]
	$(Q)python3 bench/bench_year.py --manifests $(MANIFESTS) --build $(OUT)

bench-quick: all $(BENCH) $(OUT)/bench/copy_loop $(OUT)/bench/kafka_side
	$(Q)for b in $(BENCH) bench/bench_floors.py bench/bench_kafka.py bench/bench_streams.py; do \
	    ./$$b --quick || exit 1; done
	$(Q)python3 bench/bench_year.py --manifests 300000 --set ledger.memory.max=64MiB --build $(OUT)

# ---- style ----

fmt:
	$(Q)clang-format -i $(CODE)

fmt-check:
	$(Q)clang-format --dry-run --Werror $(CODE)

tidy:
	$(Q)tests/tidy.sh $(CODE)

clean:
	$(Q)rm -rf build

-include $(OBJ:.o=.d) $(UNIT:=.d) $(STRESS:=.d) $(SIM:=.d) $(BENCH:=.d) $(OUT)/src/main.d
