#include "gen/tables.h"

#include <stdio.h>

#include "base/err.h"
#include "gen/rng.h"

const struct office tables_origin[] = {
    {"3701", "3701A001"}, {"3702", "3702B010"}, {"3703", "3703C004"}, {"3714", "3714X002"},
    {"3717", "3717X011"}, {"3720", "3720S001"}, {"3713", "3713Y001"},
};
const uint32_t tables_origins = ARRAY_LEN(tables_origin);

const struct office tables_port[] = {
    {"3711", "3711D006"}, {"3712", "3712H008"}, {"3715", "3715G001"}, {"3724", "3724P001"},
    {"2248", "2248YS02"}, {"2233", "2233PD07"}, {"5316", "5316DP01"}, {"3104", "3104BL03"},
};
const uint32_t tables_ports = ARRAY_LEN(tables_port);

const char *const tables_country[] = {
    "502", "502", "502", "303", "304", "116", "133", "110", "132", "122", "501", "601", "344",
};
const uint32_t tables_countries = ARRAY_LEN(tables_country);

/* The first one is CNY. */
const struct currency tables_currency[] = {
    {"142", 100000}, {"502", 715000}, {"300", 832000}, {"303", 960000}, {"116", 4800},
    {"110", 92000},  {"601", 466000}, {"501", 515000}, {"132", 552000}, {"133", 520},
};
const uint32_t tables_currencies = ARRAY_LEN(tables_currency);

const struct goods tables_goods[] = {
    {"3926909090", "手机保护壳", "硅胶|黑色|适用6.1寸", "007", "035", 800, 6000},
    {"8518300000", "无线耳机", "TWS-A3|蓝牙5.3", "007", "007", 4000, 39900},
    {"6109100022", "棉制针织T恤衫", "100%棉|男式|L码", "011", "011", 2500, 12900},
    {"6110300090", "化纤针织套头衫", "95%聚酯纤维5%氨纶|女式", "011", "011", 3900, 19900},
    {"6404199000", "运动鞋", "织物鞋面|橡胶底|42码", "025", "025", 6900, 49900},
    {"9503008900", "拼装积木玩具", "ABS塑料|520粒", "007", "035", 1900, 29900},
    {"4202920000", "双肩背包", "涤纶面|20升", "007", "035", 4500, 35900},
    {"8504409999", "充电器", "65W氮化镓|两口", "007", "007", 2900, 15900},
    {"8544421900", "数据线", "USB-C|1米|编织", "015", "035", 600, 4900},
    {"9405410090", "太阳能庭院灯", "LED|IP65|4只装", "007", "035", 3500, 25900},
    {"7323930000", "不锈钢保温杯", "304不锈钢|500毫升", "007", "035", 1900, 9900},
    {"3924100000", "塑料餐盒", "PP|1.2升|五件套", "007", "035", 900, 5900},
    {"9004909000", "偏光太阳镜框", "TR90|男女通用", "012", "012", 2500, 19900},
    {"8517629900", "无线路由器", "AX3000|双频", "001", "001", 9900, 69900},
    {"8471607200", "机械键盘", "87键|红轴|有线", "001", "001", 8900, 59900},
    {"8471606090", "无线鼠标", "2.4G|1600DPI", "007", "007", 2500, 19900},
    {"6204620000", "女式牛仔长裤", "98%棉2%氨纶|M码", "011", "011", 4900, 25900},
    {"6212109090", "无钢圈胸衣", "锦纶82%氨纶18%", "011", "011", 2900, 15900},
    {"6307900090", "宠物牵引绳", "尼龙|3米", "015", "035", 1200, 7900},
    {"9506919000", "瑜伽垫", "TPE|6毫米", "015", "035", 3900, 15900},
    {"9506919000", "健身弹力带", "乳胶|五条装", "015", "035", 1500, 8900},
    {"4911910000", "装饰画", "帆布|40x60厘米", "007", "035", 1900, 12900},
    {"8510100000", "电动剃须刀", "三刀头|充电式", "001", "001", 6900, 45900},
    {"8509809000", "便携榨汁机", "350毫升|USB充电", "001", "001", 4900, 19900},
    {"8516320000", "卷发棒", "32毫米|陶瓷", "001", "001", 3900, 29900},
    {"9102120000", "石英电子手表", "塑料壳|防水30米", "007", "007", 2900, 25900},
    {"7117190000", "仿首饰项链", "合金|镀银", "015", "035", 900, 9900},
    {"3304990039", "面部精华液", "30毫升|瓶装", "035", "035", 4900, 39900},
    {"3401300000", "洁面乳", "100克|支装", "012", "035", 2500, 15900},
    {"9619001100", "婴儿纸尿裤", "NB码|84片", "125", "035", 5900, 18900},
    {"1901101090", "婴幼儿配方奶粉", "3段|900克", "122", "035", 12900, 32900},
    {"2106909090", "维生素软糖", "60粒|瓶装", "122", "035", 4900, 19900},
};
const uint32_t tables_goods_n = ARRAY_LEN(tables_goods);

void firm_set(struct firm *f, const char *code, const char *name)
{
    snprintf(f->code, sizeof(f->code), "%s", code);
    snprintf(f->name, sizeof(f->name), "%s", name);
    f->code_v = view_of(f->code);
    f->name_v = view_of(f->name);
}

static void fill(struct firm f[], uint32_t n, const char *prefix, const char *const tail[],
                 uint32_t tails, struct rng *r)
{
    static const char *const town[] = {"厦门", "泉州", "漳州", "福州",
                                       "义乌", "深圳", "广州", "杭州"};
    static const char *const word[] = {"晨星", "海达", "联运", "鹭江", "恒通", "万顺",
                                       "启航", "嘉禾", "东盛", "瑞丰", "远洋", "金桥",
                                       "新宇", "华茂", "百川", "云帆"};
    for (uint32_t i = 0; i < n; i++) {
        char code[16];
        char name[72];
        snprintf(code, sizeof(code), "%s%04u", prefix, i + 1);
        /* One after the other: arguments are drawn in another order on another machine. */
        const char *const what = tail[rng_below(r, tails)];
        const char *const second = word[rng_below(r, ARRAY_LEN(word))];
        const char *const first = word[rng_below(r, ARRAY_LEN(word))];
        const char *const where = town[rng_below(r, ARRAY_LEN(town))];
        snprintf(name, sizeof(name), "%s%s%s%s", where, first, second, what);
        firm_set(&f[i], code, name);
    }
}

void tables_firms(struct firms *f, uint64_t seed)
{
    static const char *const agent[] = {"报关有限公司", "国际货运代理有限公司"};
    static const char *const seller[] = {"电子商务有限公司", "贸易有限公司", "供应链管理有限公司",
                                         "科技有限公司"};
    static const char *const platform[] = {"海购平台", "跨境商城", "优选平台"};
    static const char *const carrier[] = {"快运有限公司", "国际物流有限公司", "速递有限公司"};
    struct rng r = {seed};
    fill(f->agent, TABLES_AGENTS, "350298", agent, ARRAY_LEN(agent), &r);
    fill(f->seller, TABLES_SELLERS, "350296", seller, ARRAY_LEN(seller), &r);
    fill(f->platform, TABLES_PLATFORMS, "350297", platform, ARRAY_LEN(platform), &r);
    fill(f->carrier, TABLES_CARRIERS, "350299", carrier, ARRAY_LEN(carrier), &r);
}
