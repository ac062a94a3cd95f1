"""What the pictures of docs/prompting.md show: for each flag, lines as they are typed."""

from __future__ import annotations

from dataclasses import dataclass

from core.request import HouseStyle

SOURCE = "a red boat at sea, sunset --seed 21"
"""Makes the picture that others start from."""

INK = HouseStyle(name="inked", text="ink drawing, black and white")
"""A style as a server saves it, for --style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One strip of pictures: `line` with each of `values` in the place of `{}`. `count` pictures
    for each value, side by side in a little grid. `start`: they start from the picture of SOURCE,
    which is shown first. `joined`: each picture is shown twice by twice, edge to edge."""

    name: str
    line: str
    values: tuple[str, ...]
    caption: str
    count: int = 1
    start: bool = False
    joined: bool = False

    @property
    def lines(self) -> list[str]:
        return [self.line.replace("{}", value).strip() for value in self.values]


WORDS = (
    Effect(
        name="weights",
        line="a red castle::{} a blue boat at sea:: --seed 4",
        values=("0.2", "0.5", "1", "2", "5"),
        caption="The heavier part wins; at equal weights the two are mixed.",
    ),
    Effect(
        name="emphasis",
        line="a (pink:{}) blue boat --seed 4",
        values=("0.5", "1", "1.2", "1.5", "2"),
        caption=(
            "At 1 blue has it, from 1.2 on pink, and at 2 more than the boat is pink. A word that "
            "nothing argues with is hardly changed by its emphasis here."
        ),
    ),
)
"""For the syntax; under the table of it."""

EFFECTS: dict[str, Effect] = {
    effect.name: effect
    for effect in (
        Effect(
            name="ar",
            line="a red lighthouse at sunset --ar {} --seed 7",
            values=("1:2", "2:3", "1:1", "3:2", "2:1"),
            caption=(
                "The area stays about the same. Noise of another shape is other noise, so "
                "the scene changes too."
            ),
        ),
        Effect(
            name="size",
            line="a red lighthouse at sunset --size {} --seed 7",
            values=("96x96", "128x160", "192x128"),
            caption="Each size is other noise, and so another picture.",
        ),
        Effect(
            name="hires",
            line="a red lighthouse at sunset --seed 7 {}",
            values=("--sd", "--hires 1.5", "--hd"),
            caption=(
                "The first stage stands, the second adds to it at the larger size. "
                "Postcard has learnt 128 pixels alone, so at twice that it stretches the "
                "tower."
            ),
        ),
        Effect(
            name="tile",
            line="red mushrooms in a meadow --seed 3 {}",
            values=("", "--tile"),
            caption=(
                "Each is shown twice by twice. Without the flag the edges part the "
                "pictures; with it they meet. Postcard has learnt scenes with a ground and "
                "a sky, which do not tile, and leaves both out."
            ),
            joined=True,
        ),
        Effect(
            name="draft",
            line="a balloon over a meadow --seed 9 {}",
            values=("", "--draft"),
            caption=(
                "8 steps instead of 24, on three quarters of the side; other noise, and so "
                "another picture. A draft costs under a quarter of a whole picture, whatever "
                "`--quality` says; what is asked for exactly or larger (`--steps`, `--size`, "
                "`--hd`) it costs."
            ),
        ),
        Effect(
            name="seed",
            line="a cat in the city at night --seed {}",
            values=("1", "2", "3", "4", "1"),
            caption="The last is the first again, to the pixel.",
        ),
        Effect(
            name="sameseed",
            line="a rocket --n 4 --seed 6 {}",
            values=("", "--sameseed"),
            caption=(
                "Four times the same, which is of use together with `--chaos`, whose part "
                "in it then shows alone."
            ),
            count=4,
        ),
        Effect(
            name="chaos",
            line="a house in a meadow --n 4 --seed 11 --sameseed --chaos {}",
            values=("0", "25", "50", "75", "100"),
            caption=(
                "All start from one noise, so what differs is chaos alone: little at 25, "
                "colours at 50, the time of day at 100."
            ),
            count=4,
        ),
        Effect(
            name="weird",
            line="a white lighthouse by day --seed 12 --weird {}",
            values=("0", "250", "1000", "2000", "3000"),
            caption=(
                "Next to nothing at 250 and little at 1000; at 3000 colour and place leave "
                "the prompt."
            ),
        ),
        Effect(
            name="no",
            line="a house in a meadow by day {} --seed 13",
            values=("", "--no cloudy", "--no orange"),
            caption=(
                "The cloud above goes, though not the white on the roof; the house takes "
                "another colour."
            ),
        ),
        Effect(
            name="stylize",
            line="a blue boat at sunset --seed 14 --stylize {}",
            values=("0", "250", "375", "500", "1000"),
            caption=(
                "What is weighed is the model's own house style, “watercolor painting, "
                "lovely colours”. Not to be seen at 250; from 500 on it is a watercolour."
            ),
        ),
        Effect(
            name="style",
            line="a castle by day --seed 15 {}",
            values=("--style raw", "--style inked", "--style inked --s 1000"),
            caption="Not to be seen at the usual weight of 100; an ink drawing at 1000.",
        ),
        Effect(
            name="exp",
            line="a mountain at dawn --seed 16 --exp {}",
            values=("0", "25", "50", "75", "100"),
            caption="Softer to harder; at 100 the outlines break up.",
        ),
        Effect(
            name="quality",
            line="a castle at night, moon --seed 17 --quality {}",
            values=(".25", ".5", "1", "2"),
            caption=(
                "6, 12, 24 and 48 steps. Up to 24 the scene still changes; 48 hardly "
                "differ from it."
            ),
        ),
        Effect(
            name="steps",
            line="a red castle by day --seed 17 --steps {}",
            values=("1", "2", "4", "8", "24"),
            caption="A castle from 4 steps on; 24 are usual for Postcard.",
        ),
        Effect(
            name="stop",
            line="a yellow flower in a meadow --seed 18 --stop {}",
            values=("20", "40", "60", "80", "100"),
            caption="Mist at 20, a soft flower at 60, nearly done at 80.",
        ),
        Effect(
            name="cfg",
            line="a purple pyramid in the desert, night --seed 19 --cfg {}",
            values=("0", "1", "2", "4", "12"),
            caption=(
                "At 0 the words count for nothing. From 1 on there is a pyramid; at 12 the "
                "colours are heavy."
            ),
        ),
        Effect(
            name="sampler",
            line="a green tree in the rain --seed 20 --steps 12 --sampler {}",
            values=("ddim", "euler", "euler-a", "dpm++ 2m karras", "lcm"),
            caption=(
                "Of those that take the same way, `ddim` and `euler`, the picture is the "
                "same; others make others. In so few steps `dpm++ 2m karras` does not suit "
                "Postcard."
            ),
        ),
        Effect(
            name="clip-skip",
            line="a pink cat in the snow --seed 22 --clip-skip {}",
            values=("1", "2"),
            caption="Faint here: the sun goes, the cat stays.",
        ),
        Effect(
            name="iw",
            line="a white lighthouse at night --seed 23 --iw {}",
            values=("0", "1", "2", "3"),
            caption="At 0 the picture counts for nothing; the higher, the more of it stays.",
            start=True,
        ),
        Effect(
            name="strength",
            line="a white lighthouse at night --seed 23 --strength {}",
            values=("0.2", "0.4", "0.6", "0.8", "1"),
            caption=(
                "The other way round: the higher, the less of the picture stays, and nothing at 1."
            ),
            start=True,
        ),
    )
}
"""By the flag whose effect it is."""
