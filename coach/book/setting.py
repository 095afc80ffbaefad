"""python -m coach.book.setting LANGUAGE FOLDER: has Sphinx set the sources of one language; exit code 1 if it complains."""

import io
import sys
from pathlib import Path

from coach.book.build import Folders, cores, settings

# What the theme says in English only.
CHINESE = {
    "Skip to content": "跳到正文",
    "Back to top": "回到顶部",
    "On this page": "本页内容",
    "Home": "首页",
    "Made with ": "主题：",
    "Contents": "目录",
    "Next": "下一页",
    "Previous": "上一页",
    "Search": "搜索",
}


def main(lang: str, root: str) -> int:
    from sphinx.application import Sphinx  # pyright: ignore[reportMissingImports]

    folders = Folders(Path(root))
    source, out = folders.source(lang), folders.site / lang
    title = _title(source)
    _write_words(folders.root / "locale")
    warned = io.StringIO()
    app = Sphinx(
        srcdir=source,
        confdir=None,
        outdir=out,
        doctreedir=folders.doctrees(lang),
        buildername="html",
        confoverrides=settings(lang, folders, title),
        status=None,
        warning=warned,
        parallel=cores(),
    )
    app.build()
    for page in out.glob("*.html"):  # of lessons that are not in the book any more
        if page.stem not in app.env.found_docs | {"search"}:
            page.unlink()
    sys.stdout.write(warned.getvalue())
    return 1 if warned.getvalue().strip() or app.statuscode else 0


def _title(source: Path) -> str:
    import nbformat

    first = nbformat.read(source / "index.ipynb", as_version=4).cells[0].source
    return first.split("\n")[0].lstrip("# ")


def _write_words(folder: Path) -> None:
    from babel.messages.catalog import Catalog  # pyright: ignore[reportMissingImports]
    from babel.messages.mofile import write_mo  # pyright: ignore[reportMissingImports]

    catalog = Catalog(locale="zh_CN")
    for english, chinese in CHINESE.items():
        catalog.add(english, chinese)
    path = folder / "zh_CN" / "LC_MESSAGES" / "sphinx.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    write_mo(data, catalog)
    if not path.is_file() or path.read_bytes() != data.getvalue():
        path.write_bytes(data.getvalue())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
