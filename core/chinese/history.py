"""What is said where pictures are found again."""

from __future__ import annotations

HISTORY = {
    # The command
    "Find your pictures again, or those of this server": "重新找到你的图片，或本服务器的图片",
    "Words, “phrases”, -words, flags, by:NAME": "文字、“短语”、-排除词、参数、by:姓名",
    "Whose pictures; yours if you do not say": "谁的图片；不填则为你自己的",
    "Which model made them": "由哪个模型生成",
    "From which day on: 2026-11-03, 2026-11, yesterday, 7d": (
        "从哪天起：2026-11-03、2026-11、yesterday、7d"
    ),
    "Before which day": "在哪天之前",
    "Which come first": "先显示哪些",
    "today": "今天",
    "yesterday": "昨天",
    "a week ago": "一周前",
    "a month ago": "一个月前",
    "a year ago": "一年前",
    "this server's": "本服务器的",
    "those you like": "你喜欢的",
    "newest first": "最新的在前",
    "oldest first": "最早的在前",
    "most liked first": "最受喜欢的在前",
    "best fitting first": "最符合的在前",
    # Pages
    "**Your pictures**": "**你的图片**",
    "**Pictures of this server**": "**本服务器的图片**",
    "**Pictures that you like**": "**你喜欢的图片**",
    "Pick a picture": "选择一张图片",
    "Choose pictures": "选择图片",
    "Choose several": "选择多张",
    "First page": "第一页",
    "Done": "完成",
    "Download all that are found": "下载全部搜索结果",
    "Download {count}": "下载 {count} 张",
    "Here is the picture.": "这是你要的图片。",
    "Here are {count} pictures.": "这里是 {count} 张图片。",
    "Here are {count} pictures, in {zips} files.": "这里是 {count} 张图片，分为 {zips} 个文件。",
    "{count} pictures have no room here.": "有 {count} 张图片在此放不下。",
    "There are more than {most}; search for fewer.": "图片超过 {most} 张；请缩小搜索范围。",
    "The gallery has them all: {address}": "画廊中有全部图片：{address}",
    "Nothing was found.": "没有找到任何图片。",
    "You have no pictures yet; /imagine makes some.": "你还没有图片；用 /imagine 生成吧。",
    "What its maker keeps to themselves is not shown.": "作者不公开的图片不会显示。",
    "What was made in an age-restricted channel is found in such a channel.": (
        "在年龄限制频道中生成的图片只能在此类频道中找到。"
    ),
    "Easel is in no server here; leave that out to search your own.": (
        "Easel 在这里不属于任何服务器；不填该项即可搜索你自己的图片。"
    ),
    "Search for at most {most} characters.": "搜索内容最多 {most} 个字符。",
    "Pictures cannot be searched here.": "这里无法搜索图片。",
    "Pictures that look alike cannot be found here.": "这里无法查找相似的图片。",
    "That picture is not for you to see, or it is not there.": "你无权查看那张图片，或它不存在。",
    # A picture
    "Anyone may see it in the gallery.": "任何人都可以在画廊中看到它。",
    "The members of its server may see it.": "其服务器的成员可以看到它。",
    "Whoever has its address may see it.": "知道其地址的人可以看到它。",
    "You alone may see it.": "只有你可以看到它。",
    "Its maker alone may see it.": "只有作者可以看到它。",
    "Who may see it": "谁可以看到它",
    "Anyone, in the gallery": "任何人（在画廊中）",
    "The members of its server": "其服务器的成员",
    "Likes: {count}": "喜欢数：{count}",
    "More like this": "更多类似图片",
    "Show here": "在此展示",
    "Go to its message": "转到其消息",
    # Deleting
    "Delete this picture?": "删除这张图片吗？",
    "Delete these {count} pictures?": "删除这 {count} 张图片吗？",
    "A grid is deleted as a whole: {pictures} pictures of {jobs} jobs.": (
        "网格会整体删除：{jobs} 个任务的 {pictures} 张图片。"
    ),
    "A grid is deleted as a whole: all of its {pictures} pictures.": (
        "网格会整体删除：它的全部 {pictures} 张图片。"
    ),
    "They are gone for everybody then, with their likes and the messages that show them. What was picked out of them or made from them stays, and so does what they cost.": (
        "它们连同喜欢和展示它们的消息将对所有人消失。从中挑出或由其衍生的图片会保留，所用额度不退还。"
    ),
    "The picture was deleted.": "图片已删除。",
    "{count} pictures were deleted.": "已删除 {count} 张图片。",
    "Delete all of mine": "删除我的全部图片",
    "You have no pictures.": "你没有图片。",
    "Delete all of your pictures": "删除你的全部图片",
    "Type {count} to delete {count} pictures": "输入 {count} 以删除 {count} 张图片",
    "For everybody, everywhere. What others made of them stays, and what they cost.": (
        "对所有人、在所有地方删除。别人由其衍生的图片会保留，所用额度不退还。"
    ),
    "To delete them all, type {count}. Nothing was deleted.": (
        "要全部删除，请输入 {count}。没有删除任何内容。"
    ),
    "All of your pictures are deleted, of {jobs} jobs; the messages that show them follow.": (
        "你的全部图片已删除，共 {jobs} 个任务；展示它们的消息随后删除。"
    ),
}
