"""What is said about reports, and what the gallery's pages for admins say."""

from __future__ import annotations

STEWARDS = {
    # Doing
    "Only the person who made this picture can say who sees it.": "只有作者可以决定谁能看到这张图片。",
    "This server does not show pictures to so many.": "本服务器不允许向这么多人展示图片。",
    "Say in a few words what is wrong with it.": "请简单说明它有什么问题。",
    "That picture is in no channel of a server; use its button in Discord.": (
        "这张图片不在任何服务器的频道里；请使用它在 Discord 里的按钮。"
    ),
    "You may not use buttons in the channel of that picture.": "你不能使用那张图片所在频道里的按钮。",
    # Charts
    "Pictures in {time}": "{time}的图片",
    "GPU time in {time}": "{time}的 GPU 时间",
    "minutes": "分钟",
    "{count} others": "其他 {count} 人",
    "member {number}": "成员 {number}",
    "{day} {month:%b}": "{month:%m}月{day}日",
    "{month:%b} {year:%y}": "{year:%y}年{month:%m}月",
    # Reports
    "Only moderators and admins of that server can do that.": "只有那个服务器的版主和管理员才能这样做。",
    "That picture was made on another server; its admins can take it down.": (
        "那张图片是在另一个服务器上生成的；由那里的管理员下架。"
    ),
    "Say why in a few words; it is kept in the audit log.": "请简单说明原因；它会记入操作记录。",
    "Say why the picture should be taken down.": "请说明为什么应当下架这张图片。",
    "Say how you can be reached, by mail or on Discord.": "请说明如何联系你，邮箱或 Discord 均可。",
    "That picture is gone already.": "那张图片已经不在了。",
    "That picture has been reported several times; its admins have the reports.": (
        "那张图片已被多次举报；管理员已收到。"
    ),
    "There is no such report.": "没有这条举报。",
    "Reports are not kept here.": "这里不保存举报。",
    "dismissed a report of job {job}: {reason}": "驳回了对任务 {job} 的举报：{reason}",
    "took down the pictures of job {job}: {reason}": "下架了任务 {job} 的图片：{reason}",
}
