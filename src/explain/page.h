/**
 * page.h: what the parts of an explanation share: the place they write to, in text or JSON.
 */
#ifndef EXPLAIN_PAGE_H
#define EXPLAIN_PAGE_H

#include "base/line.h"
#include "explain/explain.h"
#include "explain/words.h"

struct page {
    struct gather g;
    struct buf *out;
    bool json, zh;
};

/** A heading, or the name of a member. */
void page_section(struct page *p, enum word w, const char *json_name);

/** Facts of the accounts of `kinds` (bits), by time; with the verdict of manifests. */
void page_facts(struct page *p, unsigned kinds);

/** Alerts, latest line of each; `only` empty: all. */
void page_alerts(struct page *p, struct view only);

/** Conditions, reasons, bills and decisions of the entry that g.want[i] is. */
void page_entry(struct page *p, uint32_t i);

/** The decisions that went out for g.want[i]. */
void page_decisions(struct page *p, uint32_t i);

/** Local time "2025-09-15 09:10:00"; JSON: a string in UTC. */
void page_time(struct page *p, int64_t ms);

/** The value of a text member of one of our own lines; false: absent. */
static inline bool page_member(struct view line, const char *name, struct view *out)
{
    return line_member(line, name, out);
}

#endif
