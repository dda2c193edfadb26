"""Families about code, asked in Chinese: short Python functions, what an expression gives, patterns, SQL queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from selfinstruct.simulator.families.regexes import separates
from selfinstruct.simulator.families.zh.asking import family, listed, same
from selfinstruct.simulator.families.zh.forms import LIST
from selfinstruct.simulator.families.zh.matching import as_list
from selfinstruct.simulator.family import Slots

__all__ = ["EXPRESSIONS", "FAMILIES", "PATTERNS"]

# What an expression gives, of a text or of a list.

EXPRESSIONS: dict[str, tuple[str, Callable[[str, list[int]], object]]] = {
    "反转字符串": ("{s!r}[::-1]", lambda s, ns: s[::-1]),
    "求列表里偶数的和": ("sum(n for n in {ns} if n % 2 == 0)", lambda s, ns: sum(n for n in ns if n % 2 == 0)),
    "取字符串的前两个字": ("{s!r}[:2]", lambda s, ns: s[:2]),
    "排序后拿到最大的两个": ("sorted({ns})[-2:]", lambda s, ns: sorted(ns)[-2:]),
    "逐个平方": ("[n * n for n in {ns}]", lambda s, ns: [n * n for n in ns]),
    "统计不同元素的数目": ("len(set({ns}))", lambda s, ns: len(set(ns))),
    "用短横线连接每个字": ("'-'.join({s!r})", lambda s, ns: "-".join(s)),
    "从列表里隔一个取一个": ("{ns}[::2]", lambda s, ns: ns[::2]),
    "求最大值与最小值之差": ("max({ns}) - min({ns})", lambda s, ns: max(ns) - min(ns)),
    "把字符串重复两遍再量长度": ("len({s!r} * 2)", lambda s, ns: len(s * 2)),
}
WORDS = ("春江花月夜", "天下无双", "豆腐脑", "长城", "人工智能", "小桥流水", "糖醋排骨", "万里无云")
LEARNERS = (
    *("转行学编程的会计", "初二信息课的学生", "面试前刷题的应届生", "自动化办公训练营的学员"),
    *("爱折腾的退休工程师", "数据标注组的新人", "编程社的新社员", "远程结对的实习生"),
)


def _expression(rng: Random, slots: Slots) -> str:
    form, _ = EXPRESSIONS[slots["does"]]
    return form.format(s=rng.choice(WORDS), ns=rng.choices(range(1, 20), k=rng.randint(4, 6)))


def _value(slots: Slots, given: str) -> str:
    _, value = EXPRESSIONS[slots["does"]]
    text = next((word for word in WORDS if word in given), "")
    numbers = [int(n) for n in re.findall(r"\d+", "".join(re.findall(r"\[[\d, ]+\]", given)[:1]))]
    return str(value(text, numbers))


EXPRESSION = family(
    name="python_value",
    phrasings=(
        "这行 Python 表达式用来{does}，求值结果是什么？写给{learner}看。",
        "{learner}问：下面的代码（功能是{does}）算出来等于几？",
        "在脑子里运行一遍：Python 表达式，作用为{does}。得数给{learner}核对。",
        "不用电脑，写出表达式的值，它负责{does}，适合{learner}。",
        "给{learner}的随堂题，{does}，表达式见下，结果照 print 打印的样子写。",
    ),
    slots={"does": tuple(EXPRESSIONS), "learner": LEARNERS},
    draw=_expression,
    solve=_value,
    check=lambda slots, given, output: output.strip("'\"。 ") == _value(slots, given),
)

# Functions, each with one short body; variants that only differ in spaces, quotes or names are told to be right.

FUNCTIONS = {
    "数出字符串里有多少个汉字": r"return sum('\u4e00' <= c <= '\u9fff' for c in x)",
    "返回列表中的最大值与最小值之差": "return max(x) - min(x)",
    "去掉列表里的重复元素并保持原来的次序": "return list(dict.fromkeys(x))",
    "判断字符串正着读和倒着读是否一样": "return x == x[::-1]",
    "把摄氏温度换成华氏温度": "return x * 9 / 5 + 32",
    "求列表中所有正数的平均值": "ns = [n for n in x if n > 0]\n    return sum(ns) / len(ns)",
    "统计每个字出现的次数，返回字典": "return {c: x.count(c) for c in x}",
    "判断年份是不是闰年": "return x % 4 == 0 and (x % 100 != 0 or x % 400 == 0)",
    "计算整数各位数字之和": "return sum(int(d) for d in str(abs(x)))",
    "把市斤换成公斤并保留一位小数": "return round(x / 2, 1)",
    "根据公历年份返回生肖": "return '鼠牛虎兔龙蛇马羊猴鸡狗猪'[(x - 4) % 12]",
    "把手机号中间四位换成星号": "return x[:3] + '****' + x[7:]",
}
NAMES = ("compute", "solve", "handle", "process", "helper", "job")
COMPANIES = (
    *("放在班级小程序的后台", "给粮站的脚本用", "当作入门课的范例", "塞进爬虫的清洗步骤", "写到开源工具箱"),
    *("供客服系统调用", "用来批改作业", "接到校园食堂的结算程序"),
)


def _is_function(slots: Slots, given: str, output: str) -> bool:
    """Our own code but for spaces and quotation marks: what somebody else wrote is not run here."""

    def plain(code: str) -> str:
        code = re.sub(r"^```(?:python)?\n|\n```$", "", code.strip())
        return re.sub(r"\s+", "", code.replace('"', "'"))

    return plain(output) == plain(f"def {slots['name']}(x):\n    {FUNCTIONS[slots['does']]}")


FUNCTION = family(
    name="python_function",
    phrasings=(
        "用 Python 定义函数 {name}(x)，{does}，{company}。",
        "请给出名为 {name} 的 Python 函数，只有一个参数 x，作用是{does}，打算{company}。",
        "有段 Python 要{company}：函数 {name}(x) 能{does}，请写出来。",
        "怎样用几行 Python 来{does}？函数写成 {name}(x)，打算{company}。",
        "实现需求：{does}。语言 Python，签名 {name}(x)。这段代码要{company}。",
    ),
    slots={"name": NAMES, "does": tuple(FUNCTIONS), "company": COMPANIES},
    solve=lambda slots, given: f"def {slots['name']}(x):\n    {FUNCTIONS[slots['does']]}",
    check=_is_function,
    graded=False,  # there are other ways to write each function
)

# Regular expressions: pattern, texts that match, texts that don't.

PATTERNS = {
    "大陆手机号（1 开头，第二位 3 到 9，共十一位）": (
        r"1[3-9]\d{9}",
        "13800001234 19900005678",
        "12800001234 1380000123 a13800001234",
    ),
    "六位数字的邮政编码": (r"\d{6}", "100000 650031", "10000 6500311 65003a"),
    "形如 2024-05-01 的日期": (r"\d{4}-\d{2}-\d{2}", "2024-05-01 1999-12-31", "2024/05/01 24-05-01 2024-5-1"),
    "二到四个汉字的姓名": (r"[\u4e00-\u9fa5]{2,4}", "王芳 欧阳小雨", "王 Tom 王芳2"),
    "带两位小数的金额": (r"\d+\.\d{2}", "12.50 300.00", "12.5 300 .50"),
    "蓝色车牌（一个汉字、一个大写字母加五位字母或数字）": (
        r"[\u4e00-\u9fa5][A-Z][A-Z0-9]{5}",
        "京A12345 粤BD88X6",
        "京112345 京A1234 A京12345",
    ),
    "二十四小时制的钟点，如 07:30": (r"([01]\d|2[0-3]):[0-5]\d", "07:30 23:59", "24:00 7:30 12:60"),
    "以“第”开头、以“章”结尾、中间是数字的章节名": (r"第\d+章", "第1章 第12章", "第章 第一章 12章"),
    "十七位数字加一位数字或 X 的身份证号": (
        r"\d{17}[\dX]",
        "11010119900000000X 110101199000000001",
        "11010119900000000x 1101011990",
    ),
    "只含小写字母和下划线的变量名": (r"[a-z_]+", "user_name total x", "User name1 a-b"),
}
FORMS = (
    *("报名系统的表单", "数据清洗脚本", "日志分析工具", "内部管理后台", "扫码登记的小程序"),
    *("电子表格的校验规则", "自动化测试用例", "老系统的迁移工具", "编辑器的批量替换", "客服机器人的槽位识别"),
)


def _matches(slots: Slots, given: str, output: str) -> bool:
    _, good, bad = PATTERNS[slots["shape"]]
    return separates(output.strip().strip("`/"), good.split(), bad.split())


REGEX = family(
    name="regex",
    phrasings=(
        "写一条正则表达式，整串匹配{shape}，用于{form}。",
        "{form}要校验{shape}，正则怎么写才能完全匹配？",
        "给个 pattern，只放行{shape}，其他一律不收，场景是{form}。",
        "请用正则描述{shape}，我会把它加进{form}。",
        "{form}里混进过不合格的内容，请提供能识别{shape}的正则式。",
    ),
    slots={"shape": tuple(PATTERNS), "form": FORMS},
    solve=lambda slots, given: PATTERNS[slots["shape"]][0],
    check=_matches,
)


def _candidates(rng: Random, slots: Slots) -> str:
    pattern, good, bad = rng.choice(tuple(PATTERNS.values()))
    return f"正则：{pattern}\n文本：{'、'.join(rng.sample((good + ' ' + bad).split(), 4))}"


REGEX_HITS = family(
    name="regex_hits",
    phrasings=(
        "{form}里的正则会放过哪些文本？按原顺序列出，一个都没有就写“无”。",
        "人肉跑一遍正则：哪几条能从头到尾匹配？没有答“无”。规则来自{form}。",
        "测试{form}里的规则，请列出全部通过的文本，若都不过则答“无”。",
        "下面的模式出自{form}，请逐条比对，写下完全符合的项，都不符合写“无”。",
    ),
    slots={"form": FORMS},
    draw=_candidates,
    solve=lambda slots, given: (
        "、".join(
            text
            for text in listed(given.split("文本：")[1])
            if separates(given.split("\n")[0].removeprefix("正则："), [text], [])
        )
        or "无"
    ),
    like=as_list(lambda key, named: lambda text: text == key),  # in these capitals
    endings=LIST,
)

# SQL: a table with a name and a number, and what somebody wants to know.

TABLES = {
    "渔船表 boats（船名 name，船长 length）": ("boats", "name", "length"),
    "会员表 members（姓氏 surname，年龄 age）": ("members", "surname", "age"),
    "菜谱表 recipes（菜名 title，用时 minutes）": ("recipes", "title", "minutes"),
    "账单表 bills（客户 client，金额 amount）": ("bills", "client", "amount"),
    "古树表 trees（树种 species，树高 height）": ("trees", "species", "height"),
    "图书表 books（作者 author，页数 pages）": ("books", "author", "pages"),
    "水井表 wells（村庄 village，深度 depth）": ("wells", "village", "depth"),
    "测温表 sensors（房间 room，温度 degree）": ("sensors", "room", "degree"),
}
QUERIES = {
    "数值超过 30 的全部记录，大的在前": "SELECT * FROM {t} WHERE {b} > 30 ORDER BY {b} DESC;",
    "数值不超过 15 的记录条数": "SELECT COUNT(*) FROM {t} WHERE {b} <= 15;",
    "按前一列分组后的平均值": "SELECT {a}, AVG({b}) FROM {t} GROUP BY {a};",
    "数值最大的三行": "SELECT * FROM {t} ORDER BY {b} DESC LIMIT 3;",
    "前一列里出现不止一次的值": "SELECT {a} FROM {t} GROUP BY {a} HAVING COUNT(*) > 1;",
    "后一列的总和": "SELECT SUM({b}) FROM {t};",
    "后一列为空的那些行": "SELECT * FROM {t} WHERE {b} IS NULL;",
    "前一列去重以后的清单": "SELECT DISTINCT {a} FROM {t};",
}


def _query(slots: Slots) -> str:
    table, name, number = TABLES[slots["table"]]
    return QUERIES[slots["need"]].format(t=table, a=name, b=number)


SQL = family(
    name="sql",
    phrasings=(
        "写一句 SQL，从{table}查出{need}。",
        "数据库里有{table}，我要看{need}，SELECT 怎么写？",
        "同事只会用表格软件，请替他用 SQL 查出{need}，表结构为{table}。",
        "针对{table}，用一条查询语句得到{need}。",
        "{need}——请翻译成 SQL，数据在{table}。",
    ),
    slots={"table": tuple(TABLES), "need": tuple(QUERIES)},
    solve=lambda slots, given: _query(slots),
    check=lambda slots, given, output: same(output.rstrip("; "), _query(slots).rstrip(";")),
    graded=False,  # other queries may give the same rows
)

FAMILIES = (EXPRESSION, FUNCTION, REGEX, REGEX_HITS, SQL)
