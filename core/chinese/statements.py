"""What members are told of their allowance, and admins of their server's rules."""

from __future__ import annotations

STATEMENTS = {
    # What is left
    "This member has": "该成员",
    "{has} **{left}** left of {amount}; renews {when}": (
        "{has}的额度为{amount}，还剩 **{left}**；恢复时间：{when}"
    ),
    "{has} **{left}** left of {amount}, {held} held; renews {when}": (
        "{has}的额度为{amount}，还剩 **{left}**，预留 {held}；恢复时间：{when}"
    ),
    "Extra: **{left}** left": "额外额度：还剩 **{left}**",
    "Extra: **{left}** left, ends {when}": "额外额度：还剩 **{left}**，到期：{when}",
    "There is no limit on pictures or GPU time here.": "这里对图片和 GPU 时间没有限制。",
    "Until then your pictures are made in the **relax** lane, free of charge.": (
        "在那之前，你的图片在 **relax** 队列中免费制作。"
    ),
    "-# The admins paused this server: what waits is left waiting.": (
        "-# 管理员已暂停本服务器：排队的任务继续等待。"
    ),
    "-# The admins take no new jobs at the moment.": "-# 管理员目前不接受新任务。",
    # What is allowed
    "everybody": "所有人",
    "the whole server (the operator's ceiling)": "整个服务器（运营者的总上限）",
    "running": "运行任务数",
    "any number of {what}": "{what}不限",
    "{number:g} {what}": "{what}上限 {number:g}",
    "any amount of {what}": "{what}不限",
    "pictures": "图片",
    "GPU time": "GPU 时间",
    "all models": "所有模型",
    "models: {names}": "模型：{names}",
    "lanes: {names}": "队列：{names}",
    "private pictures": "可制作私密图片",
    "no private pictures": "不可制作私密图片",
    "relaxed jobs are free": "relax 任务免费",
    "relaxed jobs count too": "relax 任务也计入额度",
    "weight {weight:g} among servers": "在各服务器中的权重为 {weight:g}",
    "**everybody**: no limits": "**所有人**：没有限制",
    "**extra for {grant}**": "**额外额度 {grant}**",
    "{who}: {amount}, until {time}": "{who}：{amount}，有效期至 {time}",
    "**shut out**: {people}": "**已禁止**：{people}",
    "{some} and {count} more": "{some} 等，另有 {count} 人",
    "time zone {zone}": "时区 {zone}",
    "admin role {role}": "管理身份组 {role}",
    "**paused**: what waits is left waiting": "**已暂停**：排队的任务继续等待",
    "**drained**: nothing new is taken": "**已停收**：不接受新任务",
    "-# … and {count} more.": "-# ……还有 {count} 项。",
    # What was changed
    "**What was changed here**, newest first": "**这里的更改**，最新的在前",
    "Nothing was changed yet.": "还没有任何更改。",
    "the operator": "运营者",
    "nothing": "无",
    "set the role of admins: {old} → {new}": "设置了管理员身份组：{old} → {new}",
    "set {whom}: {old} → {new}": "设置了 {whom}：{old} → {new}",
    "gave {whom} {amount} extra": "给了 {whom} 额外的 {amount}",
    "gave {whom} {amount} extra, until {time}": "给了 {whom} 额外的 {amount}，有效期至 {time}",
    "reset what {whom} used": "清零了 {whom} 的用量",
    "shut {whom} out": "禁止了 {whom}",
    "let {whom} back in": "解除了对 {whom} 的禁止",
    "saved the style {name}": "保存了风格 {name}",
    "deleted the style {name}": "删除了风格 {name}",
    # Answers to admins
    "For **{who}** now: {allowance}.": "**{who}** 现在的规则：{allowance}。",
    "nothing is set; the lines below it count": "未作设置；以更低一级的规则为准",
    "Given as an extra to {grant}.": "已给出额外额度：{grant}。",
    "What **{who}** used until now counts no more.": "**{who}** 此前的用量不再计算。",
    "That report is too large for Discord; ask for fewer days.": (
        "那份报告对 Discord 来说太大；请缩短天数。"
    ),
    "What was used in the last {days} days: {rows} rows, one for each day and member.": (
        "最近 {days} 天的用量：共 {rows} 行，每个成员每天一行。"
    ),
    "{who} is shut out from making pictures here.": "{who} 已被禁止在这里制作图片。",
    "{who} may make pictures here again.": "{who} 又可以在这里制作图片了。",
    "1 waiting job was": "1 个排队任务",
    "{count} waiting jobs were": "{count} 个排队任务",
    "{jobs} cancelled.": "{jobs}已取消。",
    "{jobs} cancelled; nothing of it is charged.": "{jobs}已取消；没有扣除任何额度。",
    "Say how long it lasts as 12h, 3d, 2w or forever.": (
        "请用 12h、3d、2w 或 forever 说明有效期。"
    ),
    "Name one of role, channel and person, or none of them for everybody.": (
        "请在身份组、频道和个人中只选一个；都不选则对所有人。"
    ),
    "Jobs are taken and made again.": "重新开始接受并制作任务。",
    "Paused: what runs is finished, what waits is left waiting.": (
        "已暂停：运行中的任务会完成，排队的任务继续等待。"
    ),
    "Paused: what runs is finished, what waits is left waiting. /server resume ends it.": (
        "已暂停：运行中的任务会完成，排队的任务继续等待。用 /server resume 恢复。"
    ),
    "Drained: nothing new is taken, what waits is made.": (
        "已停收：不接受新任务，排队的任务会完成。"
    ),
    "Drained: nothing new is taken, what waits is made. /server resume ends it.": (
        "已停收：不接受新任务，排队的任务会完成。用 /server resume 恢复。"
    ),
    "Days, weeks and months now follow the clocks of {zone}.": "日、周、月现在按 {zone} 的时间计算。",
    "Admins of Easel here: {who}.": "这里的 Easel 管理员：{who}。",
    "only those who may manage the server": "只有可以管理服务器的人",
}
