"""What a Chinese instruction asks for that a text model can neither see nor do, and what only looks as if.

One row a kind, with an example and where it comes from.

Chinese has no spaces, so a word counts by what stands around it. The patterns are of simplified characters.
"""

from __future__ import annotations

import re

from selfinstruct.text.later import later
from selfinstruct.text.senses_en import Kind

__all__ = [
    "CHINESE",
    "EXERCISE",
    "GENERAL",
    "HARMLESS",
    "HERE",
    "POINTED",
    "SEEN_OR_DONE",
    "SHOWN",
    "THING",
    "simplified",
]

SIMPLIFIED = str.maketrans(
    "圖畫繪製視頻樂連結鏈開擊編寫請幫個這張條隻圓聽報風質筆龍師壇規錄動紅導餅狀線點書對無為語沒會訪問識別處執覽實"
    "時獲協滿關應經種務給見義輸內體傳斷適確認測議論題們軟號館節學廳課電夾頁網該雙兩幾隨當數後釋創較進",
    "图画绘制视频乐连结链开击编写请帮个这张条只圆听报风质笔龙师坛规录动红导饼状线点书对无为语没会访问识别处执览实"
    "时获协满关应经种务给见义输内体传断适确认测议论题们软号馆节学厅课电夹页网该双两几随当数后释创较进",
)
"""One for one, and no more than the patterns here need. 檔 stays: 檔案 is a file, 档案 is an archive."""


def simplified(text: str) -> str:
    """The text with the simplified characters that the patterns are written in, and as many of them."""
    return text if text.isascii() else text.translate(SIMPLIFIED)


COUNTED = "[一二两三四五六七八九十几数半0-9]{1,3} ?[个张幅副只条座朵棵位匹颗头栋间把辆艘枚片架根群对]"
BRUSH = "(?<!(?<![铅毛彩蜡钢画])笔)"
"""笔画 is a stroke of a character, but 铅笔画 is what a pencil does."""
NOUN = (
    "(?![家廊展派风面像外质布笔室册卷皮报师坛作法押院刊集中里的]|蛇添足|龙点睛|饼充饥|地为牢|虎不成|虎类"
    "|板(?!报)|架(?!构))"
)
"""What makes a noun of 画 when it follows, or a saying. 绘画 is a noun, too: the art, like "painting"."""

PICTURES = (
    "图片|图像|图象|照片|相片|截图|截屏|配图|地图|自拍照?(?![杆神])|证件照(?!的?[尺要规])|[Xx]光片|插图(?![画师])"
)
CHARTS = "图表|流程图|示意图|[曲折]线图|[柱饼]状图|条形图|饼图|散点图|直方图|统计图"
MEDIA = "视频|音频|录音|录像|文件|檔案|附件|链接|连结|PDF|PPT(?![大提]纲|模板|内容|文案|结构|演?讲)"
NOUNS = f"(?:{PICTURES}|{CHARTS}|{MEDIA})"
SPOKEN_OF = "(?:介绍|解释|说明|讨论|谈谈|论述|列举|比较|区分|了解|什么是|关于|有关|，|、|和|与|(?<!.))"
TEXT_OF = (
    "脚本|文案|标题|提纲|大纲|策划|计划|方案|步骤|流程|技巧|方法|建议|平台|网站|账号|博主|软件|工具|团队|公司|行业|成本"
)

SEEN = (
    "这|那|此|上面|下面|以下|下列|上述|上方|下方|给定|给出|所给|附|我的?|你|您|他的|某|每|所有|全部|两|几"
    "|一[张幅个份段条]|[0-9]+[张幅个份段条]|如下|文件夹|桌面|手机|相册"
)
DOES = (
    "打开|播放|放|见|观察|研究|结合|依据|对比|生成|制作|做|画|绘|查看|观看|看|听|下载|上传|发|点击|点开|编辑|剪|裁"
    "|旋转|识别|描述|转|压缩|合并|重命名|删|分析|翻译|提取|读|阅|找|搜|截|拍|修|导|保存|移动|复制|打印|创[建作]"
    "|设计|展示|显示|插入|添加|加|配|换|变|用|根据|从|在|把|将|按|对照|参考|访问|点|给|关闭|分享|扫描|检查|总结|概括"
    "|写出|p"
)
POINTED = later(rf"(?:{SEEN}|{DOES})[^，。？！,;；\n]{{0,14}}\Z", re.IGNORECASE)
SHOWN = later(r"[里中上内]|显示|所示|转|发|压缩|打不开|如|\W*\Z")
"""A picture or a file that is meant: something is done with it or it is pointed at, or one looks for what is in it."""
GENERAL = later(
    r"(?:怎样|如何|怎么)(?!样|看|评)|[是由]?谁(?:发明|绘制|画|拍)|第一[张部幅]|历史上|什么时候(?!.{0,8}[里中])"
    r"|哪一?年(?:发明|出现|诞生)|作用|重要性|什么是|列举|制度|规定|格式|清单|脚本|心情|(?:写|编|讲|创作)[^。！？\n]{0,40}(?:故事|诗|作文|小说|散文|短文|剧本"
    r"|通知|演讲稿|评论|日记)|责任|侵权|合法|违法|法律|排名|为什么(?!.{0,8}[这该此])|有(?:什么|哪些)(?:好处|坏处"
    r"|影响|区别|规定|要求)|影响|危害|意义|吗？?\Z|扩写|[好仿]像一[幅张]|仿佛|(?:美丽|壮丽|生动|动人)的(?:画面|画卷"
    r"|图画)"
)
"""Of such things in general, unless one is pointed at."""
EXERCISE = later("选词填空|组词|量词|近义词|反义词|病句|改错|读音|笔顺|部首|偏旁")
"""Of words, which are only spoken of."""
HERE = later(
    rf"看图|根据|[见看如]{NOUNS}|[这该此](?:[张幅段份条些个部]?[^，。句话词字题问]{{0,4}}{NOUNS}|[张幅])|附"
    rf"|我(?:上传|发|拍|给)|[上下]面|以下|给定|图[中里]|[里中]有|你能?(?:看|听)"
)

HARMLESS = (
    Kind(
        f"视频(?:网站|平台|会[议员]|剪辑师|编辑|通话|电话|[号课]|博主|游戏|{TEXT_OF}|编码|监控|直播|广告|压缩的?(?:原理"
        f"|标准|算法|技术|方法|格式))",
        "介绍视频压缩的原理。",
        "tests/test_filters.py",
    ),
    Kind(
        "(?:如何|怎样|怎么(?!样|看|评|画))[^，。？！这该此附下画]{1,10}?(?:文件|附件|链接|视频|音频|照片)",
        "怎样保护自己拍的照片？",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:怎样|如何|怎么)(?:才能)?(?:画好|挑选?|选择?|欣赏|保养)[^，。？！]{0,10}画",
        "怎样挑选一幅适合客厅的画？",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind("(?:怎样|如何|怎么)(?:才能)?画好", "怎样画好素描？", "tests/labelled/keywords.zh.jsonl"),
    Kind(
        "地图(?:[册集学]|投影|公司|软件|应用|导航|出版|测绘|比例尺|图例|服务|产品|数据|上的(?:比例尺|图例|经纬))|(?:思维"
        "|心智|认知)地图",
        "地图投影有哪几种？",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "照片(?:墙|框|打印|冲[洗印])|(?<=拍)照片的?(?:技巧|姿势|方法|建议|心得)|照片里的[^，。？！]{1,12}，"
        "|照片的[^，。？！]{0,12}(?:标题|文案|配文)|一幅(?:著名|有名|世界名)的?画|截[图屏](?:软件|工具|键)",
        "照片墙怎么布置好看？",
        "alpaca_zh_1k_749",
    ),
    Kind(
        "(?:为|给)(?![^，。]{0,6}[这下附那以])[^，。？！\\n]{0,14}(?:照片|图片)[^，。]{0,4}(?:写|配|想"
        "|起)[^，。]{0,8}(?:文案|配文|标题|句)|(?:为|给)[^，。！？\\n]{0,14}视频写|(?:如何|怎样|怎么)识别图[像片]"
        "|[世古][界老代]的?地图上|《[^》]{1,30}》(?:这|那)幅画",
        "为旅行照片写一句文案。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "文件(?:[夹名柜袋]|精神|系统|格式|类型|传输|管理|归档|签收|制度|模板|服务器|扩展名|后缀|路径|权限|流转|起草|审批"
        "|传阅|编号|共享|收发|结构|的写[作法])",
        "文件管理制度怎么写？",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:写|拟|发)[^。！？\n]{0,10}(?:邮件|信|通知)[^。！？\n]{0,24}(?:附件|文件|图片|照片|视频|链接)",
        "写一封邮件，说明报价单在附件里。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        f"(?:写|拟|想|起)[^。！？\\n]{{0,16}}(?:文案|配文|标题)[^。]{{0,10}}{NOUNS}|关于[^。！？\\n]{{0,10}}{NOUNS}的?[^，。！？\\n]{{0,6}}(?:故事|诗|作文|散文|小说|短文)|(?:等高线|高精|电子|古"
        f"|世界)地图(?![上中里])",
        "写一条文案，配在毕业照片下面。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "哪些(?:文件|照片|视频|图片)|文件(?:过大|太大|不存在|损坏|丢失)|[看用]视频学",
        "文件损坏的原因有哪些？",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:动态|静态|符号|软|硬)链接|链接[器库到词表]|指手画脚",
        "软链接和硬链接的区别是什么？",
        "seed_task_26 of BELLE",
    ),
    Kind(
        "画[上下个成了一]{0,4}[^，。！？]{0,5}(?:一笔|句号|等号|问号|休止符)",
        "给他的人生画上句号是什么意思？",
        "tests/labelled/keywords.zh.jsonl",
    ),
)
"""What has a word of those below in it and asks for nothing to be seen or done."""

SEEN_OR_DONE = (
    Kind(
        f"{PICTURES}|图画(?![书册])|{CHARTS}",
        "描述这张照片。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:[两三几]幅|[这那该此][张幅副]|我[^，。？！]{0,3}(?:发|传|拍)[^，。？！]{0,3}的)图(?![书案])|(?:[这那该此]"
        "|我[^，。？！]{0,3}(?:发|传|录)[^，。？！]{0,3}的)[段条个]?(?:语音(?![^，。？！]{0,4}(?:转|识别))|音乐|歌声)|[如下看附]图(?![书案形])"
        "|上图(?![书案形腾])|(?<![企意试力贪])图中",
        "看图写话。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        MEDIA,
        "把附件打印三份。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?i:打开|编辑|修改|读取|下载|上传|发送|删除|重命名|保存|打印|总结|翻译)[^，。？！\\n]{0,12}?[\\w-]+\\.(?:docx?"
        "|xlsx?|pptx?|pdf|txt|csv|png|jpe?g|mp[34])(?![a-z])",
        "读取data.csv并求平均值。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "上传我的|[把将][^，。？！]{1,10}(?:上传|下载)到|(?:[给为]我|请)唱(?!的)|打开(?:浏览器|相机|摄像头|微信)|[把将给][^，。？！]{0,12}\\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|png|jpe?g|mp[34])(?![a-z])|(?:播放|[唱弹放])(?:出来)?给(?:我|大家)?听?|(?:播放|放)(?:一?[首曲段]|点儿?|些)[^，。？！]{0,12}(?:歌|曲|音乐)"
        "|(?:播放|(?<!\\w)放点?)[^，。？！]{0,8}的(?:歌|音乐)",
        "播放一首歌。",
        "alpaca_zh_1k",
    ),
    Kind(
        "(?:生成|创作|制作|谱写)[^，。？！]{1,10}(?<!的)音乐(?![会家剧节学院厅史人课台])|(?:播放|收听|下载|创作|制作"
        "|生成|谱写|[这一][首段]|下面的?|以下)音乐(?![会家剧节学院厅史人课台])",
        "生成一段音乐。",
        "Alpaca's list",
    ),
    Kind(
        "(?:用|制作|做|生成)[^，。？！]{0,6}动画[^，。？！]{0,2}(?:展示|演示|表现|[。！]|\\Z)|(?<![a-zA-Z])[Pp](?:一张|图|掉)",
        "用动画展示地球的公转。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:(?:\\A|[，。；])(?:请|帮我|麻烦)*|[请我])(?:(?:打开相机)?拍(?:一下|[一几两]?张)|播放(?![器量列次顺])|(?:去|到|从)[^，。？！]{1,10}下载|(?:听|看)(?:一?[下听看])?[这那此](?:[首部集]|段[^，。]{0,3}[曲音视]))",
        "请拍一张窗外的风景。",
        "tests/labelled/keywords.zh.jsonl",
    ),
    Kind(
        "(?:登录|登陆|打开|进入)我的?(?:账号|账户|邮箱|网银|微信)|(?:打开|点击|访问|浏览|登录|前往)(?:这个|该|此|以下|下面的?)?(?:网站|网址|网页|页面|官网|\\s?https?:)",
        "打开这个网站看看。",
        "alpaca_zh_1k",
    ),
    Kind(
        "(?<![谁所人])绘制(?![^，。]{0,6}蓝图)|绘画(?=[一出个张幅])",
        "绘制公司的组织结构图。",
        "Self-Instruct's list",
    ),
    Kind(
        rf"(?<![刻勾描企动漫]){BRUSH}画[了着]?{COUNTED}",
        "画两只猫。",
        "Self-Instruct's list",
    ),
    Kind(
        rf"(?<![刻勾描企动漫油国版壁年插名字书绘彩墨]){BRUSH}画(?:一下|出|图|表格|三角|圆|[正长]方|几何"
        rf"|[个张幅副只条座朵棵](?!人))",
        "请画出三角形。",
        "Self-Instruct's list",
    ),
    Kind(
        rf"(?:(?<!\w)|(?<=[请我你您么样何想要再并该手忙])|(?<=[会能来去学以着上])(?!画画))画{NOUN}",
        "画一条鱼。",
        "Self-Instruct's list",
    ),
    Kind(
        r"(?<=[这那一])[幅张副](?:[^，。！？,.!?]{0,8}[的油国版壁水彩墨漫])?画(?![家廊展派风面像质布册师作集])",
        "这幅画用了什么颜色？",
        "tests/labelled/keywords.zh.jsonl",
    ),
)
"""What a text model can neither see nor do, as the English keywords and Alpaca's five are (video, audio, music,
flowchart, diagram). Left out on purpose: 思维导图 and 表格, which can be written as text; and what one can write about,
动画片 and 漫画 and 绘画 and 音乐."""
MADE = (
    "(?:(?<!\\w)|(?<=[请我们你您并后再]))(?:制作|拍摄?|录制?|剪辑?|生成|创作|做)(?:出|好"
    "|成)?(?:[一1这几][个段条部支则些]|[个段条部支则])?"
    f"[^，。？！]{{0,10}}?短视频(?!的?(?:{TEXT_OF}))"
)
"""制作一个短视频, before 短视频 can be taken for what is written about."""


def _any(rows: tuple[Kind, ...]) -> str:
    return "|".join(f"(?:{row.pattern})" for row in rows)


CHINESE = later(f"({MADE})|{_any(HARMLESS)}|({_any(SEEN_OR_DONE)})")
THING = later(rf"{PICTURES}|图画|{CHARTS}|{MEDIA}")
