"""What is said of pictures that members bring, and of making them."""

from __future__ import annotations

PICTURES = {
    "That picture could not be read. Save it as a plain PNG or JPEG and send that.": (
        "无法读取那张图片。请另存为普通的 PNG 或 JPEG 再发送。"
    ),
    "That file is not a picture Easel can read. Send a PNG, JPEG, WebP or GIF.": (
        "Easel 无法读取那个文件，它不是图片。请发送 PNG、JPEG、WebP 或 GIF 图片。"
    ),
    "That picture has more than {most} megapixels. Send a smaller one.": (
        "那张图片超过 {most} 百万像素。请发送更小的图片。"
    ),
    "That picture is damaged and cannot be read. Save it anew and send that.": (
        "那张图片已损坏，无法读取。请重新保存后再发送。"
    ),
    "That picture takes too long to read. Save it as a plain PNG or JPEG.": (
        "读取那张图片花的时间太长。请另存为普通的 PNG 或 JPEG。"
    ),
    # Links
    "The picture's address cannot be read. Copy it again.": "无法识别图片地址。请重新复制。",
    "That address leads on more than {hops} times. Use the last one.": (
        "那个地址跳转超过 {hops} 次。请使用最终的地址。"
    ),
    "That picture has more than {most:g} MiB. Send a smaller one.": (
        "那张图片超过 {most:g} MiB。请发送更小的图片。"
    ),
    "The picture's host is not on the public internet. Attach the picture instead.": (
        "图片所在的主机不在公共互联网上。请改为上传图片附件。"
    ),
    "The picture's address holds a name or a password. Leave out all before the @.": (
        "图片地址中含有用户名或密码。请去掉 @ 之前的全部内容。"
    ),
    "A picture's address must begin with https://.": "图片地址必须以 https:// 开头。",
    "The picture's address names the port {port}. Leave it out.": (
        "图片地址指定了端口 {port}。请去掉端口。"
    ),
    "The picture's address must name its host in words, such as {example}.": (
        "图片地址必须用域名指明主机，例如 {example}。"
    ),
    "Pictures are not taken from {host} here. Attach the picture, or post it on Discord and copy the link to it there.": (
        "这里不从 {host} 获取图片。请上传图片附件，或把图片发到 Discord 后复制那里的链接。"
    ),
    "There is no picture at that address, or not for Easel. Links to files on Discord end after a day: copy it again, or attach the picture.": (
        "那个地址没有图片，或不对 Easel 开放。Discord 的文件链接一天后失效：请重新复制，或上传图片附件。"
    ),
    "The picture's host answered {status} instead of sending it. Try again, or attach the picture instead.": (
        "图片所在的主机没有发送图片，而是返回了 {status}。请再试一次，或改为上传图片附件。"
    ),
    "That is the address of a page. Copy the address of the picture itself.": (
        "那是网页的地址。请复制图片本身的地址。"
    ),
    "The picture's host sends it packed. Attach the picture instead.": (
        "图片所在的主机以压缩形式发送图片。请改为上传图片附件。"
    ),
    "The picture's host did not hand it over within {seconds:g} seconds. Try again, or attach the picture instead.": (
        "图片所在的主机没有在 {seconds:g} 秒内发来图片。请再试一次，或改为上传图片附件。"
    ),
    "The picture's host cannot be reached, or broke off. Try again, or attach the picture instead.": (
        "无法连接图片所在的主机，或连接中断。请再试一次，或改为上传图片附件。"
    ),
    # Making them
    "Easel tried {count} times.": "Easel 试了 {count} 次。",
    "The model “{model}” cannot start from a picture.": "模型“{model}”不能以图片为起点。",
    "The model “{model}” needs more memory than there is; nothing was charged. Tell the operator.": (
        "模型“{model}”所需的内存超出现有容量；没有扣除任何额度。请告知运营者。"
    ),
    "The model “{model}” cannot be loaded from “{source}”: its files are incomplete or do not fit together; download the model again.": (
        "无法从“{source}”加载模型“{model}”：它的文件不完整或互不匹配；请重新下载模型。"
    ),
    "The worker that makes the pictures does not start ({reason}); nothing was charged. Tell the operator.": (
        "制作图片的进程无法启动（{reason}）；没有扣除任何额度。请告知运营者。"
    ),
    "The worker that makes the pictures stopped in the middle ({ended}); nothing was charged.": (
        "制作图片的进程中途停止了（{ended}）；没有扣除任何额度。"
    ),
    "The worker that makes the pictures fell silent, so it was stopped; nothing was charged.": (
        "制作图片的进程没有响应，已被停止；没有扣除任何额度。"
    ),
    "The worker that makes the pictures said something unreadable, so it was stopped; nothing was charged.": (
        "制作图片的进程发来了无法识别的内容，已被停止；没有扣除任何额度。"
    ),
    "The worker that makes the pictures had to be stopped because of another picture; nothing was charged.": (
        "因为另一张图片，制作图片的进程只得停止；没有扣除任何额度。"
    ),
    "The picture was stopped; nothing was charged.": "图片已停止制作；没有扣除任何额度。",
    "The picture took longer than the {seconds:g} seconds allowed, so it was stopped; nothing was charged.": (
        "图片制作超过了允许的 {seconds:g} 秒，已被停止；没有扣除任何额度。"
    ),
    "The sampler “{name}” does not fit the model “{model}”; it has {samplers}. Nothing was charged.": (
        "采样器“{name}”不适用于模型“{model}”；可用的有 {samplers}。没有扣除任何额度。"
    ),
    "The sampler “{name}” does not fit the model “{model}”; leave --sampler out. Nothing was charged.": (
        "采样器“{name}”不适用于模型“{model}”；请去掉 --sampler。没有扣除任何额度。"
    ),
    "The model “{model}” can leave out {most} layers of its text encoder at most; use --clip-skip {value} or less. Nothing was charged.": (
        "模型“{model}”最多可以略过文本编码器的 {most} 层；请用 --clip-skip {value} 或更小的值。没有扣除任何额度。"
    ),
    # Upscalers
    "There is no upscaler called “{name}” here any more; nothing was charged.": (
        "这里不再有叫“{name}”的放大模型；没有扣除任何额度。"
    ),
    "The upscaler “{name}” cannot be loaded from “{source}”: {what}": (
        "无法从“{source}”加载放大模型“{name}”：{what}"
    ),
    "The upscaler “{name}” is not on this machine: there is no file “{source}”; correct it under [upscalers] in models.toml.": (
        "这台机器上没有放大模型“{name}”：文件“{source}”不存在；请在 models.toml 的 [upscalers] 中更正。"
    ),
    "The upscaler “{name}” needs more memory than there is; nothing was charged. Tell the operator.": (
        "放大模型“{name}”需要的内存超过了现有的内存；没有扣除任何额度。请告知运营者。"
    ),
    "The upscaler “{name}” needs spandrel, which is not installed here; the operator adds it with: pip install 'easel[upscale]'": (
        "放大模型“{name}”需要 spandrel，而这里没有安装；运营者可以这样添加：pip install 'easel[upscale]'"
    ),
    "The upscaler “{name}” needs spandrel, which does not start here; the operator finds why in the worker's log.": (
        "放大模型“{name}”需要 spandrel，而它在这里无法启动；运营者可以在工作进程的日志中找到原因。"
    ),
    "the file is damaged or cut short; download it again.": "文件已损坏或不完整；请重新下载。",
    "its files are incomplete or do not fit together; download them again.": (
        "它的文件不完整或互不匹配；请重新下载。"
    ),
    "it is of no kind that spandrel knows; use a model of the ESRGAN family.": (
        "spandrel 不认识这种模型；请使用 ESRGAN 一类的模型。"
    ),
    "it is of the kind {kind} and draws nothing larger; use one that does.": (
        "它属于 {kind} 类，不能放大图片；请换一个能放大的。"
    ),
    "it takes {taken} and gives {given} channels of colour instead of 3; use another.": (
        "它接收 {taken} 个、给出 {given} 个颜色通道，而不是 3 个；请换一个。"
    ),
    "it is a {kind}, which draws nothing larger; use one of {kinds}.": (
        "它是 {kind}，不能放大图片；请使用 {kinds} 之一。"
    ),
    "its denoiser takes {taken} channels instead of {wanted}; use another.": (
        "它的去噪器接收 {taken} 个通道，而不是 {wanted} 个；请换一个。"
    ),
    "what it draws is no picture; download it again or use another.": (
        "它画出的不是图片；请重新下载或换一个。"
    ),
    "--clip-skip does not work with the model “{model}”; leave it out. Nothing was charged.": (
        "--clip-skip 不适用于模型“{model}”；请去掉它。没有扣除任何额度。"
    ),
    "The prompt is longer than the model “{model}” can read; left out is all from “{words}” on.": (
        "提示词超过了模型“{model}”能读取的长度；从“{words}”起的内容被略去。"
    ),
    "{flag} does not work with the model “{model}”: its words cannot be moved. Leave {flag} out. Nothing was charged.": (
        "{flag} 不适用于模型“{model}”：无法移动它的文字。请去掉 {flag}。没有扣除任何额度。"
    ),
    "The adapter “{adapter}” cannot be loaded from “{source}”: {what}": (
        "适配器“{adapter}”无法从“{source}”载入：{what}"
    ),
    (
        "The model “{model}” takes no adapters; leave --lora out or use another model. "
        "Nothing was charged."
    ): "模型“{model}”不能用适配器；请去掉 --lora 或换用其他模型。没有扣除任何额度。",
    (
        "The model “{model}” takes no adapters while it is held in little memory; leave "
        "--lora out or use another model. Nothing was charged."
    ): "模型“{model}”在小内存模式下不能用适配器；请去掉 --lora 或换用其他模型。没有扣除任何额度。",
    (
        "The adapter “{adapter}” is not here for the model “{model}” any more; leave "
        "it out. Nothing was charged."
    ): "模型“{model}”的适配器“{adapter}”已经不在这里了；请去掉它。没有扣除任何额度。",
    "picture to start from": "作为起点的图片",
    "picture of this style": "这个风格的图片",
    "mask": "蒙版",
    (
        "The model “{model}” paints parts of pictures and draws none from words; use another one. "
        "Nothing was charged."
    ): "模型“{model}”只能重绘已有图片的局部，不能凭文字作画；请换用其他模型。没有扣除任何额度。",
    (
        "The model “{model}”, which paints parts of pictures, cannot keep anything out of them; "
        "leave --no and negative weights out. Nothing was charged."
    ): "负责重绘局部的模型“{model}”无法排除任何内容；请去掉 --no 和负权重。没有扣除任何额度。",
    "The model “{model}” cannot paint a part of a picture; use another one. Nothing was charged.": (
        "模型“{model}”无法重绘图片的一部分；请换用其他模型。没有扣除任何额度。"
    ),
    "The {what} is no longer there; nothing was charged.": "{what}已不存在；没有扣除任何额度。",
    "The {what} is not a PNG, JPEG or WebP file; nothing was charged.": (
        "{what}不是 PNG、JPEG 或 WebP 文件；没有扣除任何额度。"
    ),
    "The {what} is damaged and cannot be read; nothing was charged.": (
        "{what}已损坏，无法读取；没有扣除任何额度。"
    ),
    "The {what} has {width} x {height} pixels; at most {most} megapixels can be read. Nothing was charged.": (
        "{what}有 {width} x {height} 像素；最多能读取 {most} 百万像素。没有扣除任何额度。"
    ),
    "The model “{model}” cannot start from a picture, as --hires and --hd need it to; leave them out or use another model. Nothing was charged.": (
        "模型“{model}”不能以图片为起点，而 --hires 和 --hd 需要这样做；请去掉它们或换用其他模型。没有扣除任何额度。"
    ),
    "The model “{model}” takes neither --exp nor a picture as its style; leave them out. Nothing was charged.": (
        "模型“{model}”既不支持 --exp，也不能以图片作为风格；请去掉它们。没有扣除任何额度。"
    ),
    "The model “{model}” cannot take its style from a picture; leave --style out or use --raw. Nothing was charged.": (
        "模型“{model}”不能从图片取得风格；请去掉 --style 或使用 --raw。没有扣除任何额度。"
    ),
    "--tile needs a model that draws with convolutions, and “{model}” is a transformer; use {others}. Nothing was charged.": (
        "--tile 需要用卷积绘制的模型，而“{model}”是 transformer；请用 {others}。没有扣除任何额度。"
    ),
    "--tile needs a model that draws with convolutions, and “{model}” is a transformer; leave --tile out. Nothing was charged.": (
        "--tile 需要用卷积绘制的模型，而“{model}”是 transformer；请去掉 --tile。没有扣除任何额度。"
    ),
}
