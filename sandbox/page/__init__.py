"""The page at `/`: a server-rendered shell and plain files. No build step, no outside requests."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def add_to(app: web.Application) -> None:
    """Serves the page from memory: its files are few and small."""
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}
    shell = (FOLDER / "index.html").read_bytes()

    async def serve_shell(request: web.Request) -> web.Response:
        return web.Response(
            body=shell,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    async def serve_file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in files:
            raise web.HTTPNotFound
        return web.Response(
            body=files[name],
            content_type=TYPES[Path(name).suffix],
            charset="utf-8",
            headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
        )

    app.router.add_get("/", serve_shell)
    for end in ("", "/{message_id}"):
        app.router.add_get("/channels/{server_id}/{channel_id}" + end, serve_shell)
    app.router.add_get("/page/{name}", serve_file)
