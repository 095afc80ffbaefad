"""A small course to try the tool on: four lessons of three days, in two languages."""

import os
import shutil
from pathlib import Path

from coach.course.lesson import Lesson
from coach.course.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[1]

NUMBERS = '''\
# %% [markdown] lang="zh"
# # 第 0 天 · 数
#
# 第一句。
# %% [markdown] lang="en"
# # Day 0 · numbers
#
# The first sentence.
# %%
from part0_numbers import tests

# %% [markdown] lang="zh"
# ### 练习 · 加倍 · 5 分钟
#
# 返回两倍。
# %% [markdown] lang="en"
# ### Exercise · doubling · 5 min
#
# Return it twice over.
# %% exercise="double" difficulty=1 importance=4 minutes=5
def double(x: float) -> float:
    """Twice `x`."""
    # solution
    return 2 * x


if __name__ == "__main__":
    tests.test_double(double)

# %% [markdown] lang="zh" tags=["hint"]
# 提示一：加法也行。
# %% [markdown] lang="en" tags=["hint"]
# First hint: a sum will do.
# %% [markdown] lang="zh" tags=["hint"]
# 提示二：`x + x`。
# %% [markdown] lang="en" tags=["hint"]
# Second hint: `x + x`.

# %% [markdown] lang="zh"
# ### 练习 · 求和 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · a sum · 10 min
# %% exercise="total" difficulty=2 importance=3 minutes=10
def total(values: list[float]) -> float:
    """The sum of `values`."""
    # solution
    result = 0.0
    for value in values:
        result += value
    return result


if __name__ == "__main__":
    tests.test_total(total)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：用一个循环。
# %% [markdown] lang="en" tags=["hint"]
# Hint: use a loop.

# %% [markdown] lang="zh"
# ### 练习 · 改错：平均值 · 10 分钟
# %% [markdown] lang="en"
# ### Exercise · mend the mean · 10 min
# %% exercise="mean" kind="debug" difficulty=2 importance=2 minutes=10
def mean(values: list[float]) -> float:
    """The mean of `values`."""
    result = 0.0
    for value in values:
        result = value
    return result / len(values)


# solution
def mean(values: list[float]) -> float:  # noqa: F811
    """The mean of `values`."""
    return sum(values) / len(values)


if __name__ == "__main__":
    tests.test_mean(mean)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：看看循环里的那一行。
# %% [markdown] lang="en" tags=["hint"]
# Hint: look at the line in the loop.

# %% [markdown] lang="zh" tags=["question"] see="total"
# 空列表的和是多少？
# %% [markdown] lang="en" tags=["question"] see="total"
# What is the sum of an empty list?
# %% [markdown] lang="zh" tags=["answer"]
# 零。
# %% [markdown] lang="en" tags=["answer"]
# Zero.

# %% [markdown] lang="zh" tags=["question"] see="mean"
# 空列表的平均值呢？
# %% [markdown] lang="en" tags=["question"] see="mean"
# And its mean?
# %% [markdown] lang="zh" tags=["answer"]
# 没有定义。
# %% [markdown] lang="en" tags=["answer"]
# It has none.
'''

NUMBERS_TESTS = """\
from coach import close, judged


@judged
def test_double(double):
    close(double(3.0), 6.0)
    close(double(-0.5), -1.0)


@judged
def test_total(total):
    close(total([1.0, 2.0, 4.5]), 7.5)


@judged
def test_mean(mean):
    close(mean([1.0, 2.0, 6.0]), 3.0)
"""

NUMBERS_MISTAKES = """\
from coach import mistake


@mistake("double", zh="这是平方，不是两倍。", en="That is the square, not the double.")
def squared(x):
    return x**2
"""

WORDS = '''\
# %% [markdown] lang="zh"
# # 第 0 天 · 词
# %% [markdown] lang="en"
# # Day 0 · words
# %%
from part0_words import tests

# %% [markdown] lang="zh"
# ### 练习 · 大写 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · upper case · 5 min
# %% exercise="loud" difficulty=1 importance=2 minutes=5
def loud(word: str) -> str:
    """`word` in capitals."""
    # solution
    return word.upper()


if __name__ == "__main__":
    tests.test_loud(loud)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：字符串有现成的方法。
# %% [markdown] lang="en" tags=["hint"]
# Hint: strings have a method for it.

# %% [markdown] lang="zh" tags=["bonus"]
# ### 练习 · 长度 · 5 分钟
# %% [markdown] lang="en" tags=["bonus"]
# ### Exercise · length · 5 min
# %% exercise="size" difficulty=1 importance=1 minutes=5
def size(word: str) -> int:
    """How many characters `word` has."""
    # solution
    return len(word)


if __name__ == "__main__":
    tests.test_size(size)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：`len`。
# %% [markdown] lang="en" tags=["hint"]
# Hint: `len`.
'''

WORDS_TESTS = """\
from coach import close, judged


@judged
def test_loud(loud):
    close(loud("quiet"), "QUIET")


@judged
def test_size(size):
    close(size("four"), 4)
"""

BOXES = '''\
# %% [markdown] lang="zh"
# # 第 1 天 · 盒子
# %% [markdown] lang="en"
# # Day 1 · boxes
# %%
from part1_boxes import tests

# %% [markdown] lang="zh"
# ### 练习 · 体积 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · volume · 5 min
# %% exercise="size" difficulty=1 importance=3 minutes=5
def size(width: float, height: float, depth: float) -> float:
    """The volume of a box."""
    # solution
    return width * height * depth


if __name__ == "__main__":
    tests.test_size(size)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：三个数相乘。
# %% [markdown] lang="en" tags=["hint"]
# Hint: multiply the three.
# %% [markdown] lang="zh"
# ### 练习 · 边数 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · edges · 5 min
# %% exercise="EDGES" difficulty=1 importance=1 minutes=5
# How many edges has a box? EDGES is that number.
EDGES = 0
# solution
EDGES = 12

if __name__ == "__main__":
    tests.test_edges(EDGES)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：上下各四条。
# %% [markdown] lang="en" tags=["hint"]
# Hint: four above, four below.
'''

BOXES_TESTS = """\
from coach import close, holds, judged


@judged
def test_size(size):
    close(size(2.0, 3.0, 5.0), 30.0)


@judged
def test_edges(EDGES):
    holds(EDGES == 12, zh="不是这个数", en="that is not the number")
"""

LATER = '''\
# %% [markdown] lang="zh"
# # 第 2 天 · 以后
# %% [markdown] lang="en"
# # Day 2 · later
# %%
from part2_later import tests

# %% [markdown] lang="zh"
# ### 练习 · 相反数 · 5 分钟
# %% [markdown] lang="en"
# ### Exercise · the opposite · 5 min
# %% exercise="opposite" difficulty=1 importance=3 minutes=5
def opposite(x: float) -> float:
    """`-x`."""
    # solution
    return -x


if __name__ == "__main__":
    tests.test_opposite(opposite)

# %% [markdown] lang="zh" tags=["hint"]
# 提示：减号。
# %% [markdown] lang="en" tags=["hint"]
# Hint: a minus sign.
'''

LATER_TESTS = """\
from coach import close, judged


@judged
def test_opposite(opposite):
    close(opposite(2.5), -2.5)
"""

LESSONS = {
    "part0_numbers": {"solutions": NUMBERS, "tests": NUMBERS_TESTS, "mistakes": NUMBERS_MISTAKES},
    "part0_words": {"solutions": WORDS, "tests": WORDS_TESTS},
    "part1_boxes": {"solutions": BOXES, "tests": BOXES_TESTS},
    "part2_later": {"solutions": LATER, "tests": LATER_TESTS},
}


class Mini:
    """The small course, and the short ways to its parts that tests want."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace(root)

    def lesson(self, name: str) -> Lesson:
        """The lesson anew: nothing of it is remembered from before."""
        return Lesson(self.root / "chapter0_fundamentals" / "exercises" / name)

    def begin(self, name: str, *changes: tuple[str, str], lang: str = "en") -> Path:
        """Makes that lesson's answers.py, with each (old, new) of `changes` made in it."""
        answers = self.lesson(name).answers
        text = self.lesson(name).view(lang)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        answers.write_text(text, encoding="utf-8", newline="\n")
        return answers


def obstruct(path: Path, kind: str) -> None:
    """Puts something that is no file in the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(path.with_name("nowhere"))
    else:
        path.symlink_to(path.with_name("round"))
        path.with_name("round").symlink_to(path)


def make(root: Path) -> Mini:
    """Writes the small course into `root`."""
    exercises = root / "chapter0_fundamentals" / "exercises"
    for name, files in LESSONS.items():
        (exercises / name).mkdir(parents=True)
        for stem, text in ({"__init__": ""} | files).items():
            (exercises / name / f"{stem}.py").write_text(text, encoding="utf-8", newline="\n")
    shutil.copy(REPOSITORY / "pyproject.toml", root)
    shutil.copy(REPOSITORY / "chapter0_fundamentals" / "conftest.py", exercises.parent)
    return Mini(root)
