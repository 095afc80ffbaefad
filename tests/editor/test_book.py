"""The book as a reader has it: built by `coach book`, opened from the disk in headless Chromium with the network cut.

A plain run builds a quick lesson with its play; BOOK=all builds and reads the whole. BOOK_SHOTS keeps the pictures.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from coach.course.workspace import Workspace

from .test_real_editor import HERE, MODULES, chromium, node
from .vscode import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.thorough, pytest.mark.xdist_group("book")]
WHOLE = os.environ.get("BOOK") == "all"
QUICK = ("part0_chance",)
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def site() -> Path:
    if missing := [name for name in ("sphinx", "myst_nb", "furo", "ziamath") if not importlib.util.find_spec(name)]:
        pytest.skip(f"needs {', '.join(missing)}: pip install -e '.[book]'")
    began = time.monotonic()
    _build()
    first = time.monotonic() - began
    began = time.monotonic()
    _build()
    again = time.monotonic() - began
    site = REPOSITORY / ".book" / "site"
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"built in {first:.0f} s, unchanged in {again:.1f} s, {size / 1e6:.1f} MB")
    assert again < 20, "an unchanged book is built at once"
    return site


def _build() -> None:
    chosen = () if WHOLE else [word for name in QUICK for word in ("--lessons", name)]
    command = [sys.executable, "-P", "-m", "coach", "book", *chosen]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=Workspace(REPOSITORY).environment(), capture_output=True, timeout=1200
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


class Links(HTMLParser):
    """Where a page leads, what it needs, and the places that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.needs, self.places = path, [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.places.append(value)
            if name in ("href", "src") and value is not None:
                self.needs.append((tag, value))


def test_every_link_leads_somewhere(site: Path):
    pages = {path: Links(path) for path in site.rglob("*.html") if path.parent.name in LANGUAGES}
    assert len(pages) > 10
    broken = []
    for path, page in pages.items():
        assert len(page.places) == len(set(page.places)), f"{path} has a place twice"
        for tag, address in page.needs:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https"):
                assert tag == "a", f"{path.name} loads {address}"
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not to.is_file() or (to in pages and place and place not in pages[to].places):
                broken.append(f"{path.parent.name}/{path.name}: {address}")
    assert not broken, broken[:10]


def test_both_languages_have_the_same_places(site: Path):
    for path in (site / "zh").glob("*.html"):
        zh, en = (_places_of_text(site / lang / path.name) for lang in LANGUAGES)
        assert zh == en, path.name


def _places_of_text(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(r'<(?:section|div class="begin"|span class="term") id="([^"]+)"', text)


def test_nothing_of_the_other_language_and_no_mark_is_left(site: Path):
    for path in [*site.rglob("*.html"), *site.glob("*/_figures/*.js")]:
        assert not re.search("[\ue000-\uf8ff]|\\\\ue0b", path.read_text(encoding="utf-8")), path


def test_a_reader_in_a_browser_without_a_network(site: Path, tmp_path: Path):
    if not (MODULES / "axe-core").is_dir():
        pytest.skip("needs axe-core: .ci/editor installs it")
    shots = Path(os.environ.get("BOOK_SHOTS", tmp_path))
    shots.mkdir(parents=True, exist_ok=True)
    ours = {"BOOK_SITE": str(site), "BOOK_MODULES": str(MODULES), "BOOK_CHROMIUM": chromium(), "BOOK_SHOTS": str(shots)}
    ours |= {"BOOK_PLAY": "play_chance", "BOOK_PLACE": "part0_chance#kl_divergence"}
    ours |= {"BOOK_WORDS": json.dumps({"zh": ["交叉熵", "entropy"], "en": ["entropy", "expectation"]})}
    done = subprocess.run([node(), HERE / "book.mjs"], env=os.environ | ours, capture_output=True, timeout=1500)
    found: dict[str, Any] = json.loads(done.stdout or b"{}")
    print(json.dumps(found.get("seen"), ensure_ascii=False))
    assert done.returncode == 0, done.stderr.decode()
    assert not found["wrong"], "\n".join(found["wrong"][:20])
    assert found["seen"]["pages"] >= 10 and found["seen"]["figures"] >= 20 and found["seen"]["formulas"] > 200
    assert found["seen"]["median"] < 300, "a page is up at once"
