"""The filters: what each one drops and what it lets pass, at the edges; their order; finished tasks sifted again."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import UsageError
from selfinstruct.filters import FILTERS, get_ready, sift, verdict
from selfinstruct.filters.pool import Pool
from selfinstruct.simulator.language import EN, ZH, Language
from selfinstruct.task import Instance, Message, Reason, Rejected, Task
from selfinstruct.text.languages import other_language

MORE = ("video", "audio", "music", "flowchart", "diagram")
"""What Alpaca adds to the keywords."""


def reason(name: str, instruction: str, *outputs: str, **options: object) -> Reason | str | None:
    task = Task("t", instruction, tuple(Instance("", output) for output in outputs))
    return FILTERS[name](**options)(task, Pool())


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (0, "too short"),
        (1, "too short"),
        (3, "too short"),
        (4, None),
        (150, None),
        (151, "too long"),
        (400, "too long"),
    ],
)
def test_length_in_words(words: int, wanted: str | None) -> None:
    assert reason("length", " ".join(["word"] * words)) == (Reason(wanted) if wanted else None)


def test_length_counts_words_between_any_white_space() -> None:
    assert reason("length", "Say\tit \n now,  please") is None
    assert reason("length", "one-word well-known state-of-the-art") == Reason("too short")


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("写首诗", 3),
        ("写一首诗", 4),
        ("写一首诗。", 4),
        ("写一首 诗 。", 4),
        ("《》，。：……", 0),
        ("用Python写一个quick sort", 7),
        ("用 Python 写一个 quick sort", 7),
        ("苹果、Java、C++和3.5倍", 7),
        ("请解释“naïve”一词", 6),
        ("ＡＩ是什么？", 4),
        ("海の詩を書いて!", 7),
        ("เขียนบทกวี", 8),
        ("바다에 대한 짧은 시를 써 줘", 6),
        ("Напиши стих о море — сейчас", 6),
        ("Say “naïve”, 🙂 — or not", 6),
        ("加油 means go on", 5),
    ],
)
def test_length_counts_words_and_characters_that_need_no_space(instruction: str, words: int) -> None:
    assert reason("length", instruction, shortest=words, longest=words) is None


@given(st.text(st.characters(max_codepoint=0x24F)), st.text("画图写诗的ひらカナ", min_size=1))
def test_length_of_mixed_text_is_the_sum(latin: str, chinese: str) -> None:
    words = len(latin.split())
    assert reason("length", latin, shortest=words, longest=words) is None, "as published"
    words += len(chinese)
    assert reason("length", f"{latin} {chinese}", shortest=words, longest=words) is None
    assert reason("length", f"， {latin} {chinese}。", shortest=words, longest=words) is None


def test_chinese_at_the_limits_of_length() -> None:
    assert reason("length", "写" * 150) is None
    assert reason("length", "写" * 151) == Reason("too long")
    assert reason("length", "写，写。" * 75) is None, "punctuation counts nothing"


def test_length_has_options() -> None:
    assert reason("length", "Say it", shortest=2, longest=3) is None
    assert reason("length", "Say it right now", shortest=2, longest=3) == Reason("too long")


@pytest.mark.parametrize(
    ("instruction", "word"),
    [
        ("Describe the image in words.", "image"),
        ("Sort these images, please.", "images"),
        ("Explain the graph's axes.", "graph"),
        ("Compare both graphs", "graphs"),
        ("Guess the title of the Picture", "picture"),
        ("Name the PICTURES of the gallery.", "pictures"),
        ("Read the file/folder names aloud.", "file"),
        ("Rename all my files.", "files"),
        ("Find Oslo on the map.", "map"),
        ("Fold the (maps) again.", "maps"),
        ("Draw a house.", "draw"),
        ("Plot the population of Oslo by year.", "plot"),
        ("GO TO the shop and buy milk.", "go to"),
    ],
)
def test_keywords_are_whole_words_in_any_case(instruction: str, word: str) -> None:
    assert reason("keywords", instruction) == Reason("keyword", word)


@pytest.mark.parametrize(
    "instruction",
    [
        "Give advice to a photographer about a photograph.",
        "Explain mapping and imagery in a paragraph.",
        "Discuss a withdrawal, a drawing and a drawer.",
        "Edit the profile of a plotter salesman.",
        "Say when to go, to whom, and why.",
        "Name the roadmaps, filenames and graphics formats that you know.",
        "Plotting is what villains do; say how.",
        "Where does the cargo tower stand?",
    ],
)
def test_keywords_inside_other_words_pass(instruction: str) -> None:
    assert reason("keywords", instruction) is None


@pytest.mark.parametrize("word", MORE)
def test_keywords_take_more(word: str) -> None:
    assert reason("keywords", f"Praise a {word.upper()} briefly.") is None
    assert reason("keywords", f"Praise a {word.upper()} briefly.", more=MORE) == Reason("keyword", word)
    assert reason("keywords", "Draw a house.", more=MORE) == Reason("keyword", "draw")


def test_more_keywords_are_words_and_no_patterns() -> None:
    assert reason("keywords", "Say what axb means.", more=["a.b"]) is None
    assert reason("keywords", "Say what a.b means.", more=["a.b"]) == Reason("keyword", "a.b")


@pytest.mark.parametrize(
    ("instruction", "word"),
    [
        ("请打开file看看", "file"),
        ("画一个graph", "graph"),
        ("用MAP函数", None),
        ("Draw一只猫", "draw"),
        ("이 file을 열어 줘", "file"),
        ("filename是什么", None),
        ("mapé的意思", None),
    ],
)
def test_english_keywords_beside_other_scripts(instruction: str, word: str | None) -> None:
    assert reason("keywords", instruction) == (Reason("keyword", word) if word else None)


@pytest.mark.parametrize(
    "instruction",
    """
    画一幅山水画 请画出这个函数的曲线 帮我画个圆 画张海报 画一只猫 画两条平行线 请画一个流程
    请你画一下这个结构 在纸上画三个正方形 怎么画小鸟？ 如何画一朵花 画猫的步骤是什么 首先，画出树干 我想画画
    描述这幅画 给这张画取一个名字 请为一幅关于春天的画写说明 这幅油画表达了什么 用铅笔画一座房子 用水彩画一幅风景
    请绘画一只小狗 绘制一张世界地图 给我绘制折线 请看下图回答问题 如图所示，求面积 根据图中的信息 看图写话
    描述下面的图片 识别图像里的物体 上传你的照片 根据图表写一段分析 设计一个流程图 观看这个视频并总结 把音频转成文字
    打开文件并读取内容 见附件 给出一个下载链接 点击链接注册 播放音乐 请播放一段音乐 为这首音乐写评论 請畫一隻貓
    描述這張圖片 繪製一張地圖 打開檔案 畫出流程圖 请访问该网站 画几何图形 给孩子画了三只小鸭 画个三角形 解释这幅漫画
    画饼图 告诉我三个形容这幅画的词
    """.split(),  # noqa: SIM905
)
def test_chinese_keywords(instruction: str) -> None:
    found = reason("keywords", instruction)
    assert isinstance(found, Reason)
    assert found.category == "keyword"
    assert found.detail in instruction


def test_chinese_keywords_are_named_as_written() -> None:
    assert reason("keywords", "请看下图回答问题") == Reason("keyword", "下图")
    assert reason("keywords", "如何画小鸟？") == Reason("keyword", "画")
    assert reason("keywords", "請畫一隻貓") == Reason("keyword", "畫一隻")
    assert reason("keywords", "打開檔案") == Reason("keyword", "檔案")


@pytest.mark.parametrize(
    "instruction",
    """
    制定一个学习计划 写一份城市规划报告 策划一次班会 这个字有几笔画 “永”字的笔画顺序是什么 介绍一部动画
    推荐三部动画片 动画一直很受欢迎的原因 评价一部漫画 漫画出版的流程 用一句话描写电影的画面 写一份企划书
    这篇小说如何刻画一个人物 作者刻画出了怎样的形象 用“画蛇添足”造句 画蛇添足的意思是什么 请解释画龙点睛
    “画饼充饥”是什么意思 这首诗充满诗情画意 江南风景如画 介绍齐白石这位画家 画家达芬奇的生平 列出三位著名画家
    介绍一家画廊 写一则画展的通知 油画和国画有什么区别 国画三要素是什么 中国山水画的特点 介绍绘画的历史
    绘画对儿童的好处 写一段用户画像 勾画一幅未来的蓝图 描画一个美丽的春天 绘制宏伟蓝图的比喻是什么意思
    给这段经历画上一个圆满的句号 为什么不能在两者之间画等号 解释文件夹的作用 起一个合适的文件名
    列出三种常见的法律文件 写一份音乐会邀请函 介绍音乐家贝多芬 推荐几首放松的音乐 音乐剧和歌剧的区别 听音乐的好处
    短视频对青少年的影响 视频会议的礼仪 写一个视频脚本 动态链接和静态链接的区别 图书馆的开放时间 例如图书馆、博物馆
    列出以下图书的作者 他企图中断谈判 墙上图案的含义 做一个思维导图大纲 意图中性的句子 指手画脚是什么意思
    插画师需要什么技能 名画《蒙娜丽莎》的作者是谁 壁画的保护方法 把这些数据做成表格 社会画面的变化 重要画作有哪些
    画皮的故事讲了什么 理解画外音的作用 “指手画脚”怎么用 把实体链接到词条 写一个链接器的说明 三维图形的种类
    """.split(),  # noqa: SIM905
)
def test_chinese_keywords_inside_other_words_pass(instruction: str) -> None:
    assert reason("keywords", instruction) is None


MENTIONED = """\
地图册的用途是什么
写一段关于地图公司的介绍
制定一份公司文件管理制度
把“画”字组词
以“文件”为题写一篇短文
用“图片”一词造句
用“视频”造句
“附件”的近义词是什么
解释“链接”在计算机科学中的含义
解释什么是超链接
解释“地图”的英文说法
“音频”和“视频”有什么区别？
用“照片”写一个比喻句
写出“画”的笔顺
“画”字的部首是什么
给“图”字组三个词
请用“录音”和“录像”各造一个句子
文件系统的工作原理是什么
文件传输协议有哪几种
介绍视频压缩的原理
解释视频编码标准
比较两种图像格式
解释图像识别技术
图像处理算法有哪些
介绍照片墙的布置方法
手机拍照片的技巧
比较TCP和文件传输协议
介绍地图投影法
思维地图是什么
地图学研究什么
写一份文件归档流程
介绍文件柜的选购要点
照片冲洗店的广告语
写一封关于公司图片版权的邮件
解释链接词的作用
怎样恢复误删的文件
如何给文件加密
怎么压缩文件大小
为什么视频网站会员会涨价
视频号运营策略
音频设备的保养方法
录音机的历史
录像带是谁发明的
截图软件推荐
照片里的人笑得很开心，请续写这个故事
介绍图片社交软件的发展
以《一张老照片》为题写一篇作文
以“一张旧照片”为题写一首诗
写一篇题为《画》的散文
背诵古诗《画》
王维的《画》表达了什么
给“画”注音
“画”是什么结构的字
“画”字有几笔
“文件”怎么翻译成英文
把“请查看附件”翻译成英语
将“这张图片很美”改写成反问句
判断“地图”一词的词性
下列词语中与“图片”意思最接近的是哪个
给“视频会议”写一个定义
文件名应该怎么起
商务文件的写作规范
地图上的比例尺是什么意思
解释曲线图和柱状图的区别
流程图有什么用
饼图适合展示哪种数据
画家的生平
画板怎么选
介绍附件炎的症状
写一份文件签收单模板
""".splitlines()
ASKED_FOR = """\
制作一个短视频
拍一个短视频介绍家乡
请录制一段短视频
剪辑一段短视频
生成一个短视频
画“福”字的图案
请画一只“招财猫”
打开“报告”文件
把“春天.jpg”这张图片描述一下
描述图片“春天”的内容
看图片“日出”写一段话
给我看一张“长城”的照片
绘制中国地图
请在地图上标出北京
打开文件并读取内容
把这个文件翻译成英文
总结上传的文件
修改下面的图片
描述下面的图片
描述这张照片
请查看附件
把附件里的表格排序
观看这个视频并总结
制作一个视频
剪辑这段视频
下载文件
给出一个下载链接
点击链接注册
把音频转成文字
识别图像里的物体
上传你的照片
设计一张图片
生成一张图片
查看地图
画一幅山水画
给我画“猫”
听录音回答问题
根据录音写下内容
照片里的人是谁？
图片中有几只猫
请画一个“心”形
""".splitlines()


@pytest.mark.parametrize("instruction", MENTIONED)
def test_chinese_keywords_that_are_spoken_of_pass(instruction: str) -> None:
    assert reason("keywords", instruction) is None


@pytest.mark.parametrize("instruction", ASKED_FOR)
def test_chinese_keywords_that_are_asked_for(instruction: str) -> None:
    found = reason("keywords", instruction)
    assert isinstance(found, Reason)
    assert found.category == "keyword"
    assert found.detail in instruction


@pytest.mark.parametrize("text", ["图片", "如何文件", "做短", "“画", "介绍图片和", "视频、", "制作一个"])
def test_long_monotonous_instructions_are_judged_in_no_time(text: str) -> None:
    """In the processor's seconds, which other processes do not take: 0.3 of them at most when this was written."""
    began = process_time()
    reason("keywords", text * 5_000)
    reason("leak", text * 5_000)
    other_language(text * 5_000, "zh")
    assert process_time() - began < 3


def test_an_instruction_that_is_quoted_as_a_whole_is_an_instruction() -> None:
    assert reason("keywords", "“画一只猫。”") == Reason("keyword", "画一只")


def test_chinese_words_can_be_added() -> None:
    more = ["音乐", "c++"]
    assert reason("keywords", "推荐几首放松的音乐", more=more) == Reason("keyword", "音乐")
    assert reason("keywords", "MV音乐会", more=more) == Reason("keyword", "音乐")
    assert reason("keywords", "用C++写", more=more) == Reason("keyword", "c++")
    assert reason("keywords", "用短视频学习", more=["视频"]) == Reason("keyword", "视频")


@pytest.mark.parametrize(
    "instruction",
    [
        *("写一个程序，把数字排序。", "编写一个程序来计算总和", "写一段程序", "请写一个程序", "请你帮我写个程序"),
        *("编一个程序", "写程序计算圆的面积", "寫一個程式"),
    ],
)
def test_chinese_programs(instruction: str) -> None:
    for exact_case in (False, True):
        assert reason("program", instruction, exact_case=exact_case) == Reason("write a program")


@pytest.mark.parametrize(
    "instruction",
    [
        *("写一个Python程序", "写一个程序员的故事", "写一个程序正义的例子", "解释什么是程序", "写一个函数"),
        *("先写一个程序", "设计一个程序", "写一首关于程序的诗"),
    ],
)
def test_no_chinese_programs(instruction: str) -> None:
    assert reason("program", instruction) is None


@pytest.mark.parametrize(
    ("instruction", "wanted", "wanted_exactly"),
    [
        ("Write a program that sorts names.", "write a program", "write a program"),
        ("Write a Program that sorts names.", "write a program", None),
        ("WRITE A PROGRAM", "write a program", None),
        ("Write a programme for the concert.", None, None),
        ("Write a program booklet for the concert.", None, None),
        ("Write a poem about a program.", None, None),
        ("Please write a program.", None, None),
        ("Write a progra", None, None),
    ],
)
def test_program_is_about_how_a_task_starts(instruction: str, wanted: str | None, wanted_exactly: str | None) -> None:
    assert reason("program", instruction) == (Reason(wanted) if wanted else None)
    assert reason("program", instruction, exact_case=True) == (Reason(wanted_exactly) if wanted_exactly else None)


@pytest.mark.parametrize("start", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
def test_punctuation_at_the_start(start: str) -> None:
    assert reason("punctuation", f"{start}Say it again, please.") == Reason("starts with punctuation")


@pytest.mark.parametrize("instruction", ["Say it: (now)!", "3 apples and 4 pears: how many?", "Élargis.", "“So”", ""])
def test_no_ascii_punctuation_at_the_start(instruction: str) -> None:
    assert reason("punctuation", instruction) is None


@pytest.mark.parametrize("start", "，。、；：？！…）】》〉」』”·—～＃")
def test_chinese_punctuation_at_the_start(start: str) -> None:
    assert reason("punctuation", f"{start}请写一首诗") == Reason("starts with punctuation")


@pytest.mark.parametrize(
    "instruction", ["《红楼梦》的作者是谁？", "“开卷有益”是什么意思", "（一）写诗", "【写作】写诗", "「雪」", "『雪』"]
)
def test_chinese_may_open_a_title_a_quotation_or_a_note(instruction: str) -> None:
    assert reason("punctuation", instruction) is None


@pytest.mark.parametrize(
    ("instruction", "wanted"),
    [
        ("Say what “naïve” means.", None),
        ("7 is odd. Why?", None),
        ("", None),
        ("Élargis le texte.", "starts with a non-ASCII character"),
        ("写一首诗。", "starts with a non-ASCII character"),
        ("“Carpe diem”: translate it.", "starts with a non-ASCII character"),
    ],
)
def test_ascii_start(instruction: str, wanted: str | None) -> None:
    assert reason("ascii", instruction) == (Reason(wanted) if wanted else None)


def test_output() -> None:
    assert reason("output", "Say it.", "it") is None
    assert reason("output", "Say it.") == Reason("empty output", "nobody answers")
    assert reason("output", "Say it.", "it", " \n") == Reason("empty output")


REFUSALS = """\
I'm sorry, but I can't assist with that.
I'm sorry, but I cannot fulfill your request.
I am sorry, but I am not able to access external links.
Sorry, but I can't help with that request.
Sorry, I cannot provide medical advice.
I'm sorry, I don't have enough information to answer this question.
I'm sorry, but as an AI language model, I don't have personal opinions.
I apologize, but I cannot generate images.
I apologise for the confusion, but I am unable to view the picture.
Unfortunately, I cannot browse the internet.
As an AI language model, I do not have feelings.
As an AI, I cannot form opinions about politics.
As an artificial intelligence, I have no favourite colour.
As a large language model trained by a company, I don't have access to real-time data.
As an AI assistant, I can't taste food.
I can't assist with that.
I cannot create content that promotes violence.
I'm unable to open the attached file.
I’m sorry, but I can’t help with creating weapons.
I am just an AI, so I cannot feel emotions.
I'm sorry, but you haven't provided any text to summarise.
I'm sorry, but there is no input given.
Sorry, the input is missing.
I'm sorry, could you please provide the paragraph?
I don't have personal experiences, but many people like it.
I don't have the ability to see images.
My apologies, but I need more context to answer.
I regret to inform you that I am not able to answer that question.
I won't be able to write a story about that.
"I'm sorry, but it is not appropriate to joke about this."
I must decline to provide instructions for this.
I'm very sorry, but I'm only a language model.
I'm sorry, but I cannot translate this without more context.
""".splitlines()
NO_REFUSALS = """\
Sorry for the delay, your parcel leaves tomorrow.
I'm sorry for being late to our meeting.
I'm sorry, but I can't come to your party on Saturday.
I am sorry, but I will not be able to attend the wedding.
I'm so sorry to hear about your loss.
Sorry, I spilled coffee on your book.
I apologize for the inconvenience caused by the late delivery.
I apologise for my behaviour yesterday.
Unfortunately, the train was cancelled, so we walked.
Unfortunately, I cannot attend the conference this year.
Regrettably, the shop closes at noon.
Sorry, but I can't help you move house this weekend.
I'm sorry, but I can't give you the day off.
I can't believe how fast the year went.
I can't wait to see the lighthouse again.
I cannot see the sea from my window.
As an AI researcher, I study how machines learn.
As an artificial intelligence company, we build robots.
As an aid to memory, use rhymes.
I don't have a car, so I cycle to work.
I am unable to come to work today because I have a fever.
Sorry seems to be the hardest word.
The word "sorry" can be used to apologise.
Apologies are best made in person.
I'm sorry that I broke your vase; I will buy you a new one.
Dear Ms Lind, I'm sorry, but I cannot assist with that.
I won't go to the market without an umbrella.
An AI language model predicts the next word.
Yes, as an AI language model I can say hello.
I need more flour for the bread.
I'm sorry, but we cannot refund the ticket.
My apologies for the typing error in the last letter.
Could you please provide the address of the hotel?
I am an AI engineer from Oslo.
Artificial intelligence cannot feel joy.
I regret leaving the village so early.
As a chatbot designer, I test dialogues.
""".splitlines()
CHINESE_REFUSALS = """\
抱歉，我无法回答这个问题。
很抱歉，我无法提供您需要的信息。
对不起，我不能帮助您完成这个请求。
非常抱歉，但我无法访问互联网。
对不起，作为一个人工智能，我没有个人喜好。
抱歉，作为AI语言模型，我不能预测未来。
作为一个人工智能语言模型，我没有感情。
作为一名AI助手，我无法品尝食物。
作为语言模型，我不能表达个人观点。
身为人工智能，我没有最喜欢的颜色。
我无法查看图片。
我不能回答这类违法的问题。
我只是一个人工智能，无法感受情绪。
我没有个人经历，但很多人喜欢旅行。
抱歉，您没有提供需要翻译的句子。
对不起，您的问题不完整，请补充。
抱歉，请提供更多的信息。
很遗憾，我无法打开这个链接。
不好意思，我没有足够的信息来判断。
对不起，我是一个语言模型，不会画画。
抱歉，缺少具体的内容。
我目前无法浏览网页。
抱歉，我不能生成图像。
對不起，我無法回答這個問題。
抱歉，作為一個人工智能，我沒有情感。
非常抱歉，我没有办法为您播放音乐。
实在抱歉，我无法理解您的意思。
我很抱歉，我不能提供医疗建议。
“抱歉，我无法协助您。”
抱歉，我需要更多上下文才能回答。
作为一个由某公司训练的语言模型，我无法提供实时信息。
""".splitlines()
NO_CHINESE_REFUSALS = """\
对不起，我迟到了。
抱歉，让你久等了。
很抱歉，由于快递延误，您的包裹明天送达。
对不起，我今天不能参加会议。
抱歉，我不能陪你去看电影了。
非常抱歉给您带来不便。
尊敬的客户：抱歉，我们无法为您退款。
对不起，我不小心打碎了你的杯子。
很遗憾，比赛因雨取消了。
抱歉信应当写得诚恳。
“对不起”用英语说是sorry。
作为一名教师，我喜欢和学生交流。
作为人工智能领域的专家，我研究机器学习。
作为一个人工智能公司，我们开发机器人。
人工智能无法感受情绪。
我无法忘记那个夏天。
我不能没有你。
我没有时间去旅行。
我不会游泳，但我想学。
我只是一个普通人，没有超能力。
对不起，妈妈，我错了。
抱歉，这家餐厅周一休息。
不好意思，请问车站怎么走？
很抱歉，您所拨打的号码是空号。
对不起，我忘记带作业了。
作为父母，我们应该多陪伴孩子。
我不能确定明天会不会下雨。
抱歉，我没有看到你的留言。
我需要更多的面粉来做面包。
请提供您的姓名和地址。
模型无法回答所有问题。
对不起，我帮不了你搬家。
作为助手，我每天帮老板订票。
""".splitlines()

MORE_REFUSALS = """\
I'm sorry, but I don't know how to do that. Could you describe the task in a different way?
I'm sorry, but I can't help with this one; it is beyond what I was made for.
I'm sorry, but this is not something that I can answer reliably.
I'm sorry, but I can only read and write text.
I'm sorry, but the input is missing. What should I work on?
I'm sorry, but there is nothing to work on yet. Could you send me the input as well?
I'm sorry, but I can't help with that…
I can't help with that.
I can’t assist with that request.
I'm not able to help with that.
I won't help with that.
I can't fulfill that request.
I can't fulfil that.
I can't satisfy your request, I'm just an AI.
I cannot comply.
I can't engage with that topic.
I can't discuss that topic.
I can't continue with this request.
I'm just a language model, so I can't help you with that.
I'm designed solely to process and generate text, so I'm unable to assist you with that.
I'm not programmed to assist with that.
I don't feel comfortable helping with this request.
I'm not comfortable writing that kind of content.
I apologize, but I don't feel comfortable producing such content.
I apologize, but I should not help anyone break the law.
I must respectfully decline this request.
I need to decline this request.
Sorry, I can't do that.
Sorry, I can't.
I'm afraid I can't do that.
I'm afraid I cannot help with that request.
That's not something I can help with.
This is not something I'm able to help with.
I'm sorry, I'm not sure how to help with that.
I'm sorry, I didn't understand your question.
I'm sorry, I don't know.
I'm sorry, I don't know the answer to that question.
I appreciate your request, but I cannot provide instructions for this.
I understand your frustration, but I can't help with that.
Hello! I'm sorry, but I can't help with that.
As a responsible and ethical AI language model, I cannot write this.
I'm sorry, but this request violates our content policy.
Unfortunately, I am not able to help with this.
Unfortunately, I can't assist with that.
I cannot fulfill your request. I'm just an AI, it's not within my programming to do so.
I'm sorry, but that is beyond my capabilities.
Sorry, that's beyond what I can do.
I am unable to answer this question.
I can't answer that.
I'm sorry, but I'm unable to complete this task.
I cannot in good conscience write that.
I am sorry, I cannot answer.
Sorry, this is outside my area of expertise.
I can't provide that.
I'm sorry, I can't provide that information.
Sorry, I can't generate that.
I'm sorry, but I can't write that for you.
I'm not able to do that.
抱歉，这个问题我暂时不会，您能换一种说法再描述一下任务吗？
对不起，这超出了我的能力范围，我没法完成。
很抱歉，这件事我没有把握回答好。
抱歉，我只能读写文字，这件事我做不了。
抱歉，您还没有给出输入内容，请把要处理的材料发给我。
对不起，题目里缺少输入，能补充一下吗？
抱歉，我无法协助。
抱歉，我帮不了您。
抱歉，我无法…
抱歉，我无法完成。
我不能协助完成这个请求。
这个问题我无法回答。
这个我帮不了你。
抱歉，我还没有学会回答这个问题。
对不起，我还没有学会如何思考这类问题，我擅长数学、代码、逻辑类的题目，欢迎与我交流。
你好，这个问题我暂时无法回答，让我们换个话题再聊聊吧。
作为一个AI语言模型，我还没学习如何回答这个问题，您可以向我问一些其它的问题，我会尽力帮您解决的。
您好，我无法提供相关信息。
抱歉，我不太明白您的意思。
很抱歉，我不知道。
很抱歉，我不知道这个问题的答案。
抱歉，该问题超出了我的能力范围。
根据相关法律法规，我无法回答这个问题。
我不便回答。
恕我无法回答这个问题。
抱歉，我没办法帮你做这件事。
我必须拒绝这个请求。
我不能为您提供制造武器的方法。
抱歉，您的请求涉及违法内容，我不能协助。
抱歉，无法回答。
抱歉，无法提供该信息。
抱歉，我做不到。
抱歉，我不会。
很抱歉，这个任务我完成不了。
對不起，我無法協助您。
很抱歉，我無法完成這個任務。
我不能帮助您进行任何违法活动。
我没法帮你做这件事。
抱歉，我不能写这样的内容。
抱歉，我不能为您写这样的内容。
对不起，我不能帮你写这篇文章。
抱歉，我不能提供帮助。
很遗憾，我不能满足您的要求。
非常抱歉，我目前还不具备这方面的能力。
抱歉，这个请求违反了使用政策。
作为人工智能助手，我不能参与讨论政治话题。
我无法满足您的请求。
我无法协助您完成这项任务。
""".splitlines()
"""Of models that people use; some could be said by anybody, and count where the answer is short."""
MORE_APOLOGIES = """\
I'm afraid I can't come on Friday.
I'm afraid of the dark, so I sleep with a light.
Sorry, no refunds after thirty days.
I'm sorry, I don't know how to thank you.
It is beyond my garden wall that the forest begins.
This is beyond what I expected from a hotel.
I'm comfortable writing in two languages.
I can't answer that letter before Monday.
That's not something I can forgive.
I must respectfully decline your request for a day off.
Sorry, I can't do this weekend.
I'm sorry, I did not understand the bus timetable.
I'm sorry, but I can only read and write a little French.
I understand your point, but I cannot agree with it.
I'm sorry for being late to the meeting; it won't happen again.
I'm sorry to say that I can't do the shopping today.
Hello! I can't wait to meet you.
这个问题我无法回避。
抱歉，我不知道今天是你的生日。
对不起，我没有把握好时间。
抱歉，我没学会骑车。
对不起，我做不到无动于衷。
不好意思，我不太懂您这行的规矩。
您好，我无法打开这个网页，请问怎么办？
我不能提供发票。
该项目超出了我的预算。
您的问题涉及劳动法律，建议咨询律师。
这个内容违反了广告法的规定。
抱歉，我不会做饭。
对不起，我无法原谅自己。
抱歉，我忘了回复你的邮件。
""".splitlines()


@pytest.mark.parametrize("output", REFUSALS + CHINESE_REFUSALS + MORE_REFUSALS)
def test_refusal(output: str) -> None:
    assert reason("refusal", "Name a river.", output) == Reason("refusal")
    assert reason("refusal", "Name a river.", "It.", f"\n {output}") == Reason("refusal"), "one instance is enough"


@pytest.mark.parametrize("output", NO_REFUSALS + NO_CHINESE_REFUSALS + MORE_APOLOGIES)
def test_an_apology_is_no_refusal(output: str) -> None:
    assert reason("refusal", "Say it.", output) is None


@given(st.text(), st.sampled_from(REFUSALS + CHINESE_REFUSALS))
def test_a_refusal_is_at_the_start(text: str, refusal: str) -> None:
    assert reason("refusal", refusal) is None, "the instruction is no answer"
    assert reason("refusal", "Say it.", f"Answer: {text}{refusal}") is None


@pytest.mark.parametrize(
    "output", ["抱歉，我无法" + "根据" * 140, "抱歉，" * 90, "sorry " + "but " * 70, "As an AI" + " ai" * 90]
)
def test_no_answer_takes_long_to_tell(output: str) -> None:
    """A pattern that tries all ways to read these would take years."""
    assert reason("refusal", "Say it.", output) is None


@pytest.mark.parametrize("language", [EN, ZH], ids=["en", "zh"])
def test_what_the_built_in_teacher_says_when_it_cannot(language: Language) -> None:
    for answer in language.refusals:
        for task in ("Name a river.", "Write a polite refusal.", "替我写一封婉拒邀请的信。"):
            assert reason("refusal", task, answer) == Reason("refusal"), answer


def test_a_refusal_that_anybody_may_say_is_one_where_it_is_all_that_is_said() -> None:
    answer = "Sorry, I can't do that."
    assert reason("refusal", "Open the door.", f"{answer}{' But you may knock.' * 10}") == Reason("refusal")
    assert reason("refusal", "Tell a story.", f"{answer} So said the dog.{' And it ran on and on.' * 15}") is None
    long = f"I'm sorry, but I can't help with that.{' Knock.' * 90}"
    assert reason("refusal", "Open the door.", long) == Reason("refusal")
    assert reason("refusal", "抱歉，我不会。", "Sorry, I can't.") is None, "a translation"
    assert reason("refusal", "用一句话婉拒别人。", "抱歉，我做不到。") is None
    assert reason("refusal", "Decline an invitation in five words.", "Sorry, I can't do that.") is None
    assert reason("refusal", "Write an apology.", "I'm sorry, but I can't assist with that.") == Reason("refusal")


def test_refusals_in_a_conversation() -> None:
    said = ["Name a river.", "The Rhine.", "And a lake?", "I'm sorry, but I can't help with that."]
    roles = ("user", "assistant")
    turns = tuple(Message(role=roles[n % 2], content=text) for n, text in enumerate(said))
    assert FILTERS["refusal"]()(Task("t", said[0], turns=turns), Pool()) == Reason("refusal"), "one turn is enough"
    assert FILTERS["refusal"]()(Task("t", said[0], turns=turns[:2]), Pool()) is None
    users = (*turns[:2], Message(role="user", content=said[3]), Message(role="assistant", content="Never mind."))
    assert FILTERS["refusal"]()(Task("t", said[0], turns=users), Pool()) is None, "what the user says is no answer"
    (lost,) = sift([Task("t", said[0], turns=turns)], [FILTERS["refusal"]()])
    assert isinstance(lost, Rejected)
    assert (lost.instruction, lost.reason) == (said[0], Reason("refusal"))
    assert all(text in lost.text for text in said), "what was said is not lost"


def test_language_says_which_was_found() -> None:
    assert reason("language", "Quelle est la capitale du Portugal ?") == Reason("language", "fr, wanted en")
    assert reason("language", "写一首关于大海的短诗。") == Reason("language", "zh, wanted en")
    assert reason("language", "Write a short poem about the sea.", language="zh") == Reason("language", "en, wanted zh")
    assert reason("language", "写一首关于大海的短诗。", language="zh") is None


def test_language_is_of_the_instruction_only() -> None:
    assert reason("language", "Translate “good morning” into Chinese.", "早上好，今天天气很好。") is None
    assert (
        reason("language", "把“早上好”翻译成英语。", "Good morning, and what a fine day it is.", language="zh") is None
    )


def test_an_unknown_language() -> None:
    with pytest.raises(UsageError, match="no language 'english' can be told: write en"):
        FILTERS["language"]("english")


def test_novelty_names_the_nearest_and_how_near() -> None:
    pool = Pool([Task("seed_1", "Describe one old barn."), Task("seed_2", "Describe one very old barn door.")])
    near = Task("t", "Describe one old house.")
    assert FILTERS["novelty"]()(near, pool) == Reason("rouge-l", "0.75 to seed_1")
    assert FILTERS["novelty"](above=0.75)(near, pool) is None, "as similar as allowed is novel"
    assert FILTERS["novelty"]()(Task("t", "Bake bread without yeast."), pool) is None


def test_the_first_reason_counts() -> None:
    order = ["length", "keywords", "program", "punctuation", "ascii", "output", "novelty"]
    drop = [FILTERS[name](["image", "draw"]) if name == "keywords" else FILTERS[name]() for name in order]
    pool = Pool([Task("seed_1", "Write a program that draws the image of a cat.")])
    worst = Task("t", "Write a program that draws the image of a cat.", (Instance("", ""),))
    assert verdict(worst, drop, pool) == Reason("keyword", "image")
    assert verdict(worst, drop[2:], pool) == Reason("write a program")
    assert verdict(worst, drop[3:], pool) == Reason("empty output")
    assert verdict(worst, drop[6:], pool) == Reason("rouge-l", "1.00 to seed_1")
    assert verdict(Task("t", "(draw)"), drop, pool) == Reason("too short")
    assert verdict(Task("t", "(draw) — now at once"), drop, pool) == Reason("keyword", "draw")
    assert verdict(Task("t", "(fetch it now at once"), drop, pool) == Reason("starts with punctuation")
    assert pool.machine == []


def test_what_is_kept_is_in_the_pool() -> None:
    pool, task = Pool(), Task("t", "Explain how a kite flies.")
    assert verdict(task, [FILTERS["novelty"]()], pool) is None
    assert pool.machine == [task]
    assert verdict(Task("u", task.instruction), [FILTERS["novelty"]()], pool) == Reason("rouge-l", "1.00 to t")
    assert pool.machine == [task]


def test_every_filter_has_a_name_and_defaults() -> None:
    sound = Task("t", "Explain how a kite flies.", (Instance("", "It leans on the wind."),))
    # A short answer is no document for `quality`; `semantic`, whose model may not be installed, has tests of its own.
    made = {name: make() for name, make in FILTERS.items() if name != "semantic"}
    assert {name for name, drop in made.items() if drop(sound, Pool())} == {"quality"}
    listed = (Path(__file__).parent.parent / "docs" / "filters.md").read_text(encoding="utf-8")
    assert [name for name in FILTERS if f"| `{name}` |" not in listed] == []


def test_sift_says_what_it_drops() -> None:
    tasks = [
        Task("a", "Explain how a kite flies."),
        Task("b", "Say it."),
        Task("c", "Explain how a kite flies high."),
        Task("d", "Name five uses of an old door."),
    ]
    assert list(sift(tasks, [FILTERS["length"](), FILTERS["novelty"]()])) == [
        tasks[0],
        Rejected("Say it.", "too short", origin="filter", task="b"),
        Rejected("Explain how a kite flies high.", "rouge-l", "0.91 to a", origin="filter", task="c"),
        tasks[3],
    ]


some_words = st.sampled_from(["draw", "tell", "a", "the", "kite", "map", "Say", "(so)", "write", "program", "é"])
instructions = st.lists(some_words, max_size=6).map(" ".join)


other_language("Carpe diem, quam minimum credula postero.", "en")  # what tells languages loads in half a second


@given(st.lists(instructions))
def test_sift_counts_add_up(texts: list[str]) -> None:
    tasks = [Task(str(n), text) for n, text in enumerate(texts)]
    drop = [make() for name, make in FILTERS.items() if name != "semantic"]
    found = list(sift(tasks, drop))
    assert [one.task if isinstance(one, Rejected) else one.id for one in found] == [task.id for task in tasks]
    kept = [one for one in found if isinstance(one, Task)]
    assert all(one is tasks[int(one.id)] for one in kept)
    assert list(sift(kept, drop)) == kept, "what was kept once is kept again"


def test_filters_get_ready_before_they_are_asked() -> None:
    """Those that have something to load; a function and a filter without a `ready` are left alone."""
    loaded = []

    class Slow:
        def ready(self) -> None:
            loaded.append(self)

        def __call__(self, task: Task, pool: Pool) -> None: ...

    slow = Slow()
    get_ready([lambda task, pool: None, FILTERS["length"](), slow])
    assert loaded == [slow]


def test_a_chain_of_things_that_cannot_be_seen_is_spoken_of() -> None:
    """介绍图片、视频…是什么: up to 20 of them, which no sentence has."""
    assert reason("keywords", f"介绍图片{'、视频' * 12}是什么") is None
    assert reason("keywords", f"打开图片{'、视频' * 12}") == Reason("keyword", "图片")


def test_a_leak_is_named_by_its_label_alone() -> None:
    assert reason("leak", "Name it.\n\n\n**Rewritten task: name them.") == Reason("leak", "**Rewritten task:")
    assert reason("leak", "Name it.\n\n\n*new task : name them.") == Reason("leak", "*new task :")
    assert reason("leak", "写一首诗。\n原始指令：写诗。") == Reason("leak", "。\n原始指令：")
    assert reason("leak", "原始指令：写诗。\nNew task: a") == Reason("leak", "原始指令：")


def test_a_task_that_nobody_answers_has_no_output() -> None:
    asked: Message = {"role": "user", "content": "Which river is longer?"}
    drop = FILTERS["output"]()
    assert drop(Task("t", "Name a river."), Pool()) == ("empty output", "nobody answers")
    assert drop(Task("t", "Which river is longer?", turns=(asked,)), Pool()) == ("empty output", "nobody answers")
    answered = Task("t", "Which river is longer?", turns=(asked, {"role": "assistant", "content": "The Rhine."}, asked))
    assert drop(answered, Pool()) is None


def test_to_ask_back_is_no_refusal_once_the_user_goes_on() -> None:
    asked = "Convert the given temperature to Celsius."
    assert reason("refusal", asked, "Sure! What's the temperature?") == Reason("refusal")
    said = [("user", asked), ("assistant", "Sure! What's the temperature?"), ("user", "50 F"), ("assistant", "10 °C")]
    turns = tuple(Message(role=role, content=content) for role, content in said)
    assert FILTERS["refusal"]()(Task("t", asked, turns=turns), Pool()) is None
