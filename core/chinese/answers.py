"""What the bot itself says: its answers, panels and statements."""

from __future__ import annotations

ANSWERS = {
    "Something went wrong inside Easel, and that is not your fault. Try again; if it happens again, tell the operator this reference: `{reference}`.": (
        "Easel 内部出了问题，这不是你的错。请再试一次；如果再次发生，请把这个编号告知运营者：`{reference}`。"
    ),
}
