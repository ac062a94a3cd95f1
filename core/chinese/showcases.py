"""Of showcases."""

from __future__ import annotations

SHOWCASES: dict[str, str] = {
    "A showcase shows pictures that were made on its own server.": (
        "展示墙只展示在本服务器上生成的图片。"
    ),
    "That picture is private, and a showcase is for everybody.": (
        "那张图片是私密的，而展示墙是给所有人看的。"
    ),
    "That picture is from an age-restricted channel; this showcase takes none of them.": (
        "那张图片来自年龄限制频道；这面展示墙不收此类图片。"
    ),
    "This showcase takes pictures from age-restricted channels alone.": (
        "这面展示墙只收来自年龄限制频道的图片。"
    ),
    "Whoever made this picture does not want theirs in showcases, unless they publish.": (
        "这张图片的作者不希望别人把自己的图片放上展示墙，除非由本人发布。"
    ),
    "That picture has not enough likes for this showcase.": "那张图片的喜欢数还不够上这面展示墙。",
    "That picture is not about what this showcase shows.": "那张图片与这面展示墙的主题不符。",
    "Its owner took that picture down from this showcase.": "作者已把那张图片从这面展示墙取下。",
    "A moderator took that picture down from this showcase.": "管理员已把那张图片从这面展示墙取下。",
    "A showcase asks for 0 to {most:,} likes; 0 is for none by likes.": (
        "展示墙可要求 0 到 {most:,} 个喜欢；0 表示不凭喜欢数上墙。"
    ),
    "This server has no showcase; its admins add one by /showcase add.": (
        "本服务器没有展示墙；管理员可用 /showcase add 添加。"
    ),
    "Only the person who made this picture, or a moderator, can take it down.": (
        "只有图片的作者或管理员才能把它取下。"
    ),
    "Only the person who made this picture can publish it.": "只有图片的作者才能发布它。",
    "Only a moderator of this server can feature a picture.": "只有本服务器的管理员才能推荐图片。",
    "Pictures from age-restricted channels are shown in such a channel alone; restrict that one in "
    "its settings first.": (
        "来自年龄限制频道的图片只能在同类频道展示；请先在频道设置里为它加上年龄限制。"
    ),
    "There are {count} showcases here; remove one first.": (
        "这里已有 {count} 面展示墙；请先移除一面。"
    ),
    "That showcase is no longer there.": "那面展示墙已不存在。",
    "That picture is just being taken down; try again in a moment.": (
        "那张图片正在取下；请稍后再试。"
    ),
    "That picture does not hang there any more.": "那张图片已不在墙上。",
}
