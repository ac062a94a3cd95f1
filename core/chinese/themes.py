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
}
