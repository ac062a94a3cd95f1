"""The panel of /settings and its shortcuts."""

from __future__ import annotations

SETTINGS = {
    "Model, lane, visibility and more for all of your prompts": (
        "用于你所有提示词的模型、队列、可见性等设置"
    ),
    "Your prompts go the fast lane": "你的提示词走 fast 队列",
    "Your prompts go the relax lane: when nothing faster waits": (
        "你的提示词走 relax 队列：没有更快的任务排队时制作"
    ),
    "Your prompts go the turbo lane: a bit ahead, for twice the cost": (
        "你的提示词走 turbo 队列：稍微靠前，花费两倍"
    ),
    "Your pictures are private from now on": "从现在起你的图片不公开",
    "Your pictures are public from now on": "从现在起你的图片公开",
    "Turn remix mode on or off: buttons ask for the prompt": "开关混编模式：按钮会先询问提示词",
    "Turn high variation on or off: how far V1 to V4 go": "开关高变化：V1 到 V4 的变化幅度",
    "Have what is finished as a direct message too, or not": "完成的图片是否也私信给你",
    "Stylize low": "风格化 低",
    "Stylize med": "风格化 中",
    "Stylize high": "风格化 高",
    "Stylize very high": "风格化 很高",
    "High variation": "高变化",
    "Low variation": "低变化",
    "Turbo": "极速",
    "Fast": "快速",
    "Relax": "放松",
    "Public": "公开",
    "Stealth": "隐身",
    "Remix mode": "混编模式",
    "Suffix": "后缀",
    "Reset": "重置",
    "Model": "模型",
    "The usual model of each server": "各服务器的默认模型",
    "**Your settings** · they count in all of your prompts, on every server": (
        "**你的设置** · 对你在所有服务器的提示词生效"
    ),
    "Suffix: {flags}": "后缀：{flags}",
    "No suffix is set.": "没有设置后缀。",
    "Saved options: {count}": "已保存的选项：{count}",
    "Reset: everything is as usual. Your saved options stay.": "已重置：一切如常。已保存的选项仍在。",
    "Your prompts go the turbo lane now, unless you type another.": (
        "你的提示词现在走 turbo 队列，除非另行输入。"
    ),
    "Your prompts go the fast lane now, unless you type another.": (
        "你的提示词现在走 fast 队列，除非另行输入。"
    ),
    "Your prompts go the relax lane now, unless you type another.": (
        "你的提示词现在走 relax 队列，除非另行输入。"
    ),
    "Your pictures are public now, unless you type --stealth.": (
        "你的图片现在公开，除非输入 --stealth。"
    ),
    "Your pictures are private now, unless you type --public.": (
        "你的图片现在不公开，除非输入 --public。"
    ),
    "Remix mode is off: buttons make pictures at once.": "混编模式已关闭：按钮会立即生成图片。",
    "Remix mode is on: buttons that vary a picture ask for the prompt first.": (
        "混编模式已开启：变化图片的按钮会先询问提示词。"
    ),
    "Low variation: V1 to V4 stay near to the picture.": "低变化：V1 到 V4 贴近原图。",
    "High variation: V1 to V4 go far from the picture.": "高变化：V1 到 V4 远离原图。",
    "What is finished comes no longer as a direct message.": "完成的图片不再私信给你。",
    "What is finished comes to you as a direct message too, from now on.": (
        "从现在起，完成的图片也会私信给你。"
    ),
}
