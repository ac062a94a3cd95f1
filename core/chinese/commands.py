"""What Discord shows of the commands, and /help."""

from __future__ import annotations

COMMANDS = {
    # For members
    "Make a picture from words": "用文字生成图片",
    "What to make, with flags such as --ar 3:2": "要画什么，可加参数，例如 --ar 3:2",
    "Which model makes it": "由哪个模型绘制",
    "A picture to start from": "作为起点的图片",
    "What Easel can do": "Easel 能做什么",
    "Your jobs that wait or run; cancel them or move them to relax": (
        "你排队或运行中的任务；可取消或移到 relax"
    ),
    "What you have left here, and when it renews": "你在这里剩余的额度及恢复时间",
    "What the chart shows": "图表显示的时间段",
    "the last 24 hours": "最近 24 小时",
    "the last 7 days": "最近 7 天",
    "the last 30 days": "最近 30 天",
    "the last 13 weeks": "最近 13 周",
    "the last 12 months": "最近 12 个月",
    # /quota
    "Who may use how much on this server": "谁可以在本服务器用多少",
    "Set limits for everybody, a role, a channel or a person": (
        "为所有人、身份组、频道或个人设置限制"
    ),
    "For everybody with this role; nobody named: for everybody": (
        "对该身份组的所有人；不指定则对所有人"
    ),
    "For this person alone; goes before all others": "只对此人；优先于其他规则",
    "For this channel; narrows what members have": "对本频道；进一步限制成员",
    "GPU minutes in each period": "每个周期的 GPU 分钟数",
    "Pictures in each period": "每个周期的图片数",
    "The period, in the server's time zone": "周期，按服务器的时区计算",
    "Jobs of one member that run at once": "单个成员可同时运行的任务数",
    "Jobs of one member that may wait": "单个成员可排队的任务数",
    "Largest picture; 1024×1024 is 1.05": "最大的图片；1024×1024 为 1.05",
    "Most steps of a job": "单个任务的最多步数",
    "Most jobs that one command may make": "单条命令最多产生的任务数",
    "Allowed models, with commas between": "允许的模型，用逗号分隔",
    "Allowed lanes of the queue": "允许的队列",
    "Whether private pictures (--stealth) are allowed": "是否允许私密图片（--stealth）",
    "Relaxed jobs are free, and jobs beyond the amounts are made relaxed": (
        "relax 任务免费，超出额度的任务改为 relax"
    ),
    "Say of one limit that there is none": "取消某一项限制",
    "Take back what is set, so that the lines below count again": (
        "撤回设置，以更低一级的规则为准"
    ),
    "GPU minutes": "GPU 分钟",
    "models": "模型",
    "lanes": "队列",
    "relaxed when used up": "用完后改为 relax",
    "everything": "全部",
    "What is set here, with charts of what was used": "这里的设置，附用量图表",
    "What this person may do and has left": "此人可以做什么、还剩多少",
    "Give an extra on top of the limits, once": "在限制之外一次性给予额外额度",
    "How many": "数量",
    "Of what": "单位",
    "For this person": "对此人",
    "For this channel": "对本频道",
    "For each member with this role; nobody named: for each member of the server": (
        "对该身份组的每个成员；不指定则对服务器的每个成员"
    ),
    "Until when it can be used: 12h, 3d, 2w or forever": "有效期：12h、3d、2w 或 forever",
    "What was used until now counts no more": "此前的用量不再计算",
    "What everybody used, as a file for a spreadsheet": "所有人的用量，导出为表格文件",
    "How many days back": "往前多少天",
    "Who changed what, and when": "谁在何时更改了什么",
    "When the days of this server begin": "本服务器的一天从何时开始",
    "Such as Europe/Berlin": "例如 Asia/Shanghai",
    "A role whose members may use these commands too": "其成员也可以使用这些命令的身份组",
    "Leave it out to have none": "不填则没有",
    # /server
    "Run Easel on this server": "管理本服务器上的 Easel",
    "What waits and runs on this server": "本服务器上排队和运行的任务",
    "What runs is finished, what waits is left waiting": "运行中的会完成，排队的继续等待",
    "Nothing new is taken, what waits is made": "不接受新任务，排队的会完成",
    "Ends a pause or a drain": "结束暂停或停收",
    "Shut somebody out from making pictures here": "禁止某人在这里制作图片",
    "Who; what they have waiting here is cancelled": "谁；其在这里排队的任务会被取消",
    "Let somebody make pictures here again": "让某人又可以在这里制作图片",
    "Who": "谁",
    "Cancel what waits on this server; it is refunded": "取消本服务器排队的任务；额度会退还",
    "Only what this person has waiting": "只取消此人排队的任务",
    "Flags that count in every prompt here": "对这里每条提示词生效的参数",
    "Flags that count where a member says nothing else": "成员未另行指定时生效的参数",
    "Such as --ar 3:2; leave it out to have none": "例如 --ar 3:2；不填则没有",
    "Flags that count whatever a member says": "无论成员怎么写都生效的参数",
    "Such as --relax; leave it out to have none": "例如 --relax；不填则没有",
    "The flags that are set here": "这里设定的参数",
    # /prefer and /style
    "What counts in all of your prompts": "对你所有提示词生效的设置",
    "Short names for words and flags": "文字和参数的简称",
    "Delete a saved option": "删除一个已保存的选项",
    "Your saved options and your suffix": "你保存的选项和后缀",
    "Save words and flags under a name, used as --name": "用一个名称保存文字和参数，以 --名称 使用",
    "What you will type, such as film": "你要输入的名称，例如 film",
    "What it stands for": "它代表什么",
    "Flags for all of your prompts": "用于你所有提示词的参数",
    "Such as --relax --ar 3:2; leave it out to have none": "例如 --relax --ar 3:2；不填则没有",
    "Looks that members of this server can use": "本服务器成员可以使用的风格",
    "Which one": "哪一个",
    "Which one; none for none": "哪一个；none 表示不用",
    "Delete a style": "删除一个风格",
    "The style used unless a member asks for another": "成员未另行要求时使用的风格",
    "The styles saved here": "这里保存的风格",
    "Save a look of words, a picture, or both": "用文字、图片或两者保存一种风格",
    "How members will call it: --style NAME": "成员使用时的名称：--style NAME",
    "The words that make the look": "构成风格的文字",
    "A picture that shows it": "展示它的图片",
    "The words and the picture of a style": "某个风格的文字和图片",
    # /help
    "A flag, a button or a command, such as --chaos": "某个参数、按钮或命令，例如 --chaos",
    "There is no flag, button or command “{topic}”. Try {names}.": (
        "没有名为“{topic}”的参数、按钮或命令。试试 {names}。"
    ),
    "Tells all about the picture, and draws what it was made from and into.": "说明这张图片的全部信息，并画出它的来源和衍生图片。",
    "Opens the prompt of the picture, and makes what it has become.": "打开图片的提示词，按修改后的内容生成。",
    "Sends you the originals, with their seeds, as direct messages.": "以私信把原图和种子发给你。",
    "Tells the admins of the server what is wrong with the picture.": "告诉服务器管理员这张图片有什么问题。",
    "Cancels a job that waits or runs; deletes the pictures of one that is done.": "取消等待或运行中的任务；删除已完成任务的图片。",
    "Likes all pictures of the message, until the star is taken back.": "喜欢这条消息的所有图片，直到收回星星。",
    "Posts one picture of a grid on its own, at once and free.": "单独发布网格中的一张图片，立即且免费。",
    "Makes a grid of variations of that picture, as far from it as /settings says.": (
        "生成该图片的变体网格，变化幅度由 /settings 决定。"
    ),
    "Makes the same once more, from another seed.": "用另一个种子再生成一次。",
    "Stops a job while it waits or runs; what was not computed is refunded.": (
        "停止排队或运行中的任务；未计算的部分会退还。"
    ),
    "Makes a grid of variations that stay near to the picture.": "生成贴近原图的变体网格。",
    "Makes a grid of variations that go far from the picture.": "生成远离原图的变体网格。",
    "Doubles both sides of the picture and keeps what is in it.": "把图片的两边放大一倍，保留内容。",
    "Doubles both sides of the picture and invents detail.": "把图片的两边放大一倍，并添加细节。",
    "Paints a part of the picture anew: numbered cells, a part named in words, or a mask.": (
        "重画图片的一部分：编号的格子、用文字说明的部分，或蒙版。"
    ),
    "Shrinks the picture and paints around it; the size stays.": "缩小图片并在周围继续绘制；尺寸不变。",
    "Paints on at the short sides until the picture is square.": "在短边继续绘制，直到图片成为方形。",
    "Paints on at one side; the picture grows by half.": "在一侧继续绘制；图片增大一半。",
    "Makes a draft whole: all steps, full size.": "把草稿画完整：全部步数，完整尺寸。",
    "Likes the picture, or takes that back. Each member has their own likes.": (
        "喜欢这张图片，或收回喜欢。每位成员各有自己的喜欢。"
    ),
    "Opens the prompt, and makes what it has become.": "打开提示词，并按修改后的内容生成。",
    "How finished grids are shown: one picture, or four beside each other": (
        "完成的网格如何显示：一张图片，或四张并排"
    ),
    "Which of the two": "两者之一",
    "one picture": "一张图片",
    "pictures beside each other": "图片并排",
    "Finished grids are shown here as one picture.": "完成的网格在这里显示为一张图片。",
    "Finished grids are shown here as pictures beside each other.": (
        "完成的网格在这里显示为并排的图片。"
    ),
    "First steps": "入门",
    "Shape and number": "形状与数量",
    "Chance": "随机",
    "Look": "外观",
    "Making": "绘制",
    "Pictures as examples": "以图片为例",
    "Parts of a model": "模型部件",
    "Videos": "视频",
    "Queue and gallery": "队列与图库",
    "No model here can.": "这里没有模型支持。",
    "Models that can: {models}.": "支持的模型：{models}。",
    "**/imagine** makes pictures from words: `/imagine a lighthouse at dusk --ar 3:2`": (
        "**/imagine** 用文字生成图片：`/imagine a lighthouse at dusk --ar 3:2`"
    ),
    "Under a grid, **U1**…**U4** post one picture, **V1**…**V4** make variations of one, 🔄 makes the grid again, and **Cancel** stops a job while it waits or runs.": (
        "网格下方的 **U1**…**U4** 发布单张图片，**V1**…**V4** 生成某张的变体，🔄 重新生成网格，**Cancel** 停止排队或运行中的任务。"
    ),
    "Dashes of any length will do; a mistake costs nothing and comes with its mend.": (
        "破折号长短均可；写错不扣额度，并会给出修正。"
    ),
    "Words first, flags after them.": "文字在前，参数在后。",
    "Parts with weights: the hat counts twice.": "带权重的部分：帽子的分量加倍。",
    "Emphasis: that word counts 1.3 times, (red) more, [red] less.": (
        "强调：该词的分量为 1.3 倍，(red) 加强，[red] 减弱。"
    ),
    "One job for each, asked for together; braces may nest.": (
        "每项各产生一个任务，一并提出；花括号可以嵌套。"
    ),
    "Braces that are only letters.": "仅作为字符的花括号。",
    "A picture to start from, where this server takes links.": (
        "作为起点的图片，前提是本服务器接受链接。"
    ),
    # The gallery
    "Who may see in the gallery what is made on this server": "谁可以在画廊中看到本服务器的作品",
    "At most; members can show less of their own": "最多如此；成员可以让自己的作品更少人看到",
    "anybody on the web": "网上任何人",
    "members of this server": "本服务器的成员",
    "only who made it": "只有作者本人",
    "Who may see your pictures in the gallery": "谁可以在画廊中看到你的图片",
    "At most; where a server shows less, that counts": "最多如此；若服务器规定更少，以服务器为准",
    "as the server says": "按服务器的规定",
    "members of the server": "该服务器的成员",
    "only me": "只有我",
    "What is made here from now on is in the gallery for anybody; what was made before stays as it is.": (
        "从现在起，在这里制作的作品会向任何人展示在画廊中；之前的作品保持原样。"
    ),
    "What is made here is in the gallery for the members of this server.": (
        "在这里制作的作品会在画廊中向本服务器的成员展示。"
    ),
    "What is made here is in the gallery for the person who made it alone.": (
        "在这里制作的作品在画廊中只有作者本人能看到。"
    ),
    "Your pictures are in the gallery as each server says, from now on.": (
        "从现在起，你的图片按各服务器的规定展示在画廊中。"
    ),
    "Your pictures are in the gallery for members of their server at most, from now on.": (
        "从现在起，你的图片在画廊中最多向所在服务器的成员展示。"
    ),
    "Your pictures are in the gallery for you alone, from now on.": (
        "从现在起，你的图片在画廊中只有你自己能看到。"
    ),
    "A server shows its pictures to anybody, to its members, or to nobody else.": (
        "服务器可以向任何人、向其成员展示图片，或不向他人展示。"
    ),
    "Your pictures are shown as the server says, or to fewer: its members, or you.": (
        "你的图片按服务器的规定展示，或更少：只给其成员，或只给你自己。"
    ),
    "Delete all that Easel keeps of you": "删除 Easel 保存的你的全部数据",
    "Leave it out to be told first what goes": "省略它，可先了解将删除什么",
    "delete all of it": "全部删除",
    "This deletes all that Easel keeps of you, everywhere: prompts, pictures, likes, collections and settings. It cannot be brought back. What others made of your pictures stays theirs. To do it, send the command again and choose “delete all of it”.": (
        "这将删除 Easel 在所有地方保存的你的全部数据：提示词、图片、点赞、收藏和设置，且无法恢复。"
        "他人用你的图片制作的作品仍归他们所有。若要执行，请再次发送该命令并选择“全部删除”。"
    ),
    "Deleted: {jobs} jobs with {pictures} pictures, and all else that was kept of you.": (
        "已删除：{jobs} 个任务和 {pictures} 张图片，以及保存的与你有关的其他一切。"
    ),
}
