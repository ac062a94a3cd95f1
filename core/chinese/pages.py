"""What stands on the gallery's pages of pictures."""

from __future__ import annotations

PAGES = {
    # On every page
    "Dark or light": "深色或浅色",
    "Explore": "探索",
    "Picture": "图片",
    "Close": "关闭",
    "Previous picture": "上一张",
    "Next picture": "下一张",
    "Pages": "分页",
    "More pictures": "更多图片",
    # Lists
    "Pictures that were made here.": "在这里诞生的图片。",
    "Order": "排序",
    "New": "最新",
    "Old": "最早",
    "Top": "热门",
    "Most liked": "最受喜欢",
    "Time": "时间",
    "Day": "今日",
    "Week": "本周",
    "Month": "本月",
    "All time": "全部",
    "Look at all time": "查看全部时间",
    "Nothing hangs here yet": "这里还没有图片",
    "Pictures appear here when a server shows them to everyone, or to you as its member.": (
        "服务器向所有人公开的图片，或向身为成员的你展示的图片，会出现在这里。"
    ),
    "Server": "服务器",
    "Unlisted": "不列出",
    "Private": "私密",
    # People and servers
    "You": "你",
    "You see all of your pictures here; others see those that are shown to them.": (
        "你在这里能看到自己的全部图片；别人只能看到对其展示的那些。"
    ),
    "What you make on Discord appears here as soon as it is done.": (
        "你在 Discord 上生成的图片，完成后就会出现在这里。"
    ),
    "A server": "某个服务器",
    "What is made on this server appears here as soon as it is done.": (
        "在这个服务器上生成的图片，完成后就会出现在这里。"
    ),
    "My history": "我的历史",
    "{count} pictures, whoever may see them.": "共 {count} 张图片，不论谁能看到。",
    "Only you see this page.": "只有你能看到这个页面。",
    "Nothing made yet": "还没有作品",
    "Type /imagine on Discord and say what you want to see.": (
        "在 Discord 上输入 /imagine，说出你想看到的画面。"
    ),
    "Likes": "喜欢",
    "What you liked, here and on Discord.": "你在这里和 Discord 上喜欢过的图片。",
    "No likes yet": "还没有喜欢的图片",
    "Press the heart of a picture and it is kept here.": "点图片的爱心，它就会留在这里。",
    # One picture
    "By {name}, made with {model}.": "作者 {name}，由 {model} 生成。",
    "Picture {number}": "第 {number} 张",
    "Neighbours": "相邻图片",
    "Newer": "较新",
    "Flags": "参数",
    "Copied": "已复制",
    "Copy prompt": "复制提示词",
    "Remix in Discord": "在 Discord 中混编",
    "Download": "下载",
    "Details": "详情",
    "Size": "尺寸",
    "Seed": "种子",
    "Painted by": "重绘模型",
    "Steps": "步数",
    "Guidance": "引导强度",
    "Sampler": "采样器",
    "Upscaler": "放大模型",
    "Number": "编号",
    "Shown to": "可见范围",
    "Anyone": "所有人",
    "Members of its server": "所在服务器的成员",
    "Whoever has its address": "知道地址的人",
    "You alone": "仅你自己",
    "Family": "家族",
    "Imagined": "初次生成",
    "Once more": "再来一次",
    # Whether it is genuine
    "Is it genuine?": "是原件吗？",
    "The file says how it was made. Easel can read that, and compare it with its history.": (
        "文件里记有生成方式。Easel 可以读出，并与历史记录比对。"
    ),
    "Verify this file": "验证这个文件",
    "Verify": "验证",
    "Genuine and unaltered": "原件，未经改动",
    "Not as it was made": "与生成时不同",
    "Back to the picture": "回到图片",
    "The file is the one that was made: its fingerprint is the same.": (
        "文件就是当初生成的那个：指纹一致。"
    ),
    "The file was changed since it was made: its fingerprint differs.": (
        "文件在生成之后被改动过：指纹不一致。"
    ),
    "The file says nothing of how it was made.": "文件里没有记载生成方式。",
    "It bears Easel's record of how it was made.": "文件里有 Easel 的生成记录。",
    "The record agrees with the history: words, seed, model and size.": (
        "记录与历史相符：文字、种子、模型和尺寸。"
    ),
    "The record tells of another picture than the history.": "记录所述与历史中的图片不同。",
    # Searching
    "Search": "搜索",
    "Search pictures": "搜索图片",
    "Understood as": "理解为",
    "Leave out": "去掉",
    "Nothing found": "没有找到",
    "What are you looking for?": "想找什么？",
    "No picture that you may see has all of this. Leave something out, or try other words.": (
        "你能看到的图片中没有符合全部条件的。请去掉一些条件，或换个词。"
    ),
    "Words find prompts. “Quotes” keep words together, and a minus leaves them out. Flags, by:, model:, after: and before: find the rest.": (
        "用词语查找提示词。“引号”把词连在一起，减号排除词语。参数以及 by:、model:、after:、before: 可用来查找其余内容。"
    ),
    "Best match": "最相符",
    "Newest first": "最新在前",
    "Most liked first": "最受喜欢在前",
    "Oldest first": "最早在前",
    "made by you": "由你创作",
    "made by number {id}": "由编号 {id} 创作",
    "made by {name}": "由 {name} 创作",
    "with {model}": "使用 {model}",
    "liked by you": "你喜欢的",
    "since {day}": "{day}起",
    "before {day}": "{day}之前",
    # Collections
    "Collections": "收藏夹",
    "Lists of pictures, your own and others'. A collection shows nobody what they may not see.": (
        "图片的列表，可收自己的，也可收别人的。收藏夹不会让任何人看到其无权查看的图片。"
    ),
    "No collections yet": "还没有收藏夹",
    "Make one here, or with “Collect” beside any picture.": (
        "在这里新建，或使用任意图片旁的“收藏”。"
    ),
    "New collection": "新建收藏夹",
    "Make it": "新建",
    "Press “Collect” beside a picture to put it here.": "点图片旁的“收藏”，就能放到这里。",
    "None of its pictures is shown to you.": "其中没有你能看到的图片。",
    "This collection": "这个收藏夹",
    "Remove this collection": "移除这个收藏夹",
    "The list goes; the pictures stay.": "只移除列表，图片仍在。",
    "Remove it": "移除",
    "Collect": "收藏",
    "Collect this picture": "收藏这张图片",
    "Your collections": "你的收藏夹",
    # More like this
    "All that looks like it": "全部相似图片",
    "Nothing like it yet": "还没有相似的图片",
    "Pictures that look alike are found a moment after they are made.": (
        "相似的图片会在生成片刻之后被找到。"
    ),
    # Themes
    "Themes": "主题",
    "A few words, many pictures, one vote each.": "几个词，许多图片，每人一票。",
    "No theme was decided yet": "还没有揭晓的主题",
    "On Discord, /theme begins one: members enter pictures, then they vote.": (
        "在 Discord 上用 /theme 发起：成员提交图片，然后投票。"
    ),
    "All themes": "全部主题",
    "Votes: {count}": "票数：{count}",
    "Also entered": "其他参与作品",
    "Entered": "参与作品",
}
