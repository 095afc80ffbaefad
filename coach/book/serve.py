"""Shows the finished book to this machine's own browser, and to nobody else."""

import functools
import http.server
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.words import Trouble

LOOPBACK = "127.0.0.1"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word on each."""

    def log_message(self, format: str, *args: Any) -> None:
        return


def serve(site: Path, port: int, said: Callable[[str], None]) -> None:
    """Until Ctrl+C; port 0 is any that is free."""
    handler = functools.partial(Quiet, directory=str(site))
    try:
        server = http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        zh = f"端口 {port} 用不了（{error.strerror}）：用 --port 换一个；--port 0 会自己找一个空闲的。"
        en = f"Port {port} can't be used ({error.strerror}): choose another with --port; --port 0 takes any that is free."
        raise Trouble(zh=zh, en=en) from None
    with server:
        said(f"http://{LOOPBACK}:{server.server_address[1]}/")
        server.serve_forever()
