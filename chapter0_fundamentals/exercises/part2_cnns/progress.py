"""A progress bar of plain characters: it works in a terminal, in a cell and on a GBK console."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
WIDTH = 30


def progress(items: Sequence[T], label: str = "") -> Iterator[T]:
    """Hands on `items` one by one, and draws how far it has come after each."""
    for done, item in enumerate(items, start=1):
        yield item
        bar = "#" * (WIDTH * done // len(items))
        print(f"\r{label} [{bar:.<{WIDTH}}] {done}/{len(items)}", end="", flush=True)
    if items:
        print()
