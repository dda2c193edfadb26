"""What is read in the answer of a model that plays the user, well or not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.stages.reading.speakers import own_part
from selfinstruct.stages.reading.user_turns import CONTENT, Said, user_turn
from selfinstruct.task import Message

TALK = [
    Message(role="user", content="How do I keep basil alive on a kitchen window?"),
    Message(
        role="assistant", content="Give it six hours of light, and water it when the top of the soil is dry to touch."
    ),
]
TALK_ZH = [
    Message(role="user", content="阳台上的薄荷总是发黄，是什么原因？"),
    Message(role="assistant", content="多半是浇水太勤，根闷坏了。等盆土表面干了再浇，换个通风的地方。"),
]


def said(answer: str, before: Sequence[Message] = TALK, *, cut: bool = False) -> Said:
    return user_turn(answer, before, "zh" if before is TALK_ZH else "en", cut=cut)


ASKED = "My window faces north. Is a lamp worth it?"
ASKED_ZH = "我家阳台朝北，要不要补光？"


@pytest.mark.parametrize(
    "answer",
    [
        ASKED,
        f" {ASKED}\n",
        f"User: {ASKED}",
        f"**User:** {ASKED}",
        f'"{ASKED}"',
        f"“{ASKED}”",
        f'User: "{ASKED}"',
        f"Sure! Here is what the user says next:\n\n{ASKED}",
        f'Here\'s the next message: "{ASKED}"',
        f'The user might ask: "{ASKED}"',
        f"Next message:\n> {ASKED}".replace("> ", ""),
        f"<think>The user has a window…</think>\n{ASKED}",
        f'{{"message": "{ASKED}"}}',
        f'```json\n{{"user": "{ASKED}"}}\n```',
        f"{ASKED} [END]",
        f"{ASKED}\n\n[END]",
        f"**{ASKED}**",
    ],
)
def test_what_stands_around_a_turn_is_not_said(answer: str) -> None:
    assert said(answer) == Said(ASKED)


@pytest.mark.parametrize(
    "answer",
    [
        ASKED_ZH,
        f"用户：{ASKED_ZH}",
        f"“{ASKED_ZH}”",
        f"「{ASKED_ZH}」",
        f"好的，以下是用户接下来说的话：\n{ASKED_ZH}",
        f"用户接下来可能会问：“{ASKED_ZH}”",
        f"**用户：** {ASKED_ZH}",
        f"{ASKED_ZH}[结束]",
        f'{{"消息": "{ASKED_ZH}"}}',
    ],
)
def test_and_in_chinese(answer: str) -> None:
    assert said(answer, TALK_ZH) == Said(ASKED_ZH)


@pytest.mark.parametrize(
    ("answer", "rest", "why"),
    [
        (f"{ASKED}\nAssistant: Yes, a small one.\nUser: Which?", "Assistant: Yes, a small one.\nUser: Which?", "both"),
        (f"User: {ASKED}\n\n**Assistant:** Yes.", "**Assistant:** Yes.", "both"),
        (f"{ASKED}\nUser: And which one?", "User: And which one?", "both"),
        (f"{ASKED}\n\nYes, a small lamp is enough.", "Yes, a small lamp is enough.", "answers itself"),
        (f"{ASKED} The answer is yes.", "The answer is yes.", "answers itself"),
        (f"1. {ASKED}\n2. Should I cut it?\n3. Does it flower?", "2. Should I cut it?\n3. Does it flower?", "several"),
        (f"- {ASKED}\n- Should I cut it?", "- Should I cut it?", "several"),
    ],
)
def test_only_the_first_turn_of_the_users_is_taken(answer: str, rest: str, why: str) -> None:
    found = said(answer)
    assert (found.text, found.end, found.rest) == (ASKED, "", rest)
    assert why in found.why


def test_only_the_first_turn_in_chinese() -> None:
    found = said(f"{ASKED_ZH}\n助手：可以补。", TALK_ZH)
    assert (found.text, found.rest, found.why) == (ASKED_ZH, "助手：可以补。", "writes both sides")
    assert said(f"{ASKED_ZH}是的，补光灯就行。", TALK_ZH).text == ASKED_ZH


@pytest.mark.parametrize(
    "answer",
    [
        *("[END]", "END", "**[END]**", "<END>", "[end]", "[End of conversation]", "User: [END]", "[END].", "'[END]'"),
        *("Thanks!", "Thank you so much, that was very helpful.", "Great, thanks. Bye!", "Thank you! [END]"),
        *("No, that's all. Thanks for your help!", "I don't have any more questions.", "That's everything, cheers."),
        "The user is content.",
    ],
)
def test_who_is_content_ends_the_conversation(answer: str) -> None:
    assert said(answer) == Said("", CONTENT)


@pytest.mark.parametrize(
    "answer",
    [
        "[结束]",
        "【结束】",
        "结束",
        "（结束）",
        "谢谢！",
        "好的，明白了，谢谢你。",
        "没有其他问题了。",
        "再见！",
        "谢谢[结束]",
    ],
)
def test_who_is_content_in_chinese(answer: str) -> None:
    assert said(answer, TALK_ZH) == Said("", CONTENT)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("You're welcome! Is there anything else I can help you with?", "speaks as the assistant"),
        ("As an AI language model, I don't have a window.", "speaks as the assistant"),
        ("I'm glad that helped! Feel free to ask if you have more questions.", "speaks as the assistant"),
        ("Certainly! Basil needs light, warmth and a pot with a hole in it.", "speaks as the assistant"),
        ("Assistant: Basil needs light.", "speaks as the assistant"),
        (
            "Basil is a herb of warm countries. " * 3 + "It needs much light and little water. " * 5,
            "speaks as the assistant",
        ),
        ("The user wants to know more about lamps.", "tells of the user"),
        ("How do I keep basil alive on a kitchen window?", "said before"),
        (TALK[1]["content"], "said before"),
        ("[Your question here]", "holds the place of a turn"),
        ("", "no turn"),
        ("…", "no turn"),
        (
            "Ist eine Lampe auf dem Fensterbrett dafür wirklich sinnvoll oder reicht das Licht im Sommer aus?",
            "in another language: de",
        ),
        ("我家的窗户朝北，需要一盏补光的灯吗？", "in another language: zh"),
        ("I wonder. " * 30, "the same again and again"),
    ],
)
def test_what_no_user_says_ends_it_too(answer: str, why: str) -> None:
    found = said(answer)
    assert (found.text, found.end) == ("", why)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("不客气！还有什么可以帮您的吗？", "speaks as the assistant"),
        ("作为一个人工智能语言模型，我没有阳台。", "speaks as the assistant"),
        ("当然，薄荷喜欢湿润的环境，但不能积水。", "speaks as the assistant"),
        ("用户想了解补光的问题。", "tells of the user"),
        ("阳台上的薄荷总是发黄，是什么原因？", "said before"),
        ("Should I buy a lamp for my north-facing balcony or not?", "in another language: en"),
    ],
)
def test_nor_in_chinese(answer: str, why: str) -> None:
    found = said(answer, TALK_ZH)
    assert (found.text, found.end) == ("", why)


@pytest.mark.parametrize(
    "answer",
    [
        "Thanks! But what if the soil is still wet after a week?",
        "That helps, thank you. One more thing: may I put it outside in May?",
        "I tried that last year and it died anyway.",
        "Sure, I can move it to the living room. Would a south window be too hot?",
        "Of course I water it! Could it be too much?",
        "Hm, I am not convinced. My neighbour waters hers every day.",
        "And for this one?\n\nA rose in a pot on the balcony.",
        "Could you put that as a list?",
        "*leans on the counter* You really never sleep, do you?",
        'What does "bushy" mean here? My dictionary says "thick".',
        "Why?",
        "Here is what I did: I cut it right above the soil. Was that wrong?",
        "Is it true that you should say 'bitte' when you ask for basil in Vienna?",
        "Explain the difference between User: and Assistant: in a chat log.",
    ],
)
def test_what_people_do_say_is_kept_as_it_is(answer: str) -> None:
    assert said(answer) == Said(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "谢谢，不过已经烂了的根还要剪吗？",
        "好的，那多久浇一次？",
        "我试过了，还是黄。",
        "你说的通风，开窗算不算？",
        "再说说施肥。",
    ],
)
def test_and_what_people_say_in_chinese(answer: str) -> None:
    assert said(answer, TALK_ZH) == Said(answer)


def test_what_is_cut_is_a_turn_only_if_the_other_side_has_begun() -> None:
    assert said("My window faces north, so I", cut=True) == Said("", "truncated")
    assert said(f"{ASKED}\nAssistant: Yes, a sm", cut=True).text == ASKED


def test_the_conversation_itself_says_which_language_it_is_in() -> None:
    talk = [
        Message(role="user", content="Wie halte ich Basilikum auf dem Fensterbrett in der Küche am Leben?"),
        Message(role="assistant", content="Mit viel Licht."),
    ]
    assert said("Und wie oft muss ich das Basilikum in der Woche eigentlich gießen?", talk).end == ""
    assert said("How often do I have to water the basil in the kitchen during the week?", talk).end


def test_own_part_of_either_side() -> None:
    assert own_part("Yes.\nUser: Why?", user=False) == ("Yes.", "User: Why?")
    assert own_part("Assistant: Yes.\nUser: Why?", user=False) == ("Yes.", "User: Why?")
    assert own_part("User: Why?\nAssistant: So.", user=False) == ("", "User: Why?\nAssistant: So.")
    assert own_part("No names.", user=True) == ("No names.", "")


PIECES = st.sampled_from(
    [
        "User:",
        "Assistant: ",
        "\n",
        '"',
        "“",
        "”",
        "[END]",
        "Thanks!",
        "Why? ",
        "a ",
        "用户：",
        "【结束】",
        "{",
        "}",
        "**",
        "1. ",
        "因为",
        "<think>",
        "：",
        "I ",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=80), st.booleans())
def test_anything_is_a_turn_or_says_why_not(answer: str, cut: bool) -> None:
    for before in (TALK, TALK_ZH):
        found = said(answer, before, cut=cut)
        assert bool(found.text.strip()) != bool(found.end)
        assert bool(found.rest) <= bool(found.why)
