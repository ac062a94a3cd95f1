"""What is said of allowances, queues and a server's rules."""

from __future__ import annotations

RULES = {
    # Words and amounts
    "none": "无",
    "yours": "你",
    "this channel": "本频道",
    "this server": "本服务器",
    "You have": "你",
    "This channel has": "本频道",
    "This server has": "本服务器",
    "hour": "小时",
    "day": "天",
    "week": "周",
    "month": "月",
    "1 job": "1 个任务",
    "{count} jobs": "{count} 个任务",
    "1 picture": "1 张图片",
    "{count} pictures": "{count} 张图片",
    "{seconds} s of GPU time": "{seconds} 秒 GPU 时间",
    "{minutes} min of GPU time": "{minutes} 分钟 GPU 时间",
    "{hours} h of GPU time": "{hours} 小时 GPU 时间",
    "{hours} h {minutes} min of GPU time": "{hours} 小时 {minutes} 分钟 GPU 时间",
    "{amount} per {period}": "每{period} {amount}",
    # Refused jobs
    "You have {jobs} waiting and the limit here is {limit}. Wait for one to start, or cancel one.": (
        "你有 {jobs}在排队，这里的上限是 {limit} 个。请等一个任务开始，或取消一个。"
    ),
    "You have {count} jobs waiting or running and the limit here is {limit}. Wait for one to finish, or cancel one.": (
        "你有 {count} 个任务在排队或运行，这里的上限是 {limit} 个。请等一个任务完成，或取消一个。"
    ),
    "The model {model} is not allowed for you here; allowed: {allowed}.": (
        "你在这里不能使用模型 {model}；可用的有：{allowed}。"
    ),
    "{width}×{height} is {megapixels:.2g} megapixels; your limit here is {limit:g}.": (
        "{width}×{height} 为 {megapixels:.2g} 百万像素；你在这里的上限是 {limit:g} 百万像素。"
    ),
    "{steps} steps are more than your limit here; use --steps {limit}.": (
        "{steps} 步超过了你在这里的上限；请用 --steps {limit}。"
    ),
    "That makes {count} jobs at once; your limit here is {limit}.": (
        "这会一次产生 {count} 个任务；你在这里的上限是 {limit} 个。"
    ),
    # Where Easel was only brought along
    "That would take about {minutes} minutes, and Discord lets Easel show something here for 15 only. Ask for it in a server where Easel is, or in a direct message to Easel; nothing was charged.": (
        "这大约需要 {minutes} 分钟，而 Discord 在这里只让 Easel 在 15 分钟内展示内容。请在有 Easel 的服务器里，或在与 Easel 的私信里再试；没有扣除任何额度。"
    ),
    "That makes {count} jobs, and here Easel can show one for each command. Ask for one at a time, or in a server where Easel is, or in a direct message to Easel; nothing was charged.": (
        "这会产生 {count} 个任务，而在这里每条命令 Easel 只能展示一个。请一次只做一个，或在有 Easel 的服务器里，或在与 Easel 的私信里再试；没有扣除任何额度。"
    ),
    "Private pictures are not allowed for you here; leave out --stealth.": (
        "你在这里不能制作私密图片；请去掉 --stealth。"
    ),
    "The {lane} lane is not allowed for you here; allowed: {allowed}.": (
        "你在这里不能使用 {lane} 队列；可用的有：{allowed}。"
    ),
    "This needs {need}, more than the whole allowance of {whose} ({amount}). Ask for fewer or smaller pictures.": (
        "这需要 {need}，超过了{whose}的全部额度（{amount}）。请减少图片数量或缩小尺寸。"
    ),
    "You have used up your {amount}.": "你已用完{amount}的额度。",
    "This channel has used up its {amount}.": "本频道已用完{amount}的额度。",
    "This server has used up its {amount}.": "本服务器已用完{amount}的额度。",
    "{has} {left} left of {amount}, and this needs {need}.": (
        "{has}的额度为{amount}，还剩 {left}，而这需要 {need}。"
    ),
    "That picture is private to the person who made it.": "那张图片仅供制作者本人查看。",
    "That is one picture of a grid; re-roll the grid instead.": (
        "那是网格中的一张图片；请对整个网格重新生成。"
    ),
    "That button makes no picture.": "那个按钮不生成图片。",
    "That button takes no prompt; leave it out.": "那个按钮不需要提示词，请不要填写。",
    "That button takes no part of a picture; Vary (Region) does.": (
        "那个按钮不能指定图片的某一部分；请用“局部重绘”。"
    ),
    "There is no button “{label}”. Try U1, V1, VS1, VT1, US1, UC1, zoom 2x, pan left, square, region, enhance, remix, reroll or cancel, or the words that stand on the button.": (
        "没有“{label}”这个按钮。请试试 U1、V1、VS1、VT1、US1、UC1、zoom 2x、pan left、square、region、enhance、remix、reroll 或 cancel，或按钮上的文字。"
    ),
    "Only the person who started this job can do that.": "只有发起这个任务的人可以这样做。",
    "That job does not wait any more.": "那个任务已不在排队。",
    "The relax lane is not allowed for you here.": "你在这里不能使用 relax 队列。",
    # What admins are told
    "Only the operator of Easel can see all servers.": "只有 Easel 的运营者可以查看所有服务器。",
    "Only the operator of Easel can change a server's ceiling.": (
        "只有 Easel 的运营者可以更改服务器的总上限。"
    ),
    "An extra is given to a person, a role or everybody; a channel has only its line.": (
        "额外额度可以给个人、身份组或所有人；频道只有自己的规则。"
    ),
    "An extra is between 1 and {most:,}, not {amount:,}.": (
        "额外额度必须在 1 到 {most:,} 之间，不能是 {amount:,}。"
    ),
    "That time is over; choose a later one.": "那个时间已经过去；请选择更晚的时间。",
    "You cannot shut yourself out.": "你不能禁止自己。",
    "That belongs to another server; only its admins can do that.": (
        "那属于另一个服务器；只有它的管理员可以这样做。"
    ),
    "running jobs": "运行任务数",
    "waiting jobs": "排队任务数",
    "megapixels": "百万像素数",
    "steps": "步数",
    "jobs of one command": "单条命令的任务数",
    "The limit of {what} must be more than 0, not {number:g}.": (
        "{what}的上限必须大于 0，不能是 {number:g}。"
    ),
    "An amount is between 0 and {most:,}, not {amount:,}.": (
        "数量必须在 0 到 {most:,} 之间，不能是 {amount:,}。"
    ),
    "A ceiling is made of amounts alone.": "总上限只能由数量组成。",
    "Only a whole server has a weight, and only the operator sets it.": (
        "只有整个服务器才有权重，并且只能由运营者设置。"
    ),
    "A weight is between {least:g} and {most:g}, not {weight:g}.": (
        "权重必须在 {least:g} 到 {most:g} 之间，不能是 {weight:g}。"
    ),
    "There is no model “{model}” here.": "这里没有“{model}”这个模型。",
    "At least one lane must stay allowed.": "至少要允许一个队列。",
    "Say which limit to set, such as `pictures:20 per:day`.": (
        "请说明要设置哪项限制，例如 `pictures:20 per:day`。"
    ),
    "Say how many GPU minutes or pictures there are in each period.": (
        "请说明每个周期有多少 GPU 分钟或图片。"
    ),
    "There is no time zone “{name}”.": "没有“{name}”这个时区。",
    "Did you mean {name}?": "你是想用 {name} 吗？",
    "An example is Europe/Berlin.": "例如 Asia/Shanghai 或 Europe/Berlin。",
    # Several jobs
    "These {count} jobs need {pictures} and {time}, more than you have left here; none of them was begun. /usage shows what is left.": (
        "这 {count} 个任务需要 {pictures}和 {time}，超过你在这里剩余的额度；一个都没有开始。/usage 显示剩余额度。"
    ),
    "You have {jobs} waiting or running, these are {more} more, and the limit here is {limit}; none of them was begun. Ask for fewer, or wait.": (
        "你有 {jobs}在排队或运行，这次又有 {more} 个，这里的上限是 {limit} 个；一个都没有开始。请减少数量，或稍等。"
    ),
    "That makes {count} jobs. Here each is asked for alone: leave out the braces and --repeat.": (
        "这会产生 {count} 个任务。这里每次只能要求一个：请去掉花括号和 --repeat。"
    ),
    # Styles
    "There is no style “{name}” here; there are: {names}.": "这里没有“{name}”这个风格；现有的是：{names}。",
    "A style is made of plain words, without flags, weights or links.": (
        "风格由普通文字组成，不含参数、权重或链接。"
    ),
    "“{name}” cannot be the name of a style: it has 1 to 32 letters a to z, digits and hyphens, and is not raw or none.": (
        "“{name}”不能作为风格名：风格名由 1 到 32 个字母 a 到 z、数字和连字符组成，并且不能是 raw 或 none。"
    ),
    "That has {length} characters; the limit is {limit}.": "那有 {length} 个字符；上限是 {limit} 个。",
    "Say what --{name} shall stand for: words, flags or both.": (
        "请说明 --{name} 代表什么：文字、参数或两者。"
    ),
    "A style is made of words, a picture, or both; give one.": (
        "风格由文字、图片或两者组成；请给出其中之一。"
    ),
    "There are {count} styles here; delete one first.": "这里已有 {count} 个风格；请先删除一个。",
    "Leave them out.": "请去掉它们。",
}
