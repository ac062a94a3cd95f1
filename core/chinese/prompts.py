"""What is said of a prompt that cannot be read, and how it is mended."""

from __future__ import annotations

PROMPTS = {
    # The line
    "The prompt has {length} characters; the limit is {most}.": (
        "提示词有 {length} 个字符；上限是 {most} 个。"
    ),
    "Shorten it by {number}.": "请缩短 {number} 个字符。",
    "The prompt has no text.": "提示词没有文字。",
    "Say what to draw, for example: a red lighthouse at sunset.": (
        "请说明要画什么，例如：a red lighthouse at sunset。"
    ),
    "The line has more than {most} flags.": "这一行的参数超过 {most} 个。",
    "Leave some out.": "请去掉一些。",
    "More is wrong with this line than these {most} things.": "这一行的问题不止这 {most} 处。",
    "Mend them first.": "请先修正它们。",
    "“{text}” stands after --{flag}.": "“{text}”写在了 --{flag} 之后。",
    "The line begins with --{flag}.": "这一行以 --{flag} 开头。",
    "Text comes first, flags after it.": "文字在前，参数在后。",
    "The link {link} stands in the text.": "链接 {link} 写在了文字中间。",
    "Links to pictures come first, the text after them.": "图片链接在前，文字在后。",
    # Flags
    "There is no flag --{flag}.": "没有 --{flag} 这个参数。",
    "--{flag} is not a flag here.": "这里没有 --{flag} 这个参数。",
    "Did you mean --{flag}?": "你是想用 --{flag} 吗？",
    "Leave it out; /help lists the flags.": "请去掉它；/help 列出了所有参数。",
    "--{flag} takes no value, but “{value}” is glued to it.": (
        "--{flag} 不带值，后面却紧跟着“{value}”。"
    ),
    "Type --{flag} alone.": "请单独输入 --{flag}。",
    "{one} and {other} exclude each other.": "{one} 和 {other} 不能同时使用。",
    "Keep one of them.": "请保留其中一个。",
    "--{flag} {problem}.": "--{flag} {problem}。",
    "{problem}, not “{value}”": "{problem}，不能是“{value}”",
    "The nearest is --{flag} {value}.": "最接近的是 --{flag} {value}。",
    "Type {usage}.": "请输入 {usage}。",
    "has no value": "没有值",
    "has nothing after it": "后面没有内容",
    # Values
    "goes from {low} to {high}": "的范围是 {low} 到 {high}",
    "takes sides from 1 to {most} pixels": "的边长范围是 1 到 {most} 像素",
    "is one of {values}": "只能是 {values} 之一",
    "needs one of {values} and a link, like canny:https://…": (
        "需要 {values} 之一和一个链接，例如 canny:https://…"
    ),
    "needs a number": "需要一个数字",
    "needs a whole number from {low} to {high}": "需要 {low} 到 {high} 之间的整数",
    "needs two whole numbers like 3:2": "需要两个整数，例如 3:2",
    "needs two whole numbers above zero, like 3:2": "需要两个大于零的整数，例如 3:2",
    "goes from 1:14 to 14:1": "的范围是 1:14 到 14:1",
    "needs a width and a height in pixels, like 768x512": ("需要以像素表示的宽和高，例如 768x512"),
    "needs a name": "需要一个名称",
    "needs a version, like 6, or nothing": "需要一个版本号，例如 6，也可以不填",
    "takes codes of letters and digits, or nothing": "接受由字母和数字组成的代码，也可以不填",
    "needs a link to a picture, like https://example.org/a.png": (
        "需要图片链接，例如 https://example.org/a.png"
    ),
    "takes at most {most} links": "最多接受 {most} 个链接",
    "needs a name, or a name and a weight like name:0.8": (
        "需要一个名称，或名称加权重，例如 name:0.8"
    ),
    "takes links, codes of digits, or random": "接受链接、数字代码或 random",
    "{problem} as a weight": "的权重{problem}",
    # Weights and braces
    "The prompt has {parts} weighted parts; the limit is {most}.": (
        "提示词有 {parts} 个加权部分；上限是 {most} 个。"
    ),
    "Join some of them.": "请合并其中一些。",
    "The weights add up to {sum}; their sum must be above zero.": (
        "权重之和为 {sum}；总和必须大于零。"
    ),
    "Raise a positive weight, or move the unwanted words behind --no.": (
        "请提高某个正权重，或把不想要的内容移到 --no 之后。"
    ),
    "The prompt has no text between its colons.": "提示词的冒号之间没有文字。",
    "Say what to draw.": "请说明要画什么。",
    "The weight {weight} has no text before it.": "权重 {weight} 前面没有文字。",
    "Put words before the colons.": "请在冒号前写上文字。",
    "A brace is opened and not closed.": "有一个左花括号没有闭合。",
    "A brace is closed that was not opened.": "有一个右花括号没有对应的左括号。",
    "Braces stand more than {most} deep.": "花括号嵌套超过 {most} 层。",
    "Type {brace} for one that is only a letter.": "如果它只是普通字符，请输入 {brace}。",
    # Flags of old
    "The U buttons under a grid give you one picture.": "请用网格下方的 U 按钮取得单张图片。",
    "Choose a model with --model.": "请用 --model 选择模型。",
    "There is one way of drawing here; leave it out.": "这里只有一种绘制方式；请去掉它。",
    "Say the look in words.": "请用文字描述想要的风格。",
    "Use --quality 2.": "请用 --quality 2。",
    "Use --draft.": "请用 --draft。",
    "Use --chaos for pictures that differ more, or --weird.": (
        "想让图片差别更大，请用 --chaos 或 --weird。"
    ),
    "Use --height, with --width beside it; --w is --weird.": (
        "请用 --height，并配上 --width；--w 是 --weird 的简写。"
    ),
    "Use --ar 16:9 --hd.": "请用 --ar 16:9 --hd。",
    "Use --size 320x256.": "请用 --size 320x256。",
    "Use --size 448x320.": "请用 --size 448x320。",
    "Use --size 768x512.": "请用 --size 768x512。",
    "Use --size 256x320.": "请用 --size 256x320。",
    "Use --size 320x448.": "请用 --size 320x448。",
    "Use --size 512x768.": "请用 --size 512x768。",
    "Style references have one version here; leave it out.": (
        "这里的风格参考只有一个版本；请去掉它。"
    ),
    # Saved options
    "“{name}” cannot be the name of an option: it has 1 to 32 letters a to z, digits and hyphens, and begins with a letter.": (
        "“{name}”不能作为选项名：选项名由 1 到 32 个字母 a 到 z、数字和连字符组成，并以字母开头。"
    ),
    "--{name} is a flag of Easel; choose another name for your option.": (
        "--{name} 是 Easel 的参数；请为你的选项另取一个名字。"
    ),
    "You have {count} saved options already; delete one first.": (
        "你已保存 {count} 个选项；请先删除一个。"
    ),
    "You have no saved option “{name}”.": "你没有保存过“{name}”这个选项。",
    "Braces stand for several prompts, and can only be typed in one.": (
        "花括号代表多条提示词，只能写在提示词里。"
    ),
    "--{flag} is about one command, and cannot be kept for all.": (
        "--{flag} 只针对单条命令，不能保存给所有命令使用。"
    ),
    "Leave it out.": "请去掉它。",
    "“{words}” is no flag.": "“{words}”不是参数。",
    "Only flags can be kept here.": "这里只能保存参数。",
    "Beside what you typed, this counts: {flags}.": "除了你输入的内容，还会加上：{flags}。",
    "It comes from your settings, your suffix or this server.": "它来自你的设置、你的后缀或本服务器。",
    "The flags that this server forces cannot be read any more.": "本服务器强制使用的参数已无法识别。",
    "Tell its admins: /server flags forced sets others.": (
        "请告知管理员：用 /server flags forced 设置其他参数。"
    ),
    "That names {count} pictures to start from, and a grid starts from one.": (
        "这里指定了 {count} 张作为起点的图片，而一个网格只能从一张开始。"
    ),
    "Leave out the others.": "请去掉其余的。",
    # What the chosen model and this server allow
    "There is no model called “{name}” here. Did you mean {model}?": (
        "这里没有叫“{name}”的模型。你是想用 {model} 吗？"
    ),
    "The model “{name}” paints parts of pictures and draws none from words; use {models}.": (
        "模型“{name}”只能重绘已有图片的局部，不能凭文字作画；请使用 {models}。"
    ),
    "There is no model called “{name}” here. Use {models}.": (
        "这里没有叫“{name}”的模型。可用的有 {models}。"
    ),
    "Version {version} is not among the models here: {models}.": (
        "这里的模型中没有版本 {version}：{models}。"
    ),
    "Use --model {model}.": "请用 --model {model}。",
    "There is no style called “{style}” here.": "这里没有叫“{style}”的风格。",
    "The nearest is --style {style}.": "最接近的是 --style {style}。",
    "The styles are {styles}.": "可用的风格有 {styles}。",
    "There is no upscaler called “{name}” here.": "这里没有叫“{name}”的放大模型。",
    "The nearest is --upscaler {name}.": "最接近的是 --upscaler {name}。",
    "The upscalers are {names}.": "可用的放大模型有 {names}。",
    "None is saved on this server; leave it out.": "本服务器没有保存任何风格；请去掉它。",
    "{model} has no house style for --stylize to weigh.": (
        "{model} 没有可供 --stylize 调节的风格。"
    ),
    "{model} cannot do {flags}.": "{model} 不支持 {flags}。",
    "--lora names “{adapter}” twice.": "--lora 写了两次“{adapter}”。",
    "Name it once.": "写一次就够了。",
    "A picture takes {most} adapters at most.": "一张图片最多用 {most} 个适配器。",
    "There is no adapter called “{adapter}” here.": "这里没有叫“{adapter}”的适配器。",
    "The nearest: {adapters}.": "最接近的是：{adapters}。",
    "There are: {adapters}.": "这里有：{adapters}。",
    "{model} cannot use the adapter “{adapter}”.": "{model} 不能用适配器“{adapter}”。",
    "No model here can; leave it out.": "这里没有模型能用，请去掉它。",
    "{adapter} for {models}": "{adapter}（用于 {models}）",
    "{adapter} for no model here": "{adapter}（这里没有能用它的模型）",
    "{adapter} for {models}, knows {words}": "{adapter}（用于 {models}，认得 {words}）",
    "and {count} more": "还有 {count} 个",
    (
        "The adapter “{adapter}” is not here for {model} any more; remix the prompt and leave "
        "--lora out."
    ): "{model} 的适配器“{adapter}”已经不在这里了；请用混编修改提示词，去掉 --lora。",
    "Of the models here, {models} can.": "这里支持它的模型有 {models}。",
    "No model here can do {flags}.": "这里没有模型支持 {flags}。",
    "Leave --{flag} out.": "请去掉 --{flag}。",
    "Leave {flags} out.": "请去掉 {flags}。",
    "Leave --stylize out.": "请去掉 --stylize。",
    "{model} takes {least} to {most} steps, not {steps}.": (
        "{model} 接受 {least} 到 {most} 步，不能是 {steps} 步。"
    ),
    "The nearest is --steps {steps}.": "最接近的是 --steps {steps}。",
    "{width}×{height} is {area} megapixels; the limit here is {most}.": (
        "{width}×{height} 为 {area} 百万像素；这里的上限是 {most} 百万像素。"
    ),
    "{model} draws sides of {least} pixels or more in steps of {step}, not {width}×{height}.": (
        "{model} 的边长至少为 {least} 像素，并且是 {step} 的倍数，不能是 {width}×{height}。"
    ),
    "The nearest is --size {width}x{height}.": "最接近的是 --size {width}x{height}。",
    "{width}×{height} is longer than 14:1.": "{width}×{height} 超过了 14:1。",
    "Choose sides that are nearer to each other.": "请选择更接近的边长。",
    "Choose a smaller model.": "请选择更小的模型。",
    "Add --draft or choose a smaller model.": "请加上 --draft，或选择更小的模型。",
    "Links to pictures are not followed here.": "这里不通过链接获取图片。",
    "Send the picture with the command.": "请随命令发送图片。",
    "--{flag} needs a picture to start from.": "--{flag} 需要一张作为起点的图片。",
    "Send one with the command, or leave --{flag} out.": "请随命令发送一张，或去掉 --{flag}。",
    "{flag} leaves no style for {other} to weigh.": "{flag} 不用任何风格，{other} 没有可调节的风格。",
}
