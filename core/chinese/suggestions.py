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
    "Prompts for a picture that you have": "为你已有的图片写提示词",
    "The picture": "图片",
    "Where the picture is, if it is no file": "图片的链接（不是文件时）",
    "Give one picture, as a file or as a link.": "请提供一张图片：文件或链接。",
    "The picture's own record says how it was made: by the first of these.": (
        "图片自带的记录说明了它的制作方式：即第一条提示词。"
    ),
    "The model had no words for that picture.": "模型说不出这张图片的内容。",
    "Its prompt is too long to be shown in a message.": "它的提示词太长，一条消息放不下。",
    "Imagine all": "全部绘制",
    "Describe again": "重新描述",
    "The picture does not say how it was made, and there is no model here that could look at it. "
    "Tell the operator: [caption] in models.toml names one.": (
        "图片没有说明它的制作方式，这里也没有能看图的模型。请告知运营者：在 models.toml 的 [caption] 中指定。"
    ),
    "A model looked at the picture and guessed; it cannot know how it was made.": (
        "由模型看图猜测，它无法知道图片的制作方式。"
    ),
    "The embedded model's reader knows only the twelve things of its postcards, and is not sure "
    "that any of them is here.": "内置模型的识别器只认识明信片里的十二种事物，不确定这里有其中哪一种。",
    "The embedded model's reader knows only the twelve things of its postcards; it is {share} % "
    "sure of the {subject}.": (
        "内置模型的识别器只认识明信片里的十二种事物；它有 {share}% 的把握认出 {subject}。"
    ),
    "The caption model cannot be loaded from “{source}”. Tell the operator: it is the source under "
    "[caption] in models.toml.": (
        "无法从“{source}”加载看图模型。请告知运营者：它是 models.toml 中 [caption] 的 source。"
    ),
    "Make one picture of two to five": "把两到五张图片合成一张",
    "Pictures cannot be mixed here.": "这里不能合成图片。",
    "Another one": "另一张",
    "One more, if you like": "可以再加一张",
    "The shape; square if you do not say": "形状；不选则为方形",
    "portrait, 2:3": "竖幅，2:3",
    "square, 1:1": "方形，1:1",
    "landscape, 3:2": "横幅，3:2",
    "Make this picture": "绘制这幅图",
}
