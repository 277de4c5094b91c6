/**
 * words.h: what the page of a day says besides the words of drift/text.h, in every language.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "base/lang.h"

#define REPORT_WORDS(X)                                                                            \
    X(TITLE, "End of the day", "当日工作报告")                                                     \
    X(JUDGED_TO, "Judged up to", "已判定至")                                                       \
    X(ZONE, "times in", "时区")                                                                    \
    X(MANIFESTS, "manifests and cancellations answered", "票清单及撤销单已回执")                   \
    X(NOW_HELD, "Held", "暂不核销")                                                                \
    X(OF_DECIDED, "of the entries decided that day", "占当日已决定转关单的")                       \
    X(WAITING, "Waiting for an officer", "待关员处置")                                             \
    X(WAITING_NOTE,                                                                                \
      "Entries that are held or overdue, and alerts of level H that nobody has answered, as at "   \
      "the end of the day, oldest first.",                                                         \
      "截至当日终了，异常或逾期的转关单，以及尚未处置的H级预警，"      \
      "按等待时间由长到短排列。")                                                                  \
    X(OLDEST, "oldest", "最久")                                                                    \
    X(ENTRIES, "entries", "票转关单")                                                              \
    X(ALERTS, "alerts", "条预警")                                                                  \
    X(RAISED, "Alerts raised", "新发预警")                                                         \
    X(WITHDRAWN_N, "withdrawn", "条已撤回")                                                        \
    X(OPEN_N, "open at the end", "条期末未了结")                                                   \
    X(REOPENED, "Reopened", "核销后重开")                                                          \
    X(REOPENED_NOTE, "Entries that had been closed and are not any more.",                         \
      "曾已核销，后因新情况恢复未结的转关单。")                                                    \
    X(BY_HOUR, "Entries by hour and decision", "各时段转关单决定")                                 \
    X(BY_HOUR_NOTE, "Each entry counts once, at the hour of its latest decision of the day.",      \
      "每票转关单按其当日最后一次决定所在时段计一次。")                                            \
    X(DECISIONS, "Decisions of the day", "当日决定汇总")                                           \
    X(HELD_WHY, "Held and why", "暂不核销及原因")                                                  \
    X(HELD_NOTE, "Reasons of the entries that wait. An entry may have several.",                   \
      "待处置转关单的原因；一票转关单可有多个原因。")                                              \
    X(HELD_LIST, "Entries held that day", "当日暂不核销的转关单")                                  \
    X(OVERDUE_LIST, "Overdue", "逾期未到")                                                         \
    X(OVERDUE_NOTE, "Entries that should have arrived and did not, decided that day.",             \
      "当日判定为应到未到的转关单。")                                                              \
    X(BY_RULE, "Alerts by rule", "各规则预警")                                                     \
    X(CASES, "Largest cases", "偏差最大的情形")                                                    \
    X(CASES_NOTE,                                                                                  \
      "Raised that day, by rule, the largest observed value first; rules without a value are in "  \
      "the files.",                                                                                \
      "当日新发，按规则列出，实测值大者在前；无数值的规则见数据文件。")                            \
    X(PARTIES, "Parties with most alerts", "预警最多的企业")                                       \
    X(PARTIES_NOTE,                                                                                \
      "Alerts raised that day. A seller by ebcCode; of orders the platform, of waybills the "      \
      "carrier. Bills and entries name no party.",                                                 \
      "当日新发预警。电商企业按ebcCode；订单类计入平台，"                     \
      "运单类计入物流企业；提运单和转关单类不涉及企业。")                                          \
    X(WATERMARK, "How far the judgement has come", "判定进度")                                     \
    X(W_LOG, "The log ends here: nothing more is known than what was read up to this time.",       \
      "日志到此结束：此时间之后的情况不在本报告内。")                                              \
    X(W_KAFKA_NONE, "Nothing holds it back: every group has read everything.",                     \
      "没有滞后：各消费组均已读完。")                                                              \
    X(W_KAFKA, "These partitions hold it back:", "下列分区尚未读完，判定因此滞后：")               \
    X(W_UNKNOWN, "What holds it back could not be read:", "无法读取滞后情况：")                    \
    X(W_AGO, "behind the clock", "落后于当前时间")                                                 \
    X(W_NOT_LAST, "The log goes on after this day; the page shows the state at its end.",          \
      "日志在该日之后仍有记录；本报告为该日终了时的状态。")                                        \
    X(W_NEVER, "no time has been confirmed yet", "尚无确认的时间")                                 \
    X(NONE, "None.", "无。")                                                                       \
    X(MORE, "more in", "项见")                                                                     \
    X(FILES, "The same as files", "数据文件")                                                      \
    X(LAG_TRANSACTION, "a producer has left a transaction open", "有生产者的事务尚未结束")         \
    X(LAG_OURS, "the ledger partition of this instance is behind", "本实例的账本分区尚未处理完")   \
    X(LAG_ELSEWHERE, "another instance owns this ledger partition; is it at work?",                \
      "该账本分区属于其他实例，请确认其是否运行")                                                  \
    X(LAG_INGEST, "the ingest workers have not come further", "接收进程尚未读到此处")              \
    X(SELLER, "Seller", "电商企业")                                                                \
    X(PLATFORM, "Platform", "电商平台")                                                            \
    X(CARRIER, "Carrier", "物流企业")                                                              \
    X(DAYS, "d", "天")                                                                             \
    X(HOURS, "h", "小时")                                                                          \
    X(MINUTES, "min", "分钟")                                                                      \
    X(C_TURN, "Entry", "转关单号")                                                                 \
    X(C_DECISION, "Decision", "决定")                                                              \
    X(C_REASONS, "Reasons", "原因")                                                                \
    X(C_REVISION, "Revision", "版次")                                                              \
    X(C_ORIGIN, "From", "启运地")                                                                  \
    X(C_DEST, "To", "指运地")                                                                      \
    X(C_VEHICLE, "Vehicle", "车牌")                                                                \
    X(C_AT, "Decided", "决定时间")                                                                 \
    X(C_CLOSED, "Closed", "核销时间")                                                              \
    X(C_SINCE, "Since", "始于")                                                                    \
    X(C_AGE, "Waits", "已等待")                                                                    \
    X(C_REOPENED, "Reopened", "重开时间")                                                          \
    X(C_CODE, "Code", "代码")                                                                      \
    X(C_NAME, "Name", "名称")                                                                      \
    X(C_TODAY, "That day", "当日")                                                                 \
    X(C_WAITING, "Waiting", "待处置")                                                              \
    X(C_LEVEL, "Level", "级别")                                                                    \
    X(C_RAISED, "Raised", "新发")                                                                  \
    X(C_WITHDRAWN, "Withdrawn", "撤回")                                                            \
    X(C_OPEN, "Open", "未了结")                                                                    \
    X(C_RULE, "Rule", "规则")                                                                      \
    X(C_KIND, "What", "对象")                                                                      \
    X(C_KEY, "Number", "编号")                                                                     \
    X(C_OBSERVED, "Observed", "实测值")                                                            \
    X(C_THRESHOLD, "Threshold", "阈值")                                                            \
    X(C_STATE, "State", "状态")                                                                    \
    X(C_ALERT, "Alert", "预警编号")                                                                \
    X(C_PARTY, "Party", "企业代码")                                                                \
    X(C_ROLE, "Role", "角色")                                                                      \
    X(C_ALERTS, "Alerts", "预警数")                                                                \
    X(C_RULES, "Rules", "规则")                                                                    \
    X(C_WHY, "Why", "缘由")                                                                        \
    X(C_HOUR, "Hour", "时段")                                                                      \
    X(C_TOPIC, "Topic", "主题")                                                                    \
    X(C_PARTITION, "Partition", "分区")                                                            \
    X(C_GROUP, "Group", "消费组")                                                                  \
    X(C_READ, "Read to", "已读至")                                                                 \
    X(C_END, "End", "末尾")                                                                        \
    X(C_BEHIND, "Behind", "落后")                                                                  \
    X(C_COUNT, "Count", "数量")

enum report_word {
#define X(name, en, zh) SAY_##name,
    REPORT_WORDS(X)
#undef X
    SAY_COUNT
};

const char *report_word(enum report_word w, enum lang l);

#endif
