"""Personal data in running text: e-mail addresses, phone numbers, cards, accounts, identity numbers, IP addresses.

What has a checksum must pass it (cards: Luhn, IBAN: ISO 7064 mod 97-10, Chinese identity numbers: mod 11-2). A phone
number is known by a shape that nothing else has, or by a word before it. What stands for an address without being
anybody's is none: reserved domains (RFC 2606), roles (support@…), numbers for films (555-0147, 07700 900…), toll-free
ones, 13800138000, cards that payment services publish for tests. Names and street addresses are not looked for.

Own patterns and no library, for the filters must find things in running text of any country: phonenumbers wants to be
told the country of a number without a country code, takes 2.6 MB and 0.3 ms a text (this 0.03), misses what is made up,
and takes 9 of the 69 harmless labelled texts for numbers; python-stdnum checks numbers and finds none.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator

from selfinstruct.text.later import later

__all__ = ["KINDS", "find_personal", "masked"]

WIDE = later("[０-９＠Ａ-Ｚａ-ｚ]")
NARROW = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF20, 0xFF3B), *range(0xFF41, 0xFF5B))}
NARROW |= {ord("．"): ord("."), ord("＋"): ord("+"), ord("－"): ord("-"), 0xA0: 32, 0x2010: 45, 0x2011: 45, 0x2013: 45}
LONG = later(r"\d(?:[ .()/\u00a0\u2010-\u2013-]{0,3}\d){6}")
"""Digits as all but e-mail addresses have them; a text without is done with in a microsecond."""
DIGIT = later(r"\D")

FREE = r"(?<![0-9A-Za-z_#$€£¥+*^/-])(?<!\d[.,])"
"""What stands before a number that is none of a longer one, of a name or of a sum …"""
DONE = r"(?![0-9A-Za-z_%]|[.,:/-]\d)"
"""… and behind it."""

EMAIL = later(
    r"(?<![A-Za-z0-9._%+/@-])([A-Za-z0-9][A-Za-z0-9._%+-]{0,63})"
    r"(?:@|[ ]?[\[(][ ]?at[ ]?[\])][ ]?)"
    r"((?:[A-Za-z0-9-]{1,63}(?:\.|[ ]?[\[(][ ]?dot[ ]?[\])][ ]?)){1,5}[A-Za-z]{2,24})(?![A-Za-z0-9-])",
    re.IGNORECASE,
)
AT = later(r"[\[(] ?at ?[\])]", re.IGNORECASE)
RESERVED = later(r"(?:\A|\.)(?:example\.[a-z.]+|example|test|invalid|localhost|local)\Z")
PLACES = later(
    r"(?:\A|\.)(?:e?mails?|(?:your|my)?-?(?:domain|company|mail|email|website|site|organi[sz]ation)(?:name)?|xyz|abc|x+"
    r"|tests?|samples?|hosts?|placeholder|acme|foo|bar|foobar)\.(?:com|org|net|edu|cn|io)\Z"
)
"""Domains that stand for any."""
NAMED = later(
    r"(?:your|my)(?:e?mail|name|address|username)?|user(?:name)?|e?mail|name|some(?:one|body)|recipient|sender|example"
    r"|tests?|sample|first(?:name)?last(?:name)?|first(?:name)?|x+|abc|foo|bar|git|root|admin(?:istrator)?|info"
    r"|(?:customer|client|tech(?:nical)?)?(?:support|services?|care|help(?:desk)?)|contact(?:us)?|sales|no-?reply"
    r"|webmaster|postmaster|office|hr|jobs|careers?|press|media|team|hello|feedback|billing|e?nquir(?:y|ies)"
    r"|inquir(?:y|ies)|abuse|orders?|marketing|security|privacy|newsletter|service|reservations?|bookings?|alerts?|notifications?|promotions?|offers|deals|updates|news|members?"
)
"""Whose address it is: anybody's, or a role's."""
FILES = frozenset("png jpg jpeg gif svg webp ico bmp pdf js ts css py html htm json xml txt md zip".split())  # noqa: SIM905

PHONE = later(
    rf"""{FREE}(?:
      (?<!\d\s)\+[1-9]\d{{0,2}}(?:[ .-]?\(?\d{{1,5}}\)?){{2,6}}       # +49 171 4829306
    | (?:1[ .-]?)?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{{4}}  # (508) 742-6618: North America
    | (?:(?:86|\(86\))[ -]?)?1[3-9]\d(?:\d{{8}}|[ ]\d{{4}}[ ]\d{{4}}|-\d{{4}}-\d{{4}})  # 139…: Chinese mobiles
    | (?:\(0(?:10|2\d|[3-9]\d\d)\)[ -]?|0(?:10|2\d|[3-9]\d\d)-)\d{{7,8}}   # 0571-86427193: Chinese lines
    | 0[1-9](?:([ .-])\d\d)(?:\1\d\d){{3}}                              # 06 48 27 19 35: France
    | 07\d{{3}}[ ]\d{{3}}[ ]?\d{{3}} | 020[ ]\d{{4}}[ ]\d{{4}} | 01\d{{3}}[ ]\d{{6}}   # Britain
    | 0\d{{1,3}}-\d{{3,4}}-\d{{4}}                                       # 090-4827-1936: Japan, Korea
    | \(\d\d\)[ ]?9?\d{{4}}-\d{{4}}                                      # (11) 98472-3061: Brazil
    | 04\d\d[ ]\d{{3}}[ ]\d{{3}}                                         # 0412 …: Australia
    ){DONE}""",
    re.VERBOSE,
)
CALLED = later(
    r"(?:\b(?:tele)?phone|\btel|\bmobile|\bcell(?:phone)?|\bfax|\bwhats ?app|\bcall|\bring|\bdial|\btelefon"
    r"|\bt[eé]l[eé]phone|\btel[eé]fono|\bhandy|\bm[oó]vil|\bcelular|电话|手机|联系方式|致电|传真|拨打|微信|座机|電話|手機)"
    rf"[^\d\n]{{0,24}}?(\+?\(?\d{{1,5}}\)?(?:[ ./-]{{0,2}}\(?\d{{1,8}}\)?){{1,5}}){DONE}",
    re.IGNORECASE,
)
"""Of any shape, behind a word that says what it is."""
DATE = later(
    r"(?:19|20)\d\d[ ./-]\d{1,2}[ ./-]\d{1,2}|\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)\d\d|(?:1\d|20)\d\d ?- ?(?:1\d|20)\d\d"
)
OTHER = later(
    r"(?:\b(?:orders?|track\w*|invoices?|tickets?|serials?|parts?|items?|products?|models?|refs?|references?|isbn|issn"
    r"|case|patent|version|build|sku|id|gasket|population|seeds?)\b|\$|€|£|¥|订单|单号|編號|编号|序列|流水|代码|条码|货号"
    r"|工号|学号|会员号|合同|文号|人口|金额|版本|万|亿|时间戳|GDP|计算|约|共)[^\n\d]{0,12}\Z",
    re.IGNORECASE,
)
"""Words behind which a number is another number."""
SUM_BEFORE, SUM_AFTER = (
    later(r"\d ?[=*/×÷^<>] ?\Z|\d ?[+-] ?\Z"),
    later(r" ?[=*×÷^<>] ?\d| [+-] \d| ?[美万亿元块个人次]"),
)
FREE_OF_CHARGE = later(r"(?:\+?1)?8(?:00|33|44|55|66|77|88)\d{7}\Z|400\d{7}\Z|800\d{7}\Z")
MADE_UP = later(
    r"555\d{4}\Z|555555|\A(?:44|0)?(?:7700900|2079460|1632960)|(\d)\1{5}|1234567|2345678|9876543|0123456|13800138000|8675309"
)
"""Numbers for films (North America's 555, Ofcom's), and those that people type who need any."""

CARD = later(
    rf"{FREE}(?:\d{{13,19}}|\d{{4}}([ -])\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{1,3}})?"
    rf"|3\d{{3}}([ -])\d{{6}}\2\d{{5}})(?![0-9A-Za-z]|[.,-]\d)"
)
ISSUED = later(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}|220[0-4]\d{12}"
)
"""Beginnings and lengths of the numbers that are given out (ISO/IEC 7812, as the networks publish them)."""
TEST_CARDS = frozenset(
    """
    4111111111111111 4444333322221111 4012888888881881 4222222222222
    4242424242424242 4000056655665556 4000000000000002 4000000000009995
    4000002500003155 4000000000003220 5555555555554444 5105105105105100 5200828282828210 5454545454545454
    2223003122003222 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 6011000000000004
    3530111333300000 3566002020360505 30569309025904 38520000023237 36227206271667 6200000000000005
    """.split()  # noqa: SIM905
)
"""Published for tests by Stripe, PayPal and the networks."""

IBAN = later(r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![0-9A-Za-z])")
LENGTHS = {
    length: frozenset(countries.split())
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI NL", 19: "SI", 20: "AT LU EE LT", 21: "CH HR LV", 22: "GB DE IE BG RS",
        23: "AE IL", 24: "ES SE CZ RO SK SA", 25: "PT", 26: "TR IS", 27: "FR IT GR", 28: "PL HU CY", 29: "UA BR",
        31: "MT",
    }.items()
}  # fmt: skip
"""Of the registry (ISO 13616): countries by the characters that their numbers have."""
RESIDENT = later(
    r"(?<![0-9A-Za-z])[1-68]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SSN = later(
    r"(?:\bSSN|social security|社会安全|社安)[^\n]{0,40}?(?<!\d)((?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4})(?!\d)",
    re.IGNORECASE,
)
NO_SSN = frozenset(("123-45-6789", "078-05-1120", "219-09-9999", "111-11-1111", "333-33-3333", "555-55-5555"))
PASSPORT = later(
    r"(?:passport (?:no\.?|number|id|#)|护照号码?|護照號碼?)(?: ?(?:is|:|：|是|为"
    r"|#)){0,2} ?(?=[A-Z]*\d[A-Z0-9]*\d[A-Z0-9]*\d)"
    r"([A-Z0-9]{6,10})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
IP = later(r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:-]|\.\w)")
VERSION = later(r"(?:version|release|build|firmware|\bv|版本|版)[^\n\d]{0,12}\Z", re.IGNORECASE)


def find_personal(text: str, kinds: Iterable[str]) -> tuple[str, str] | None:
    """The kind and the words of the first personal data of these kinds; None when the text has none."""
    if not text.isascii() and WIDE.search(text):
        text = text.translate(NARROW)
    numbers = LONG.search(text)
    for kind in kinds:
        if kind in NUMBERS and not numbers:
            continue
        if found := next(KINDS[kind](text), None):
            return kind, found
    return None


def masked(found: str) -> str:
    """As a reason may show it: 13…50, and h…@q….net of an address."""
    name, at, domain = found.partition("@")
    return f"{name[0]}…@{domain[0]}….{domain.rpartition('.')[2]}" if at and domain else f"{found[:2]}…{found[-2:]}"


def _emails(text: str) -> Iterator[str]:
    if "@" not in text and not AT.search(text):
        return
    for match in EMAIL.finditer(text):
        domain = re.sub(r"[ ]?[\[(][ ]?dot[ ]?[\])][ ]?", ".", match[2], flags=re.IGNORECASE).lower()
        name = re.sub(r"[._+-]|\d+\Z", "", match[1].lower())
        anybody = RESERVED.search(domain) or PLACES.search(domain) or NAMED.fullmatch(name)
        if not anybody and domain.rpartition(".")[2] not in FILES:
            yield f"{match[1]}@{domain}"


def _phones(text: str) -> Iterator[str]:
    for match in PHONE.finditer(text):
        digits = DIGIT.sub("", match[0])
        if 8 <= len(digits) <= 15 and not _another(text, *match.span()) and not _nobodys(digits):
            yield match[0]
    for match in CALLED.finditer(text):
        digits = DIGIT.sub("", match[1])
        called = 7 <= len(digits) <= 14 and not DATE.search(match[1]) and not OTHER.search(match[0][: -len(match[1])])
        if called and not _nobodys(digits) and not SUM_AFTER.match(text, match.end()):
            yield match[1]


def _another(text: str, start: int, end: int) -> bool:
    """Whether the words or signs around a number say that it is another one: of an order, or in a sum."""
    before = text[max(0, start - 24) : start]
    return bool(OTHER.search(before) or SUM_BEFORE.search(before) or SUM_AFTER.match(text, end))


def _nobodys(digits: str) -> bool:
    round_number = digits.endswith("00000")
    return bool(round_number or FREE_OF_CHARGE.search(digits) or MADE_UP.search(digits))


def _cards(text: str) -> Iterator[str]:
    for match in CARD.finditer(text):
        digits = DIGIT.sub("", match[0])
        issued = ISSUED.fullmatch(digits) and _luhn(digits) and digits not in TEST_CARDS
        if issued and not MADE_UP.search(digits) and not _another(text, *match.span()):
            yield match[0]


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _accounts(text: str) -> Iterator[str]:
    for match in IBAN.finditer(text):
        plain = match[0].replace(" ", "")
        if plain[:2] in LENGTHS.get(len(plain), ()):
            number = int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4]))
            if number % 97 == 1:
                yield match[0]


def _identities(text: str) -> Iterator[str]:
    for match in RESIDENT.finditer(text):
        total = sum(int(digit) * weight for digit, weight in zip(match[0][:17], WEIGHTS, strict=True))
        if "10X98765432"[total % 11] == match[0][17].upper():
            yield match[0]
    yield from (match[1] for match in SSN.finditer(text) if match[1] not in NO_SSN)


def _passports(text: str) -> Iterator[str]:
    if "assport" not in text and "PASSPORT" not in text and "护照" not in text and "護照" not in text:
        return
    yield from (match[1] for match in PASSPORT.finditer(text))


def _ips(text: str) -> Iterator[str]:
    for match in IP.finditer(text):
        try:
            public = ipaddress.ip_address(match[0]).is_global
        except ValueError:
            continue
        if ":" in match[0] and match[0].count(":") < 4:
            continue  # a::b
        if public and not VERSION.search(text[max(0, match.start() - 24) : match.start()]):
            yield match[0]


KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "email": _emails,
    "phone": _phones,
    "card": _cards,
    "iban": _accounts,
    "id": _identities,
    "passport": _passports,
    "ip": _ips,
}
NUMBERS = ("phone", "card", "iban", "id")
"""Kinds of seven digits and more."""
