"""What the gallery's pages say."""

from __future__ import annotations

GALLERY = {
    # On every page
    "Gallery": "画廊",
    "To the pictures": "跳到图片",
    "To the first page": "回到首页",
    "Language": "语言",
    # What goes wrong
    "There is no such page, or it is not shown to you.": "没有这个页面，或者你无权查看。",
    "That form is too old or came from elsewhere. Load the page again and try once more.": (
        "该表单已过期或来自别处。请重新加载页面后再试。"
    ),
    "Log in first; then try again.": "请先登录，然后再试。",
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
}
