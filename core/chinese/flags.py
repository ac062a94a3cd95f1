"""What each flag does, in a line."""

from __future__ import annotations

FLAGS = {
    # Values
    "pixels": "像素",
    "words": "文字",
    "raw or NAME": "raw 或名称",
    ".25, .5, 1, 2 or 4": ".25、.5、1、2 或 4",
    "low or high": "low 或 high",
    "1, 2 or 4": "1、2 或 4",
    # Effects
    "Shape of the picture, from 1:14 to 14:1.": "图片的宽高比，从 1:14 到 14:1。",
    "Exact size of the picture in pixels.": "图片的确切尺寸，以像素计。",
    "Exact width in pixels.": "确切的宽度，以像素计。",
    "Exact height in pixels.": "确切的高度，以像素计。",
    "Twice the side, in two stages.": "边长加倍，分两个阶段绘制。",
    "The model's own size, in one stage.": "模型自身的尺寸，一个阶段完成。",
    "A second stage at so many times the side.": "第二阶段把边长放大到这么多倍。",
    "What --hires, --hd and the Upscale buttons enlarge with.": "--hires、--hd 和放大按钮用什么来放大。",
    "Opposite edges fit, so that the picture tiles.": "对边可以衔接，图片能够无缝平铺。",
    "A quick sketch: few steps, small pictures.": "快速草图：步数少，图片小。",
    "Pictures in the grid; normally 4.": "网格中的图片数；通常为 4。",
    "So many jobs of the same prompt, as far as your allowance goes.": (
        "用同一提示词生成这么多个任务，以你的额度为限。"
    ),
    "Starting noise. The same prompt and seed give the same picture.": (
        "初始噪声。相同的提示词和种子得到相同的图片。"
    ),
    "All pictures of the grid start from one noise.": "网格中的所有图片从同一噪声开始。",
    "How far the pictures of the grid differ; normally 0.": "网格中各图片差别的大小；通常为 0。",
    "How far to go away from the ordinary; normally 0.": "偏离寻常的程度；通常为 0。",
    "What to keep out of the picture; separate several with commas.": (
        "不要出现在图片中的内容；多项用逗号分隔。"
    ),
    "How strong the house style is; 0 is none.": "本服务器风格的强度；0 表示不用。",
    "No house style, only your words.": "不用本服务器的风格，只按你的文字绘制。",
    "A style saved on this server, or raw for none.": "本服务器保存的风格，raw 表示不用。",
    "More detail and contrast; normally 0.": "更多细节和对比；通常为 0。",
    "Which model draws.": "由哪个模型绘制。",
    "The model for anime that this server calls niji.": "本服务器称为 niji 的动漫模型。",
    "Steps times this factor: more time for more care.": "步数乘以这个倍数：用更多时间换取更细致的结果。",
    "Denoising steps, exactly.": "确切的去噪步数。",
    "Stops after that many percent of the steps, for a softer picture.": (
        "完成这么多百分比的步数后停止，画面更柔和。"
    ),
    "Guidance scale: how strictly the picture follows the prompt.": (
        "引导强度：图片遵循提示词的严格程度。"
    ),
    "The way noise is turned into a picture.": "把噪声变成图片的方法。",
    "Which layer of the text encoder is used, counted from the last; normally 1.": (
        "使用文本编码器的哪一层，从最后一层数起；通常为 1。"
    ),
    "Weight of the pictures given with the prompt; normally 1.": (
        "随提示词提供的图片的权重；通常为 1。"
    ),
    "The picture to start from.": "作为起点的图片。",
    "How far the picture to start from may change.": "作为起点的图片可以改变的程度。",
    "Pictures whose style to follow.": "要仿照其风格的图片。",
    "Weight of --sref; normally 100.": "--sref 的权重；通常为 100。",
    "A picture of the character to draw.": "要绘制的角色的图片。",
    "Weight of --cref; normally 100.": "--cref 的权重；通常为 100。",
    "A picture of the person or thing to draw.": "要绘制的人或物的图片。",
    "Weight of --oref; normally 100.": "--oref 的权重；通常为 100。",
    "Pictures to change as the prompt says.": "要按提示词修改的图片。",
    "An adapter of the model, with its weight from -2 to 2.": "模型的适配器及其权重，从 -2 到 2。",
    "A word that the model was taught later.": "模型后来学会的词。",
    "A picture whose lines, depth or pose to follow.": "要遵循其线条、深度或姿势的图片。",
    "Weight of --control; normally 1.": "--control 的权重；通常为 1。",
    "Your own style, or one by its code.": "你自己的风格，或用代码指定的风格。",
    "Another decoder for the model.": "模型使用的另一个解码器。",
    "A video instead of pictures.": "生成视频而不是图片。",
    "How much moves in a video.": "视频中动作的多少。",
    "A video that ends where it begins.": "首尾相接的视频。",
    "The last picture of a video.": "视频的最后一幅画面。",
    "Videos of one prompt.": "同一提示词的视频数。",
    "How far to zoom out of a picture.": "把图片拉远的倍数。",
    "Fast lane of the queue.": "快速队列。",
    "Turbo lane: a little ahead of the others.": "turbo 队列：比其他任务稍微靠前。",
    "Relaxed lane: waits until the fast one is empty.": "relax 队列：等快速队列清空后再绘制。",
    "Anyone in the server may see it in the gallery.": "服务器中的任何人都可以在图库中看到。",
    "Kept out of galleries.": "不出现在图库中。",
}
