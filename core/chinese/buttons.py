"""What stands on the buttons under pictures, and what is said of what they made."""

from __future__ import annotations

BUTTONS = {
    "Re-roll": "重新生成",
    "Cancel": "取消",
    "Vary (Subtle)": "变化（微调）",
    "Vary (Strong)": "变化（强烈）",
    "Upscale (Subtle)": "放大（微调）",
    "Upscale (Creative)": "放大（创意）",
    "Vary (Region)": "变化（区域）",
    "Zoom Out 2x": "缩小 2 倍",
    "Zoom Out 1.5x": "缩小 1.5 倍",
    "Custom Zoom": "自定义缩小",
    "Make Square": "补成方形",
    "Pan Left": "向左平移",
    "Pan Right": "向右平移",
    "Pan Up": "向上平移",
    "Pan Down": "向下平移",
    "Enhance": "增强",
    "Like": "喜欢",
    "Remix": "混编",
    # What they made
    "Variations": "变化",
    "Variations (Subtle)": "变化（微调）",
    "Variations (Strong)": "变化（强烈）",
    "Variations (Region)": "变化（区域）",
    "Remix (Subtle)": "混编（微调）",
    "Remix (Strong)": "混编（强烈）",
    "Remix (Region)": "混编（区域）",
    "Upscaled (Subtle)": "已放大（微调）",
    "Upscaled (Creative)": "已放大（创意）",
    "Enhanced": "已增强",
    "Zoom Out": "缩小",
    "Zoom Out {factor}x": "缩小 {factor} 倍",
    "Made Square": "已补成方形",
    "{pan}, far side cut": "{pan}，另一侧已裁去",
    # Likes, deletions and settings
    "Only the person who made this picture, or a moderator, can delete it.": (
        "只有制作这张图片的人或版主可以删除它。"
    ),
    "That is still being made; cancel it instead.": "它还在制作中；请改为取消。",
    "That picture was deleted; nothing can be made of it.": "那张图片已被删除；无法再用它制作任何图片。",
    "--stylize goes from 0 to {most}.": "--stylize 的范围是 0 到 {most}。",
    "Private pictures are not allowed for you here.": "你在这里不能制作私密图片。",
    # What cannot be made
    "A link to a picture cannot be added here; use /imagine.": (
        "这里不能添加图片链接；请使用 /imagine。"
    ),
    "The model “{model}” cannot start from a picture, as this button needs it to; {models} can.": (
        "模型“{model}”不能以图片为起点，而这个按钮需要这样做；{models} 可以。"
    ),
    "That makes {count} jobs, and a button makes one: leave out the braces and --repeat.": (
        "那会产生 {count} 个任务，而一个按钮只做一个：请去掉花括号和 --repeat。"
    ),
    "{flags} would change nothing here; leave it out.": "{flags} 在这里不起作用；请去掉。",
    "Say what the new prompt is.": "请写出新的提示词。",
    "An upscale doubles both sides.": "放大会使两边都加倍。",
    "There is no upscaler called “{name}” here any more; edit the prompt and leave --upscaler out.": (
        "这里不再有叫“{name}”的放大模型；请编辑提示词并去掉 --upscaler。"
    ),
    "That is no draft; there is nothing to enhance.": "那不是草稿；没有什么可增强的。",
    "Enhance one of its pictures instead.": "请改为增强其中的一张图片。",
    "Say which part of the picture to paint anew, or send a mask in which it is white.": (
        "请说明要重画图片的哪一部分，或发送一张以白色标出它的蒙版。"
    ),
    "--zoom goes from 1 to 2.": "--zoom 的范围是 1 到 2。",
    "That does not zoom out; add --zoom 2 or another --ar.": (
        "这样没有任何缩小；请加上 --zoom 2 或其他 --ar。"
    ),
    "That picture is square already.": "那张图片已经是方形了。",
    "This keeps the shape of the picture; leave out --ar and --size, or zoom instead.": (
        "这会保持图片的形状；请去掉 --ar 和 --size，或改用缩小。"
    ),
    "There is no cell {word}; they go from 1 to {most}.": "没有格子 {word}；编号从 1 到 {most}。",
    "“{words}” names no part of the picture. Say “left third”, “bottom” or “top left quarter”, or give numbers of cells from 1 to {most}.": (
        "“{words}”不是图片的任何部分。请说“左三分之一”“下半”或“左上四分之一”，或给出从 1 到 {most} 的格子编号。"
    ),
}
