"""Style sheets, scripts and drawings: few and small, so they are served from memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotFoundError

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"


class Files:
    """The files as they were at the start. An address bears the version of its file, so a browser
    asks for each once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES
        }
        self._versions = {
            name: hashlib.sha256(data).hexdigest()[:12] for name, data in self._files.items()
        }

    def address(self, name: str) -> str:
        """Raises KeyError for a file there is not: a template names it wrongly."""
        return f"/static/{name}?v={self._versions[name]}"

    def bytes_of(self, suffix: str) -> int:
        """How many bytes all files of one kind have together."""
        return sum(len(data) for name, data in self._files.items() if name.endswith(suffix))

    def answer(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        if name not in self._files:
            raise NotFoundError
        version = self._versions[name]
        headers = {"etag": f'"{version}"', "cache-control": "no-cache"}
        if request.query_params.get("v") == version:
            headers["cache-control"] = FOR_EVER
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        kind = TYPES[Path(name).suffix]
        return Response(self._files[name], headers={**headers, "content-type": kind})
