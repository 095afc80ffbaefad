"""A new lesson: files that pass every rule, in the form that AUTHORS.md describes, for their author to write over."""

import re
from pathlib import Path

from coach.course.workspace import NAME, Workspace
from coach.files import create, write_atomically
from coach.words import Trouble

TEMPLATE = Path(__file__).with_name("template")
ROW = re.compile(r"^\| (\d+) \| `part\w+` \|.*\|$", re.MULTILINE)
READMES = {"README.md": "what you write in it", "README.zh-CN.md": "你要写的"}
NOTEBOOK = re.compile(r"\[notebook\]\(([^)]*)/part\w+\.ipynb\)")  # a README's link to what the workflow publishes


def write(workspace: Workspace, name: str) -> list[Path]:
    """Writes the lesson and its rows in the READMEs; the files written. `Trouble`, and nothing written, if it is there."""
    if not NAME.fullmatch(name) or not name.isascii():
        zh = f"{name} 不是课的名字：写成 part<天>_<主题>，例如 part3_backprop。"
        raise Trouble(zh=zh, en=f"{name} is no lesson's name: write part<day>_<subject>, such as part3_backprop.")
    workspace.check_lessons()
    folder = workspace.lessons[-1].folder.parent / name
    if folder.exists():
        zh, en = (
            f"{workspace.shown(folder)} 已经在了，没有动它。",
            f"{workspace.shown(folder)} is there already, and was left alone.",
        )
        raise Trouble(zh=zh, en=en)
    day, _, subject = name.removeprefix("part").partition("_")
    written = []
    for path in sorted(TEMPLATE.glob("*.txt")):
        text = path.read_text(encoding="utf-8").replace("LESSON", name).replace("DAY", str(int(day)))
        target = folder / f"{path.stem}.py"
        create(target, text.replace("SUBJECT", subject.replace("_", " ")).encode("utf-8"))
        written.append(target)
    create(folder / "__init__.py", b"")
    rows = [path for file, says in READMES.items() if (path := _row(workspace.root / file, int(day), name, says))]
    return [folder / "__init__.py", *written, *rows]


def _row(readme: Path, day: int, name: str, says: str) -> Path | None:
    """Adds a row to a README's table, behind those of its day; None where there is no such table."""
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    rows = list(ROW.finditer(text))
    if not rows:
        return None
    published = NOTEBOOK.search(text)
    link = f" [notebook]({published[1]}/{name}.ipynb) |" if published else ""
    row = f"| {day} | `{name}` | {says} |{link}\n"
    behind = [found for found in rows if int(found[1]) <= day]
    place = behind[-1].end() + 1 if behind else rows[0].start()
    text = text if text.endswith("\n") else text + "\n"
    write_atomically(readme, (text[:place] + row + text[place:]).encode("utf-8"))
    return readme
