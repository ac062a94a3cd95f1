"""What members type, and what is understood.

The lines are the habits people bring from Midjourney: dashes a phone made long, values glued to
their flags, commas after them, flags in the middle, words in any script.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import EaselError, PromptError
from core.flags import BY_SPELLING, FLAGS
from core.legacy import REPLACED
from core.prompt import MAX_FLAGS, MAX_PROBLEMS, Prompt, parse
from core.request import Part
from core.row import Takes
from core.weights import MAX_PARTS
from core.words import LIMIT

EULER_A = "euler-a"


def read(line: str) -> tuple[str, dict[str, Any]]:
    prompt = parse(line)
    avoid = {"no": prompt.avoid} if prompt.avoid else {}
    return prompt.text, {**prompt.flags, **avoid}


def refusal(line: str, **how: Any) -> PromptError:
    with pytest.raises(PromptError) as caught:
        parse(line, **how)
    return caught.value


READINGS: list[tuple[str, str, dict[str, Any]]] = [
    # Plain
    ("a red lighthouse at sunset", "a red lighthouse at sunset", {}),
    ("  two   spaces\tand a tab ", "two spaces and a tab", {}),
    ("a lighthouse --ar 3:2", "a lighthouse", {"ar": (3, 2)}),
    ("a lighthouse --ar 3:2 --seed 7 --n 2", "a lighthouse", {"ar": (3, 2), "seed": 7, "n": 2}),
    ("a lighthouse --seed 7\n--draft\n", "a lighthouse", {"seed": 7, "draft": True}),
    ("fox --steps 30 --cfg 7.5", "fox", {"steps": 30, "cfg": 7.5}),
    # Dashes
    ("phone made it long —ar 3:2", "phone made it long", {"ar": (3, 2)}),
    ("phone made it short –ar 3:2", "phone made it short", {"ar": (3, 2)}),
    ("long dashes—ar 3:2", "long dashes", {"ar": (3, 2)}),
    ("two long ones ——ar 3:2", "two long ones", {"ar": (3, 2)}),
    ("three hyphens ---ar 3:2", "three hyphens", {"ar": (3, 2)}),
    ("minus signs −−ar 3:2", "minus signs", {"ar": (3, 2)}),
    ("hyphens that do not break ‑‑ar 3:2", "hyphens that do not break", {"ar": (3, 2)}),
    ("full-width －－ar 3:2", "full-width", {"ar": (3, 2)}),
    ("gaps - - ar 3:2", "gaps", {"ar": (3, 2)}),
    ("gap behind -- ar 3:2", "gap behind", {"ar": (3, 2)}),
    ("gap behind a long one — ar 3:2", "gap behind a long one", {"ar": (3, 2)}),
    ("gap and no hats - - no hats", "gap and no hats", {"no": ("hats",)}),
    ("one hyphen -ar 3:2 -s 50 -chaos5", "one hyphen", {"ar": (3, 2), "stylize": 50, "chaos": 5}),
    # Dashes that are only punctuation
    ("plan -b 5 -s high -r2 -5 -ar", "plan -b 5 -s high -r2 -5 -ar", {}),
    ("a cat — seedy alley", "a cat — seedy alley", {}),
    ("a garden — no people", "a garden — no people", {}),
    ("a car — fast and loud", "a car — fast and loud", {}),
    ("a car -- fast and loud", "a car -- fast and loud", {}),
    ("the street—no, the alley", "the street—no, the alley", {}),
    ("a man —portrait, 1950s", "a man —portrait, 1950s", {}),
    ("well-known --2 times-- and --", "well-known --2 times-- and --", {}),
    ("a woman - portrait - noir", "a woman - portrait - noir", {}),
    # Glued
    ("poppies--ar 2:3", "poppies", {"ar": (2, 3)}),
    ("poppies--ar2:3--seed7--draft", "poppies", {"ar": (2, 3), "seed": 7, "draft": True}),
    ("poppies --ar16:9", "poppies", {"ar": (16, 9)}),
    ("poppies --seed7 --n2", "poppies", {"seed": 7, "n": 2}),
    ("poppies --q.5", "poppies", {"quality": 0.5}),
    ("poppies --ar=3:2", "poppies", {"ar": (3, 2)}),
    ("poppies --ar = 3:2", "poppies", {"ar": (3, 2)}),
    ("poppies --ar:3:2", "poppies", {"ar": (3, 2)}),
    ("poppies --v6.1", "poppies", {"model": "6.1"}),
    ("灯台--ar 3:2 --no人物、車", "灯台", {"ar": (3, 2), "no": ("人物", "車")}),
    ("a fox https://example.org/a--n1", "a fox https://example.org/a--n1", {}),
    # Around the value
    ("poppies --ar 2:3,", "poppies", {"ar": (2, 3)}),
    ("poppies --ar 2:3, --seed 7.", "poppies", {"ar": (2, 3), "seed": 7}),
    ("poppies, --ar 2:3 , --seed 7 .", "poppies,", {"ar": (2, 3), "seed": 7}),
    ("poppies --ar “2:3”", "poppies", {"ar": (2, 3)}),
    ("poppies --ar '2:3'", "poppies", {"ar": (2, 3)}),
    ("poppies --ar ２：３ --seed ７", "poppies", {"ar": (2, 3), "seed": 7}),
    ("poppies --ar 3x2", "poppies", {"ar": (3, 2)}),
    ("poppies --ar 3×2", "poppies", {"ar": (3, 2)}),
    ("poppies --ar 1920:1080", "poppies", {"ar": (16, 9)}),
    ("poppies --seed ٧", "poppies", {"seed": 7}),
    ("poppies --seed 7.0", "poppies", {"seed": 7}),
    ("\u200epoppies\u200f --ar\u200b 2:3\u2060", "poppies", {"ar": (2, 3)}),
    ("pop\x00pies --seed 7\ud800", "pop pies", {"seed": 7}),
    # The command pasted along
    ("/imagine prompt: a fox --n 1", "a fox", {"n": 1}),
    ("/Imagine prompt:a fox", "a fox", {}),
    ("/imagine /imagine a fox", "a fox", {}),
    ("prompt: a fox /imagine", "prompt: a fox /imagine", {}),
    # Names
    ("poppies --AR 2:3 --Seed 7", "poppies", {"ar": (2, 3), "seed": 7}),
    ("poppies --ＡＲ 2:3", "poppies", {"ar": (2, 3)}),
    ("poppies --aspect 2:3 --q 2", "poppies", {"ar": (2, 3), "quality": 2.0}),
    ("poppies --guidance 5", "poppies", {"cfg": 5.0}),
    ("poppies --version postcard", "poppies", {"model": "postcard"}),
    ("poppies --sampler Euler_A", "poppies", {"sampler": EULER_A}),
    ("poppies --sampler DDIMscheduler", "poppies", {"sampler": "DDIMScheduler"}),
    ("poppies --relax --private", "poppies", {"relax": True, "stealth": True}),
    ("poppies --turbo", "poppies", {"turbo": True}),
    (
        "poppies --fast --public --sameseed",
        "poppies",
        dict.fromkeys(["fast", "public", "sameseed"], True),
    ),
    # Said twice, the same
    ("poppies --ar 3:2 --aspect 6:4", "poppies", {"ar": (3, 2)}),
    ("poppies --draft --draft", "poppies", {"draft": True}),
    # --no
    ("poppies --no red", "poppies", {"no": ("red",)}),
    (
        "poppies --no modern clothing, cars --ar 3:2",
        "poppies",
        {"no": ("modern clothing", "cars"), "ar": (3, 2)},
    ),
    ("poppies --no red , , “blue”,", "poppies", {"no": ("red", "blue")}),
    ("poppies --no red --seed 7 --no blue", "poppies", {"no": ("red", "blue"), "seed": 7}),
    ("poppies --no--cats", "poppies", {"no": ("cats",)}),
    ("poppies --no red,--vaeо —blue", "poppies", {"no": ("red", "vaeо —blue")}),
    ("poppies --no=red, =blue", "poppies", {"no": ("red", "=blue")}),
    # Any script, and what else prompts are made of
    ("夕焼けの赤い灯台　--ar　3:2", "夕焼けの赤い灯台", {"ar": (3, 2)}),
    ("красный маяк —ar 3:2", "красный маяк", {"ar": (3, 2)}),
    ("منارة حمراء --ar 3:2", "منارة حمراء", {"ar": (3, 2)}),
    ("🗼 at 🌅 👩‍🚀 --n 1", "🗼 at 🌅 👩‍🚀", {"n": 1}),
    ("“OPEN” on a sign --ar 3:2", "“OPEN” on a sign", {"ar": (3, 2)}),
    # Braces that permutations left, and the backslashes that kept them
    (r"a \{b\} {c} \\{d --no \{e\}", r"a {b} {c} \{d", {"no": ("{e}",)}),
    (r"a\b\, c \(d\)", r"a\b\, c \(d\)", {}),
    # Sizes and stages
    ("poppies --size 768x512", "poppies", {"size": (768, 512)}),
    ("poppies --size 768×512px", "poppies", {"size": (768, 512)}),
    ("poppies --width 768 --height 512", "poppies", {"width": 768, "height": 512}),
    ("poppies --hd --tile", "poppies", {"hd": True, "tile": True}),
    ("poppies --sd", "poppies", {"sd": True}),
    ("poppies --hires 1.5", "poppies", {"hires": 1.5}),
    ("poppies --repeat 3", "poppies", {"repeat": 3}),
    ("poppies --r3", "poppies", {"repeat": 3}),
    # The look
    ("poppies --c 20 --w 250 --s750", "poppies", {"chaos": 20, "weird": 250, "stylize": 750}),
    ("poppies --raw --exp 25", "poppies", {"raw": True, "exp": 25}),
    ("poppies --style RAW --raw", "poppies", {"raw": True}),
    ("poppies --raw --s 0", "poppies", {"raw": True, "stylize": 0}),
    ("poppies --style noir --s 50", "poppies", {"style": "noir", "stylize": 50}),
    # The making
    ("poppies --sampler dpm++ 2m karras", "poppies", {"sampler": "dpm++2m-karras"}),
    ("poppies --sampler “Euler a”, --n 1", "poppies", {"sampler": EULER_A, "n": 1}),
    ("poppies --sampler=DPM++ SDE", "poppies", {"sampler": "dpm++sde"}),
    ("poppies --stop 60 --clip-skip 2", "poppies", {"stop": 60, "clip-skip": 2}),
    ("poppies --niji", "poppies", {"niji": ""}),
    ("poppies --niji 6 --n 1", "poppies", {"niji": "6", "n": 1}),
    # Pictures
    ("poppies --iw .5", "poppies", {"iw": 0.5}),
    ("poppies --init <https://a.org/b.png>", "poppies", {"init": "https://a.org/b.png"}),
    ("poppies --strength 0.4", "poppies", {"strength": 0.4}),
    (
        "poppies --sref https://a.org/b.png::2, 1234 random --sw 50",
        "poppies",
        {"sref": (("https://a.org/b.png", 2.0), ("1234", 1.0), ("random", 1.0)), "sw": 50},
    ),
    (
        "poppies --cref https://a.org/b https://a.org/c --cw 0",
        "poppies",
        {"cref": ("https://a.org/b", "https://a.org/c"), "cw": 0},
    ),
    (
        "poppies --oref https://a.org/b --ow 400",
        "poppies",
        {"oref": ("https://a.org/b",), "ow": 400},
    ),
    ("poppies --edit https://a.org/b", "poppies", {"edit": ("https://a.org/b",)}),
    ("poppies --zoom 1.5", "poppies", {"zoom": 1.5}),
    # What is added to a model
    ("poppies --lora ink:0.8 --lora foil", "poppies", {"lora": (("ink", 0.8), ("foil", None))}),
    (
        "1girl,<lora:ink:0.8> (best:1.2) --n 1 <LORA:foil>",
        "1girl, (best:1.2)",
        {"n": 1, "lora": (("ink", 0.8), ("foil", None))},
    ),
    ("a <lora:> b", "a <lora:> b", {}),
    ("poppies --embedding ugly --embedding x", "poppies", {"embedding": ("ugly", "x")}),
    (
        "poppies --control Canny:https://a.org/b --control-weight .7",
        "poppies",
        {"control": (("canny", "https://a.org/b"),), "control-weight": 0.7},
    ),
    ("poppies --p", "poppies", {"profile": ()}),
    ("poppies --p 4tyz9w1 m12 --n 1", "poppies", {"profile": ("4tyz9w1", "m12"), "n": 1}),
    ("poppies --vae soft --upscaler esrgan", "poppies", {"vae": "soft", "upscaler": "esrgan"}),
    # Videos
    (
        "poppies --video --motion HIGH --loop --bs 2",
        "poppies",
        {"video": True, "motion": "high", "loop": True, "bs": 2.0},
    ),
    ("poppies --end https://a.org/b", "poppies", {"end": ("https://a.org/b",)}),
]


@pytest.mark.parametrize(
    ("line", "text", "flags"),
    READINGS,
    ids=[ascii(row[0]).replace("::", ": :") for row in READINGS],
)
def test_a_line_is_read_as_it_was_meant(line: str, text: str, flags: dict[str, Any]) -> None:
    assert read(line) == (text, flags)


def test_the_table_above_is_worth_its_name() -> None:
    assert len(READINGS) >= 100
    assert {name for _, _, flags in READINGS for name in flags} == {flag.name for flag in FLAGS}


# Weights


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("hot dog", [("hot dog", 1)]),
        ("hot:: dog", [("hot", 1), ("dog", 1)]),
        ("hot::2 dog", [("hot", 2), ("dog", 1)]),
        ("hot::2 dog::1", [("hot", 2), ("dog", 1)]),
        ("hot ::2 dog", [("hot", 2), ("dog", 1)]),
        ("hot::2.5 dog::-0.5", [("hot", 2.5), ("dog", -0.5)]),
        ("hot::.5 dog::1.", [("hot", 0.5), ("dog", 1)]),
        ("hot::２ dog：：1．5", [("hot", 2), ("dog", 1.5)]),
        ("hot::2 dog::−0.5", [("hot", 2), ("dog", -0.5)]),
        ("hot::2 dog::–0.5", [("hot", 2), ("dog", -0.5)]),
        ("hot:: 2 dogs", [("hot", 1), ("2 dogs", 1)]),
        ("hot::2dogs", [("hot", 1), ("2dogs", 1)]),
        ("still: life, 4:3 film", [("still: life, 4:3 film", 1)]),
        ("hot::2, dog", [("hot", 2), (", dog", 1)]),
    ],
    ids=ascii,
)
def test_a_weight_belongs_to_the_words_before_it(line: str, parts: list[tuple[str, float]]) -> None:
    assert parse(line + " --seed 1").parts == tuple(Part(*part) for part in parts)


def test_the_words_stay_as_typed_beside_their_parts() -> None:
    assert str(parse("hot::2  dog::-1 --ar 3:2")) == "hot::2 dog::-1"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hot::-1", "The weights add up to -1; their sum must be above zero."),
        ("hot::1 dog::-1", "The weights add up to 0; their sum must be above zero."),
        ("::2 dog", "The weight ::2 has no text before it. Put words before the colons."),
        ("::", "The prompt has no text between its colons. Say what to draw."),
        ("x::" * (MAX_PARTS + 1), f"has {MAX_PARTS + 1} weighted parts; the limit is {MAX_PARTS}."),
    ],
)
def test_weights_that_cannot_be_are_refused_without_a_guess(line: str, sentence: str) -> None:
    error = refusal(line)
    assert sentence in error.sentence
    assert error.mended is None


# Refusals that come with the line as it should be

CERTAIN = [
    (
        "poppies --ar 2:3 in a field",
        "“in a field” stands after --ar. Text comes first, flags after it.",
        "poppies in a field --ar 2:3",
    ),
    (
        "poppies --seed 7 --draft, in a field --n 2",
        "“in a field” stands after --draft.",
        "poppies in a field --seed 7 --draft --n 2",
    ),
    ("--ar 2:3 poppies", "The line begins with --ar.", "poppies --ar 2:3"),
    (
        "poppies --aspct 3:2 --seed 7",
        "There is no flag --aspct. Did you mean --aspect?",
        "poppies --aspect 3:2 --seed 7",
    ),
    ("poppies --seed 7 --aspct3:2", "Did you mean --aspect?", "poppies --seed 7 --aspect 3:2"),
    ("poppies --draf", "There is no flag --draf. Did you mean --draft?", "poppies --draft"),
    (
        "poppies --draf in a field",
        "“in a field” stands after --draft.",
        "poppies in a field --draft",
    ),
    ("poppies --drafty", "Did you mean --draft?", "poppies --draft"),
    (
        "poppies --draft=yes",
        "--draft takes no value, but “yes” is glued to it. Type --draft alone.",
        "poppies --draft",
    ),
    (
        "poppies --ar 15:1",
        "--ar goes from 1:14 to 14:1, not “15:1”. The nearest is --ar 14:1.",
        "poppies --ar 14:1",
    ),
    ("poppies --ar 1:15", "The nearest is --ar 1:14.", "poppies --ar 1:14"),
    (
        "poppies --ar 1.39:1",
        "--ar needs two whole numbers like 3:2, not “1.39:1”.",
        "poppies --ar 139:100",
    ),
    ("poppies --ar 99.5:1", "The nearest is --ar 14:1.", "poppies --ar 14:1"),
    ("poppies --n 9", "--n goes from 1 to 8, not “9”. The nearest is --n 8.", "poppies --n 8"),
    ("poppies --n 12.5", "The nearest is --n 8.", "poppies --n 8"),
    ("poppies --n 2.6", "--n needs a whole number from 1 to 8, not “2.6”.", "poppies --n 3"),
    ("poppies --seed -1", "--seed goes from 0 to 4294967295, not “-1”.", "poppies --seed 0"),
    ("poppies --seed 4294967296", "The nearest is --seed 4294967295.", "poppies --seed 4294967295"),
    (
        "poppies --seed " + "9" * 400,
        "--seed goes from 0 to 4294967295, not “9999",
        "poppies --seed 4294967295",
    ),
    ("poppies --steps 151", "--steps goes from 1 to 150", "poppies --steps 150"),
    ("poppies --cfg 30.5", "--cfg goes from 0 to 30", "poppies --cfg 30"),
    (
        "poppies --q 3",
        "--q is one of 0.25, 0.5, 1, 2, 4, not “3”. The nearest is --q 2.",
        "poppies --q 2",
    ),
    ("poppies --styles raw", "Did you mean --style?", "poppies --style raw"),
    (
        "poppies --style raw --s 250 --n 1",
        "--style raw leaves no style for --s 250 to weigh. Leave --s out.",
        "poppies --style raw --n 1",
    ),
    ("poppies --s 250 --raw", "--raw leaves no style for --s 250", "poppies --raw"),
    ("poppies --size 99999x512", "sides from 1 to 16384 pixels", "poppies --size 16384x512"),
    ("poppies --motion hgh", "--motion is one of low, high", "poppies --motion high"),
    ("poppies --lora ink:3", "--lora goes from -2 to 2 as a weight", "poppies --lora ink:2"),
    (
        "a fox https://a.org/b.png?c in snow --n 1",
        "The link https://a.org/b.png?c stands in the text. Links to pictures come first,",
        "https://a.org/b.png?c a fox in snow --n 1",
    ),
    ("poppies --sampler eulr", "The nearest is --sampler euler.", "poppies --sampler euler"),
    ("poppies --no red --draf", "Did you mean --draft?", "poppies --no red --draft"),
]


@pytest.mark.parametrize(("line", "sentence", "mended"), CERTAIN, ids=[row[0] for row in CERTAIN])
def test_where_the_mend_is_certain_the_whole_line_comes_back_mended(
    line: str, sentence: str, mended: str
) -> None:
    error = refusal(line)
    assert sentence in error.sentence
    assert error.mended == mended
    assert error.typed == line
    parse(mended)


UNCERTAIN = [
    ("poppies --ar", "--ar has no value. Type --ar W:H."),
    ("poppies --ar --seed 7", "--ar has no value."),
    ("poppies --ar wide", "--ar needs two whole numbers like 3:2, not “wide”."),
    ("poppies --ar 0:3", "two whole numbers above zero"),
    ("poppies --ar 16:9:4", "--ar needs two whole numbers like 3:2, not “16:9:4”."),
    ("poppies --seed seven", "--seed needs a number, not “seven”. Type --seed 0–4294967295."),
    ("poppies --seed 1,000", "--seed needs a number, not “1,000”."),
    ("poppies --q ½", "--q needs a number, not “½”."),
    ("poppies --model a/b", "--model needs a name, not “a/b”."),
    ("poppies --no", "--no has nothing after it. Type --no words."),
    ("poppies --no , “”", "--no has nothing after it."),
    ("poppies --sampler xyzzy", "--sampler is one of euler, euler-a,"),
    ("poppies --seed 7 --seed 8", "--seed 7 and --seed 8 exclude each other. Keep one of them."),
    ("poppies --aspect 3:2 --ar 2:3", "--aspect 3:2 and --ar 2:3 exclude each other."),
    ("poppies --fast --relax", "--fast and --relax exclude each other."),
    ("poppies --turbo --relax", "--turbo and --relax exclude each other."),
    ("poppies --public --stealth", "--public and --stealth exclude each other."),
    ("poppies --ar 3:2 --size 768x512", "--ar 3:2 and --size 768x512 exclude each other."),
    ("poppies --size 768x512 --width 512", "--size 768x512 and --width 512 exclude each other."),
    ("poppies --hd --sd", "--hd and --sd exclude each other."),
    ("poppies --hires 2 --hd", "--hires 2 and --hd exclude each other."),
    ("poppies --raw --style noir", "--raw and --style noir exclude each other."),
    ("poppies --v 6 --niji 6", "--v 6 and --niji 6 exclude each other."),
    ("poppies --iw 2 --strength .5", "--iw 2 and --strength .5 exclude each other."),
    ("poppies --size big", "--size needs a width and a height in pixels, like 768x512, not “big”"),
    ("poppies --init somewhere", "--init needs a link to a picture, like https://"),
    ("poppies --init ftp://a.org/b.png", "--init needs a link to a picture"),
    ("poppies --sref nice", "--sref takes links, codes of digits, or random, not “nice”."),
    ("poppies --oref 5", "--oref needs a link to a picture"),
    ("poppies --control edges:https://a.org/b", "--control needs one of canny, scribble,"),
    ("poppies --control canny", "--control needs a link to a picture"),
    ("poppies --lora a/b", "--lora needs a name, or a name and a weight like name:0.8,"),
    ("poppies <lora:ink:x>", "--lora needs a number as a weight, not “ink:x”."),
    ("poppies --xyzzy 5", "There is no flag --xyzzy. Leave it out; /help lists the flags."),
    ("poppies --no_people", "There is no flag --no_people."),
    # A mend that needs a guess at the value too is none.
    ("poppies --stps raw", "There is no flag --stps. Did you mean --steps?"),
    ("poppies --sampler euler a fox", "“fox” stands after --sampler."),
    ("poppies --sedd 7 --seed 8", "Did you mean --seed?"),
    ("poppies --model “my model” --n 1", "“model”” stands after --model."),
    ("poppies --draf=5", "Did you mean --draft?"),
]


@pytest.mark.parametrize(("line", "sentence"), UNCERTAIN, ids=[row[0] for row in UNCERTAIN])
def test_where_nobody_can_know_only_the_sentence_is_given(line: str, sentence: str) -> None:
    error = refusal(line)
    assert sentence in error.sentence
    assert error.mended is None


@pytest.mark.parametrize("spelling", sorted(REPLACED))
def test_a_flag_remembered_from_elsewhere_is_told_what_does_that_here(spelling: str) -> None:
    error = refusal(f"poppies --{spelling} 5")
    assert error.sentence == f"--{spelling} is not a flag here. {REPLACED[spelling]}"
    assert error.mended is None


@pytest.mark.parametrize("line", ["", "   ", "\u200b\u200e", "--ar 2:3", "--draft --no red"])
def test_an_empty_prompt_is_one_sentence_with_an_example(line: str) -> None:
    error = refusal(line)
    assert error.sentence == (
        "The prompt has no text. Say what to draw, for example: a red lighthouse at sunset."
    )
    assert error.mended is None


def test_beside_a_picture_the_text_may_be_left_out() -> None:
    assert parse("", text_needed=False) == Prompt("", ())
    assert parse("--ar 2:3 --no red", text_needed=False).flags == {"ar": (2, 3)}


def test_a_prompt_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert len(parse("x" * LIMIT).text) == LIMIT
    error = refusal("x" * 10_000)
    assert error.sentence == (
        "The prompt has 10,000 characters; the limit is 6,000. Shorten it by 4,000."
    )


def test_every_problem_is_listed_each_with_its_place_in_the_line() -> None:
    line = "poppies --aspct 3:2 --seed nine --n 9 in a field"
    error = refusal(line)
    assert {line[problem.start : problem.end] for problem in error.problems} == {
        "--aspct",
        "--seed nine",
        "--n 9",
        "in a field",
    }
    assert all(str(problem) in error.sentence for problem in error.problems)
    assert all(problem.mend for problem in error.problems)


def test_a_line_of_nothing_but_mistakes_is_answered_shortly() -> None:
    error = refusal("poppies " + "--xyzzy " * 700)
    assert len(error.problems) == MAX_PROBLEMS + 1
    assert str(error.problems[-1]).startswith("More is wrong with this line than these 12 things.")
    assert refusal("poppies " + "--ar " * 50).sentence.count("has no value") == MAX_PROBLEMS


def test_what_is_repeated_of_a_long_mistake_is_cut() -> None:
    for line in (
        "poppies --" + "x" * 5000,
        "poppies --seed " + "x" * 5000,
        "a fox --ar 3:2 " + "x" * 5000,
    ):
        assert "xxx…" in refusal(line).problems[0].what
        assert len(refusal(line).problems[0].what) < 150


# Any line at all

SPELLINGS = sorted({*BY_SPELLING, *REPLACED, "sedd", "aspct", "style", "xyzzy", "noé"})
VALUES = [
    "3:2",
    "16:9",
    "7",
    "0.5",
    "-1",
    "9" * 30,
    "euler",
    "postcard",
    "red, blue",
    "½",
    "",
    "(7)",
]
SCRAPS = st.one_of(
    st.sampled_from(
        ["--", "—", "–", "- -", "-", "－－", "---", "::", "：：", "=", ",", "“", "”", "'", "."]
    ),
    st.sampled_from(SPELLINGS),
    st.sampled_from([spelling.upper() for spelling in SPELLINGS]),
    st.sampled_from(VALUES),
    st.sampled_from([" ", " ", "  ", "\u3000", "\u200b", "\n", "\x00"]),
    st.sampled_from(["a fox", "灯台", "no", "https://x.org/--ar", "{a, b}", "<lora:x:1>", "🗼"]),
    st.text(max_size=3),
)
LINES = st.one_of(st.text(max_size=200), st.lists(SCRAPS, max_size=14).map("".join))


def mended_or_read(line: str) -> Prompt | None:
    try:
        return parse(line)
    except PromptError as error:
        assert error.sentence
        assert error.problems
        assert all(problem.what for problem in error.problems)
        if error.mended is None:
            return None
        assert error.mended != line
        return parse(error.mended)


@given(line=LINES)
@example("a fox -- --draft seed 5")
@example("--draft - -ar")
@example("a fox --n 2.5 --n 8")
def test_any_line_is_read_or_refused_and_what_was_mended_can_be_read(line: str) -> None:
    prompt = mended_or_read(line)
    if prompt is not None:
        assert prompt.text or prompt.images or "init" in prompt.flags
        assert not prompt.text or sum(part.weight for part in prompt.parts) > 0


@given(line=LINES)
def test_beside_a_picture_too(line: str) -> None:
    try:
        parse(line, text_needed=False)
    except EaselError as error:
        assert isinstance(error, PromptError)


@given(data=st.data())
def test_the_order_of_flags_does_not_matter(data: st.DataObject) -> None:
    flags = ["--ar 3:2", "--seed=7", "--draft", "--no red, blue", "--n2", "—q .5", "--relax,"]
    shuffled = data.draw(st.permutations(flags))
    assert parse("a fox " + " ".join(shuffled)) == parse("a fox " + " ".join(flags))


VALUE_OF = {
    "ar": "3:2",
    "size": "64x64",
    "sampler": "euler",
    "init": "https://a.org/b",
    "cref": "https://a.org/b",
    "oref": "https://a.org/b",
    "edit": "https://a.org/b",
    "end": "https://a.org/b",
    "control": "pose:https://a.org/b",
    "motion": "low",
    "strength": "1",
    "stop": "20",
    "profile": "a12",
}


def test_every_flag_of_the_table_can_be_typed_by_each_of_its_names() -> None:
    example_of = {Takes.NOTHING: "", Takes.WORDS: "red"}
    for spelling, flag in BY_SPELLING.items():
        value = example_of.get(flag.takes, VALUE_OF.get(flag.name, "2"))
        prompt = parse(f"a fox --{spelling} {value}")
        assert (flag.name == "no" and prompt.avoid == ("red",)) or flag.name in prompt.flags
        if flag.name != "no":
            spelt = flag.spell(prompt.flags[flag.name])
            assert parse(f"a fox {spelt}") == prompt


# Links in front, and the member's own options


@pytest.mark.parametrize(
    ("line", "images", "text"),
    [
        ("https://a.org/b.png a fox", ("https://a.org/b.png",), "a fox"),
        ("<https://a.org/b>, http://a.org/c a fox", ("https://a.org/b", "http://a.org/c"), "a fox"),
        ("https://a.org/b?ex=1&is=2", ("https://a.org/b?ex=1&is=2",), ""),
        ("see https://a.org/b", (), "see https://a.org/b"),
        ("https://nowhere a fox", (), "https://nowhere a fox"),
    ],
)
def test_links_before_the_text_are_pictures(line: str, images: tuple[str, ...], text: str) -> None:
    prompt = parse(f"{line} --n 1")
    assert (prompt.images, prompt.text, prompt.flags) == (images, text, {"n": 1})


OPTIONS = {
    "mine": "--ar 3:2 —s 50",
    "Mood": "in the rain",
    "loop-ish": "--mine",
    "inky": "<lora:ink:.5> ink",
}


@pytest.mark.parametrize(
    ("line", "text", "flags"),
    [
        ("a fox --mine", "a fox", {"ar": (3, 2), "stylize": 50}),
        ("a fox --MINE, --n 1", "a fox", {"ar": (3, 2), "stylize": 50, "n": 1}),
        ("a fox --mood at night --n 1", "a fox in the rain at night", {"n": 1}),
        ("a fox --inky --n 1", "a fox ink", {"n": 1, "lora": (("ink", 0.5),)}),
    ],
)
def test_a_saved_option_stands_for_its_text(line: str, text: str, flags: dict[str, Any]) -> None:
    prompt = parse(line, options=OPTIONS)
    assert (prompt.text, prompt.flags) == (text, flags)


def test_an_option_inside_an_option_is_a_flag_nobody_knows() -> None:
    assert "There is no flag --mine." in refusal("a fox --loop-ish", options=OPTIONS).sentence


def test_a_misspelt_option_is_answered_with_the_nearest() -> None:
    error = refusal("a fox --mnie", options=OPTIONS)
    assert error.sentence == "There is no flag --mnie. Did you mean --mine?"
    assert error.mended is None


def test_flags_of_the_table_go_before_options_of_the_same_name() -> None:
    assert parse("a fox --hd", options={"hd": "--n 1"}).flags == {"hd": True}


def test_a_mistake_in_an_option_is_mended_in_the_line() -> None:
    error = refusal("a fox --mine --n 9", options=OPTIONS)
    assert error.mended == "a fox --ar 3:2 --s 50 --n 8"


def test_options_make_no_line_longer_than_the_limit() -> None:
    error = refusal("a fox " + "--mine " * 100, options={"mine": "word " * 100})
    assert "the limit is 6,000" in error.sentence


def test_a_line_of_too_many_flags_is_told_so_once() -> None:
    error = refusal("a fox" + " --n 1" * (MAX_FLAGS + 1))
    assert error.sentence == "The line has more than 60 flags. Leave some out."
    assert parse("a fox" + " --n 1" * MAX_FLAGS).flags == {"n": 1}
