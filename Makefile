# driftgate: every build and check.
#
#   make           build/driftgate
#   make help      the targets
NAME    := driftgate
MODE    ?= release
MODULES ?= base manifest codec config drift posting ledger stream worker gen cli
CC      ?= gcc
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
libs.release  := -ljemalloc

CFLAGS   += $(STD) $(WARN) $(flags.$(MODE))
CPPFLAGS += -Isrc -MMD -MP
LDFLAGS  += $(flags.$(MODE))
LDLIBS   += -lrdkafka -lyaml -lpthread -lm $(libs.$(MODE))

SRC  := $(foreach m,$(MODULES),$(wildcard src/$m/*.c))
OBJ  := $(SRC:%.c=$(OUT)/%.o)
LIB  := $(OUT)/lib$(NAME).a
UNIT := $(patsubst %.c,$(OUT)/%,$(foreach m,$(MODULES),$(wildcard tests/unit/$m/test_*.c)))

.PHONY: all unit clean help
.DELETE_ON_ERROR:
.SECONDARY:

all: build/$(NAME)

build/$(NAME): $(OUT)/$(NAME)
	$(Q)ln -sf $(MODE)/$(NAME) $@

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(LIB): $(OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(OUT)/$(NAME): $(OUT)/src/main.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Criterion's macros are not clean under -Wpedantic and -Wconversion.
$(OUT)/tests/unit/%.o: WARN := -Wall -Wextra -Werror
$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(LIB)
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -lcriterion -o $@

unit: $(UNIT)
	$(Q)for t in $^; do ./$$t || exit 1; done

clean:
	$(Q)rm -rf build

-include $(OBJ:.o=.d) $(UNIT:=.d) $(OUT)/src/main.d
