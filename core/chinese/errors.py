"""What errors say by themselves."""

from __future__ import annotations

ERRORS = {
    "Something went wrong; nothing was lost and nothing was charged.": (
        "出了点问题；没有丢失任何内容，也没有扣除任何额度。"
    ),
    "The prompt could not be read.": "无法读懂这条提示词。",
    "That is not allowed here.": "这里不允许这样做。",
    "You already have as many jobs waiting as this server allows; wait for one to finish.": (
        "你排队的任务数已达到本服务器的上限；请等一个任务完成。"
    ),
    "The allowance is used up.": "额度已用完。",
    "This server takes no new jobs at the moment; what waits is still made. Try again later.": (
        "本服务器目前不接受新任务；已在排队的任务仍会完成。请稍后再试。"
    ),
    "The admins of this server have taken away your use of Easel.": (
        "本服务器的管理员已停止你使用 Easel。"
    ),
    "Only an admin of this server can do that.": "只有本服务器的管理员可以这样做。",
    "Only the person who started this job, or a moderator, can do that.": (
        "只有发起这个任务的人或管理人员可以这样做。"
    ),
    "Easel lacks a permission it needs in this channel.": "Easel 在本频道缺少所需的权限。",
    "That is no longer there.": "它已经不在了。",
    "That job is not in Easel's history any more.": "Easel 的历史记录中已没有这个任务。",
    "That picture is not in Easel's history any more.": "Easel 的历史记录中已没有这张图片。",
    "That picture was deleted.": "这张图片已被删除。",
    "There is no model of that name here.": "这里没有叫这个名字的模型。",
    "Easel is busy right now; nothing was charged. Try again in a moment.": (
        "Easel 现在很忙；没有扣除任何额度。请稍后再试。"
    ),
    "The disk Easel keeps its pictures on is full; nothing was charged. Tell the operator.": (
        "Easel 存放图片的磁盘已满；没有扣除任何额度。请告知运营者。"
    ),
    "Making the picture failed; nothing was charged. Try again.": (
        "图片制作失败；没有扣除任何额度。请再试一次。"
    ),
    "That picture needs more GPU memory than there is; nothing was charged. Try a smaller one.": (
        "这张图片所需的显存超出了现有容量；没有扣除任何额度。请试试更小的尺寸。"
    ),
    "The model could not be loaded; nothing was charged. Tell the operator.": (
        "无法加载模型；没有扣除任何额度。请告知运营者。"
    ),
    "It renews {when}.": "恢复时间：{when}。",
    "on {day:%d %B at %H:%M} UTC": "UTC {day:%m 月 %d 日 %H:%M}",
    "Only you, or the operator, can have all of yours deleted.": (
        "只有你本人或运营者可以要求删除你的全部数据。"
    ),
    "That is nobody's id.": "没有人使用这个 id。",
    "{count} of these jobs are being made just now and were told to stop; ask again in a minute.": (
        "其中 {count} 个任务正在制作，已要求停止；请一分钟后再试。"
    ),
}
