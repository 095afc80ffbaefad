"""What Sphinx must know to set the book: formulas, Chinese, the same places in both languages."""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes  # pyright: ignore[reportMissingImports]
from sphinx.application import Sphinx  # pyright: ignore[reportMissingImports]
from sphinx.errors import ExtensionError  # pyright: ignore[reportMissingImports]
from sphinx.transforms import SphinxTransform  # pyright: ignore[reportMissingImports]

from coach.book.maths import NoFormula, mathml
from coach.book.search import SearchHan

FAR_EAST = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
CLOSING = re.compile(r"[.,;:!?)，。；：！？、）]")
ANCHORS = "anchors.json"  # beside the sources: of each page, the identifiers of its headings


class SamePlaces(SphinxTransform):
    """Gives each heading the identifier that it has in the other language as well."""

    default_priority = 200

    def apply(self, **_: Any) -> None:
        anchors = json.loads((Path(self.app.srcdir) / ANCHORS).read_text(encoding="utf-8"))[self.env.docname]
        sections = list(self.document.findall(nodes.section))
        if len(sections) != len(anchors):
            raise ExtensionError(f"{self.env.docname}: {len(sections)} headings, {len(anchors)} identifiers")
        for section, anchor in zip(sections, anchors, strict=True):
            section["ids"] = [anchor]


class NoSpaceInChinese(SphinxTransform):
    """One sentence stands on a line; between Chinese characters the end of a line is no space."""

    default_priority = 210

    def apply(self, **_: Any) -> None:
        for text in list(self.document.findall(nodes.Text)):
            parent = text.parent
            if text == "\n" and not isinstance(parent, nodes.FixedTextElement | nodes.raw):
                at = next(i for i, one in enumerate(parent) if one is text)  # MyST ends a line by a text of its own
                around = parent[max(0, at - 1) : at + 2]
                if len(around) == 3 and ends_in_no_space(around[0].astext(), around[2].astext()):
                    del parent[at]


def ends_in_no_space(before: str, after: str) -> bool:
    """Whether the end of a line between these two is nothing: both sides of it are Chinese."""
    return bool(FAR_EAST.match(before[-1:]) and FAR_EAST.match(after[:1]))


def _formula(translator: Any, node: Any, *, block: bool) -> None:
    try:
        made = mathml(node.astext(), block=block)
    except NoFormula as error:
        raise ExtensionError(f"{translator.builder.env.docname}: {error}") from error
    translator.body.append(f'<div class="formula">{made}</div>' if block else made)
    raise nodes.SkipNode


def inline(translator: Any, node: Any) -> None:
    """A mark that follows a formula stays on its line."""
    following = node.next_node(descend=False, siblings=True)
    try:
        _formula(translator, node, block=False)
    finally:
        if following is not None and CLOSING.match(following.astext()):
            translator.body.append("\u2060")


def display(translator: Any, node: Any) -> None:
    _formula(translator, node, block=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("book_version", "", "env")
    app.add_html_math_renderer("book", (inline, None), (display, None))  # type: ignore[arg-type]
    app.add_search_language(SearchHan)
    app.add_transform(SamePlaces)
    app.add_transform(NoSpaceInChinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
