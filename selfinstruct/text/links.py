"""Links in running text, but for those that lead nowhere: reserved names, local hosts, namespaces, gaps to fill in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from selfinstruct.text.later import later

__all__ = ["find_links", "is_stock"]

_PATH = r"[A-Za-z0-9\-._~:/?#@!$&*+=%]*[A-Za-z0-9/_=~-]"
_ZH = "\u2e80-\ua4cf\uac00-\ud7ff\uff00-\uffef\u3000-\u303f"
_HOST = rf"[^\W_{_ZH}][^\W{_ZH}]{{0,62}}(?:-[^\W{_ZH}]{{1,62}}){{0,4}}"
LINK = later(
    rf"""(?:https?|ftp)://(?:[^\s/@:{_ZH}]{{1,40}}@)?(?P<host>[^\s/:?#<>"'`()\[\]{{}},;”’{_ZH}]{{1,253}}|[\w.-]{{1,253}})(?::\d{{1,5}})?
        (?:[/?#](?:{_PATH})?)?
    | (?<![A-Za-z0-9_@./-])www\.(?P<www>(?:{_HOST}\.){{1,4}}{_HOST})(?:[/?#](?:{_PATH})?)?
    | (?<![A-Za-z0-9_@./:-])(?P<bare>(?:[A-Za-z0-9][A-Za-z0-9-]{{0,61}}\.){{1,4}}
        (?:com|org|net|edu|gov|info|cn|uk|de|fr|jp|io|ai|me|tv|be|ly|co|app|dev|us|ru|in|eu))(?P<path>/[A-Za-z0-9]{_PATH})""",
    re.IGNORECASE | re.VERBOSE,
)
NOWHERE = later(
    r"(?:\A|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|local|internal)\Z"
    r"|\A(?:www\.)?(?:your|my)?-?(?:domain|site|website|server|host|company|organization|shop|app|api)(?:-?name|-?here|url)?(?:\.[a-z]+)*\Z"
    r"|(?:\A|\.)[\w-]*(?:example|sample|placeholder|dummy|mycompany|company-?name)[\w-]*\.[a-z]+\Z"
    r"|\A(?:www\.)?your[\w.-]*\Z|(?:\A|\.)(?:yourdomain|your-domain|mydomain|domain|website|xxx|abc|placeholder)\.[a-z]+\Z"
)
NAMESPACE = later(
    r"(?:www\.)?w3\.org/(?:\d{4}/|TR/x?html|ns/|XML|Graphics/SVG)|schema\.org|json-schema\.org|purl\.org|xmlns\."
    r"|schemas?\.\w+\.(?:com|org)|(?:www\.)?sitemaps\.org/schemas|maven\.apache\.org/(?:POM|xsd)|xmlpull\.org",
    re.IGNORECASE,
)
"""Names of vocabularies that look like links; nobody follows them."""
STOCK = later(
    r"(?:www\.|m\.)?(?:(?:google|youtube|facebook|twitter|x|instagram|linkedin|github|gitlab|wikipedia|amazon|bing|yahoo|apple"
    r"|microsoft|reddit|netflix|pinterest|tiktok|whatsapp|baidu|weibo|zhihu|taobao|bilibili|qq|python|w3schools|stackoverflow)"
    r"\.(?:com|org|cn))/?\Z"
    r"|(?:cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|unpkg\.com|code\.jquery\.com|(?:fonts|ajax|maps)\.googleapis\.com"
    r"|fonts\.gstatic\.com|(?:max|stack)?(?:cdn|path)\.bootstrapcdn\.com|kit\.fontawesome\.com|cdn\.plot\.ly|d3js\.org|polyfill\.io"
    r"|api\.(?:openai|github|telegram|openweathermap|twitter)\.(?:com|org)|graph\.facebook\.com|jsonplaceholder\.typicode\.com"
    r"|httpbin\.org|via\.placeholder\.com|placehold\.(?:co|it)|picsum\.photos|pypi\.org/simple|registry\.npmjs\.org)(?:/|\Z)",
    re.IGNORECASE,
)
"""Home pages that everybody links to in a page made for show, and where libraries and public interfaces are."""


GAP = later(r"[\[{<](?!/)[A-Za-z$]")
"""What is left to be filled in: facebook.com/[your page]."""


def is_stock(link: str) -> bool:
    """Whether the link is one of those that pages and code have without anybody having made them up."""
    return STOCK.match(re.sub(r"\A(?:https?:)?//", "", link, flags=re.IGNORECASE)) is not None


def find_links(text: str) -> Iterator[str]:
    """The links of a text as they stand in it: with a scheme, with www., or of a domain and a path."""
    if "://" not in text and "www." not in text and "WWW." not in text and "/" not in text:
        return
    for match in LINK.finditer(text):
        host = (match["host"] or match["www"] or match["bare"]).lower().strip(".")
        bare = re.sub(r"\A(?:https?|ftp)://", "", match[0], flags=re.IGNORECASE)
        if match["bare"] and match["bare"].rpartition(".")[2].isupper():
            continue  # ASP.NET/Razor
        if match[0][-1] in "/=" and GAP.match(text, match.end()):
            continue
        if "." in host and not NOWHERE.search(host) and not _is_local(host) and not NAMESPACE.match(bare):
            yield match[0]


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return not re.search(r"\.(?:[^\W\d_]{2,}|xn--\w+|\d{1,3})\Z", host)
