"""What is told of pictures afterwards, and the menu of a message."""

from __future__ import annotations

VIEWING = {
    # Commands and the menu
    "Your jobs and what you have left; or all about one picture": (
        "你的任务和剩余额度；或某张图片的全部信息"
    ),
    "A job's id or the link of a message, to be told about that picture": (
        "任务编号或消息链接，用来查看那张图片的信息"
    ),
    "Post one of your own jobs here once more, with its buttons": (
        "把你自己的一个任务连同按钮再发到这里"
    ),
    "Its id, or the link of a message that shows it": "任务编号，或展示它的消息链接",
    "Job details": "任务详情",
    "DM results": "私信发送结果",
    "Remix this prompt": "混编此提示词",
    "Report": "举报",
    "Delete": "删除",
    # /info
    "{who} · user ID {id}": "{who} · 用户 ID {id}",
    "Your prompts here: model {model} · lane: {lane} · visibility: {visibility}": (
        "你在这里的提示词：模型 {model} · 队列：{lane} · 可见性：{visibility}"
    ),
    "public": "公开",
    "Jobs: {running} running, {waiting} waiting": "任务：{running} 个运行中，{waiting} 个排队中",
    "-# /queue shows them all.": "-# /queue 显示全部。",
    # The facts of a job
    "It waits for its turn.": "正在排队。",
    "It is being made now.": "正在绘制。",
    "It failed; nothing was charged.": "任务失败；没有扣除任何额度。",
    "It was stopped.": "任务已停止。",
    "Job {id}": "任务 {id}",
    "by {who}, {when}": "由 {who} 于 {when}",
    "Model {name}": "模型 {name}",
    "painted by {name}": "由 {name} 重绘",
    "sampler {name}": "采样器 {name}",
    "the model's own": "模型自带",
    "{steps} steps": "{steps} 步",
    "guidance {guidance:g}": "引导强度 {guidance:g}",
    "Adapters": "适配器",
    "adapters {names}": "适配器 {names}",
    "enlarged with {name}": "用 {name} 放大",
    "{width} × {height} pixels": "{width} × {height} 像素",
    "seed {seeds}": "种子 {seeds}",
    "{seconds:.1f} s of GPU time": "GPU 时间 {seconds:.1f} 秒",
    "Made from job {id}": "由任务 {id} 衍生",
    "Made from picture {number} of job {id}": "由任务 {id} 的第 {number} 张图片衍生",
    # Naming a picture
    "That message shows no picture of Easel's.": "那条消息里没有 Easel 的图片。",
    "Name a picture by its job's id (20 letters and digits, in Job details) or by a message's link.": (
        "请用任务编号（20 个字母和数字，见任务详情）或消息链接来指定图片。"
    ),
    "That link leads elsewhere; use one to a message of this place.": (
        "该链接指向别处；请使用本处消息的链接。"
    ),
    "That message is gone, or Easel may not read its channel.": (
        "那条消息已不存在，或 Easel 无权读取其频道。"
    ),
    "You may not read that channel, or Easel does not know it.": (
        "你无权读取那个频道，或 Easel 不认识它。"
    ),
    "That is somebody else's job; only your own can be shown so.": (
        "那是别人的任务；只有你自己的才能这样展示。"
    ),
    "That job is still waited for; /queue shows where it stands.": (
        "该任务尚未完成；/queue 显示其进度。"
    ),
    # By direct message
    "That job has no pictures to send.": "该任务没有可发送的图片。",
    "Discord does not let Easel write to you. Allow direct messages from members of this server in its privacy settings, then ask again.": (
        "Discord 不允许 Easel 给你发私信。请在本服务器的隐私设置中允许成员私信，然后再试。"
    ),
    "The picture is on its way to you, as a direct message.": "图片正通过私信发送给你。",
    "{count} pictures are on their way to you, as direct messages.": (
        "{count} 张图片正通过私信发送给你。"
    ),
    # Pressing
    "{what} by {owner}": "{owner} 的{what}",
    "That cannot be made; press the button again:": "无法生成；请重新按按钮：",
    "You like this picture. Likes: {count}": "你喜欢这张图片。喜欢数：{count}",
    "You like this picture no more. Likes: {count}": "你不再喜欢这张图片。喜欢数：{count}",
    "Likes are not kept here.": "这里不保存喜欢。",
    "Prompt": "提示词",
    "Words and flags, as you want them": "改成你想要的文字和参数",
    "--zoom from 1 to 2 says how far, --ar what shape": "--zoom 1 到 2 表示缩多远，--ar 表示形状",
    "That prompt is longer than the {most:,} characters that a form of Discord holds; use /imagine.": (
        "该提示词超过 Discord 表单可容纳的 {most:,} 个字符；请用 /imagine。"
    ),
    "Save style": "保存风格",
    "Name": "名称",
    "Words": "文字",
    # Which part of a picture
    "Which part shall be painted anew? Choose cells, or say it in words.": (
        "要重画哪一部分？请选择格子，或用文字说明。"
    ),
    "Cells": "格子",
    "In words or with a mask": "用文字或蒙版",
    "“left third”, “bottom”, “top left quarter”, or numbers of cells": (
        "“左三分之一”“下部”“左上角”，或格子编号"
    ),
    "Part of the picture": "图片的部分",
    "Instead of words: a picture in which the part is white": "代替文字：该部分为白色的图片",
    "Mask": "蒙版",
    # Deleting and reporting
    "Delete this message? Nothing else goes with it.": "删除这条消息吗？不会连带删除其他内容。",
    "Delete this copy? The grid that it was picked out of stays.": "删除这个副本吗？它所出自的网格会保留。",
    "Delete this picture? It is gone for everybody then, with its likes; what was made from it stays.": (
        "删除这张图片吗？它连同喜欢将对所有人消失；由它衍生的图片会保留。"
    ),
    "Delete these {count} pictures? They are gone for everybody then, with their likes; what was picked out of them or made from them stays.": (
        "删除这 {count} 张图片吗？它们连同喜欢将对所有人消失；从中挑出或由其衍生的图片会保留。"
    ),
    "Keep": "保留",
    "Nothing was deleted.": "没有删除任何内容。",
    "Its pictures were deleted.": "图片已删除。",
    "It is deleted, and its pictures with it.": "已删除，图片也一并删除。",
    "It is deleted here; it stays in its owner's history.": "已在此删除；它仍保留在作者的历史记录中。",
    "Only the person who made it, or a moderator of this server, can do that.": (
        "只有作者或本服务器的管理员可以这样做。"
    ),
    "Easel may not delete messages in this channel.": "Easel 无权在此频道删除消息。",
    "Report this picture": "举报这张图片",
    "What is wrong with it?": "有什么问题？",
    "The admins of this server read it.": "本服务器的管理员会看到。",
    "A report goes to the admins of a server; here there is none.": (
        "举报会交给服务器的管理员；这里没有。"
    ),
    "You have reported {count} pictures within an hour; the admins have them. Wait a while before the next.": (
        "你一小时内已举报 {count} 张图片，管理员已收到。请稍后再举报。"
    ),
    "Thank you. The admins of this server have your report.": "谢谢。本服务器的管理员已收到你的举报。",
    "{who} reported a picture of {whom}: {link}\n{prompt}\nJob {id} · {reason}": (
        "{who} 举报了 {whom} 的一张图片：{link}\n{prompt}\n任务 {id} · {reason}"
    ),
    "reported a picture of {whom}, job {job}: {reason}": (
        "举报了 {whom} 的一张图片，任务 {job}：{reason}"
    ),
    # Looking for pictures
    "“{name}” is nobody's name.": "没有人叫“{name}”。",
    "That is a search for {count} words; the limit is {most}.": (
        "这次搜索有 {count} 个词；上限是 {most} 个。"
    ),
    "There is no word in “{line}” that could be found.": "“{line}”中没有可以查找的词。",
    "That page is not one of this list; begin at the first one.": (
        "该页不属于这个列表；请从第一页开始。"
    ),
    "That search has {count} characters; the limit is {most}.": (
        "这次搜索有 {count} 个字符；上限是 {most} 个。"
    ),
    "{name}: has nothing after it.": "{name}: 后面没有内容。",
    "“{typed}” is about you; log in first.": "“{typed}”与你本人有关；请先登录。",
    "is: goes with liked alone, for what you like.": "is: 只能写成 is:liked，表示你喜欢的图片。",
    "sort: is one of {values}.": "sort: 只能是 {values} 之一。",
    "“{value}” is no date.": "“{value}”不是日期。",
    "Write a day as 2026-01-31, a month, a year, or how long ago, such as 7d.": (
        "日期写作 2026-01-31，也可以写月份、年份，或多久以前，例如 7d。"
    ),
    "--{flag} is not kept with pictures; nothing is found by it.": (
        "--{flag} 不随图片保存；不能用它查找。"
    ),
    "Leave the value out to find every picture with --{flag}.": (
        "省略其值，即可找到所有使用 --{flag} 的图片。"
    ),
}
