"""Advice on prompts, and the prompts that are suggested."""

from __future__ import annotations

SUGGESTIONS = {
    "Which words of a prompt matter, and shorter prompts": "提示词中哪些词重要，以及更短的提示词",
    "The prompt, with its flags": "提示词，可带参数",
    "You asked that {count} times in a short while. Ask again in {seconds} s.": (
        "你在短时间内已经问了 {count} 次。请在 {seconds} 秒后再问。"
    ),
    "The worker that makes the pictures is not there; try later.": "绘图进程不在，请稍后再试。",
    "The worker that makes the pictures is too busy to look at that now; try later.": (
        "绘图进程现在太忙，无法查看，请稍后再试。"
    ),
    "The worker that makes the pictures stopped while it looked at that; try again.": (
        "绘图进程在查看时停止了，请再试一次。"
    ),
    "The model took too long to look at that; ask again when it is less busy.": (
        "模型查看的时间过长，请在不忙时再问。"
    ),
    "One prompt is looked at, at a time: leave out the braces and --repeat.": (
        "一次只看一条提示词：请去掉花括号和 --repeat。"
    ),
    "There is nothing to leave out of a prompt so short.": "这么短的提示词没有可以省去的词。",
    "Bold words matter most to the model “{model}”; those struck out change hardly anything. "
    "A number opens that prompt, to be changed and made.": (
        "粗体的词对模型“{model}”最重要；划掉的词几乎不改变什么。按数字打开相应的提示词，可修改后绘制。"
    ),
    "Show details": "显示详情",
    "What each word changes, beside the weightiest: {words}": (
        "每个词的影响（与最重要的词相比）：{words}"
    ),
    "Make this picture": "绘制这幅图",
    "The prompt": "提示词",
    "With its flags, such as --ar 3:2.": "可带参数，例如 --ar 3:2。",
}
