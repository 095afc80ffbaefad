"""Messages framed by `Content-Length`, as language servers and debug adapters speak them."""

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable
from typing import IO, Any

Inbox = queue.Queue  # of (channel, message); the message is None when the other end has closed


class Channel:
    """One connection; whatever arrives is put into `inbox`, which several channels may share."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes], inbox: Inbox) -> None:
        self.reader, self.writer, self.inbox = reader, writer, inbox
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.writer.flush()

    def _listen(self) -> None:
        while (message := self._read()) is not None:
            self.inbox.put((self, message))
        self.inbox.put((self, None))

    def _read(self) -> dict[str, Any] | None:
        length = 0
        try:
            while (line := self.reader.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            return json.loads(self.reader.read(length)) if length else None
        except (OSError, ValueError):  # the other end is gone, in the middle of a message perhaps
            return None

    def close(self) -> None:
        """To be called when the other end has ended: reading stops there by itself."""
        self.thread.join(10)
        for file in (self.writer, self.reader):
            with contextlib.suppress(OSError):
                file.close()


def pump(
    inbox: Inbox, handle: Callable[[Any, Any], None], until: Callable[[], Any], seconds: float, about: Callable
) -> Any:
    """Hands messages to `handle` till `until()` is true, and returns that; `about()` is what a timeout says."""
    end = time.monotonic() + seconds
    while not (value := until()):
        try:
            handle(*inbox.get(timeout=max(0.01, end - time.monotonic())))
        except queue.Empty:
            raise TimeoutError(f"nothing more came for {seconds:.0f} s: {about()}") from None
    return value
