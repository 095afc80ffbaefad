"""The keys that the lesson names, for each system, with the editor's own names of what they do."""

import platform

from coach import say

# The command, what it does (Chinese, English), and its key by VS Code's defaults on Windows, Linux, macOS.
KEYS = [
    ("workbench.action.showCommands", "命令面板", "command palette", "Ctrl+Shift+P", "Ctrl+Shift+P", "⇧⌘P"),
    ("workbench.action.quickOpen", "打开文件", "open a file", "Ctrl+P", "Ctrl+P", "⌘P"),
    (
        "workbench.action.gotoSymbol",
        "这个文件里的函数",
        "functions of this file",
        "Ctrl+Shift+O",
        "Ctrl+Shift+O",
        "⇧⌘O",
    ),
    ("workbench.action.findInFiles", "在所有文件里找", "search in all files", "Ctrl+Shift+F", "Ctrl+Shift+F", "⇧⌘F"),
    ("editor.action.revealDefinition", "去定义", "go to the definition", "F12", "F12", "F12"),
    ("workbench.action.navigateBack", "回到刚才的地方", "back to where you were", "Alt+Left", "Ctrl+Alt+-", "⌃-"),
    ("editor.action.rename", "处处改名", "rename everywhere", "F2", "F2", "F2"),
    ("editor.action.commentLine", "注释这几行，或取消", "comment these lines, or not", "Ctrl+/", "Ctrl+/", "⌘/"),
    ("editor.action.blockComment", "块注释", "block comment", "Shift+Alt+A", "Ctrl+Shift+A", "⇧⌥A"),
    ("editor.action.moveLinesUpAction", "把这一行往上挪", "move this line up", "Alt+Up", "Alt+Up", "⌥Up"),
    (
        "editor.action.copyLinesDownAction",
        "向下复制一行",
        "copy a line downwards",
        "Shift+Alt+Down",
        "Ctrl+Shift+Alt+Down",
        "⇧⌥Down",
    ),
    (
        "editor.action.addSelectionToNextFindMatch",
        "再选一个同样的词",
        "select the next same word, too",
        "Ctrl+D",
        "Ctrl+D",
        "⌘D",
    ),
    ("editor.action.formatDocument", "格式化文件", "format the file", "Shift+Alt+F", "Ctrl+Shift+I", "⇧⌥F"),
    ("editor.action.triggerSuggest", "补全", "complete", "Ctrl+Space", "Ctrl+Space", "⌃Space"),
    ("editor.action.quickFix", "快速修复", "quick fix", "Ctrl+.", "Ctrl+.", "⌘."),
    ("workbench.action.terminal.toggleTerminal", "终端", "terminal", "Ctrl+`", "Ctrl+`", "⌃`"),
    ("workbench.action.debug.start", "运行到断点", "run to the breakpoint", "F5", "F5", "F5"),
    ("editor.debug.action.toggleBreakpoint", "断点", "breakpoint", "F9", "F9", "F9"),
    (
        "workbench.action.tasks.build",
        "检查光标处的练习",
        "check the exercise at the cursor",
        "Ctrl+Shift+B",
        "Ctrl+Shift+B",
        "⇧⌘B",
    ),
]
SYSTEMS = ("Windows", "Linux", "macOS")


def table() -> str:
    """All of them, with a star at this machine's system."""
    here = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    lines = ["".join(f"{name + '*' * (name == here):21}" for name in SYSTEMS)]
    lines += ["".join(f"{key:21}" for key in keys) + say(zh=zh, en=en) for _, zh, en, *keys in KEYS]
    return "\n".join(lines)
