"""What languages are called, in English and Chinese, and which one somebody means: zh, "Chinese", 德语, "Deutsch"."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from selfinstruct.text.later import later
from selfinstruct.text.scripts import CODES

__all__ = ["Named", "named_language"]

NAMES = """
af | Afrikaans | 南非荷兰语
ar | Arabic | 阿拉伯语 | العربية
be | Belarusian | 白俄罗斯语
bg | Bulgarian | 保加利亚语 | български
bn | Bengali | 孟加拉语 | bangla, বাংলা
ca | Catalan | 加泰罗尼亚语 | català
cs | Czech | 捷克语 | čeština
cy | Welsh | 威尔士语 | cymraeg
da | Danish | 丹麦语 | dansk
de | German | 德语 | deutsch, 德文
el | Greek | 希腊语 | ελληνικά
en | English | 英语 | 英文
eo | Esperanto | 世界语
es | Spanish | 西班牙语 | español, castilian
et | Estonian | 爱沙尼亚语 | eesti
eu | Basque | 巴斯克语 | euskara
fa | Persian | 波斯语 | farsi, فارسی
fi | Finnish | 芬兰语 | suomi
fr | French | 法语 | français, 法文
ga | Irish | 爱尔兰语 | gaeilge
gl | Galician | 加利西亚语 | galego
he | Hebrew | 希伯来语 | עברית
hi | Hindi | 印地语 | हिन्दी, हिंदी
hr | Croatian | 克罗地亚语 | hrvatski
hu | Hungarian | 匈牙利语 | magyar
hy | Armenian | 亚美尼亚语
id | Indonesian | 印度尼西亚语 | bahasa indonesia, 印尼语
is | Icelandic | 冰岛语 | íslenska
it | Italian | 意大利语 | italiano
ja | Japanese | 日语 | 日本語, 日文
ka | Georgian | 格鲁吉亚语
kk | Kazakh | 哈萨克语
km | Khmer | 高棉语
ko | Korean | 韩语 | 한국어, 韩文
la | Latin | 拉丁语
lt | Lithuanian | 立陶宛语 | lietuvių
lv | Latvian | 拉脱维亚语 | latviešu
mk | Macedonian | 马其顿语
mn | Mongolian | 蒙古语
mr | Marathi | 马拉地语
ms | Malay | 马来语 | bahasa melayu
ne | Nepali | 尼泊尔语
nl | Dutch | 荷兰语 | nederlands
no | Norwegian | 挪威语 | norsk, bokmål, nb
pl | Polish | 波兰语 | polski
pt | Portuguese | 葡萄牙语 | português
ro | Romanian | 罗马尼亚语 | română
ru | Russian | 俄语 | русский, 俄文
sk | Slovak | 斯洛伐克语 | slovenčina
sl | Slovenian | 斯洛文尼亚语 | slovene, slovenščina
sq | Albanian | 阿尔巴尼亚语 | shqip
sr | Serbian | 塞尔维亚语 | српски, srpski
sv | Swedish | 瑞典语 | svenska
sw | Swahili | 斯瓦希里语 | kiswahili
ta | Tamil | 泰米尔语 | தமிழ்
te | Telugu | 泰卢固语
th | Thai | 泰语 | ไทย, 泰文
tl | Tagalog | 他加禄语 | filipino
tr | Turkish | 土耳其语 | türkçe
uk | Ukrainian | 乌克兰语 | українська
ur | Urdu | 乌尔都语 | اردو
uz | Uzbek | 乌兹别克语
vi | Vietnamese | 越南语 | tiếng việt
zh | Chinese | 中文 | mandarin, 汉语, 漢語, 普通话, 简体中文, 国语, 华语, cn
"""
"""A code, its language in English and in Chinese, and what else it is called."""
VARIANTS = """
zh-hant | Traditional Chinese | 繁体中文
zh-tw | Traditional Chinese (Taiwan) | 繁体中文（台湾）
zh-hk | Traditional Chinese (Hong Kong) | 繁体中文（香港）
zh-hans | Simplified Chinese | 简体中文
zh-cn | Simplified Chinese | 简体中文
pt-br | Brazilian Portuguese | 巴西葡萄牙语
pt-pt | European Portuguese | 欧洲葡萄牙语
en-gb | British English | 英式英语
en-us | American English | 美式英语
de-ch | Swiss Standard German | 瑞士标准德语
de-at | Austrian German | 奥地利德语
es-mx | Mexican Spanish | 墨西哥西班牙语
fr-ca | Canadian French | 加拿大法语
"""
_CODE = later(r"[a-z]{2,3}(?:[-_][a-z]{2,4})?", re.IGNORECASE)


class Named(NamedTuple):
    code: str
    """Of two letters; "" of a language that cannot be told."""
    en: str
    zh: str


@cache
def _names(table: str) -> dict[str, Named]:
    """The languages of a table by their codes and by every name, in small letters."""
    found = dict[str, Named]()
    for line in table.strip().split("\n"):
        code, english, chinese, *others = line.split(" | ")
        one = Named(code[:2], english, chinese)
        found |= {name.casefold(): one for name in (code, english, chinese, *",".join(others).split(", ")) if name}
    return found


def named_language(text: str) -> Named | None:
    """The language of a name or a code, in any case; None of what has the form of a code and is none.

    A name that we do not know ("Klingon") is taken as it stands.
    """
    said = text.strip()
    low = said.casefold().replace("_", "-")
    known = _names(NAMES)
    if found := _names(VARIANTS).get(low) or known.get(low):
        return found
    if _CODE.fullmatch(said) and (len(said) < 4 or "-" in low):
        code = low.split("-")[0]
        return known.get(code) or (Named(code, said, said) if code in CODES else None)
    dialect = next((one for name, one in known.items() if len(name) > 3 and low.endswith(f" {name}")), None)
    return Named(dialect.code if dialect else "", said, said)
