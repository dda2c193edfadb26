"""Who speaks in a conversation, as people write it."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["CALL", "KNOWN", "THOUGHT", "role_of"]

CALL = "call"
"""An answer whose text is the call of a tool: ShareGPT's function_call."""

THOUGHT = "thought"
"""What an answer has before it, in a turn of its own."""

NAMES = {
    "user": (
        *("user", "human", "prompter", "question", "prompt", "query", "instruction", "input", "usr", "client"),
        *("customer", "person", "asker", "questioner", "student", "patient", "q", "用户", "人类", "问", "提问"),
    ),
    "assistant": (
        *("assistant", "gpt", "model", "bot", "ai", "chatbot", "agent", "answer", "response", "output", "completion"),
        *("reply", "chatgpt", "bing", "bard", "claude", "gemini", "llama", "qwen", "mistral", "deepseek", "moss"),
        *("machine", "assistent", "advisor", "teacher", "tutor", "doctor", "llm", "a", "助手", "模型", "机器人", "答"),
        *("回答", "grok", "copilot", "vicuna", "asst"),
    ),
    "system": ("system", "developer", "sys", "systemprompt", "systemmessage", "系统"),
    "tool": (
        *("tool", "function", "observation", "ipython", "toolresponse", "toolresult", "tooloutput", "toolresults"),
        *("functionresponse", "functionresult", "functionoutput", "functioncalloutput", "environment", "env"),
        *("interpreter", "codeinterpreter", "execution", "工具"),
    ),
    CALL: ("functioncall", "functioncalls", "toolcall", "toolcalls", "tooluse"),
    THOUGHT: ("reasoning", "thinking", "thought", "thoughts", "reasoningcontent", "thinkingcontent"),
}
"""By our role, the names that others use: spaces, underscores, hyphens and case aside."""

ROLES = {name: role for role, names in NAMES.items() for name in names}

KNOWN = "user, assistant, system, tool and names like human, gpt, bot, developer, observation, function_call"
"""For messages: not all of them."""

VERSIONED = re.compile(
    r"(chatgpt|claude|gemini|llama|qwen|mistral|mixtral|deepseek|vicuna|grok|gpt)"
    r"([a-z]{0,6}\d\S*|instant|pro|flash|turbo|large|medium|small|mini|chat|instruct)"
    r"|(bot|model|ai|assistant)\d+"
)
"""A model's name with its version, or with a number, where several answer: gpt-3.5-turbo, claude2."""


@lru_cache(1000)
def role_of(name: str) -> str | None:
    """user, assistant, system, tool, CALL or THOUGHT, as "Human", "<|user|>" or "GPT-4:" mean it; None for others."""
    plain = re.sub(r"[\s_\-]", "", name.strip(" \t\n:：<>|[]#*").lower())
    return ROLES.get(plain) or ("assistant" if VERSIONED.fullmatch(plain) else None)
