"""`python -m sandbox`: listens until interrupted, and says where as one line of JSON."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress

from sandbox.app import ATTACHMENT_BYTES, MESSAGES, TOKEN, Sandbox
from sandbox.shapes import dumps


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8866, help="0 takes any free one")
    parser.add_argument("--state", metavar="FILE", help="keep messages in this file")
    parser.add_argument("--token", default=TOKEN, help="what the bot logs in with")
    parser.add_argument(
        "--ready-fd",
        type=int,
        metavar="N",
        help="write the line of JSON to this descriptor instead of standard output",
    )
    parser.add_argument(
        "--no-rate-limits", action="store_true", help="answer no 429 of our own accord"
    )
    parser.add_argument(
        "--exit-with-stdin",
        action="store_true",
        help="stop when standard input ends, as it does when the program that started this dies",
    )
    parser.add_argument("--messages", type=int, default=MESSAGES, help="kept at most; oldest go")
    parser.add_argument(
        "--attachment-bytes", type=int, default=ATTACHMENT_BYTES, help="kept at most; oldest go"
    )
    return parser.parse_args()


def stop_with_stdin(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Waits in a thread of its own: a pipe cannot be read by every kind of event loop."""

    def wait() -> None:
        # Not through sys.stdin, whose lock a waiting thread would still hold at exit.
        while os.read(0, 4096):
            pass
        with suppress(RuntimeError):  # the loop may have closed meanwhile
            loop.call_soon_threadsafe(stopping.set)

    threading.Thread(target=wait, name="stdin", daemon=True).start()


async def serve(options: argparse.Namespace) -> None:
    sandbox = Sandbox(
        options.host,
        options.port,
        token=options.token,
        state=options.state,
        messages=options.messages,
        attachment_bytes=options.attachment_bytes,
        rate_limits=not options.no_rate_limits,
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if options.exit_with_stdin:
        stop_with_stdin(loop, stopping)
    async with sandbox:
        line = dumps(sandbox.addresses()) + "\n"
        if options.ready_fd is None:
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            with os.fdopen(options.ready_fd, "w") as ready:
                ready.write(line)
        await stopping.wait()


def main() -> int:
    options = arguments()
    try:
        asyncio.run(serve(options))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The sandbox could not start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
