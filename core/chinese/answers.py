"""What the bot itself says to members: answers, buttons, and words in lists."""

from __future__ import annotations

ANSWERS = {
    "Something went wrong inside Easel, and that is not your fault. Try again; if it happens again, tell the operator this reference: `{reference}`.": (
        "Easel 内部出了问题，这不是你的错。请再试一次；如果再次发生，请把这个编号告知运营者：`{reference}`。"
    ),
    "This command has changed. Reload Discord and try again.": (
        "这个命令已更改。请重新加载 Discord 再试。"
    ),
    "Your fast time is used up, so this one is made in the relax lane.": (
        "你的快速额度已用完，所以这个任务在 relax 队列中制作。"
    ),
    "The relax lane is the one allowed for you here.": "你在这里只能使用 relax 队列。",
    "This server sets {by}, which took the place of your {typed}.": (
        "本服务器设定了 {by}，取代了你的 {typed}。"
    ),
    "You pressed this already; these pictures are being made.": (
        "你已经按过这个按钮；这些图片正在制作。"
    ),
    "You pressed this twice; one is being made.": "你按了两次；只制作一份。",
    "Nothing was made.": "没有制作任何图片。",
    "The picture that came with this is no longer kept; send the command with it again.": (
        "随这条命令发来的图片已不再保存；请附上图片重新发送命令。"
    ),
    "It stops at its next step; what was not used is refunded.": (
        "它会在下一步停止；未使用的额度会退还。"
    ),
    "It stops at its next step.": "它会在下一步停止。",
    "Stopped. Nothing was charged that was not used.": "已停止。未使用的部分没有扣除额度。",
    "That job had ended already.": "那个任务已经结束。",
    "Cancelled.": "已取消。",
    "Pictures of yours could not be shown in {channels}, since Discord did not let Easel post there. They are in your history, and nothing is lost.": (
        "你的图片无法显示在 {channels}，因为 Discord 不允许 Easel 在那里发言。它们在你的历史记录中，没有丢失。"
    ),
    "Easel may not post in {channel} any more, so what is made there is shown to nobody; it stays in its owners' history. Allow **View Channel**, **Send Messages**, **Attach Files**, **Embed Links** and **Read Message History** there.": (
        "Easel 不能再在 {channel} 发言，所以那里制作的图片没有人看得到；它们保留在主人的历史记录中。请在那里允许**查看频道**、**发送消息**、**添加文件**、**嵌入链接**和**阅读消息历史记录**。"
    ),
    # Where Easel was only brought along
    "Easel may not show pictures here, since you may not attach files. Ask in a direct message to Easel; nothing was charged.": (
        "Easel 不能在这里展示图片，因为你不能在这里添加文件。请在与 Easel 的私信里再试；没有扣除任何额度。"
    ),
    "Where you asked for it Easel can only answer, for 15 minutes at most, and Discord did not take this any more; so it comes here.": (
        "在你提出请求的地方，Easel 只能在最多 15 分钟内回答，而 Discord 已不再接受，所以图片发到了这里。"
    ),
    "Easel cannot read the messages here. Name a picture by its job's id, or use the message's own menu, under Apps.": (
        "Easel 不能读取这里的消息。请用任务编号指明图片，或使用消息菜单里的“应用”。"
    ),
    "Its pictures are deleted.": "它的图片已删除。",
    "Easel cannot delete the message itself here, where it can only answer.": (
        "Easel 在这里只能回答，不能删除消息本身。"
    ),
    # Mends
    "Run it mended": "按修正后的运行",
    "Your command is too long to be repeated here.": "你的命令太长，无法在此重复。",
    "… and {count} more.": "……还有 {count} 处。",
    # Several jobs
    "That makes **{count} jobs** with {pictures}, about {time}. Shall they be made?": (
        "这会产生 **{count} 个任务**，共 {pictures}，约 {time}。要制作吗？"
    ),
    "A prompt for several jobs must fit into one message.": (
        "产生多个任务的提示词必须能放进一条消息。"
    ),
    "Only the person who asked can do that.": "只有提出要求的人可以这样做。",
    "Make {count}": "制作 {count} 个",
    "Not now": "暂不",
    # Preferences, flags and styles
    "**{name}**: {words}": "**{name}**：{words}",
    "`--{name}`: {value}": "`--{name}`：{value}",
    "only a picture": "只有图片",
    "{words} (with a picture)": "{words}（附图片）",
    "{row} · used unless another is asked for": "{row} · 未另行要求时使用",
    "From now on `--{name}` stands for: {value}": "从现在起 `--{name}` 代表：{value}",
    "That option is gone.": "那个选项已删除。",
    "You have no saved options; /prefer option set makes one.": (
        "你没有保存任何选项；用 /prefer option set 保存一个。"
    ),
    "Added to each of your prompts: {flags}": "加到你的每条提示词：{flags}",
    "Added to each of your prompts, unless you type something else: {flags}": (
        "加到你的每条提示词，除非你另行输入：{flags}"
    ),
    "Nothing is added to your prompts any more.": "不再往你的提示词添加任何内容。",
    "That cannot be kept:": "无法保存：",
    "**Default** (unless a member says something else): {flags}": (
        "**默认**（成员未另行指定时）：{flags}"
    ),
    "**Forced** (whatever a member says): {flags}": "**强制**（无论成员怎么写）：{flags}",
    "No style is saved here yet.": "这里还没有保存任何风格。",
    "Saved. It is used as `--style {name}`.": "已保存。用 `--style {name}` 使用。",
    "That style is gone; pictures made with it stay.": "那个风格已删除；用它制作的图片保留。",
    "This server has no style of its own any more.": "本服务器不再有自己的风格。",
    "Unless a member says something else, prompts here are drawn in `{name}`.": (
        "除非成员另行指定，这里的提示词都按 `{name}` 绘制。"
    ),
    "Its picture is missing; save it again.": "它的图片丢失了；请重新保存。",
    # Under a picture, for everybody
    "about {time}": "约 {time}",
    "paused by an admin": "已被管理员暂停",
    "relaxed": "relax",
    "fast": "快速",
    "turbo": "加速",
    "stealth": "私密",
    "stopped": "已停止",
    "failed": "失败",
    "Image #{index} {owner}": "第 {index} 张 {owner}",
    "Making the picture failed.": "图片制作失败。",
    "Nothing was charged.": "没有扣除任何额度。",
    "The picture's file is missing on this machine; tell the operator.": (
        "图片文件在本机上丢失；请告知运营者。"
    ),
    "The picture is too large to post here; its single pictures may fit: press U.": (
        "图片太大，无法发在这里；其中的单张也许可以：请按 U。"
    ),
    "Shown as a {kind}, as files here may have {size} MiB; Easel keeps the lossless picture.": (
        "此处的文件最大 {size} MiB，因此以 {kind} 显示；Easel 保留着无损的图片。"
    ),
    "The words are left out: a filter of this server does not let them through.": (
        "文字已略去：本服务器的过滤器不允许它们通过。"
    ),
    "It could not be shown where you asked for it: Easel may not post there any more.": (
        "无法显示在你要求的地方：Easel 已不能在那里发言。"
    ),
    "Discord does not let this picture be posted here. It stays in your history.": (
        "Discord 不允许在这里发布这张图片。它保留在你的历史记录中。"
    ),
    # The queue
    "**This server's queue**": "**本服务器的队列**",
    "**Your queue**": "**你的队列**",
    "page {page} of {pages}": "第 {page} 页，共 {pages} 页",
    "A picture": "一张图片",
    "Nothing waits and nothing runs.": "没有排队或运行的任务。",
    "-# … and {count} more further back.": "-# ……后面还有 {count} 个。",
    "stopping": "正在停止",
    "being made now": "正在制作",
    "waiting": "排队中",
    "waiting, paused": "排队中，已暂停",
    "{place}, about {time}": "{place}，约 {time}",
    "begins within {time}, whoever comes": "无论谁来，{time}内必定开始",
    "{place}st": "第 {place} 位",
    "{place}nd": "第 {place} 位",
    "{place}rd": "第 {place} 位",
    "{place}th": "第 {place} 位",
    "{seconds} s": "{seconds} 秒",
    "{minutes} min": "{minutes} 分钟",
    "{hours} h": "{hours} 小时",
    "later": "稍后",
    "Cancel {number}": "取消 {number}",
    "Move {number} to relax": "把 {number} 移到 relax",
    "Look again": "刷新",
    "Back": "上一页",
    "Next": "下一页",
    "This server's queue": "本服务器的队列",
    "Newest": "最新",
    "Older": "更早",
    "Resume": "恢复",
    "Pause": "暂停",
    "Drain": "停收",
    "Moved to the relax lane: it is made when nothing faster waits.": (
        "已移到 relax 队列：没有更快的任务排队时制作。"
    ),
    # Permissions, as Discord names them
    "View Channel": "查看频道",
    "Send Messages": "发送消息",
    "Send Messages in Threads": "在子区内发送消息",
    "Attach Files": "添加文件",
    "Embed Links": "嵌入链接",
    "Read Message History": "阅读消息历史记录",
    "{names} and {last}": "{names}和{last}",
    "Easel may not post pictures in this channel: it lacks {names}. Ask an admin to allow that here; nothing was charged.": (
        "Easel 不能在本频道发布图片：缺少{names}权限。请让管理员在这里授权；没有扣除任何额度。"
    ),
}
