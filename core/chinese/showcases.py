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
    "published by its owner": "由作者发布",
    "chosen by the moderators": "由管理员推荐",
    "Take down": "取下",
    "Where it was made": "原消息",
    "Open in gallery": "在画廊中打开",
    "topic: {topic}": "主题：{topic}",
    "from {count} likes on": "满 {count} 个喜欢即上墙",
    "not by likes": "不凭喜欢数上墙",
    "from age-restricted channels": "只收年龄限制频道的图片",
    "Into which showcase?": "放上哪面展示墙？",
    "That picture hangs there already.": "那张图片已经在墙上了。",
    "It hangs in the showcase in a moment.": "马上就会出现在展示墙上。",
    "It is taken down here; the picture itself stays.": "已从这里取下；图片本身仍然保留。",
    "Publish": "发布",
    "Feature": "推荐",
    "Added: {showcase}.": "已添加：{showcase}。",
    "Changed: {showcase}.": "已更改：{showcase}。",
    "Removed: {showcase}. What hangs there stays until it is taken down.": (
        "已移除：{showcase}。已在墙上的图片会保留，直到被取下。"
    ),
    "Say what shall change: the topic, the likes or both.": "请说明要更改什么：主题、喜欢数或两者。",
    "Easel may not post in {channel}. Allow **View Channel**, **Send Messages**, **Attach Files** "
    "and **Read Message History** there first.": (
        "Easel 不能在 {channel} 发言。请先在那里允许“查看频道”、“发送消息”、“附加文件”"
        "和“阅读消息历史记录”。"
    ),
    "-# Pictures come there by likes, by the Publish button of their owners, and by Feature in "
    "their Job details for whoever may manage messages.": (
        "-# 图片可凭喜欢数、作者的“发布”按钮，或由可管理消息的人在“任务详情”里“推荐”而上墙。"
    ),
    "Showcase {number}": "展示墙 {number}",
    "Showcases are not kept here.": "这里不设展示墙。",
    "In showcases": "可上展示墙",
    "Hangs your picture up in a showcase of this server, where it has one.": (
        "把你的图片放上本服务器的展示墙（如果有）。"
    ),
    "Easel may not post in {channel}, so nothing new hangs in the showcase there. Allow **View "
    "Channel**, **Send Messages**, **Attach Files** and **Read Message History**, or remove it by "
    "/showcase remove.": (
        "Easel 不能在 {channel} 发言，因此那里的展示墙不再更新。请允许“查看频道”、“发送消息”、"
        "“附加文件”和“阅读消息历史记录”，或用 /showcase remove 移除它。"
    ),
    "The showcase in {channel} shows pictures from age-restricted channels, and that channel is "
    "not age-restricted any more, so nothing new hangs there. Restrict it again, or remove the "
    "showcase by /showcase remove.": (
        "{channel} 的展示墙展示来自年龄限制频道的图片，而该频道已不再有年龄限制，因此不再更新。"
        "请重新加上限制，或用 /showcase remove 移除展示墙。"
    ),
    "Channels where this server hangs up its members' pictures": "本服务器展示成员图片的频道",
    "Hang up pictures of this server's members in a channel": "在一个频道里展示成员的图片",
    "Where they hang": "展示在哪个频道",
    "Words with commas between: by likes come only pictures about one of them": (
        "用逗号分隔的词：凭喜欢数上墙的图片须与其中之一有关"
    ),
    "Likes of others that bring a picture there, 3 unless you say; 0: none come by likes": (
        "他人的多少个喜欢可使图片上墙，默认 3；0 表示不凭喜欢数"
    ),
    "Show pictures from age-restricted channels, and no others; in such a channel": (
        "只展示来自年龄限制频道的图片；须设在此类频道"
    ),
    "The showcases of this server": "本服务器的展示墙",
    "Change what a showcase asks for": "更改展示墙的要求",
    "Words with commas between; - for none": "用逗号分隔的词；- 表示不限",
    "Likes of others that bring a picture there; 0: none come by likes": (
        "他人的多少个喜欢可使图片上墙；0 表示不凭喜欢数"
    ),
    "Hang up no more pictures there": "不再在那里展示图片",
}
