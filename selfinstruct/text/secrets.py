"""Keys, tokens and passwords in running text, by the beginnings that services give them, and by looking random.

Own table and no library: detect-secrets and its like read source files line by line with one pattern a service, and
know no key of a model's service but OpenAI's. Each row has where the form is documented; GitHub's list of secret
scanning patterns has nearly all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from selfinstruct.text.later import later

__all__ = ["SECRETS", "Secret", "find_secret"]

_HEX, _B62, _B64 = "[0-9a-f]", "[A-Za-z0-9]", "[A-Za-z0-9_-]"

SECRETS: tuple[tuple[str, str, str], ...] = (
    ("openai", rf"sk-(?:proj-|svcacct-|admin-)?{_B64}{{20,200}}", "platform.openai.com; DeepSeek, Moonshot, DashScope"),
    ("anthropic", rf"sk-ant-(?:api|admin)\d\d-{_B64}{{60,120}}", "docs.anthropic.com"),
    ("openrouter", rf"sk-or-v1-{_HEX}{{40,80}}", "openrouter.ai/docs"),
    ("hugging face", rf"hf_{_B62}{{30,40}}", "huggingface.co/docs/hub/security-tokens"),
    ("groq", rf"gsk_{_B62}{{40,60}}", "console.groq.com"),
    ("xai", rf"xai-{_B62}{{60,90}}", "docs.x.ai"),
    ("nvidia", rf"nvapi-{_B64}{{50,80}}", "build.nvidia.com"),
    ("replicate", rf"r8_{_B62}{{30,40}}", "replicate.com/docs"),
    ("perplexity", rf"pplx-{_B62}{{40,60}}", "docs.perplexity.ai"),
    ("github", rf"gh[pousr]_{_B62}{{36,255}}", "github.blog/2021-04-05: token formats"),
    ("github", r"github_pat_\w{22,255}", "docs.github.com: fine-grained tokens"),
    ("gitlab", rf"gl(?:pat|dt|rt|cbt|ptt|soat)-{_B64}{{20,64}}", "docs.gitlab.com/security/tokens"),
    ("aws", r"(?:AKIA|ASIA)[A-Z2-7]{16}", "docs.aws.amazon.com: identifiers of IAM"),
    ("google", rf"AIza{_B64}{{35}}", "cloud.google.com/docs/authentication/api-keys"),
    ("google", rf"GOCSPX-{_B64}{{28}}", "GitHub: google_oauth_client_secret"),
    ("slack", rf"xox[abeoprs]-(?:\d{{8,15}}-){{1,3}}{_B62}{{16,64}}"
    rf"|xapp-\d-[A-Z0-9]+-\d+-{_HEX}{{32,80}}", "api.slack.com"),
    ("slack web hook", rf"hooks\.slack\.com/services/T\w{{6,12}}/B\w{{6,12}}/{_B62}{{20,30}}", "api.slack.com"),
    ("discord", rf"[MNO]{_B62}{{22,27}}\.{_B64}{{6}}\.{_B64}{{27,45}}", "discord.com/developers"),
    ("telegram", rf"\d{{8,10}}:AA{_B64}{{32,34}}", "core.telegram.org/bots"),
    ("stripe", rf"(?:sk|rk)_(?:live|test)_{_B62}{{20,120}}|whsec_{_B62}{{30,60}}", "docs.stripe.com/keys"),
    ("sendgrid", rf"SG\.{_B64}{{20,24}}\.{_B64}{{39,50}}", "GitHub: sendgrid_api_key"),
    ("mailgun", rf"key-{_HEX}{{32}}", "GitHub: mailgun_api_key"),
    ("npm", rf"npm_{_B62}{{36}}", "docs.npmjs.com"),
    ("pypi", rf"pypi-AgE{_B64}{{60,300}}", "pypi.org/help"),
    ("digitalocean", rf"do[opr]_v1_{_HEX}{{64}}", "docs.digitalocean.com"),
    ("shopify", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shopify.dev"),
    ("databricks", rf"dapi{_HEX}{{32}}", "docs.databricks.com"),
    ("alibaba", rf"LTAI{_B62}{{12,26}}", "help.aliyun.com: AccessKey"),
    ("tencent", rf"AKID{_B62}{{28,40}}", "cloud.tencent.com: SecretId"),
    ("azure", r"AccountKey=[A-Za-z0-9+/]{86}==", "learn.microsoft.com: storage connection strings"),
    ("notion", rf"(?:ntn_|secret_){_B62}{{40,50}}", "GitHub: notion_integration_token"),
    ("vault", rf"hvs\.{_B64}{{24,120}}", "developer.hashicorp.com/vault"),
    ("web token", rf"eyJ{_B64}{{10,2000}}\.eyJ{_B64}{{10,4000}}\.{_B64}{{20,1000}}", "RFC 7519"),
    ("private key", r"-----BEGIN (?:[A-Z]{2,9} ){0,2}PRIVATE KEY(?: BLOCK)?-----\s{1,4}[\w+/=\s:,.-]{64}", "RFC 7468"),
)  # fmt: skip
"""What it is, how it looks, and where that is documented. Looked for where no word, or another key, goes on."""
_NAMES = (
    r"(?:api|access|secret|auth|private|client|app|account|encryption|signing|bearer)?[_ -]?"
    r"(?:key|token|secret|passw(?:or)?d|pwd)"
)
ASSIGNED = later(
    rf"(?:{_NAMES}|密钥|密码|令牌|口令|密匙)(?:[\"'`]?\s{{0,3}}(?:[:=：]|=>|:=|是|为)\s{{0,3}}[\"'`“]?)"
    r"([A-Za-z0-9+/_=-]{16,100})(?![A-Za-z0-9+/_=.(-])",
    re.IGNORECASE,
)
"""A key by the name before it."""
LOGIN = later(r"\b[a-z][a-z0-9+]{1,15}://[^\s:/@\"'<>]{1,64}:([^\s:/@\"'<>]{6,100})@(?=[A-Za-z0-9])")
"""A password in an address."""

RUN = later(r"[!-~]{16}")
"""Signs without a blank, as every key has them and hardly any word: most texts are done with here."""
# The beginning that every match has, found ten times as fast as the patterns fail.
_BEGINNINGS = later(
    r"sk[-_]|hf_|gsk_|xai-|nvapi-|r8_|pplx-|gh[pousr]_|github_pat|gl[a-z]{2,4}-|A[KS]IA|AIza|GOCSPX|xox|xapp|hooks\."
    r"|:AA|rk_|whsec|SG\.|key-|npm_|pypi-|do[opr]_v1|shp[a-z]{2}_|dapi|LTAI|AKID|AccountKey|ntn_|secret_|hvs\.|eyJ"
    r"|-----BEGIN|\.[A-Za-z0-9_-]{6}\."
)
_NAMED = later(r"key|token|secret|passw|pwd|密[钥码匙]|令牌|口令", re.IGNORECASE)
_ANY = later(
    r"(?<![A-Za-z0-9_])(?:"
    + "|".join(f"(?P<g{place}>{form})" for place, (_, form, _) in enumerate(SECRETS))
    + r")(?![A-Za-z0-9])"
)
_PREFIX = later(
    r"sk-(?:proj|svcacct|admin|ant-\w{5,7}|or-v1)-|(?:sk|rk)_(?:live|test)_|hooks\.slack\.com/services/|github_pat_"
    r"|AccountKey=|pypi-|[a-z0-9]{2,6}[_-]|[A-Z]{4}(?=[A-Z0-9])|-----[^\n]*-----\s*"
)
"""What is the same in all keys of a kind, and may be shown."""
PLACEHOLDER = later(
    r"example|your|placeholder|dummy|fake|sample|insert|replace|redact|change|paste|goes|here|xxx|000000|12345|abcdef|test"
    r"|secret|token|key|passw|lorem|\*\*|\.\.\.|…|([A-Za-z0-9])\1{3}|4eC39HqLyjWDarjtT1zdp7dc|SflKxwRJSMeKKF2QT4fwpM",
    re.IGNORECASE,
)
"""What a key that is none has in it: words, rows, and the examples of Stripe and jwt.io."""
RANDOM = 3.0
"""Bits a character: 20 of 62 drawn at random have 4.1, 32 hexadecimal digits 3.6, the letters of DNA 2."""


@dataclass(frozen=True, slots=True)
class Secret:
    kind: str
    masked: str
    """sk-…3f: what all keys of the kind begin with, and the last two characters; never more of it."""


def find_secret(text: str) -> Secret | None:
    """The first key, token or password of the text that looks real; None when it has none."""
    if not RUN.search(text):
        return None
    if _BEGINNINGS.search(text):
        for match in _ANY.finditer(text):
            prefix = _PREFIX.match(match[0])
            begins = prefix[0] if prefix else ""
            if _looks_random(match[0][len(begins) :], letters_only=True):
                kind = SECRETS[int((match.lastgroup or "g0")[1:])][0]
                return Secret(kind, f"{begins.split(chr(10))[0].strip()}…{match[0].strip()[-2:]}")
    if _NAMED.search(text):
        for match in ASSIGNED.finditer(text):
            if _looks_random(match[1]):
                return Secret("key by its name", f"…{match[1][-2:]}")
    if "://" in text:
        for match in LOGIN.finditer(text):
            if not PLACEHOLDER.search(match[1]) and re.search(r"\d", match[1]) and _bits(match[1]) >= 2.5:
                return Secret("password in an address", f"…{match[1][-2:]}")
    return None


def _looks_random(key: str, *, letters_only: bool = False) -> bool:
    """Whether it is drawn, and not written: of many characters, digits and letters among them, and no words."""
    if PLACEHOLDER.search(key):
        return False
    digits, letters = sum(map(str.isdigit, key)), sum(map(str.isalpha, key))
    if letters < 2 or (digits < 2 and not (letters_only and _mixed(key))):
        return False
    return _bits(key) >= (RANDOM if len(key) >= 20 else RANDOM - 0.4)


def _mixed(key: str) -> bool:
    """Whether capitals and small letters follow each other as nobody writes them, or all are capitals."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(key))
    return changes >= len(key) / 8 or (key.isupper() and len(key) == 16)


def _bits(key: str) -> float:
    return -sum(count / len(key) * log2(count / len(key)) for count in Counter(key).values())
