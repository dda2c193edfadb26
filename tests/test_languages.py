"""Telling languages: by script, between languages of one script, in mixed and in short texts; what is never told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.languages import CODES, check_language, other_language

SEEDS = Path(__file__).parent.parent / "seeds"

INSTRUCTIONS = {
    "en": """
Write a short poem about the sea.
Describe a natural disaster.
Calculate 14 + 6.
Name five invasive species.
Analyse quantum entanglement.
Explain what 加油 means
Translate "la vie en rose" into English.
Translate 我喜欢在周末和朋友一起去公园散步 into English
What does 'wie geht es dir heute Morgen' mean?
How do you say good morning in Japanese? おはようございます
Summarise this text: Il était une fois une reine qui aimait beaucoup les fleurs.
Who wrote Les Misérables and Notre-Dame de Paris?
What is the capital of Côte d'Ivoire?
Name the Greek letters α, β, γ, δ, ε, ζ, η, θ, ι, κ.
Convert 「一千二百」 to digits
Define ‘schadenfreude’ and ‘weltschmerz’ in one sentence.
加油 means what in English?
""",
    "zh": """
写一首关于大海的短诗。
請解釋冰箱的原理。
請用繁體中文解釋什麼是機器學習
用Python写一个quick sort
解释machine learning的概念
请介绍The Great Gatsby这本书
将下面的英文 I love you 翻译成中文
把ありがとう翻译成英语
「ありがとう」用中文怎么说？
HTTP 404 是什么错误？
翻译 Where is the nearest station?
翻译：The weather is nice today and we should go for a long walk in the park
润色 Machine learning models need data
修改语法错误 They has two cats and she have none
用一句话解释docker run -d -p 80:80 nginx的含义
写一篇文章，标题为“The Future of Small Towns”
""",
    "fr": """
Écris un poème sur la mer.
Donne trois idées de repas rapides.
Quelle est la capitale du Portugal ?
Explique ce que veut dire 加油 en chinois
“Propose un nom pour un café au bord du canal.”
Explique le sens du mot anglais the
""",
    "de": """
Nenne drei Vorteile des Radfahrens.
Was ist die Hauptstadt von Portugal?
Sortiere die Zahlen der Größe nach.
""",
    "es": """
Escribe un poema sobre el mar.
¿Cuál es la capital de Portugal?
Ordena los números de menor a mayor.
""",
    "it": """
Spiega come funziona un forno a microonde.
Dammi tre idee per una cena veloce.
""",
    "pt": """
Escreva um poema sobre o mar.
Sugira um nome para uma cafeteria.
""",
    "nl": """
Schrijf een kort gedicht over de zee.
Wat is de hoofdstad van Portugal?
""",
    "sv": """
Förklara hur ett kylskåp fungerar.
Nämn tre fördelar med att cykla.
""",
    "pl": """
Podaj trzy zalety jazdy na rowerze.
Jaka jest stolica Portugalii?
""",
    "tr": """
Bu cümleyi İngilizceye çevir.
Sayıları küçükten büyüğe sırala.
""",
    "vi": """
Viết một bài thơ ngắn về biển.
Thủ đô của Bồ Đào Nha là gì?
""",
    "id": """
Sebutkan tiga manfaat bersepeda.
Terjemahkan kalimat ini ke dalam bahasa Inggris.
""",
    "ru": """
Объясни, как работает холодильник.
Напиши функцию quick sort на языке Python
Что значит слово serendipity в английском языке?
""",
    "uk": """
Напиши короткий вірш про море.
Поясни, як працює холодильник.
""",
    "ja": """
日本の首都について説明してください。
中国語の「你好」の意味を教えてください
一般的な就職活動の流れを説明してください
""",
    "ko": """
바다에 대한 짧은 시를 써 주세요.
加油의 뜻을 설명해 주세요
Python으로 quick sort를 작성해 주세요
""",
    "el": "Γράψε ένα σύντομο ποίημα για τη θάλασσα.",
    "ar": "اكتب قصيدة قصيرة عن البحر.",
    "fa": "توضیح بده یخچال چگونه کار می‌کند.",
    "hi": "समुद्र पर एक छोटी कविता लिखो।",
    "he": "כתוב שיר קצר על הים.",
    "th": "เขียนบทกวีสั้นเกี่ยวกับทะเล",
}
ALL = [(code, text) for code, texts in INSTRUCTIONS.items() for text in texts.strip().splitlines()]
EVEN = {"Calculate 14 + 6."} | {text for _, text in ALL if text.startswith(("翻译", "修改", "润色", "加油 means"))}
"""Too short to be told, or half of it in another language: whichever is wanted may keep them."""


@pytest.mark.parametrize(("code", "text"), ALL)
def test_the_language_wanted_passes(code: str, text: str) -> None:
    assert other_language(text, code) is None


@pytest.mark.parametrize("wanted", ["en", "zh"])
@pytest.mark.parametrize(("code", "text"), ALL)
def test_another_language_is_named(code: str, text: str, wanted: str) -> None:
    if code != wanted and text not in EVEN:
        assert other_language(text, wanted) == code


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("no", "Skriv et kort dikt om havet."),
        ("nn", "Skriv eit kort dikt om havet."),
        ("da", "Skriv et kort digt om havet."),
        ("sv", "Skriv en kort dikt om havet."),
        ("hr", "Napiši kratku pjesmu o moru."),
        ("bs", "Napiši kratku pjesmu o moru."),
        ("sr", "Napiši kratku pesmu o moru."),
        ("sr", "Напиши кратку песму о мору."),
        ("ms", "Tulis sajak pendek tentang laut."),
        ("id", "Tulis puisi pendek tentang laut."),
        ("gl", "Escribe un poema curto sobre o mar."),
        ("ca", "Explica com funciona una nevera."),
        ("bg", "Напиши кратко стихотворение за морето."),
        ("mk", "Напиши кратка песна за морето."),
        ("mr", "समुद्रावर एक छोटी कविता लिहा."),
    ],
)
def test_near_languages_pass_for_each_other(wanted: str, text: str) -> None:
    assert other_language(text, wanted) is None


@pytest.mark.parametrize("wanted", ["en", "zh", "fr", "ru", "ja", "ko"])
@pytest.mark.parametrize(
    "text",
    [
        *("", "42", "3 + 4 = ?", "🙂🙂🙂", "OK", "…！？", "x²", "π ≈ 3.14", "日", "да"),
        *(
            "```python\nprint('hello to all of you')\n```",
            "`SELECT name FROM users`",
            "https://example.com/the/long/path",
        ),
        *("print('hello world')", "<noinput>", "```sql\nselect the_name from words"),
    ],
)
def test_nothing_to_tell_by(text: str, wanted: str) -> None:
    assert other_language(text, wanted) is None


def test_code_and_what_is_asked_about_are_no_sign() -> None:
    code = "```python\ndef reverse(words):\n    return words[::-1]\n```"
    assert other_language(f"解释以下代码：\n{code}", "zh") is None
    assert other_language(f"{code}\n这段代码做什么？", "zh") is None
    assert other_language("解释以下代码：\nfor each in words:\n    print(each)", "zh") is None
    assert other_language(f"Что делает этот код?\n{code}", "ru") is None
    assert other_language("Correct this:\nIch habe gestern ein Buch gelest und bin dann geschlaft.", "en") == "de"
    assert other_language("Correct this sentence:\nIch habe gestern ein Buch gelest.", "en") is None


@pytest.mark.parametrize(
    ("code", "write"),
    [
        ("EN", "write en"),
        ("en-US", "write en"),
        ("zh_CN", "write zh"),
        ("cn", "write zh"),
        ("Chinese", "write zh"),
        ("jp", "write ja"),
        ("nb", "write no"),
        ("klingon", "write one of these codes: af am an "),
        ("", "write one of these codes: "),
    ],
)
def test_an_unknown_code(code: str, write: str) -> None:
    with pytest.raises(UsageError) as error:
        check_language(code)
    assert str(error.value).startswith(f"no language {code!r} can be told: {write}")


def test_the_codes_are_those_of_the_library() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    known = LanguageIdentifier.from_model_file(MODEL_FILE).labels
    assert list(CODES) == sorted(code for code in known if len(code) == 2)
    for code in CODES:
        check_language(code)


@settings(deadline=None, max_examples=300)
@given(st.text() | st.sampled_from([text for _, text in ALL]), st.sampled_from(CODES))
def test_any_text(text: str, wanted: str) -> None:
    found = other_language(text, wanted)
    assert found is None or (found in CODES and found != wanted)
    assert other_language(text, wanted) == found
    assert other_language(f"```\n{text.replace('`', '')}\n```", wanted) is None


@pytest.mark.parametrize(("name", "language", "other"), [("seed_tasks", "en", "zh"), ("seed_tasks_zh", "zh", "en")])
def test_our_own_seeds(name: str, language: str, other: str) -> None:
    file = SEEDS / f"{name}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    told = []
    for instruction in (json.loads(line)["instruction"] for line in lines):
        assert other_language(instruction, language) is None, instruction
        told.append(other_language(instruction, other))
    assert set(told) <= {language, None}
    assert told.count(None) <= len(told) / 100, "a very short one may pass for the other language"


def test_loaded_only_when_it_is_needed() -> None:
    """Half a second and 100 MB, which a plain English or Chinese text does not take."""
    code = """
import sys
from selfinstruct.filters import FILTERS
from selfinstruct.languages import other_language
FILTERS["language"]("fr")
print(other_language("What is the capital of Portugal?", "en"), other_language("写一首关于大海的短诗。", "en"))
print(other_language("写一首关于大海的短诗。", "zh"), "py3langid" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["None", "zh", "None", "False"]
