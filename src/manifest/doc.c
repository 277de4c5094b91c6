#include "manifest/doc.h"

#include "manifest/table.h"

static const struct type {
    const char *name;
    unsigned group;
    int time; /* field that moves W; -1: none */
} types[DOC_TYPES] = {
    [DOC_CEB603] = {"CEB603", GROUP_MANIFEST, F_appTime},
    [DOC_CEB621] = {"CEB621", GROUP_MANIFEST, F_appTime},
    [DOC_CEB605] = {"CEB605", GROUP_MANIFEST, F_appTime},
    [DOC_CEB623] = {"CEB623", GROUP_MANIFEST, F_appTime},
    [DOC_CEB607] = {"CEB607", GROUP_LOGISTICS, F_appTime},
    [DOC_CEB711] = {"CEB711", GROUP_LOGISTICS, F_appTime},
    [DOC_CEB507] = {"CEB507", GROUP_LOGISTICS, F_appTime},
    [DOC_CEB509] = {"CEB509", GROUP_LOGISTICS, F_appTime},
    [DOC_CEB604] = {"CEB604", GROUP_CUSTOMS, F_returnTime},
    [DOC_CEB622] = {"CEB622", GROUP_CUSTOMS, F_returnTime},
    [DOC_TRANSIT_DECLARED] = {"TRANSIT_DECLARED", GROUP_TRANSIT, F_appTime},
    [DOC_TRANSIT_CANCELLED] = {"TRANSIT_CANCELLED", GROUP_TRANSIT, F_appTime},
    [DOC_GATE] = {"GATE", GROUP_TRANSIT, F_operateTime},
    [DOC_LOCK] = {"LOCK", GROUP_TRANSIT, F_eventTime},
    [DOC_POSITION] = {"POSITION", GROUP_TRANSIT, F_eventTime},
    [DOC_ARRIVAL] = {"ARRIVAL", GROUP_TRANSIT, F_arrivalTime},
    [DOC_TARGETING] = {"TARGETING", GROUP_CUSTOMS, F_orderTime},
    [DOC_DECISION] = {"DECISION", GROUP_CUSTOMS, F_decisionTime},
    [DOC_ALERT_RESOLVED] = {"ALERT_RESOLVED", GROUP_CUSTOMS, F_resolvedTime},
    [DOC_IGNORED] = {"IGNORED", GROUP_ALL, -1},
};

const char *doc_type_name(enum doc_type t)
{
    CHECK(t < DOC_TYPES);
    return types[t].name;
}

unsigned doc_type_group(enum doc_type t)
{
    CHECK(t < DOC_TYPES);
    return types[t].group;
}

const char *doc_field_name(enum doc_field f)
{
    static const char *const name[F_COUNT] = {
#define X(n) [F_##n] = #n,
        DOC_FIELDS(X)
#undef X
    };
    CHECK(f < F_COUNT);
    if (f == F_accountKind)
        return "account.kind";
    return f == F_accountKey ? "account.key" : name[f];
}

const char *table_item_name(enum doc_item_field f)
{
    static const char *const name[I_COUNT] = {
#define X(n) [I_##n] = #n,
        DOC_ITEM_FIELDS(X)
#undef X
    };
    CHECK(f < I_COUNT);
    return name[f];
}

const char *table_row_name(enum table_row_field f)
{
    static const char *const name[R_COUNT] = {
#define X(n) [R_##n] = #n,
        TABLE_ROW_FIELDS(X)
#undef X
    };
    CHECK(f < R_COUNT);
    return name[f];
}

const char *table_list_name(enum table_list l)
{
    static const char *const name[LIST_COUNT] = {"items", "waybills", "bills", "containers"};
    CHECK(l < LIST_COUNT);
    return name[l];
}

int64_t doc_time(const struct doc *d)
{
    const int f = types[d->type].time;
    return f >= 0 && d->f[f].n ? (int64_t)d->num[f] : -1;
}
