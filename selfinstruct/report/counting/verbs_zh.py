"""The verb and its objects in Chinese, by the words and parts of speech of jieba."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

__all__ = ["asked_zh"]

Tagged = Sequence[tuple[str, str]]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENOUGH = 80
"""Characters that are looked at."""
CLAUSE = re.compile(r"[，,。！!？?；;：:\n]")
QUOTED = re.compile(r"“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"|`[^`\n]*`")
ASKING = _words("请 请你 请您 麻烦 帮 帮忙 帮助 想 想要 要 需要 希望 能 能否 能够 可以 可 让 要求 必须 应 应该 试 试着")
"""Verbs that ask for another one, which is the root."""
BEFORE = _words("""
    根据 依据 按照 基于 针对 关于 对于 通过 给定 假设 假如 如果 当 在 从 作为 利用 考虑 结合 参考 为 给 对 向 用 使用 以
""")
"""Words that begin what comes before the verb that asks."""
TAKES = _words("将 把")
"""The object stands between these and its verb: 将下列句子翻译成英文."""
DOES = _words("""
    写 写出 写作 编写 撰写 创作 创建 创造 生成 列出 列举 描述 解释 说明 给出 提供 提出 总结 概括 归纳
    分析 比较 对比 分类 翻译 改写 修改 计算 求 设计 制定 制作 识别 找出 找到 判断 确定 回答 介绍 阐述
    评价 评估 讨论 推荐 建议 选择 选出 排序 排列 转换 转化 替换 填写 填空 补全 完成 构建 构造 编辑 校对
    纠正 提取 抽取 检查 检测 预测 推断 推理 模拟 命名 起 造句 组织 整理 简化 缩写 扩写 续写 重写 重组 画
    绘制 辨认 说出 说 说服 发送 准备 制造 开发 用作 建立 编 编造 作 做 预估 求出 算出 解 解方程 查 背诵
    推导 改变 改进 调整 更正 改正 转述 描写 罗列 书写 写下 定 讲 讲述 叙述 告诉 举 举例 定义 证明 解决
    解答 实现 优化 标注 标记 匹配 合并 删除 去掉 添加 插入 输出 输入 打印 估算 验证 探讨 概述 简述 论述
    复述 朗诵 想象 扮演 发明 构思 拟定 规划 安排 准备 搜索 查找 统计 排除 区分 辨别 鉴别 表达 展示 演示
    指出
""")
"""Verbs of instructions, whatever else the lexicon takes them for: 分类 is a noun to it, 比较 an adverb."""
QUESTION = re.compile("什么|如何|怎么|怎样|为何|谁|哪|多少|几|吗|呢|是否")
"""In a clause without a verb of instructions these make a question."""
YOU = _words("你 您 我 我们 你们 大家 一下 以下 下列 下面 下述 上述 给定 这个 每个 该 此")
"""May stand before the verb; any other pronoun makes a statement."""
INSIDE = _words("a ad an b m mq q r f n uj t i l j p d s z zg h vn v uz ng c eng")
"""Parts of speech that may stand between a verb and the head of its object."""
VAGUE = _words("时候 时 方面 情况 方式 问 之间 中 者")


def asked_zh(text: str) -> tuple[str, list[str], list[str]]:
    """(verb, objects, nouns)."""
    plain = QUOTED.sub("“", text[: 2 * ENOUGH])[:ENOUGH]
    verb = ""
    objects: list[str] = []
    nouns: list[str] = []
    for clause in [part.strip() for part in CLAUSE.split(plain) if part.strip()][:4]:
        tagged = _cut(clause)
        nouns += [word for word, kind in tagged if _is_noun(word, kind)]
        if not verb:
            verb, objects = _root(tagged)
    return verb, objects, [noun for noun in nouns if noun != verb]


def _root(tagged: Tagged) -> tuple[str, list[str]]:
    at, moved, aside = 0, [], False
    while at < len(tagged):
        word, kind = tagged[at]
        if word in TAKES:
            end = next(
                (
                    place
                    for place in range(at + 1, len(tagged))
                    if _is_verb(*tagged[place]) and tagged[place][0] not in YOU
                ),
                len(tagged),
            )
            moved = [noun for noun, part in tagged[at + 1 : end] if _is_noun(noun, part)][-1:]
            at = end
        elif word in DOES:
            return word, moved or _objects(tagged[at + 1 :])
        elif kind == "r" and word not in YOU and not aside:
            return "", []
        elif word in ASKING or word in YOU or kind in ("r", "x", "d", "c", "ad", "zg", "y", "e", "m", "f"):
            at += 1
        elif word in BEFORE or kind == "p":
            aside, at = True, at + 1
        elif _is_verb(word, kind):
            if aside:
                at += 1
                continue
            if word in ("是", "有") or QUESTION.search("".join(part for part, _ in tagged)):
                return "", []
            return word, moved or _objects(tagged[at + 1 :])
        elif aside:
            at += 1
        else:
            return "", []
    return "", []


def _objects(rest: Tagged) -> list[str]:
    """The heads: the last noun of the phrase, which its 的 leads to, and those joined to it by 和 or 、."""
    found: list[str] = []
    head, behind = "", False
    for at, (word, kind) in enumerate(rest):
        if word in DOES and kind in ("v", "vn") and not _leads_on(rest[at + 1 :]):
            if head or found:
                break
            continue  # 识别并解释: the object belongs to both
        if word in ("和", "与", "及", "以及", "、", "或", "并", "并且", "而且", "同时", "然后"):
            if word in ("并", "并且", "而且", "同时", "然后") or any(part in DOES for part, _ in rest[at + 1 : at + 2]):
                if head:
                    break
                continue
            if head and not any(part == "的" for part, _ in rest[at:]):
                found.append(head)
                head = ""
            continue
        if (
            word in ("如何", "怎么", "怎样", "为什么", "什么", "是", "是否", "成", "为", "成为", "来", "以")
            and not behind
        ):
            break
        if _is_noun(word, kind) or (behind and kind in ("v", "vn")):
            head, behind = _bare(word, rest[at - 1][1] if at else ""), False
        elif word == "的":
            behind = True
        elif (kind == "x" or kind not in INSIDE) and word not in ("“", "了", "出", "一下", "（", "《", "》"):
            break
    return found + [head] * bool(head)


def _bare(word: str, before: str) -> str:
    """Without the measure word that jieba leaves at a noun after a number: 7 件物品."""
    return word[1:] if before == "m" and len(word) > 2 and word[0] in "件项种位条句首篇道" else word


def _leads_on(rest: Tagged) -> bool:
    """Whether a 的 comes before the clause is over: then the verb is inside a noun phrase."""
    return any(word == "的" for word, _ in rest)


def _is_verb(word: str, kind: str) -> bool:
    return word in DOES or (kind in ("v", "vn", "vi") and word not in ASKING)


def _is_noun(word: str, kind: str) -> bool:
    return (kind[0] in "n" or kind in ("l", "i", "eng", "vn")) and kind != "ng" and word not in VAGUE | DOES


@cache
def _cutter() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's own code has escapes that Python no longer likes
        import jieba
        import jieba.posseg

        jieba.setLogLevel(60)
        jieba.initialize()
    return jieba.posseg.cut


def _cut(text: str) -> Tagged:
    return [_plain(pair.word, pair.flag) for pair in _cutter()(text)]


def _plain(word: str, kind: str) -> tuple[str, str]:
    """Without what jieba leaves at a word: 翻译成 is 翻译, 一封信 is 信."""
    if word[:2] in DOES and word[2:] in ("成", "为", "到", "出"):
        return word[:2], "v"
    return (word[2:], "n") if len(word) == 3 and word[0] in "一两几" and kind in ("i", "l", "m") else (word, kind)
