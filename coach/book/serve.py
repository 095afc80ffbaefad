"""Shows the finished book to this machine's own browser, and to nobody else."""

import functools
import http.server
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word on each."""

    def log_message(self, format: str, *args: Any) -> None:
        return


def serve(site: Path, port: int, said: Callable[[str], None]) -> None:
    """Until Ctrl+C; port 0 is any that is free."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer((LOOPBACK, port), handler) as server:
        said(f"http://{LOOPBACK}:{server.server_address[1]}/")
        server.serve_forever()
