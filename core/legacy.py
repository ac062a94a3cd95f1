"""Flags that members remember from elsewhere and still paste, and what does that work here."""

from __future__ import annotations

from core.sentences import say

_UPSCALE = say("The U buttons under a grid give you one picture.")
_MODEL = say("Choose a model with --model.")
_ONE_WAY = say("There is one way of drawing here; leave it out.")

REPLACED: dict[str, str] = {
    "hq": say("Use --quality 2."),
    "vibe": _MODEL,
    "vibefast": say("Use --draft."),
    "test": _MODEL,
    "testp": _MODEL,
    "preview": _MODEL,
    "beta": _MODEL,
    "old": _MODEL,
    "creative": say("Use --chaos for pictures that differ more, or --weird."),
    "newclip": _ONE_WAY,
    "nostretch": _ONE_WAY,
    "uplight": _UPSCALE,
    "upbeta": _UPSCALE,
    "upanime": _UPSCALE,
    "h": say("Use --height, with --width beside it; --w is --weird."),
    "wallpaper": say("Use --ar 16:9 --hd."),
    "sl": say("Use --size 320x256."),
    "ml": say("Use --size 448x320."),
    "ll": say("Use --size 768x512."),
    "sp": say("Use --size 256x320."),
    "mp": say("Use --size 320x448."),
    "lp": say("Use --size 512x768."),
    "sv": say("Style references have one version here; leave it out."),
}
"""By the spelling, in lower case; each sentence says what to do instead."""

_LOOKS = say("Say the look in words.")
OLD_STYLES: dict[str, str] = {
    **dict.fromkeys(("4a", "4b", "4c"), _MODEL),
    **dict.fromkeys(("cute", "scenic", "expressive", "original"), _LOOKS),
}
"""Values of --style that other models had. A server's own style of that name goes first."""
