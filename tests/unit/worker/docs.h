/*
 * docs.h: messages written as one line, replays of such lines, and their outputs as one line.
 *
 * A line is a messageType and name=value pairs over the defaults of that type: `CEB603 copNo=A1
 * i.qty=2`. `name=` leaves a field out; i.NAME belongs to the one item; value=V sets price and
 * total in CNY; w=W1,W2:3 are waybills (with packNo), bills=B1,B2 bills, c=CONTA:LOCK,...
 * containers. A time @DDhhmmss is in September 2025.
 */
#ifndef TESTS_WORKER_DOCS_H
#define TESTS_WORKER_DOCS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "worker/replay.h"

#define PAIRS_MAX 96
#define LINE_MAX_ 2048

static const struct {
    const char *type;
    const char *pairs;
} doc_defaults[] = {
    {"CEB603",
     "guid=00000001-3731-4000-8000-000000000001 appType=1 appTime=@10091000 appStatus=2 "
     "customsCode=2225 ebpCode=EB ebpName=EBN orderNo=O1 logisticsCode=LG logisticsName=LGN "
     "logisticsNo=W1 copNo=M1 ieFlag=E portCode=2244 ieDate=20250910 statisticsFlag=A "
     "agentCode=AG agentName=AGN ebcCode=EC ebcName=ECN ownerCode=OW ownerName=OWN tradeMode=9610 "
     "trafMode=5 country=502 POD=502 freight=0 fCurrency=142 fFlag=3 insuredFee=0 iCurrency=142 "
     "iFlag=3 wrapType=2 packNo=1 grossWeight=3 netWeight=2 i.gnum=1 i.itemNo=P-1 "
     "i.itemName=case i.gcode=3926909090 i.gname=case i.gmodel=black i.barCode=none "
     "i.country=502 i.currency=142 i.qty=1 i.qty1=1 i.unit=007 i.unit1=007 i.price=100 "
     "i.totalPrice=100"},
    {"CEB621",
     "guid=00000001-3731-4000-8000-000000000001 appType=1 appTime=@10091000 appStatus=2 orderNo=O1 "
     "ebpCode=EB ebpName=EBN ebcCode=EC ebcName=ECN logisticsNo=W1 logisticsCode=LG "
     "logisticsName=LGN copNo=M1 assureCode=AS ieFlag=I declTime=20250910 customsCode=2225 "
     "portCode=2244 buyerIdType=1 buyerIdNumber=310101199505050505 buyerName=B "
     "buyerTelephone=13800138000 consigneeAddress=A agentCode=AG agentName=AGN tradeMode=9610 "
     "trafMode=5 trafNo=MU588 voyageNo=MU588 country=110 freight=0 insuredFee=0 currency=142 "
     "wrapType=2 packNo=1 grossWeight=3 netWeight=2 i.gnum=1 i.itemNo=Q-1 i.itemName=cream "
     "i.gcode=3304990029 i.gname=cream i.gmodel=50ml i.barCode=none i.country=110 i.currency=142 "
     "i.qty=1 i.unit=122 i.qty1=1 i.unit1=122 i.price=100 i.totalPrice=100"},
    {"CEB605",
     "guid=00000002-3532-4000-8000-000000000002 appType=1 appTime=@10091000 appStatus=2 "
     "customsCode=2225 copNo=M1 invtNo=22252025E000052801 reason=none agentCode=AG agentName=AGN "
     "ebcCode=EC ebcName=ECN"},
    {"CEB623",
     "guid=00000002-3532-4000-8000-000000000002 appType=1 appTime=@10091000 appStatus=2 "
     "customsCode=2225 orderNo=O1 ebpCode=EB ebpName=EBN logisticsNo=W1 logisticsCode=LG "
     "logisticsName=LGN copNo=M1 invtNo=222520251000052801 buyerIdType=1 "
     "buyerIdNumber=310101199505050505 buyerName=B buyerTelephone=13800138000 agentCode=AG "
     "agentName=AGN ebcCode=EC ebcName=ECN reason=none"},
    {"CEB604",
     "guid=00000002-3733-4000-8000-000000000002 agentCode=AG preNo=B20250908000000732 ebcCode=EC "
     "ebpCode=EB returnStatus=800 returnTime=@10091500 returnInfo=r copNo=M1 orderNo=O1 "
     "statisticsFlag=A invtNo=22252025E000073201"},
    {"CEB622",
     "guid=00000002-3733-4000-8000-000000000002 customsCode=2225 agentCode=AG ebcCode=EC "
     "ebpCode=EB "
     "preNo=B20250908000000732 returnStatus=800 returnTime=@10091500 returnInfo=r copNo=M1 "
     "orderNo=O1 invtNo=222520251000073201"},
    {"CEB607",
     "guid=00000003-3731-4000-8000-000000000003 appType=1 appTime=@10092000 appStatus=2 "
     "customsCode=2225 copNo=L1 agentCode=AG agentName=AGN trafMode=4 trafName=V1 voyageNo=V1 "
     "billNo=B1 grossWeight=6 logisticsCode=LG logisticsName=LGN msgCount=1 msgSeqNo=1 w=W1,W2"},
    {"CEB507",
     "guid=00000004-3133-4000-8000-000000000004 appType=1 appTime=@10154000 appStatus=2 "
     "customsCode=2248 copNo=A1 operatorCode=OP operatorName=OPN loctNo=YS-02 ieFlag=E trafMode=4 "
     "domesticTrafNo=V1 logisticsCode=LG logisticsName=LGN msgCount=1 msgSeqNo=1 billNo=B1 w="},
    {"CEB509", "guid=00000003-3732-4000-8000-000000000003 appType=1 appTime=@15210000 appStatus=2 "
               "customsCode=2225 copNo=D1 logisticsCode=LG logisticsName=LGN trafMode=5 billNo=B1 "
               "leaveTime=@15210000 msgCount=1 msgSeqNo=1 w=W1"},
    {"TRANSIT_DECLARED",
     "turnNo=T1 appTime=@10093000 ieFlag=E originCustoms=2225 destCustoms=2248 destLoctNo=YS-02 "
     "validTime=@10220000 eSealFlag=Y vehicleNo=V1 packNo=2 grossWeight=6 bills=B1 c=C1:E1"},
    {"TRANSIT_CANCELLED", "turnNo=T1 appTime=@10100000"},
    {"GATE", "turnNo=T1 direction=OUT customsCode=2225 vehicleNo=V1 contaNo=C1 checkResult=Y "
             "operateTime=@10102000"},
    {"LOCK", "eSealId=E1 turnNo=T1 event=SEAL customsCode=2225 eventTime=@10100500"},
    {"POSITION", "eSealId=E1 lon=121.1 lat=31.1 eventTime=@10110000"},
    {"ARRIVAL", "turnNo=T1 customsCode=2248 loctNo=YS-02 arrivalTime=@10154000"},
    {"TARGETING", "turnNo=T1 order=INSPECT orderTime=@10120000"},
    {"DECISION", "turnNo=T1 revision=1 decision=RELEASE decisionTime=@10180000"},
    {"ALERT_RESOLVED", "resolution=CLEARED resolvedTime=@10180000"},
};

struct pair {
    char name[40];
    char value[200];
};

struct pairs {
    struct pair pair[PAIRS_MAX];
    size_t n;
};

static inline void pairs_set(struct pairs *p, const char *name, size_t n, const char *value,
                             size_t v)
{
    cr_assert(n < sizeof(p->pair[0].name) && v < sizeof(p->pair[0].value), "%s", name);
    size_t i = 0;
    while (i < p->n && !(strlen(p->pair[i].name) == n && memcmp(p->pair[i].name, name, n) == 0))
        i++;
    cr_assert_lt(i, PAIRS_MAX);
    memcpy(p->pair[i].name, name, n);
    p->pair[i].name[n] = 0;
    const char *after = NULL;
    if (v == 9 && value[0] == '@') {
        after = n == 10 && memcmp(name, "returnTime", n) == 0 ? "000" : "";
        snprintf(p->pair[i].value, sizeof(p->pair[i].value), "202509%.8s%s", value + 1, after);
    } else {
        memcpy(p->pair[i].value, value, v);
        p->pair[i].value[v] = 0;
    }
    p->n += i == p->n;
}

static inline void pairs_read(struct pairs *p, const char *text)
{
    while (*text == ' ')
        text++;
    while (*text) {
        const size_t all = strcspn(text, " ");
        const size_t name = strcspn(text, "=");
        cr_assert_lt(name, all, "no name=value: %s", text);
        if (name == 5 && memcmp(text, "value", 5) == 0) {
            pairs_set(p, "i.price", 7, text + 6, all - 6);
            pairs_set(p, "i.totalPrice", 12, text + 6, all - 6);
        } else {
            pairs_set(p, text, name, text + name + 1, all - name - 1);
        }
        text += all;
        text += strspn(text, " ");
    }
}

/* "a,b:c" as an array of objects: the part before ':' under `first`, the one behind under `second`.
 */
static inline void put_list(struct buf *b, const char *name, const char *list, const char *first,
                            const char *second)
{
    buf_printf(b, ",\"%s\":[", name);
    for (const char *sep = ""; *list; sep = ",") {
        const size_t n = strcspn(list, ",");
        const size_t k = strcspn(list, ":,");
        buf_printf(b, "%s{\"gnum\":\"1\",\"%s\":\"%.*s\"", sep, first, (int)k, list);
        if (k < n)
            buf_printf(b, ",\"%s\":\"%.*s\"", second, (int)(n - k - 1), list + k + 1);
        buf_char(b, '}');
        list += n + (list[n] == ',');
    }
    buf_char(b, ']');
}

static inline void put_pairs(struct buf *b, const struct pairs *p)
{
    bool items = false;
    for (size_t i = 0; i < p->n; i++) {
        const char *name = p->pair[i].name;
        const char *value = p->pair[i].value;
        items |= strncmp(name, "i.", 2) == 0;
        if (strcmp(name, "w") == 0)
            put_list(b, "waybills", value, "logisticsNo", "packNo");
        else if (strcmp(name, "bills") == 0)
            put_list(b, "bills", value, "billNo", "packNo");
        else if (strcmp(name, "c") == 0)
            put_list(b, "containers", value, "contaNo", "sealNo");
        else if (value[0] && strncmp(name, "i.", 2) != 0)
            buf_printf(b, ",\"%s\":\"%s\"", name, value);
    }
    if (!items)
        return;
    const char *sep = ",\"items\":[{";
    for (size_t i = 0; i < p->n; i++) {
        if (strncmp(p->pair[i].name, "i.", 2) != 0 || !p->pair[i].value[0])
            continue;
        buf_printf(b, "%s\"%s\":\"%s\"", sep, p->pair[i].name + 2, p->pair[i].value);
        sep = ",";
    }
    buf_text(b, "}]");
}

/* Appends the JSON of a line. `alert=ID` of ALERT_RESOLVED fills alertId and account. */
static inline void doc_write(struct buf *b, const char *line)
{
    const size_t n = strcspn(line, " ");
    struct pairs p = {.n = 0};
    size_t k = 0;
    while (k < ARRAY_LEN(doc_defaults) &&
           !(strlen(doc_defaults[k].type) == n && memcmp(doc_defaults[k].type, line, n) == 0))
        k++;
    cr_assert_lt(k, ARRAY_LEN(doc_defaults), "no such type: %s", line);
    pairs_read(&p, doc_defaults[k].pairs);
    pairs_read(&p, line + n);
    buf_printf(b, "{\"messageType\":\"%.*s\"", (int)n, line);
    for (size_t i = 0; i < p.n; i++) {
        if (strcmp(p.pair[i].name, "alert") != 0)
            continue;
        char *id = p.pair[i].value; /* RULE/kind/key[/window]/n; the key: the caller's accountKey */
        char kind[20] = "";
        sscanf(id, "%*[^/]/%19[^/]", kind);
        const char *key = strchr(strchr(id, '/') + 1, '/') + 1;
        size_t m = (size_t)(strrchr(id, '/') - key);
        if (strncmp(id, "VL01/", 5) == 0)
            m = strcspn(key, "/");
        buf_printf(b, ",\"alertId\":\"%s\",\"account\":{\"kind\":\"%s\",\"key\":\"%.*s\"}", id,
                   kind, (int)m, key);
        id[0] = 0; /* not a field of its own */
    }
    put_pairs(b, &p);
    buf_char(b, '}');
}

/* ---- a replay of lines ---- */

struct run {
    struct config *config;
    struct replay *replay;
    FILE *file[4]; /* receipts, drift, closures, rejects */
    char *text[4];
    size_t size[4];
    struct buf message;
    char summary[16384];
};

enum {
    RECEIPTS,
    DRIFT,
    CLOSURES,
    REJECTS
};

static inline struct run *run_open(void (*change)(struct config *c))
{
    struct run *r = xcalloc(1, sizeof(*r));
    r->config = config_default();
    ruleset_add_word(&r->config->rules->watch_words, VIEW("KNOCKOFF"));
    if (change)
        change(r->config);
    ruleset_seal(r->config->rules);
    for (int i = 0; i < 4; i++)
        r->file[i] = open_memstream(&r->text[i], &r->size[i]);
    r->replay = replay_create(
        r->config, &(struct replay_files){r->file[0], r->file[1], r->file[2], r->file[3], NULL});
    return r;
}

static inline void run_close(struct run *r)
{
    replay_destroy(r->replay);
    for (int i = 0; i < 4; i++) {
        fclose(r->file[i]);
        free(r->text[i]);
    }
    config_free(r->config);
    buf_free(&r->message);
    free(r);
}

static inline void run_flush(struct run *r)
{
    for (int i = 0; i < 4; i++)
        fflush(r->file[i]);
}

static inline void run_message(struct run *r, struct view message)
{
    struct err e = {0};
    cr_assert_eq(replay_message(r->replay, message, &e), RC_OK, "%s", e.text);
}

static inline void run_line(struct run *r, const char *line)
{
    buf_reset(&r->message);
    doc_write(&r->message, line);
    run_message(r, buf_as_view(&r->message));
    fflush(r->file[REJECTS]);
    cr_assert_eq(r->size[REJECTS], 0, "rejected: %s: %s", line, r->text[REJECTS]);
}

static inline void run_until(struct run *r, const char *time)
{
    char text[16];
    snprintf(text, sizeof(text), "%s%s", time[0] == '@' ? "202509" : "", time + (time[0] == '@'));
    int64_t ms;
    struct err e = {0};
    cr_assert(clock_parse_local(view_of(text), &ms), "%s", time);
    cr_assert_eq(replay_until(r->replay, ms, &e), RC_OK);
}

/* ---- outputs ---- */

/* The value of "name":" in a line of JSON; false: it is not there. */
static inline bool line_get(const char *line, const char *name, char *out, size_t cap)
{
    char key[48];
    snprintf(key, sizeof(key), "\"%s\":\"", name);
    const char *end = strchr(line, '\n');
    const char *p = strstr(line, key);
    if (!p || (end && p > end))
        return false;
    p += strlen(key);
    const size_t n = strcspn(p, "\"");
    snprintf(out, cap, "%.*s", (int)n, p);
    return true;
}

/* An array of strings as "(a,b)"; nothing when it is absent or empty. */
static inline void line_list(const char *line, const char *name, char *out, size_t cap)
{
    char key[48];
    snprintf(key, sizeof(key), "\"%s\":[\"", name);
    const char *end = strchr(line, '\n');
    const char *p = strstr(line, key);
    out[0] = 0;
    if (!p || (end && p > end))
        return;
    size_t n = 0;
    out[n++] = '(';
    for (p += strlen(key) - 1; *p != ']' && n + 2 < cap; p++)
        if (*p != '"')
            out[n++] = *p;
    out[n++] = ')';
    out[n] = 0;
}

static inline void summary_add(struct run *r, const char *text)
{
    const size_t n = strlen(r->summary);
    snprintf(r->summary + n, sizeof(r->summary) - n, "%s%s", n ? " " : "", text);
}

/* "EXCEPTION(X13) OPEN CLOSED_AUTO": the closures of a turn; '!': reopened. */
static inline const char *run_closures(struct run *r, const char *turn)
{
    run_flush(r);
    r->summary[0] = 0;
    for (const char *line = r->text[CLOSURES]; *line; line = strchr(line, '\n') + 1) {
        char is[80], decision[32], reasons[200], all[300];
        cr_assert(line_get(line, "turnNo", is, sizeof(is)));
        if (strcmp(is, turn) != 0)
            continue;
        cr_assert(line_get(line, "decision", decision, sizeof(decision)));
        line_list(line, "reasons", reasons, sizeof(reasons));
        const char *reopened = strstr(line, "\"reopened\":true");
        snprintf(all, sizeof(all), "%s%s%s", decision, reasons,
                 reopened && reopened < strchr(line, '\n') ? "!" : "");
        summary_add(r, all);
    }
    return r->summary;
}

/* "+ID:LEVEL -ID:LEVEL": alerts as they went out, those whose id begins with `prefix`. */
static inline const char *run_drift(struct run *r, const char *prefix)
{
    run_flush(r);
    r->summary[0] = 0;
    for (const char *line = r->text[DRIFT]; *line; line = strchr(line, '\n') + 1) {
        char id[200], state[20], level[4], all[256];
        cr_assert(line_get(line, "alertId", id, sizeof(id)));
        cr_assert(line_get(line, "state", state, sizeof(state)));
        cr_assert(line_get(line, "level", level, sizeof(level)));
        if (strncmp(id, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(all, sizeof(all), "%s%s:%s", strcmp(state, "OPEN") == 0 ? "+" : "-", id, level);
        summary_add(r, all);
    }
    return r->summary;
}

/* "ACCEPTED HELD(WL01)" */
static inline const char *run_receipts(struct run *r)
{
    run_flush(r);
    r->summary[0] = 0;
    for (const char *line = r->text[RECEIPTS]; *line; line = strchr(line, '\n') + 1) {
        char verdict[20], codes[200], all[256];
        cr_assert(line_get(line, "verdict", verdict, sizeof(verdict)));
        line_list(line, "codes", codes, sizeof(codes));
        snprintf(all, sizeof(all), "%s%s", verdict, codes);
        summary_add(r, all);
    }
    return r->summary;
}

#endif
