/* config_show: every option on one line, in a form that config_load reads again. */
#include <string.h>

#include "base/clock.h"
#include "config/options.h"

#define NOTE_COLUMN 44

static const char *const type_name[] = {
    [OPT_TEXT] = "text",
    [OPT_NAME] = "name",
    [OPT_INT] = "number",
    [OPT_SIZE] = "size",
    [OPT_TIME] = "duration",
    [OPT_BOOL] = "true or false",
    [OPT_SEED] = "16 hex digits",
    [OPT_LANG] = "language",
    [OPT_RECEIPTS] = "form",
    [OPT_WORDS] = "list of texts",
    [OPT_HS] = "list of HS prefixes",
    [OPT_PARTIES] = "list of party codes",
    [OPT_TOPICS] = "list of {name, accepts}",
    [OPT_RATES] = "list of {currency, from, cny}",
    [OPT_PROPERTIES] = "mapping",
};

/*
 * Properties whose values may be shown. A list of what is secret would miss the next secret
 * librdkafka invents.
 */
static bool is_public(const char *name)
{
    static const char *const exact[] = {"security.protocol",
                                        "sasl.mechanism",
                                        "sasl.mechanisms",
                                        "sasl.username",
                                        "client.id",
                                        "client.rack",
                                        "acks",
                                        "debug",
                                        "ssl.ca.location",
                                        "ssl.certificate.location",
                                        "ssl.key.location",
                                        "retries",
                                        "compression.codec",
                                        "compression.type",
                                        "compression.level"};
    static const char *const ending[] = {".ms",  ".bytes", ".kbytes",  ".messages", ".enable",
                                         ".max", ".size",  ".retries", ".family"};
    for (size_t i = 0; i < ARRAY_LEN(exact); i++)
        if (strcmp(name, exact[i]) == 0)
            return true;
    const size_t n = strlen(name);
    for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
        const size_t m = strlen(ending[i]);
        if (n > m && strcmp(name + n - m, ending[i]) == 0)
            return true;
    }
    return false;
}

static void put_note(const struct option *o, size_t line_start, struct buf *out)
{
    const size_t used = out->n - line_start;
    buf_printf(out, "%*s# %s", used + 2 < NOTE_COLUMN ? (int)(NOTE_COLUMN - used) : 2, "",
               type_name[o->type]);
    struct buf range = {0};
    option_print_range(o, &range);
    if (range.n) {
        buf_text(out, ", ");
        buf_view(out, buf_as_view(&range));
    }
    buf_free(&range);
    buf_printf(out, ": %s\n", o->help);
}

static void put_properties(const struct config *c, struct buf *out)
{
    for (uint32_t i = 0; i < c->properties; i++) {
        buf_printf(out, "kafka.properties.%s: ", c->property[i].name);
        buf_json(out, view_of(is_public(c->property[i].name) ? c->property[i].value : "***"));
        buf_char(out, '\n');
    }
}

void config_show(const struct config *c, bool defaults, struct buf *out)
{
    struct config *const built_in = defaults ? config_default() : NULL;
    const struct config *const from = defaults ? built_in : c;
    for (size_t i = 0; i < option_count; i++) {
        const struct option *const o = &option_table[i];
        const size_t start = out->n;
        if (o->type == OPT_PROPERTIES && from->properties) {
            put_properties(from, out);
            continue;
        }
        /* What depends on the machine or on another option has no value here: see its help. */
        const bool is_open = o->type == OPT_PROPERTIES || (defaults && !*o->def);
        buf_printf(out, "%s%s: ", defaults && !*o->def ? "#" : "", o->path);
        if (o->type == OPT_PROPERTIES)
            buf_text(out, "{}");
        else if (!is_open)
            option_print(o, from, out);
        put_note(o, start, out);
    }
    config_free(built_in);
    if (defaults && c) /* config_default set the zone of the process to its own */
        clock_zone_set(c->rules->timezone);
}
