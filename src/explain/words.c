#include "explain/words.h"

const char *word(enum word w, bool zh)
{
    static const char *const text[][2] = {
#define X(name, en, zh) {en, zh},
        WORDS(X)
#undef X
    };
    return text[w][zh];
}

/* clang-format off */
const struct reason_words reason_words[31] = {
    [1] = {"UNKNOWN_ENTRY", "facts came, but no declaration", "有事实而无转关申报",
           "the declaration of the entry", "补报转关申报"},
    [2] = {"CANCELLED_LATE", "cancelled after it had begun to move", "起运后才撤销",
           "a decision of an officer", "关员决定"},
    [3] = {"NO_DEPARTURE", "no gate-out or no sealing at the origin", "启运地无出卡或施封记录",
           "the late gate-out or SEAL event", "补传出卡或施封事件"},
    [4] = {"SEALED_OUTSIDE", "sealed at another office than the origin", "施封关区不是启运地海关",
           "a decision of an officer", "关员决定"},
    [5] = {"NO_ARRIVAL", "not arrived in time", "逾期未运抵",
           "an arrival, a gate-in or CEB507", "运抵、进卡或 CEB507"},
    [6] = {"WRONG_OFFICE", "arrived at another office or site", "运抵关区或场所不符",
           "a newer declaration before departure, or an officer", "启运前改单，或关员决定"},
    [7] = {"OVERDUE", "arrived after valid time and grace", "超过有效期及宽限期运抵",
           "a decision of an officer", "关员决定"},
    [9] = {"CONTAINER", "container is not the declared one", "箱号与申报不符",
           "a decision of an officer", "关员决定"},
    [10] = {"PLATE", "plate is not the declared one", "车牌与申报不符",
            "a decision of an officer", "关员决定"},
    [11] = {"SEAL_ID", "a lock that was not declared", "关锁未申报",
            "a decision of an officer", "关员决定"},
    [12] = {"OPENED", "opened on the road", "途中开锁", "a decision of an officer", "关员决定"},
    [13] = {"TAMPER", "the lock was tampered with or cut", "关锁被破坏或剪断",
            "a decision of an officer", "关员决定"},
    [14] = {"UNLOCK_OUTSIDE", "unlocked elsewhere or before the check", "异地解封或验封前解封",
            "the CHECK event when it is late; else an officer", "补传验封事件，否则关员决定"},
    [18] = {"PIECES_SHORT", "fewer pieces than declared", "件数短少",
            "corrected manifests, 607 list or arrival", "更正清单、607 或运抵件数"},
    [19] = {"PIECES_OVER", "more pieces than declared", "件数溢多",
            "corrected manifests, 607 list or arrival", "更正清单、607 或运抵件数"},
    [20] = {"PARTS_MISSING", "lists and manifests do not cover each other", "分单与清单不齐",
            "the missing 607 part or manifest", "补传 607 分单或清单"},
    [21] = {"WEIGHT", "weight differs more than allowed", "重量差超过允许范围",
            "a newer weighing at the gate, or a corrected list", "重新过磅，或更正 607"},
    [22] = {"MANIFEST_NOT_RELEASED", "a manifest is not released", "清单尚未放行",
            "customs status 800 of each manifest", "各清单回执 800 放行"},
    [23] = {"CHANGED_AFTER_SEAL", "changed after the seal", "施封后改单",
            "a decision of an officer", "关员决定"},
    [24] = {"DRIFT_ALERT", "an open alert on its documents", "单证有未结警报",
            "the correction of the documents, or ALERT_RESOLVED CLEARED", "更正单证，或警报核清"},
    [25] = {"TARGETED", "an inspection is ordered", "布控查验",
            "TARGETING LIFT", "解除布控"},
    [26] = {"GATE_REFUSED", "the gate refused it", "卡口核放不通过",
            "a later pass of the same gate with checkResult Y", "同一卡口再次核放通过"},
    [27] = {"DEVICE_FAULT", "the lock reported a fault", "关锁故障",
            "a decision of an officer", "关员决定"},
    [28] = {"DUPLICATE_LOCK", "the lock was sealed twice", "关锁重复施封",
            "the UNSEAL event between, else an officer", "补传中间的解封事件，否则关员决定"},
    [29] = {"DATA_CONFLICT", "two different statements of one fact", "同一事实数据冲突",
            "a newer document that settles it, or an officer", "以新单证更正，或关员决定"},
    [30] = {"FEED_LATE", "a declared lock was never checked", "申报关锁未见验封",
            "the late CHECK event", "补传验封事件"},
};

#define B(n) (1u << (n))
const struct condition_words condition_words[13] = {
    [0] = {"no device fault, no conflict, all feeds in", "无设备故障、无冲突、数据齐全",
           B(27) | B(28) | B(29) | B(30)},
    [1] = {"declared and not cancelled", "已申报且未撤销", B(1) | B(2)},
    [2] = {"sealed at the origin and left it", "在启运地施封并出卡", B(3) | B(4)},
    [3] = {"arrived at the declared place", "运抵申报的指运地", B(5) | B(6)},
    [4] = {"arrived in time", "在有效期内运抵", B(7)},
    [5] = {"container and plate as declared", "箱号、车牌与申报一致", B(9) | B(10)},
    [6] = {"locks as declared", "关锁与申报一致", B(11)},
    [7] = {"not opened or tampered with on the road", "途中未开启、未破坏", B(12) | B(13) | B(14)},
    [8] = {"track inside the corridor", "轨迹在规定路线内", 0},
    [9] = {"pieces and parts agree", "件数与分单一致", B(18) | B(19) | B(20)},
    [10] = {"weight agrees", "重量一致", B(21)},
    [11] = {"manifests unchanged, without alert (released, if required)", "清单未改、无警报（要求放行时已放行）",
            B(22) | B(23) | B(24)},
    [12] = {"no inspection order, gate passed", "无布控、卡口通过", B(25) | B(26)},
};
