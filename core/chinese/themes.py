"""Of themes."""

from __future__ import annotations

THEMES: dict[str, str] = {
    "That theme takes no more pictures.": "该主题不再收图片。",
    "A theme is for pictures that were made on its own server.": "主题只收在本服务器上生成的图片。",
    "That picture is private, and everybody sees what is entered.": (
        "那张图片是私密的，而参赛图片所有人都能看到。"
    ),
    "Pictures from age-restricted channels are entered where a theme is in such a channel, and no "
    "others there.": "来自年龄限制频道的图片只能参加此类频道里的主题，而那里也不收其他图片。",
    "That picture is older than the theme; make one for it.": (
        "那张图片早于该主题；请为它新做一张。"
    ),
    "You have {count} pictures in this theme already, as many as it takes of one member; take one "
    "out first.": "你在该主题中已有 {count} 张图片，已达每人上限；请先撤回一张。",
    "You have a picture in this theme already; take it out first to enter another.": (
        "你在该主题中已有一张图片；请先撤回再换另一张。"
    ),
    "That theme has {count} pictures, and no room.": "该主题已有 {count} 张图片，满了。",
    "The voting has not begun yet.": "投票尚未开始。",
    "The voting is over.": "投票已结束。",
    "That picture takes no more part.": "那张图片已不再参加。",
    "That picture is yours; your vote is for another's.": "那张图片是你自己的；请投给别人的图片。",
    "Say in a few words what the theme is.": "请用几个词说明主题。",
    "The voting takes 1 to {most} days.": "投票可持续 1 到 {most} 天。",
    "Say the last day as 2026-12-24.": "请按 2026-12-24 的格式写最后一天。",
    "That day is over; choose a later one.": "那一天已过；请选更晚的日期。",
    "A theme lasts {most} days at most.": "主题最多持续 {most} 天。",
    "A theme takes 1 to {most} pictures of each.": "主题每人可收 1 到 {most} 张图片。",
    "That theme is over.": "该主题已结束。",
    "The voting has begun; delete the picture if it must not take part.": (
        "投票已开始；如果不想让图片参加，请删除它。"
    ),
    "Members of the theme's own server vote.": "只有主题所在服务器的成员可以投票。",
    "Votes are counted when the voting is over.": "投票结束后才计票。",
    "Only the person who made this picture can enter it.": "只有图片的作者才能让它参加。",
    "There are {count} themes here; wait until one is over.": (
        "这里已有 {count} 个主题；请等其中一个结束。"
    ),
    "That theme has no such picture.": "该主题中没有这张图片。",
    "That theme is no longer there.": "该主题已不存在。",
    "**Theme: {words}**": "**主题：{words}**",
    "**The theme**": "**主题**",
    "Pictures made for it are entered until {until}: by **Enter theme** below a single picture of "
    "yours, or by /theme enter.": (
        "请在 {until} 前让为它做的图片参加：按你单张图片下方的 **参加主题**，或用 /theme enter。"
    ),
    "Then everybody votes, until {until}.": "之后大家投票，直到 {until}。",
    "The winners:": "获胜者：",
    "Vote until {until}: each member has one vote, and who made what is told afterwards. The "
    "pictures are numbered from the top left.": (
        "投票到 {until} 为止：每人一票，作者在结束后公布。图片从左上角起编号。"
    ),
    "-# Page {number} of {pages}": "-# 第 {number} 页，共 {pages} 页",
    "It is called off; there is no result.": "已取消；没有结果。",
    "Nobody entered a picture.": "没有人让图片参加。",
    "One picture was entered, by {who}; it wins.": "只有 {who} 的一张图片参加；它获胜。",
    "Nobody voted, so nobody wins.": "没有人投票，因此无人获胜。",
    "{count} votes": "{count} 票",
    "1 vote": "1 票",
    "My pictures": "我的图片",
    "How it goes": "规则",
    "Enter theme": "参加主题",
    "Started: {theme}.": "已开始：{theme}。",
    "This server has no theme now; its admins start one by /theme start.": (
        "本服务器现在没有主题；管理员可用 /theme start 开始一个。"
    ),
    "Called off: {words}.": "已取消：{words}。",
    "That job has {count} pictures; name one by its number too, such as {example}.": (
        "该任务有 {count} 张图片；请连同编号指明其中一张，例如 {example}。"
    ),
    "No theme of this server takes pictures now.": "本服务器现在没有主题在收图片。",
    "For which theme?": "参加哪个主题？",
    "It is taken out.": "已撤回。",
    "It takes no part.": "它没有参加。",
    "It takes part already: {words}.": "它已经参加：{words}。",
    "It takes part: {words}. The voting begins {time}.": "它参加了：{words}。投票{time}开始。",
    "Take it out": "撤回",
    "Your vote is for picture {place}. Until the end you can give it to another.": (
        "你的票投给了图片 {place}。结束前可以改投。"
    ),
    "No picture of yours takes part in this theme.": "你没有图片参加该主题。",
    "Picture {place}, {picture}: {votes} votes": "图片 {place}，{picture}：{votes} 票",
    "Picture {place}, {picture}": "图片 {place}，{picture}",
    "It takes part: {picture}": "已参加：{picture}",
    "Only pictures take part that their owners made here since the theme began, and that everybody "
    "here may see. While they are entered they can be taken out again; names are not shown before "
    "the end. Nobody votes for their own, each member has one vote, and it can be moved until the "
    "end.": (
        "只收作者在主题开始后于此处生成、且这里人人可见的图片。收图期间可以撤回；结束前不显示作者。"
        "不能投给自己，每人一票，结束前可以改投。"
    ),
    "pictures until {time}": "收图到 {time}",
    "votes until {time}": "投票到 {time}",
    "Easel may not post in {channel}, so the theme there goes on unseen. Allow **View Channel**, "
    "**Send Messages**, **Attach Files** and **Read Message History**, or call it off by /theme "
    "stop.": (
        "Easel 不能在 {channel} 发言，因此那里的主题无法显示。请允许“查看频道”、“发送消息”、"
        "“附加文件”和“阅读消息历史记录”，或用 /theme stop 取消它。"
    ),
    "The theme in {channel} is for pictures from age-restricted channels, and that channel is not "
    "age-restricted any more, so nothing of it is shown. Restrict it again, or call it off by "
    "/theme stop.": (
        "{channel} 的主题收的是年龄限制频道的图片，而该频道已不再有年龄限制，因此不再显示。"
        "请重新加上限制，或用 /theme stop 取消它。"
    ),
    "Themes are not kept here.": "这里不设主题。",
    "Pictures for a few words, and a vote on them": "按几个词做图，然后投票",
    "Start a theme (admins)": "开始一个主题（管理员）",
    "What it is, such as: fog and lamps": "主题内容，例如：雾与灯",
    "The last day to enter pictures, such as 2026-12-24; else the end of this week": (
        "收图的最后一天，例如 2026-12-24；不填则到本周末"
    ),
    "How many days everybody votes after that, 2 unless you say": "之后投票几天，默认 2",
    "How many pictures each member may enter, 1 unless you say": "每人可参加几张图片，默认 1",
    "Where it is; this channel unless you say": "设在哪个频道；默认本频道",
    "The themes of this server": "本服务器的主题",
    "Enter a picture of yours for a theme": "让你的图片参加主题",
    "A job's id with the picture's number, or the link of a message": (
        "任务编号加图片编号，或消息链接"
    ),
    "Which theme, where there are several": "哪个主题（有多个时）",
    "Call a theme off, without a result (admins)": "取消一个主题，不出结果（管理员）",
}
