"""Of what size and kind the answer is that a task wants: a word, a sign, a text, a title, or nothing that can be found.

The filters ask this before they take an answer for none: "of" answers "Which preposition is missing?", and "None"
answers "Which of them is prime?".
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later

__all__ = [
    "looks_for",
    "wants_sign",
    "wants_telling",
    "wants_text",
    "wants_title",
    "wants_words",
]

WORDS = later(
    r"_{2,}|\.{3,}\s*$|\b(?:words?|letters?|prepositions?|pronouns?|articles?|conjunctions?|adverbs?|determiners?"
    r"|plural"
    r"|singular|tense|infinitive|participle|subject|blood type|grade|contractions?|synonyms?|antonyms?|opposite"
    r"|blanks?|gaps?|fill|complete|choose|select|pick"
    r"|options?"
    r"|which (?:one|of|is|answer|choice|side|operator|auxiliary)|above or below|more or less|up or down"
    r"|before or after|for or against"
    r"|either|whether|begins?|expand|in (?:the|this) sentence|how many|how much of|what does [^?\n]{1,40} mean|same or"
    r"|true or|noun|phrase|substring|subsequence|predict|next|translat\w+|in order"
    r"|rearrang\w+|reorder|convert"
    r"|turn|change|rewrite|replace|correct|passive|active|declarative|question tag|rhetorical|emojis?"
    r"|returns?|operators?|symbols?|identify|spell\w*|conjugat\w+|abbreviat\w+|pronunciation|keywords?|three words"
    r"|one word|unscrambl\w+|anagrams?|in (?:english|french|german|spanish|italian|chinese)|object form|short form"
    r"|form of|comes? (?:before|after|next)|negative|affirmative|where is"
    r"|where are)\b"
    r"|\bor (?:\w+ ){0,3}\w+\?|\bor [\"“']?\w+[\"”']?\s?(?:[?.]|$)|\b\w+, \w+(?:,)? or \w+\b|\b\w+ or \w+\?"
    r"|[\"“'](?:\w+)[\"”'] or [\"“']"
    r"|\A\W*(?:is|are|was|were|am|do|does|did|can|could|will|would|has|have|had|shall|should|must|may)\b"
    r"|[,，]\s*(?:\w+ )?(?:before|after|above|below) or\b"
    r"|(?<!名)(?:词|字)(?![幕])|填空?|填入|选择|选出|选项|连词|代词|介词|助词|吗|呢？|是否|有没有|是不是|对不对"
    r"|能不能|会不会|在不在|谁的|用哪个|改正|变成|怎么说|否定|还是|[”\"]中|句(?:中|子?里)|谁(?:先|更|最|大|高|多|赢"
    r"|的)|中谁"
    r"|yes|翻译|译成|译为|改成|改为|换成|缺了?|预测|复数|人称|连词成句|代替|表情|返回|关联|搭配|敬称|怎么称呼"
    r"|哪个(?:更|最|正确|对)|陈述句|疑问句|反义|[主宾谓定状补]语|(?:中文|英文|现代汉语)[是里中]|说成",
    re.IGNORECASE,
)
CHOICE = later(r"(?:^|[\s(（])[(（]?[a-dA-D1-4][).、:：]\s?\S", re.MULTILINE)
SIGN = later(
    r"\b(?:punctuation|signs?|symbols?|marks?|operators?|characters?|emojis?|emoticons?|smileys?|abbreviation"
    r"|function body|separator|key|at the end of an?|delimiter|morse)\b|标点|符号|运算符|表情|颜文字|电码|句末|末尾"
    r"|字符|分隔|隔开"
    r"|省略号",
    re.IGNORECASE,
)


def wants_words(task: str) -> bool:
    """Whether a word or a sentence made of the smallest words is a right answer: the missing preposition, a yes, a
    translation, a choice. `task` is the instruction, with the input if there is one.
    """
    return WORDS.search(task) is not None or CHOICE.search(task) is not None


def wants_sign(task: str) -> bool:
    """Whether a sign is a right answer: of punctuation, an operator, an emoji, an empty list."""
    return SIGN.search(task) is not None


WRITES = later(
    r"\A\W*(?:please |can you |could you )?(?:write|compose|draft|create|generate|design|develop|build|make"
    r"|explain|describe|discuss|summari[sz]e|paraphrase|rephrase|brainstorm|imagine|elaborate|convert|compare"
    r"|suggest|propose|invent|outline|plan|tell|come up with|give|recommend|translate|rewrite|draw|train"
    r"|list (?:two|three|four|five|six|seven|eight|nine|ten|some|\d+)|name (?:two|three|four|five|some|\d+))\b"
    r"|\A\W*请?把[^，。？！\n]{1,16}(?:改|译|翻|转|写)"
    r"|\A\W*请?(?:[你您帮我给为]{0,3}[^，。？！\n]{0,10})?(?:写|撰|创作|编|解释|描述|描写|介绍|总结|概括|翻译|改写"
    r"|设计|生成|阐述|说明|讨论|建议|推荐|比较|列出|策划|安排"
    r"|建|搭|制作|训练|画|拟|起|讲|举|打个比方|回复|说出|回答|改成|改为|改编|润色|译成|出一?[个道份]|给(?:出"
    r"|我)?[一两三几])",
    re.IGNORECASE,
)
FINDS = later(
    r"\b(?:if|whether|which|what|who|how (?:many|much)|find|identify|classify|categori[sz]e|extract|detect|any"
    r"|otherwise|return|print\w*|outputs?|evaluate|values?|determine|decide|select|choose|check|label"
    r"|or (?:write|say|answer)|none|n/a|null)\b"
    r"|是否|吗|哪|找|判断|分类|提取|识别|返回|选择|如果|没有|几|多少|什么|[“「\"]?无[”」\"]?|填写|一栏|反义|同义",
    re.IGNORECASE,
)


def wants_text(task: str) -> bool:
    """Whether the task begins by asking for a text to be written, which is more than "None"."""
    return WRITES.match(task) is not None


def looks_for(task: str) -> bool:
    """Whether it looks for something that may not be there, so that "None" or 无 may be right."""
    return FINDS.search(task) is not None


_FEW = r"(?:two|three|four|five|six|seven|eight|nine|ten|some|several|a few|\d+)"
TELLS = later(
    r"\A\W*(?:please |can you |could you |now )*(?:explain|describe|summari[sz]e|discuss|elaborate|outline|compare"
    r"|tell (?:me|us) (?:about|why|how|more)|recommend|suggest|advise|develop|design|plan|review|teach|prepare"
    rf"|(?:list|give|name|provide|state|write|suggest|tell me)(?: me| us)? {_FEW} (?!letter|word|vowel|preposition"
    rf"|pronoun)"
    r"|(?:write|compose|draft|create) an? (?:\w+ ){0,3}(?:essay|poem|story|paragraph|sentence|letter|e-?mail|speech"
    r"|review"
    r"|report|article|summary|description|haiku|song|post|plan|guide|recipe)"
    r"|(?:rewrite|edit|proofread|paraphrase|rephrase|improve|expand|shorten) (?:this|the|my"
    r"|these)?(?: \w+)? ?(?:paragraph|text|article|essay|passage|e-?mail|letter|story)\b"
    r"|give (?:me )?(?:an overview|an example|some advice|advice|tips|reasons)"
    r"|why|how (?:do|does|did|can|could|would|should|are|is|was|were|has|have|to)\b(?! (?:you|we|i|one) (?:say|spell"
    r"|call|write))(?! [^?\n]{0,60}\b(?:begin|end|start|greet)\b)"
    r"|what (?:are|were) (?:the|some) (?:\w+ )?(?:\w+ )?(?:benefits|advantages|causes|effects|reasons|differences?"
    r"|steps"
    r"|symptoms|consequences|uses|ways|types|features|risks|rules)"
    r"|what (?:causes|caused|happens|happened)|what should (?:i|we|you|one)|what(?:['’]s| is) the (?:difference"
    r"|purpose|meaning of life|best way))"
    r"|\A\W*(?:请|麻烦)?(?:[你您]?帮?[我给为]?|[为给替][^，。？！\n]{1,14}?)(?:解释|描述|介绍|说明|概括|概述|总结"
    r"|阐述|论述|制定|策划|推荐|谈谈|说说|聊聊|分析|比较"
    r"|列(?:[出举]|一[份个张])|起(?:[一两三几]个|[^，。？！\n]{0,6}名)|提出[^，。？\n]{0,10}(?:理由|观点|建议|方案)"
    r"|写(?:一[个篇段首句封份则]|[篇段首封])|讲(?:一个|个|讲|述)|举[一二三四五两几]个?"
    r"|给[^，。？\n]{0,8}(?:提|出|一些|[两三四五几]个?)[^，。？\n]{0,6}(?:建议|理由|意见)"
    r"|给出?[^，。？\n]{0,10}(?:理由|建议|例子|方案)"
    r"|为什么|怎样|如何|怎么(?!读|念|写|称呼|说)|什么是)"
    r"|\A[^，。？！\n]{0,20}(?:为什么|是怎样|是如何|怎么[样做办]|有(?:什么|哪些)[^，。？！\n]{0,6}(?:好处|坏处|影响"
    r"|特点|作用|优点|缺点|区别|原因|症状|危害|方法|步骤|方式|途径|技巧|办法)"
    r"|[^A-Za-z，。？！\n]{0,20}是什么意思|哪里(?:可以|能|有)|什么时候|何时|什么引起|(?:方法|办法|步骤|原因|区别"
    r"|特点|好处|过程|意义)(?:是什么|有哪些))",
    re.IGNORECASE,
)
SAYS_FEW = later(
    r"_{2,}|\b(?:words?|letters? of|(?:first|last|next|missing) letters?|blanks?|gaps?|fill|choose|pick|select"
    r"|prepositions?|pronouns?|articles|definite|conjunctions?"
    r"|yes|questions?|phrases?|quot\w+|repl(?:y|ies)|translat\w+|spell\w*|auxiliary|synonyms?|opposite|syllables?"
    r"|emojis?|symbols?|title)\b"
    r"|(?:[一二两三几哪这该此首末代介连虚助量名动]|个|关键|近义|反义|形容)[词字]|组词|造字|填|选|翻译|译|吗|是否"
    r"|改成|改为|符号|标点|表情",
    re.IGNORECASE,
)


def wants_telling(task: str) -> bool:
    """Whether it begins by asking for an explanation, a list or a text, and speaks of no word, gap or choice: then what
    is made of the smallest words alone says nothing.
    """
    return TELLS.match(task) is not None and not SAYS_FEW.search(task)


NAMES = later(
    r"\b(?:which|what|name|who|title)\b[^\n]{0,80}\b(?:band|group|film|movie|novel|book|song|album|single|play"
    r"|musical|series"
    r"|sitcom|show|magazine|newspaper|game|singer|organi[sz]ation|company|brand|character|wrote|starred|sang)\b"
    r"|哪(?:部|本|首|支|张|个)[^，。\n]{0,12}(?:电影|小说|书|歌|乐队|专辑|公司|品牌|诗)",
    re.IGNORECASE,
)


def wants_title(task: str) -> bool:
    """Whether a work or a group is asked for, which may be called The Who, or It."""
    return NAMES.search(task) is not None
