/**
 * words.h: every sentence of explain, English and Chinese side by side.
 */
#ifndef EXPLAIN_WORDS_H
#define EXPLAIN_WORDS_H

#include <stdbool.h>

#define WORDS(X)                                                                                   \
    X(MANIFEST, "Manifest", "清单")                                                                \
    X(ORDER, "Order", "订单")                                                                      \
    X(WAYBILL, "Waybill", "运单")                                                                  \
    X(PARTY, "Party", "企业")                                                                      \
    X(BILL, "Bill", "提运单")                                                                      \
    X(LOCK, "Lock", "关锁")                                                                        \
    X(TRANSIT, "Transit entry", "转关单")                                                          \
    X(JUDGED_TO, "judged up to", "已判定至")                                                       \
    X(BELONGS, "Belongs together", "关联单证")                                                     \
    X(FACTS, "Facts, in order of time", "事实（按时间）")                                          \
    X(ALERTS, "Alerts", "警报")                                                                    \
    X(NO_ALERTS, "none", "无")                                                                     \
    X(CONDITIONS, "Conditions for closing by itself", "自动核销条件")                              \
    X(BILLS, "What its bills say", "提运单情况")                                                   \
    X(REASONS, "Reasons that stand", "尚存原因")                                                   \
    X(CLEARED_BY, "cleared by", "解除方法")                                                        \
    X(DECISIONS, "Decisions so far", "历次决定")                                                   \
    X(NO_DECISION, "none yet", "尚无")                                                             \
    X(NOW, "Now", "现状")                                                                          \
    X(MET, "met", "符合")                                                                          \
    X(NOT_MET, "NOT MET", "不符合")                                                                \
    X(WAITING, "waiting", "待定")                                                                  \
    X(NOT_JUDGED, "not judged", "不适用")                                                          \
    X(OPEN, "open", "未结")                                                                        \
    X(WITHDRAWN, "withdrawn", "已撤销")                                                            \
    X(RAISED, "raised", "发出")                                                                    \
    X(RULE, "rule", "规则")                                                                        \
    X(OBSERVED, "observed", "实测值")                                                              \
    X(THRESHOLD, "threshold", "阈值")                                                              \
    X(LEGAL, "legal basis", "法律依据")                                                            \
    X(EVIDENCE, "evidence", "证据")                                                                \
    X(FIRST_SEEN, "first seen", "首次见于")                                                        \
    X(LEFT_OUT, "and more accounts, not shown", "其余账户未列出")                                  \
    X(EARLIEST, "cannot close before", "最早核销时间")                                             \
    X(DROPPED, "closed long ago; its details are no longer kept", "早已结案，明细不再保存")        \
    X(NONE_YET, "no facts of it are in the log", "日志中没有其事实")

enum word {
#define X(name, en, zh) WORD_##name,
    WORDS(X)
#undef X
    WORDS_COUNT
};

const char *word(enum word w, bool zh);

/** What must happen for reason X01..X30 to go, and what it says. */
struct reason_words {
    const char *name; /* "TAMPER"; NULL: not in use */
    const char *en, *zh;
    const char *clears_en, *clears_zh;
};
extern const struct reason_words reason_words[31];

/** Condition C1..C12, and [0]: what belongs to none of them. */
struct condition_words {
    const char *en, *zh;
    unsigned reasons; /* bits */
};
extern const struct condition_words condition_words[13];

#endif
