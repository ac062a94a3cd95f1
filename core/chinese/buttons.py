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
}
