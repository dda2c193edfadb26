"""Checked tables about Chinese characters and words: strokes, tones, surnames, antonyms, synonyms, measure words."""

from __future__ import annotations

from selfinstruct.simulator.families.zh.vocabulary import pairs

__all__ = ["ANTONYMS", "JOINED", "MEASURES", "STROKES", "SURNAMES", "SYNONYMS", "TONES"]

STROKES = {
    char: strokes
    for strokes, chars in {
        1: "一乙",
        2: "人八力刀",
        3: "大山口马门女",
        4: "天水火木风云心手",
        5: "生田目石瓜鸟",
        6: "年竹米羊虫舟",
        7: "花走豆身言谷",
        8: "明雨林金鱼青",
        9: "春草星秋香食",
        10: "家高桃海",
        11: "鹿黄麻",
        12: "黑森",
        13: "鼓鼠",
        14: "鼻",
    }.items()
    for char in chars
}
"""Number of strokes in the standard simplified form."""

TONES = {
    "第一声": "妈天山花春风书秋冬星飞师",
    "第二声": "人河茶床门球桃鱼牛船羊年",
    "第三声": "水海鸟狗手笔雨火马雪老米",
    "第四声": "月树饭路夏快课骂面电木叫",
}
"""Characters with one common reading, by its tone."""

SURNAMES = pairs(
    """
    曹-cao 陈-chen 邓-deng 方-fang 高-gao 韩-han 贾-jia 孔-kong 李-li 马-ma 牛-niu 潘-pan 秦-qin 任-ren 宋-song
    唐-tang 王-wang 徐-xu 杨-yang 张-zhang
    """
)

ANTONYMS = pairs(
    """
    宽敞-狭窄 勤劳-懒惰 骄傲-谦虚 安静-吵闹 慷慨-吝啬 坚硬-柔软 陌生-熟悉 前进-后退 节约-浪费 光滑-粗糙 进攻-防守
    稀疏-稠密 乐观-悲观 开头-结尾 潮湿-干燥 聪明-愚笨 勇敢-胆怯 寒冷-炎热 清晰-模糊 赞成-反对 朴素-华丽 上升-下降
    增加-减少 紧张-放松 批评-表扬 拒绝-接受 贫穷-富裕 真诚-虚伪
    """
)
SYNONYMS = pairs(
    """
    立刻-马上 美丽-漂亮 疲倦-劳累 宁静-安宁 忽然-突然 仔细-认真 特别-格外 著名-有名 高兴-愉快 寻找-寻觅 显然-明显
    帮助-援助 诞生-出生 欺骗-哄骗 常常-时常 询问-打听 惦记-挂念 惊讶-诧异 渴望-盼望 灿烂-绚烂 似乎-好像 仿照-模仿
    犹豫-迟疑 敬佩-钦佩 居然-竟然 愤怒-气愤 商量-商议 健壮-强健
    """
)

MEASURES = {
    "条": ("鱼", "河", "围巾", "裤子"),
    "匹": ("马", "骆驼"),
    "本": ("字典", "小说", "相册"),
    "把": ("雨伞", "茶壶", "剪刀"),
    "张": ("报纸", "邮票", "床"),
    "座": ("桥", "大山", "水库"),
    "棵": ("白菜", "松树"),
    "朵": ("莲花", "白云"),
    "双": ("手套", "布鞋"),
    "盏": ("油灯", "台灯"),
    "面": ("镜子", "红旗"),
    "艘": ("航空母舰", "宇宙飞船"),
    "架": ("飞机", "钢琴"),
    "首": ("诗", "歌"),
    "封": ("家书", "感谢信"),
    "顶": ("草帽", "轿子"),
    "扇": ("窗户", "木门"),
    "辆": ("卡车", "自行车"),
    "件": ("衬衫", "毛衣"),
    "滴": ("墨汁", "露水"),
}

JOINED = pairs(
    """
    日、月-明 女、子-好 小、土-尘 小、大-尖 田、力-男 山、石-岩 火、火-炎 鱼、羊-鲜 门、口-问 门、耳-闻 门、人-闪
    门、心-闷 田、心-思 相、心-想 你、心-您 中、心-忠 木、公-松 木、风-枫 木、每-梅 木、白-柏 禾、火-秋 雨、田-雷
    雨、相-霜 雨、路-露 日、寸-时 木、寸-村 分、皿-盆 合、手-拿 人、人-从 月、月-朋 又、又-双 木、木-林 少、力-劣
    少、目-省 不、正-歪 手、分、手-掰 立、早-章 日、十-早
    """
)
"""Parts that, put together, are one common character."""
