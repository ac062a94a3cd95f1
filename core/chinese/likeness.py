"""Chinese for what is said of pictures that are alike, of collections and of bundles."""

from __future__ import annotations

LIKENESS = {
    "Pictures cannot be compared at the moment; try again in a minute.": "目前无法比较图片；请过一分钟再试。",
    "There are no pictures to download.": "没有可下载的图片。",
    "There is no such collection.": "没有这个收藏夹。",
    "Log in to make a collection.": "请先登录再创建收藏夹。",
    "Only the person who made this collection can change it.": "只有创建这个收藏夹的人可以更改它。",
    "A collection needs a name.": "收藏夹需要一个名称。",
    "A collection's name has at most {most} characters.": "收藏夹名称最多 {most} 个字符。",
    "You have a collection called “{name}” already.": "你已有名为“{name}”的收藏夹。",
    "You have {most} collections already; remove one first.": "你已有 {most} 个收藏夹；请先删除一个。",
    "A collection has at most {most} pictures; begin another.": "一个收藏夹最多 {most} 张图片；请新建一个。",
    "A collection is public, unlisted or private.": "收藏夹可以是公开、不列出或私密。",
    "The model that compares pictures cannot be loaded from “{source}”. Tell the operator: it is what likeness names in models.toml.": (
        "无法从“{source}”加载比较图片的模型。请告诉运营者：它由 models.toml 中的 likeness 指定。"
    ),
}
