/* Finding texts, and the small families. Rules: text_rules.c; closing: text_closing.c. */
#include "base/err.h"
#include "drift/text_tables.h"

static const struct text verdicts[] = {
    {"ACCEPTED", NULL, {"Accepted", "已接受"}, {"The document is in force.", "单证已生效。"}},
    {"HELD",
     NULL,
     {"Held", "待人工审核"},
     {"In force, but an officer must look at it.", "单证已生效，但须由关员审核。"}},
    {"REJECTED",
     NULL,
     {"Rejected", "退单"},
     {"A blocking rule speaks against it; it is not in force.", "命中阻断规则，单证未生效。"}},
    {"DUPLICATE",
     NULL,
     {"Duplicate", "重复"},
     {"The same document came before; nothing has changed.", "此前已收到相同单证，未作处理。"}},
    {"STALE",
     NULL,
     {"Out of date", "旧报文"},
     {"It is not newer than what is in force.", "报送时间不晚于现行版本，不做处理。"}},
    {"AMENDED",
     NULL,
     {"Amended", "已变更"},
     {"The change is in force in place of the version before.", "变更已生效，取代原版本。"}},
    {"CANCELLED", NULL, {"Cancelled", "已撤销"}, {"The manifest is cancelled.", "清单已撤销。"}},
    {"CONFLICT",
     NULL,
     {"Conflict", "申报冲突"},
     {"Declared already with other content; the first version stays.",
      "该清单已申报且内容不同，维持原版本。"}},
    {"REFUSED",
     NULL,
     {"Refused", "不予变更"},
     {"Too late, or there is nothing that it could change.", "已放行，或无可变更、撤销的清单。"}},
};

static const struct text codes[] = {
    {"ORIGINAL_UNSEEN",
     NULL,
     {"Original not seen", "未见原清单"},
     {"A change or cancellation of a manifest that never came in.",
      "变更或撤销所指的清单从未收到。"}},
};

static const struct text accounts[] = {
    {"manifest", NULL, {"Manifest", "清单"}, {"One declared parcel.", "一票申报的包裹。"}},
    {"order", NULL, {"Order", "订单"}, {"All manifests of one order.", "同一订单的全部清单。"}},
    {"waybill",
     NULL,
     {"Waybill", "运单"},
     {"All manifests that carry one waybill number.", "同一运单号的全部清单。"}},
    {"party", NULL, {"Party", "企业"}, {"A firm by its code.", "按代码识别的企业。"}},
    {"bill",
     NULL,
     {"Bill of lading", "提运单"},
     {"The waybills under one bill.", "同一提运单下的运单。"}},
    {"lock",
     NULL,
     {"Smart lock", "安全智能锁"},
     {"A lock with all its events.", "一把锁及其全部事件。"}},
    {"transit",
     NULL,
     {"Transit entry", "转关单"},
     {"One journey under customs control.", "一次海关监管下的转关运输。"}},
};

static const struct text levels[] = {
    {"B",
     NULL,
     {"Block", "阻断"},
     {"The manifest is refused, the entry cannot close.", "清单退单，转关单不得核销。"}},
    {"H", NULL, {"Hold", "人工处置"}, {"An officer decides.", "由关员处置。"}},
    {"R", NULL, {"Review", "复核"}, {"On a list for later review.", "列入事后复核名单。"}},
    {"I", NULL, {"Information", "提示"}, {"Told, nothing more.", "仅作提示。"}},
};

static const struct text states[] = {
    {"OPEN", NULL, {"Open", "未了结"}, {"The rule holds now.", "规则目前命中。"}},
    {"WITHDRAWN",
     NULL,
     {"Withdrawn", "已撤回"},
     {"The facts that raised it are gone.", "引发预警的事实已不存在。"}},
};

static const struct text resolutions[] = {
    {"CLEARED",
     NULL,
     {"Cleared", "已排除"},
     {"An officer found no fault in these documents.", "关员核查后予以排除。"}},
    {"CONFIRMED",
     NULL,
     {"Confirmed", "已确认"},
     {"An officer confirmed the finding.", "关员核查后确认属实。"}},
};

static const struct text profiles[] = {
    {"LOCK",
     NULL,
     {"Smart lock", "智能锁监管"},
     {"Sealed with a smart lock; all its events count.", "以安全智能锁施封，锁事件全部参与判定。"}},
    {"SEAL",
     NULL,
     {"Plain seal", "普通封志"},
     {"Sealed without electronics; no lock events are asked for.", "普通封志施封，不要求锁事件。"}},
    {"FULL_TRUST",
     NULL,
     {"Trusted firm", "高级认证企业"},
     {"As a plain seal; weights are not compared either.", "同普通封志，且不比对重量。"}},
};

static const struct text evidences[] = {
    {"declared",
     NULL,
     {"Declared", "已申报"},
     {"The transit declaration is in.", "已收到转关申报。"}},
    {"manifests",
     NULL,
     {"Manifests", "清单齐备"},
     {"Manifests of its bills are in.", "已收到提运单下的清单。"}},
    {"waybills",
     NULL,
     {"Waybill list", "总分单"},
     {"The waybill list of a bill is in.", "已收到清单总分单。"}},
    {"departed",
     NULL,
     {"Departed", "已启运"},
     {"It left the office of departure.", "已驶离启运地卡口。"}},
    {"sealed", NULL, {"Sealed", "已施封"}, {"It was sealed.", "已施封。"}},
    {"arrived",
     NULL,
     {"Arrived", "已运抵"},
     {"It came to the office of destination.", "已运抵指运地。"}},
    {"checked",
     NULL,
     {"Seal checked", "已验封"},
     {"The seal was checked at the destination.", "已在指运地验封。"}},
};

static const struct text events[] = {
    {"SEAL", NULL, {"Sealed", "施封"}, {"The lock was closed for a journey.", "锁已施封。"}},
    {"UNSEAL", NULL, {"Unsealed", "解封"}, {"The lock was opened.", "锁已解封。"}},
    {"CHECK", NULL, {"Checked", "验封"}, {"The lock was inspected.", "锁已验封。"}},
    {"TAMPER",
     NULL,
     {"Tampered with", "拆卸报警"},
     {"The lock reports force.", "锁报告被强行拆卸。"}},
    {"CUT", NULL, {"Cut", "剪线报警"}, {"The cable was cut.", "锁绳被剪断。"}},
    {"FAULT", NULL, {"Fault", "设备故障"}, {"The device is faulty.", "设备发生故障。"}},
    {"LOW_BATTERY", NULL, {"Low battery", "电量不足"}, {"The battery is low.", "电池电量不足。"}},
};

#define FAMILY(table)                                                                              \
    {                                                                                              \
        table, ARRAY_LEN(table)                                                                    \
    }

static const struct {
    const struct text *text;
    size_t n;
} small[TEXT_FAMILIES] = {
    [TEXT_VERDICT] = FAMILY(verdicts), [TEXT_CODE] = FAMILY(codes),
    [TEXT_ACCOUNT] = FAMILY(accounts), [TEXT_LEVEL] = FAMILY(levels),
    [TEXT_STATE] = FAMILY(states),     [TEXT_RESOLUTION] = FAMILY(resolutions),
    [TEXT_PROFILE] = FAMILY(profiles), [TEXT_EVIDENCE] = FAMILY(evidences),
    [TEXT_EVENT] = FAMILY(events),
};

const struct text *text_all(enum text_family f, size_t *n)
{
    switch (f) {
    case TEXT_RULE:
        return text_rules(n);
    case TEXT_REASON:
        return text_reasons(n);
    case TEXT_CONDITION:
        return text_conditions(n);
    case TEXT_DECISION:
        return text_decisions(n);
    case TEXT_REJECT:
        return text_rejects(n);
    case TEXT_MESSAGE:
        return text_messages(n);
    case TEXT_WORD:
        return text_words(n);
    default:
        *n = small[f].n;
        return small[f].text;
    }
}

const struct text *text_find(enum text_family f, struct view code)
{
    size_t n;
    const struct text *const t = text_all(f, &n);
    for (size_t i = 0; i < n; i++)
        if (view_is(code, t[i].code))
            return &t[i];
    return NULL;
}

static const struct text *at(enum text_family f, size_t i)
{
    size_t n;
    const struct text *const t = text_all(f, &n);
    CHECK(i < n);
    return &t[i];
}

const struct text *text_rule(enum rule_code code)
{
    return at(TEXT_RULE, code);
}

const struct text *text_reason(unsigned n)
{
    return at(TEXT_REASON, (size_t)n - 1);
}

const struct text *text_condition(unsigned n)
{
    return at(TEXT_CONDITION, (size_t)n - 1);
}

struct view text_name(enum text_family f, struct view code, enum lang l)
{
    const struct text *const t = text_find(f, code);
    return t ? view_of(t->name[l]) : code;
}

const char *text_word(const char *code, enum lang l)
{
    const struct text *const t = text_find(TEXT_WORD, view_of(code));
    CHECK(t);
    return t->name[l];
}
