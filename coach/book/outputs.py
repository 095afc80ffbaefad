"""What a cell gave, as a page shows it: text, HTML, and figures that the page draws when they come into view."""

import hashlib
import html
import json
import re
from typing import Any

from coach.figures import CAPTION
from coach.words import told_in

PLOTLY = "application/vnd.plotly.v1+json"
MARKUP = re.compile(r"&lt;(/?(?:b|i|sub|sup|em|strong))&gt;")  # what plotly's texts may hold, after escaping
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNDER_PLOT = 35  # pixels that a caption takes under a plot, and a title above it


def in_language(value: Any, lang: str) -> Any:
    """`value`, as JSON has it, in one language."""
    if isinstance(value, str):
        return told_in(lang, value)
    if isinstance(value, list):
        return [in_language(one, lang) for one in value]
    if isinstance(value, dict):
        return {told_in(lang, key): in_language(one, lang) for key, one in value.items()}
    return value


def shown(outputs: list[dict[str, Any]], figures: dict[str, str]) -> list[Any]:
    """The outputs as a notebook has them; each figure is added to `figures`, under a name that its content gives it."""
    found: list[Any] = []
    for output in _joined(outputs):
        data = output.get("data", {})
        if output["output_type"] == "stream":
            if text := plain(output["text"]):
                found.append(node(output_type="stream", name="stdout", text=text))
        elif PLOTLY in data:
            found.append(
                node(output_type="display_data", metadata={}, data={"text/html": figure(data[PLOTLY], figures)})
            )
        elif "text/html" in data:
            found.append(node(output_type="display_data", metadata={}, data={"text/html": data["text/html"]}))
        elif "image/png" in data or "image/svg+xml" in data:
            found.append(node(output_type="display_data", metadata={}, data=data))
        elif "text/plain" in data:
            found.append(node(output_type="stream", name="stdout", text=data["text/plain"] + "\n"))
        elif output["output_type"] == "error":
            said = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
            found.append(node(output_type="stream", name="stdout", text=plain(said)))
    return found


def node(**values: Any) -> Any:
    """A part of a notebook; nbformat's own makers check each against a schema, which takes most of a book's time."""
    from nbformat import NotebookNode

    return NotebookNode(values)


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outputs, with what was printed in several goes in one."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream" and found and found[-1]["output_type"] == "stream":
            found[-1] = found[-1] | {"text": found[-1]["text"] + output["text"]}
        else:
            found.append(output)
    return found


def plain(text: str) -> str:
    """What is left on a terminal in the end: the last of what was written over, and no colours."""
    lines = ANSI.sub("", text).replace("\r\n", "\n").split("\n")
    ends = ([part for part in line.split("\r") if part] for line in lines)
    text = "\n".join(parts[-1].rstrip() if parts else "" for parts in ends).rstrip()
    return text + "\n" if text.strip() else ""


def figure(drawn: dict[str, Any], figures: dict[str, str]) -> str:
    """The place where the page draws a figure; its title and its caption are text, so that everyone can read them."""
    drawn = json.loads(json.dumps(drawn))
    layout = drawn.setdefault("layout", {})
    title, caption = _title_of(layout), _caption_of(layout)
    data = {key: drawn[key] for key in ("data", "layout", "frames") if drawn.get(key)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    figures[name] = text
    size = f"--width: {layout.get('width', 700)}px; --height: {layout.get('height', 450)}px"
    label = html.escape(re.sub(r"<[^>]*>", " ", title) or re.sub(r"<[^>]*>", " ", caption)[:80])
    heading = f"<strong>{readable(title)}</strong> " if title else ""
    return (
        f'<figure class="plot" data-figure="{name}" style="{size}">'
        f'<div class="plot-area" role="group" aria-label="{label}"></div>'
        f"<figcaption>{heading}{readable(caption)}</figcaption></figure>"
    )


def _title_of(layout: dict[str, Any]) -> str:
    """Takes the title out of a figure's layout, and the room above with it."""
    title = layout.pop("title", None) or {}
    text = title if isinstance(title, str) else title.get("text", "")
    if text:
        _lower(layout, "t", UNDER_PLOT)
    return text


def _caption_of(layout: dict[str, Any]) -> str:
    """Takes the caption out of a figure's layout, and the room below with it; sliders move up."""
    notes = layout.get("annotations", [])
    captions = [note for note in notes if note.get("name") == CAPTION]
    if not captions:
        return ""
    layout["annotations"] = [note for note in notes if note not in captions]
    _lower(layout, "b", UNDER_PLOT)
    for slider in layout.get("sliders", []):
        pad = slider.setdefault("pad", {})
        pad["t"] = max(20, pad.get("t", 20) - UNDER_PLOT)
    return captions[0]["text"]


def _lower(layout: dict[str, Any], side: str, pixels: int) -> None:
    margin = layout.setdefault("margin", {})
    before = margin.get(side, 80)
    margin[side] = max(25, before - pixels)
    if "height" in layout:
        layout["height"] -= before - margin[side]


def readable(text: str) -> str:
    """A figure's text as HTML: the few tags that plotly knows stay, a folded line is one again."""
    text = re.sub(r"\s*<br ?/?>\s*", _between, text)
    return MARKUP.sub(r"<\1>", html.escape(text, quote=False))


def _between(fold: re.Match[str]) -> str:
    before, after = fold.string[: fold.start()][-1:], fold.string[fold.end() :][:1]
    return "" if before > "\u2e80" or after > "\u2e80" else " "
