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
from selfinstruct.text.languages import CODES, check_language, other_language

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


JAPANESE = """\
日本の歴史を説明する
東京の人口は？
日本の首都はどこですか
桜の詩を書く
富士山の高さ
この文章を要約してください。
次の単語を辞書順に並べ替えてください
春についての俳句を詠む
健康的な朝食を提案して
環境問題の解決策を三つ挙げる
自己紹介文を作成
夏休みの計画を立てる
「你好」の意味は？
感情を分類せよ
カレーの作り方
コンピュータの歴史
人工知能とは何か
料理のレシピを教えて
会社の目的を説明
動物の分類
有名な詩人の生涯を紹介する
猫と犬の違いは何ですか
機械学習の基本的な概念を説明しなさい
時間管理の方法
数学の問題を解け
次の文を英語に翻訳せよ：今日は天気がいい。
文を英訳せよ
適切な敬語に直せ
""".splitlines()
KOREAN = """\
한국의 수도는?
서울의 인구는 얼마인가
봄에 대한 시
건강한 아침 식사 세 가지를 추천해 주세요
다음 문장을 요약하세요.
大韓民國의 歷史를 설명하라
머신러닝이란?
""".splitlines()
CITING = """\
把ありがとう翻译成英语
「ありがとう」用中文怎么说？
日语里的の是什么意思？
请解释ありがとう的用法
請介紹ありがとう一詞的用法
請翻譯こんにちは
列出五个日语问候语，如こんにちは
鲜の每日是什么品牌？
將おはよう翻譯成中文
用韩语안녕하세요造一个句子
把안녕翻译成中文
解释한국这个词
日文的「の」怎麼用
翻译以下句子：日本の首都は東京です。
翻译：今日は天気がいいですね。
将下列日文翻译成中文：私は学生です。
写一段对话，其中一人说こんにちは
怎么用日语说“谢谢”？ありがとう吗？
比较は和が的区别
は和が有什么区别
优の良品的营销策略分析
写一首关于大海的短诗
東京人口數量
中国历史
人工智能
日本国憲法第九条的内容
介绍 GReeeeN 的歌《キセキ》
写一篇关于カラオケ（卡拉OK）文化的短文
""".splitlines()
"""Chinese, with words or sentences of the other two in it."""


@pytest.mark.parametrize("wanted", ["zh", "en"])
@pytest.mark.parametrize(("code", "text"), [*(("ja", t) for t in JAPANESE), *(("ko", t) for t in KOREAN)])
def test_kana_and_hangul_are_not_chinese(code: str, text: str, wanted: str) -> None:
    assert other_language(text, wanted) == code
    assert other_language(text, code) is None


@pytest.mark.parametrize("text", CITING)
def test_chinese_may_cite_its_neighbours(text: str) -> None:
    assert other_language(text, "zh") is None


CYRILLIC = {
    "ru": """
Опишите, как работает холодильник.
Составьте список покупок на неделю.
Напишите стихотворение о весне.
Объясните разницу между погодой и климатом.
Назовите столицу Португалии.
Придумайте название для кафе.
Переведите предложение на английский.
Напиши короткий рассказ о море.
Дай совет, как лучше спать.
Напиши письмо другу.
Реши уравнение 2x + 3 = 7.
Кто написал роман «Война и мир»?
Какова столица Норвегии?
Сколько дней в году?
Назови три реки Европы.
Перечисли пять причин заниматься спортом.
Исправь ошибки в тексте.
Определи тему текста.
Сочини сказку про лису и зайца.
Напиши план урока истории.
Расскажи о планете Марс.
Сравни два метода обучения.
Составь меню на ужин.
Предложи тему для доклада.
Определи, позитивный или негативный отзыв.
Найди лишнее слово в ряду.
Как приготовить борщ?
Что такое фотосинтез?
Где находится озеро Байкал?
Почему небо голубое?
Напиши рецепт салата.
Придумай загадку о луне.
Опиши картину осеннего леса словами.
Напиши отзыв на книгу.
Классифицируй животных по типу питания.
Дай определение слова демократия.
Составь резюме для программиста.
Напиши рекламу нового телефона.
Преобразуй число 25 в двоичную систему.
Подбери синонимы к слову красивый.
Напиши стихи о Москве.
Напиши поздравление маме с днем рождения.
Определи часть речи каждого слова.
Напиши диалог между врачом и пациентом.
Предложи план развития компании на год.
Составь план поездки по Италии.
Опиши процесс производства стали.
Определи вид спорта по описанию.
Приведи пример метафоры.
Посчитай сумму чисел от 1 до 100.
Напиши статью о вреде курения.
Кратко изложи содержание романа.
Напиши код на языке Python.
Раздели слова на слоги.
Напиши лозунг для кампании по защите природы.
""",
    "bg": """
Напишете кратко стихотворение за морето.
Обяснете как работи хладилникът.
Коя е столицата на Португалия?
Дайте три съвета за по-добър сън.
Преведете изречението на английски език.
Посочете разликата между времето и климата.
Съставете списък за пазаруване за една седмица.
Кой е написал романа „Под игото“?
Колко дни има в годината?
Опишете планетата Марс с няколко думи.
Защо небето е синьо?
Напиши писмо до приятел, в което го каниш на гости.
Измисли име за ново кафене в центъра на града.
Класифицирай животните според храненето им.
""",
    "uk": """
Опишіть, як працює холодильник.
Напишіть вірш про весну.
Поясніть різницю між погодою та кліматом.
Назвіть столицю Португалії.
Придумай назву для кав'ярні.
Переклади речення англійською мовою.
Дай пораду, як краще спати.
Скільки днів у році?
Хто написав роман «Тигролови»?
Склади список покупок на тиждень.
Чому небо синє?
""",
    "mk": """
Напиши кратка песна за морето.
Објасни како работи фрижидерот.
Кој е главниот град на Португалија?
Наведи три совети за подобар сон.
Преведи ја реченицата на англиски јазик.
Колку дена има во годината?
Зошто небото е сино?
""",
    "sr": """
Напиши кратку песму о мору.
Објасни како ради фрижидер.
Који је главни град Португалије?
Наведи три савета за бољи сан.
Преведи реченицу на енглески језик.
Колико дана има у години?
Зашто је небо плаво?
""",
    "be": """
Апішыце, як працуе халадзільнік.
Напішы верш пра вясну.
Растлумач розніцу паміж надвор'ем і кліматам.
Назаві сталіцу Партугаліі.
Колькі дзён у годзе?
""",
}


@pytest.mark.parametrize("code", CYRILLIC)
def test_no_cyrillic_language_is_dropped_for_a_near_one(code: str) -> None:
    for text in CYRILLIC[code].strip().splitlines():
        assert other_language(text, code) is None, text


def test_near_languages_are_told_by_their_letters() -> None:
    assert other_language("Опишіть, як працює холодильник.", "ru") == "uk"
    assert other_language("Преведи ја реченицата на англиски јазик.", "ru") == "mk"
    assert other_language("Напішы верш пра вясну.", "ru") == "be"
    assert other_language("Подбери синонимы к слову красивый.", "uk") == "ru"
    assert other_language("Дайте три съвета за по-добър сън.", "ru") is None, "all its letters are Russian, too"
    long = " ".join(CYRILLIC["bg"].split("\n"))
    assert other_language(long, "ru") == "bg", "but a long text is told by its words"


@pytest.mark.parametrize("text", [text for text in CYRILLIC["ru"].splitlines() if set("ыэёЭ") & set(text)])
def test_a_language_that_cannot_write_a_text_has_not_written_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library says of it: ы, э and ё are not Bulgarian."""

    class Mistaken:
        def rank(self, text: str) -> list[tuple[str, float]]:
            return [("bg", 0.99), ("uk", 0.0099), ("ru", 0.0001)]

    monkeypatch.setattr("selfinstruct.text.languages._identifier", Mistaken)
    assert other_language(text, "ru") is None
    assert other_language("Напиши поздравление маме с днем рождения.", "ru") == "bg", "which has none of them"


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
    assert other_language("Correct this:\nIch habe gestern ein Buch gelest und bin dann geschlaft.", "en") is None
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
from selfinstruct.text.languages import other_language
FILTERS["language"]("fr")
print(other_language("What is the capital of Portugal?", "en"), other_language("写一首关于大海的短诗。", "en"))
print(other_language("写一首关于大海的短诗。", "zh"), "py3langid" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["None", "zh", "None", "False"]


def test_loaded_before_it_is_needed() -> None:
    """Half a second inside a run would leave the answers that come in unread: `ready` takes it, and nothing is left."""
    code = """
import sys
from selfinstruct.filters import FILTERS, get_ready
from selfinstruct.text import languages
get_ready([FILTERS["language"]("fr")])
loaded = set(sys.modules)
print(languages._identifier.cache_info().currsize)
print(languages.other_language("Escribe un poema sobre el mar.", "fr"), set(sys.modules) - loaded)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["1", "es", "set()"]
