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
from core.flags import BY_SPELLING, ELSEWHERE, FLAGS, REPLACED, Takes
from core.prompt import LIMIT, MAX_PARTS, MAX_PROBLEMS, Prompt, parse
from core.request import Part

EULER_A = "EulerAncestralDiscreteScheduler"


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
    # Dashes that are only punctuation
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
    ("https://example.org/a--n1.png a fox", "https://example.org/a--n1.png a fox", {}),
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
    # Names
    ("poppies --AR 2:3 --Seed 7", "poppies", {"ar": (2, 3), "seed": 7}),
    ("poppies --ＡＲ 2:3", "poppies", {"ar": (2, 3)}),
    ("poppies --aspect 2:3 --q 2", "poppies", {"ar": (2, 3), "quality": 2.0}),
    ("poppies --guidance 5", "poppies", {"cfg": 5.0}),
    ("poppies --version postcard", "poppies", {"model": "postcard"}),
    ("poppies --sampler Euler_A", "poppies", {"sampler": EULER_A}),
    ("poppies --sampler EulerAncestralDiscreteScheduler", "poppies", {"sampler": EULER_A}),
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
    ("poppies --no=red, =blue", "poppies", {"no": ("red", "=blue")}),
    # Any script, and what else prompts are made of
    ("夕焼けの赤い灯台　--ar　3:2", "夕焼けの赤い灯台", {"ar": (3, 2)}),
    ("красный маяк —ar 3:2", "красный маяк", {"ar": (3, 2)}),
    ("منارة حمراء --ar 3:2", "منارة حمراء", {"ar": (3, 2)}),
    ("🗼 at 🌅 👩‍🚀 --n 1", "🗼 at 🌅 👩‍🚀", {"n": 1}),
    ("“OPEN” on a sign --ar 3:2", "“OPEN” on a sign", {"ar": (3, 2)}),
    ("1girl, (best:1.2), <lora:x:0.8> --n 1", "1girl, (best:1.2), <lora:x:0.8>", {"n": 1}),
]


@pytest.mark.parametrize(
    ("line", "text", "flags"),
    READINGS,
    ids=[ascii(row[0]).replace("::", ": :") for row in READINGS],
)
def test_a_line_is_read_as_it_was_meant(line: str, text: str, flags: dict[str, Any]) -> None:
    assert read(line) == (text, flags)


def test_the_table_above_is_worth_its_name() -> None:
    assert len(READINGS) >= 60
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
    ("poppies --sampler heun", "--sampler is one of ddim, ddpm,"),
    ("poppies --seed 7 --seed 8", "--seed 7 and --seed 8 exclude each other. Keep one of them."),
    ("poppies --aspect 3:2 --ar 2:3", "--aspect 3:2 and --ar 2:3 exclude each other."),
    ("poppies --fast --relax", "--fast and --relax exclude each other."),
    ("poppies --turbo --relax", "--turbo and --relax exclude each other."),
    ("poppies --public --stealth", "--public and --stealth exclude each other."),
    ("poppies --xyzzy 5", "There is no flag --xyzzy. The flags are --ar, --no, --seed,"),
    ("poppies --no_people", "There is no flag --no_people."),
    # A mend that needs a guess at the value too is none.
    ("poppies --styles raw", "There is no flag --styles. Did you mean --steps?"),
    ("poppies --sedd 7 --seed 8", "Did you mean --seed?"),
    ("poppies --sampler DPM++ 2M", "not “DPM++”"),
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
    assert error.sentence == f"--{spelling} is not a flag here. Use {REPLACED[spelling]}."
    assert error.mended is None


@pytest.mark.parametrize("spelling", sorted(ELSEWHERE))
def test_a_flag_of_midjourney_is_never_taken_for_a_misspelling(spelling: str) -> None:
    assert "Did you mean" not in refusal(f"poppies --{spelling} 5").sentence


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
    assert str(error.problems[-1]).startswith("More is wrong with this line than these 20 things.")
    assert refusal("poppies " + "--ar " * 1000).sentence.count("has no value") == MAX_PROBLEMS


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
        assert prompt.text
        assert sum(part.weight for part in prompt.parts) > 0


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


def test_every_flag_of_the_table_can_be_typed_by_each_of_its_names() -> None:
    example_of = {Takes.NOTHING: "", Takes.WORDS: "red"}
    values = {"ar": "3:2", "sampler": "euler", "model": "postcard"}
    for spelling, flag in BY_SPELLING.items():
        value = example_of.get(flag.takes, values.get(flag.name, "2"))
        prompt = parse(f"a fox --{spelling} {value}")
        assert (flag.name == "no" and prompt.avoid == ("red",)) or flag.name in prompt.flags
