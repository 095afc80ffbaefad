"""Builds the book: runs what changed, writes the sources of both languages, and has Sphinx set them, side by side."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.book import contents
from coach.book.pages import Book, Page, page_of
from coach.book.running import Runs
from coach.book.scripts import scripts_of
from coach.course import lookup
from coach.course.lesson import Lesson
from coach.course.workspace import Workspace
from coach.files import write_atomically
from coach.words import LANGUAGES, Trouble

FOLDER = ".book"  # in the checkout, ignored by git: what the cells gave, the sources, the site
NEEDED = ("sphinx", "myst_nb", "furo", "latex2mathml", "ziamath")
HERE = Path(__file__).parent
STATE = ".set"  # in a language's pages: what they were set from
FONT = "STIXTwoMath-Regular.ttf"


@dataclass(frozen=True)
class Folders:
    """Where the parts of the book lie."""

    root: Path

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def source(self, lang: str) -> Path:
        return self.root / "source" / lang

    def doctrees(self, lang: str) -> Path:
        return self.root / "doctrees" / lang

    @property
    def site(self) -> Path:
        return self.root / "site"


def check_installed() -> None:
    """`Trouble` if the optional part is not installed."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        zh = "写成书需要另外几个库：在课程的文件夹里运行 pip install -e '.[book]'"
        raise Trouble(
            zh=zh, en="The book needs a few more libraries: run pip install -e '.[book]' in the course's folder"
        )


def build(workspace: Workspace, lessons: list[Lesson], said: Callable[[str], None]) -> Path:
    """The folder of the finished site; `said` hears of each lesson that was run."""
    check_installed()
    folders = Folders(workspace.root / FOLDER)
    scripts = scripts_of(lessons)
    results = Runs(workspace, folders.runs).results(scripts, said)
    called = {(one.name, name): lookup.name_of(workspace, one, name) for one in lessons for name in one.names}
    book = Book(scripts, called)
    for lang in LANGUAGES:
        pages = {script.page: page_of(book, script, results[script.page][lang], lang) for script in scripts}
        pages |= {
            "index": contents.home(workspace, scripts, lang),
            "vscode": contents.vscode(workspace, lang),
            "glossary": contents.glossary(workspace, scripts, lang),
        }
        _write_sources(folders.source(lang), pages)
        _write_figures(folders.site / lang / "_figures", pages)
    _write_shared(folders.site)
    _set_all(workspace, folders)
    return folders.site


def _write_sources(folder: Path, pages: dict[str, Page]) -> None:
    written = {f"{name}.ipynb": json.dumps(page.notebook(), ensure_ascii=False) for name, page in pages.items()}
    written["anchors.json"] = json.dumps({name: page.anchors for name, page in pages.items()}, indent=1)
    for name, text in written.items():
        _write(folder / name, text)
    _remove_others(folder, "*.ipynb", set(written))


def _write_figures(folder: Path, pages: dict[str, Page]) -> None:
    """Each figure as a script of its own: a page from the disk may load a script, and no other data."""
    figures = {f"{name}.js": data for page in pages.values() for name, data in page.figures.items()}
    for name, data in figures.items():
        if not (folder / name).is_file():
            _write(folder / name, f"bookFigure({json.dumps(name[:-3])},{data});\n")
    _remove_others(folder, "*.js", set(figures))


def _write(path: Path, text: str) -> None:
    """A file that has this text already keeps its time: Sphinx need not read it again."""
    data = text.encode("utf-8")
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)


def _remove_others(folder: Path, pattern: str, kept: set[str]) -> None:
    for path in folder.glob(pattern):
        if path.name not in kept:
            path.unlink()


def _write_shared(site: Path) -> None:
    """What both languages use once: plotly, the font of the formulas, the page that chooses the language."""
    import ziamath  # pyright: ignore[reportMissingImports]
    from plotly.offline import get_plotlyjs

    _write(site / "_shared" / "plotly.min.js", get_plotlyjs())
    if not (site / "_shared" / FONT).is_file():
        shutil.copyfile(Path(str(ziamath.__file__)).parent / "fonts" / FONT, site / "_shared" / FONT)
    _write(site / "index.html", (HERE / "static" / "choose.html").read_text(encoding="utf-8"))
    _write(site / ".nojekyll", "")


def _set_all(workspace: Workspace, folders: Folders) -> None:
    """Both languages at once, each in a process of its own; `Trouble` if Sphinx has anything to complain of."""
    command = [sys.executable, "-P", "-m", "coach.book.setting"]
    states = {lang: _state(folders.source(lang)) for lang in LANGUAGES}
    jobs = {
        lang: subprocess.Popen(
            [*command, lang, str(folders.root)],
            env=workspace.environment() | {"COACH_LANG": lang, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for lang in LANGUAGES
        if not _is_set(folders.site / lang, states[lang])
    }
    said = {lang: job.communicate()[0].decode("utf-8", "replace").strip() for lang, job in jobs.items()}
    for lang, job in jobs.items():
        if job.returncode:
            zh, en = f"{lang} 的网页没有排出来：\n{said[lang]}", f"the pages in {lang} could not be set:\n{said[lang]}"
            raise Trouble(zh=zh, en=en)
        _write(folders.site / lang / STATE, states[lang])
    # MyST-NB leaves a copy of the notebooks beside the pages.
    shutil.rmtree(folders.site / "jupyter_execute", ignore_errors=True)


def _state(source: Path) -> str:
    """Changes with the sources of a language, and with how they are set."""
    digest = hashlib.sha256(version().encode())
    for path in sorted(path for path in source.iterdir() if path.is_file()):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _is_set(out: Path, state: str) -> bool:
    """Whether the pages there were set from these very sources."""
    written = out / STATE
    return written.is_file() and written.read_text(encoding="utf-8") == state and (out / "index.html").is_file()


def version() -> str:
    """Changes with whatever decides how a page is set."""
    digest = hashlib.sha256()
    for path in sorted(path for path in HERE.rglob("*") if path.suffix in (".py", ".css", ".js", ".html")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def settings(lang: str, folders: Folders, title: str) -> dict[str, Any]:
    """Sphinx's configuration."""
    language = {"zh": "zh_CN", "en": "en"}[lang]
    return {
        "extensions": ["myst_nb", "coach.book.extension"],
        "book_version": version(),
        "project": title,
        "language": language,
        "locale_dirs": [str(folders.root / "locale")],
        "master_doc": "index",
        "exclude_patterns": ["**/.*"],
        "myst_enable_extensions": ["dollarmath", "deflist"],
        "myst_url_schemes": ["http", "https"],
        "nb_execution_mode": "off",
        "html_theme": "furo",
        "html_title": title,
        "html_math_renderer": "book",
        "html_static_path": [str(HERE / "static")],
        "templates_path": [str(HERE / "templates")],
        "html_css_files": ["book.css"],
        "html_js_files": [("book.js", {"defer": "defer"})],
        "html_sidebars": {"**": SIDEBAR},
        "html_search_language": lang,
        "html_show_search_summary": False,  # it would fetch pages, which a page from the disk may not
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "html_use_index": False,
        "html_last_updated_fmt": None,
        "html_context": {"other": OTHER[lang]},
        "suppress_warnings": ["myst.header", "toc.not_included", "mystnb.unknown_mime_type"],
        "pygments_style": "a11y-high-contrast-light",
    }


SIDEBAR = [
    "sidebar/brand.html",
    "language.html",
    "sidebar/search.html",
    "sidebar/scroll-start.html",
    "sidebar/navigation.html",
    "sidebar/scroll-end.html",
]
OTHER = {
    "zh": {"folder": "en", "lang": "en", "name": "English"},
    "en": {"folder": "zh", "lang": "zh-CN", "name": "中文"},
}


def cores() -> int:
    return max(1, (os.cpu_count() or 1) // len(LANGUAGES))
