"""What the gallery's pages say."""

from __future__ import annotations

GALLERY = {
    # On every page
    "Gallery": "画廊",
    "To the pictures": "跳到图片",
    "To the first page": "回到首页",
    "Language": "语言",
    # Logging in
    "Log in": "登录",
    "Log out": "退出登录",
    "Log out everywhere": "在所有设备上退出",
    "Show age-rated pictures": "显示限制级图片",
    "Hide age-rated pictures": "隐藏限制级图片",
    "Your account": "你的账户",
    "Nobody can log in here yet": "这里暂时无法登录",
    "Whoever runs this gallery must set EASEL_DISCORD_CLIENT_ID and EASEL_DISCORD_CLIENT_SECRET first; what is public can be looked at without.": (
        "画廊的运营者需要先设置 EASEL_DISCORD_CLIENT_ID 和 EASEL_DISCORD_CLIENT_SECRET；公开的图片无需登录即可浏览。"
    ),
    "The sandbox whose people log in here is not running; “easel run” opens both. What is public can be looked at without.": (
        "用于登录的沙盒没有运行；“easel run” 会同时打开两者。公开的图片无需登录即可浏览。"
    ),
    # What goes wrong
    "There is no such page, or it is not shown to you.": "没有这个页面，或者你无权查看。",
    "That form is too old or came from elsewhere. Load the page again and try once more.": (
        "该表单已过期或来自别处。请重新加载页面后再试。"
    ),
    "That log-in took too long or began elsewhere. Please log in once more.": (
        "登录超时，或不是从这里开始的。请重新登录。"
    ),
    "Discord did not say who you are. Please try again in a moment.": (
        "Discord 没有告知你是谁。请稍后再试。"
    ),
    "Log in first; then try again.": "请先登录，然后再试。",
    "Discord does not answer at the moment. Try again in a minute.": (
        "Discord 暂时没有响应。请一分钟后再试。"
    ),
    "That is larger than this form takes.": "内容超出了该表单的上限。",
    "That form could not be read. Load the page again and try once more.": (
        "无法读取该表单。请重新加载页面后再试。"
    ),
    "That cannot be done at this address.": "该地址不支持此操作。",
    "You ask too often; wait a moment.": "请求过于频繁，请稍候。",
    "That is a lot at once. Try again in {seconds} s.": "请求过于频繁。请在 {seconds} 秒后再试。",
    "Something in the gallery broke. The operator's log says what; try again.": (
        "画廊出了故障。详情见运营者的日志；请再试一次。"
    ),
    "There is no such picture, or it is not shown to you.": "没有这张图片，或它不对你展示。",
}
