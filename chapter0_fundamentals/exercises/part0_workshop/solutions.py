# %% [markdown] lang="zh" order=9
# # 第 0 天 · 工作台：git、shell、环境、图、编辑器
#
# 写代码的时间，除了写和找错，还花在存档、搬运、安装和看图上。
# 这一课把这些工具各用一遍：弄清 git 的历史怎样分开、怎样合上，shell 怎样找到一个程序，画两张图，做一个带滑块的网页。
#
# **先修**：`part0_tensors` 的第 1 节（形状、轴）；`part0_debugging`（单元格、测试）；会写 Python 函数。
# **时间**：约 2 个半小时；第 2 节之后正好休息。`coach dojo git` 和 `coach dojo unix` 另需各一小时，可以放到别的日子。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint merge`，自测用 `coach questions`。
#
# 只评判练习里写明的情形；名字和写法不限，用循环或标准库都行。
# %% [markdown] lang="en" order=9
# # Day 0 · the workshop: git, shell, environments, figures, the editor
#
# Beside writing and looking for errors, a programmer keeps versions, moves files, installs things and looks at plots.
# This lesson uses the tools for each of these once: you learn how a history in git parts and joins, and how the shell finds a program, draw two figures, and build a web page with a slider.
#
# **You need** section 1 of `part0_tensors` (shapes, axes), `part0_debugging` (cells, tests), and Python functions.
# **Time**: about two and a half hours; after section 2 is a good place for a break. `coach dojo git` and `coach dojo unix` take an hour each in addition, on another day if you like.
# **How to read**: guess first, then run, and only then write. `coach hint merge` helps when you are stuck, `coach questions` asks the self-check.
#
# Only what an exercise describes is judged; names and ways of writing are free, be it a loop or the standard library.
# %%
import os
import posixpath
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Int
from plotly.subplots import make_subplots

from part0_workshop import figures, keys, sandbox, tests

# %% [markdown] lang="zh"
# ## 1 · git
# ### 提交是快照，分支是名字
#
# “final.py、final2.py、final2_真的.py”：人人都存过旧版本，git 把它做对。每个提交（commit）是*整个*文件夹的一张快照；一起记下的有作者、时间、一句话，还有上一个提交是谁（父提交）；由合并（merge）得来的提交有两个父提交。
# 提交的名字是由这一切算出来的一串十六进制数（哈希）；用的时候写前几位就够。
# 分支（branch）不是文件夹的副本，只是*一个提交的名字*；每提交一次，当前分支的名字就挪到新提交上。
# `HEAD` 是“我在哪里”，通常指着一个分支；`HEAD~1` 是那里的上一个提交，`HEAD~2` 是再上一个。
# `git reset --hard HEAD~1` 让当前分支的名字退一步，文件夹也跟着退；`git reflog` 列出 `HEAD` 去过的每个地方。
# `git switch NAME` 换到一个分支，`git switch -c NAME` 先建一个再换过去。
# `git switch --detach HASH` 换到一个*提交*上（旧教程写 `git checkout HASH`）：`HEAD` 不指着任何分支，叫分离的 HEAD（detached HEAD）。
# 在那里看看、跑跑都好；在那里提交，却没有分支的名字跟着走，一换走就只有 `git reflog` 找得到。
# 要提交，先在那里 `git switch -c NAME`。
#
# ```
# A ── B ── C          main
#       \
#        D ── E        summary, HEAD
# ```
#
# `main` “包含”的提交是从 C 沿着父提交往回走能到的：C、B、A；`summary` 的是 E、D、B、A。
# 下面的图一条命令一步；拖动滑块，每一步先猜哪个名字会动。
# %% [markdown] lang="en"
# ## 1 · git
# ### Commits are snapshots, branches are names
#
# "final.py, final2.py, final2_really.py": git keeps old versions properly. A **commit** is a snapshot of the *whole* folder; kept with it are the author, the time, a sentence, and which commit came before it (its parent); a commit that comes of a **merge** has two parents.
# A commit's name is a row of hexadecimal digits computed from all this (the hash); to use it, write the first few.
# A **branch** is no copy of the folder, just *a name for one commit*; with every commit the present branch's name moves to the new one.
# `HEAD` is "where I am", usually at a branch; `HEAD~1` is the commit before that, and `HEAD~2` the one before this.
# `git reset --hard HEAD~1` takes the present branch's name one commit back, and the folder with it; `git reflog` lists every place where `HEAD` has been.
# `git switch NAME` goes to a branch, `git switch -c NAME` makes it first.
# `git switch --detach HASH` goes to a *commit* (`git checkout HASH` in older texts): `HEAD` is at no branch, which is called a detached HEAD.
# It is good for looking and running; but no branch's name moves along with a commit made there, and once you switch away only `git reflog` finds it.
# To commit, first `git switch -c NAME` there.
#
# ```
# A ── B ── C          main
#       \
#        D ── E        summary, HEAD
# ```
#
# The commits that `main` "contains" are those reached from C by going back through parents: C, B, A; those of `summary` are E, D, B, A.
# The figure has a step for each command; drag the slider, and guess before each step which name is going to move.
# %%
if __name__ == "__main__":
    figures.commits().show()


# %% [markdown] lang="zh" tags=["question"] see="history"
# 图的倒数第二步，`git reset --hard HEAD~1` 之后，合并提交 M 还在吗？最后一步为什么能救回它？
# %% [markdown] lang="en" tags=["question"] see="history"
# In the last step but one, after `git reset --hard HEAD~1`, is the merge commit M still there? And why can the last step bring it back?
# %% [markdown] lang="zh" tags=["answer"]
# 还在：`reset` 只把名字 `main` 挪回去，提交本身没有动。只是没有名字能走到它了，`git log` 也就不列它。
# `git reflog` 记着 `HEAD` 去过的每个地方，从那里能找到 M 的哈希；给它一个名字（`git branch rescue …`），它就又能走到。没有名字的提交几周之后才会被清掉。
# 真正找不回来的只有*从没提交过*的改动：所以常提交。
# %% [markdown] lang="en" tags=["answer"]
# It is: `reset` moves only the name `main`; the commit itself is untouched. No name leads to it any more, and so `git log` doesn't list it.
# `git reflog` remembers every place where `HEAD` has been, and shows the hash of M; give it a name (`git branch rescue …`), and it can be reached again. Commits without a name are cleared away only after weeks.
# What can't be brought back are changes that were *never committed*: so commit often.
# %% [markdown] lang="zh"
# ### 练习 · 一个名字包含哪些提交 · 10 分钟
#
# `parents` 给出每个提交的父提交（第一个提交没有，合并提交有两个），返回从 `tip` 出发往回走能到的所有提交，`tip` 自己也在内。
# 上面的图里，`history(parents, "C")` 是 `{"A", "B", "C"}`。
# 历史里可以有合并，一个提交从两条路到也只算一次；一条直线上可以有 5000 个提交，所以递归不够深（Python 默认大约一千层）。
# `git log` 列的就是它；`git log main..summary` 列的是两个集合之差。
# %% [markdown] lang="en"
# ### Exercise · which commits a name contains · 10 min
#
# `parents` gives the parents of each commit (none for the first, two for a merge); return all commits that can be reached from `tip` by going back, `tip` included.
# In the graph above, `history(parents, "C")` is `{"A", "B", "C"}`.
# There may be merges, and a commit reached by two ways counts once; there may be 5000 commits in a row, so recursion isn't deep enough (Python allows about a thousand calls by default).
# `git log` lists just that; `git log main..summary` lists the difference of two such sets.
# %% exercise="history" difficulty=2 importance=3 minutes=10
def history(parents: Mapping[str, Sequence[str]], tip: str) -> set[str]:
    """All commits that `tip` contains, itself included."""
    # solution
    found, todo = set(), [tip]
    while todo:
        commit = todo.pop()
        if commit not in found:
            found.add(commit)
            todo += parents[commit]
    return found


if __name__ == "__main__":
    graph = {"A": [], "B": ["A"], "C": ["B"], "D": ["B"], "E": ["D"]}
    if tests.test_history(history):
        print("git log main..summary:", sorted(history(graph, "E") - history(graph, "C")))


# %% [markdown] lang="zh" tags=["hint"]
# 记两样：已经找到的，和还要去看的。什么时候一个提交不必再看？
# %% [markdown] lang="en" tags=["hint"]
# Keep two things: what was found, and what is still to be visited. When need a commit not be visited again?
# %% [markdown] lang="zh" tags=["hint"]
# 一个列表当栈：取出一个，没见过就记下，并把它的父提交放进去，直到空了。
# %% [markdown] lang="en" tags=["hint"]
# A list as a stack: take one out; if it is new, note it and put its parents in; until nothing is left.
# %% [markdown] lang="zh"
# ### 三个地方，和另一台机器
#
# 一个改动要经过三个地方：*文件夹*（你编辑的），暂存区（staging area，下一个提交要装的），*提交*。
# `git add` 从第一处搬到第二处，`git commit` 从第二处到第三处；所以一个文件改了两件事，也能分成两个提交。
# 远程仓库（remote）是另一份完整的历史，多半在服务器上，习惯叫 `origin`；克隆（clone）就是把它整份抄到本地，`git push` 把提交送过去，`git fetch` 只取回来，`git pull` 取回来并合并。
# `git push` 被拒，多半是远程有你还没有的提交：先 `git pull --no-rebase` 取回来合并，再推（`--no-rebase` 说“用合并的办法”，两边都有新提交时 git 要你写明）。不要用 `--force`：它会扔掉别人的提交。
# `origin/main` 是你这里的一个记号：上次取的时候，远程的 `main` 在哪里。
# `git status` 拿它和你的 `main` 比：ahead 3 是你有 3 个提交它没有，behind 2 是它有 2 个你没有。
# 只有 ahead，推就行；只有 behind，拉就行；两样都有，就先拉（会合并），跑一遍测试，再推。
#
# 大文件、数据、密码、`.venv` 不要提交：写进 `.gitignore`。密码一旦提交，就留在历史里：再提交一次把它删掉也没用，要换密码。
# `.gitignore` 只管 git 还不认识的文件：已经提交过的照样跟踪，除非先 `git rm --cached` 把它从暂存区拿掉。
#
# 读下一格：
#
# - `git init` 在这里开始一份历史；`echo TEXT` 打印这段文字，`ls` 列出文件夹里的名字，`cat FILE` 打印一个文件；
# - `&&` 是“前一个成功了，才做后一个”，`;` 是“不管怎样都做后一个”，`> log.txt` 把打印的写进文件；
# - `git status --short` 每行有两格记号，前一格说暂存区，后一格说文件夹：`A` 是新的，`M` 是改过的，`??` 是 git 还不认识的；
# - git 还不认识的文件，换分支时留在文件夹里；那边若也有这个名字，git 就不肯换。
#
# 已经提交过的文件，改了还没有提交就换分支：两个分支里它的内容相同，改动就跟着过去；不同，git 怕盖掉你的改动，不肯换。
# 手上的活没干完，就先提交；或者用 `git stash` 把改动收到一边，回来以后用 `git stash pop` 放回来：下一格的第二段就是这样。
# %% [markdown] lang="en"
# ### Three places, and another machine
#
# A change passes through three places: the *folder* (what you edit), the **staging area** (what goes into the next commit), and the *commit*.
# `git add` takes it from the first to the second, `git commit` from there to the third; so two changes in one file can become two commits.
# A **remote** is another whole history, mostly on a server, by custom called `origin`; to **clone** it is to copy all of it to your disk, `git push` sends commits there, `git fetch` gets those that are there, `git pull` also merges them.
# If `git push` is rejected, the remote mostly has commits that you don't have: first `git pull --no-rebase` to fetch and merge them, then push (`--no-rebase` says "by merging"; git wants it when both sides have new commits). Don't use `--force`: it throws the others' commits away.
# `origin/main` is a note on your side: where the remote's `main` was when you last fetched.
# `git status` compares your `main` with it: ahead 3 means that you have 3 commits which it lacks, behind 2 that it has 2 which you lack.
# If you are only ahead, push; if only behind, pull; if both, pull first, which merges, run the tests, and then push.
#
# Large files, data, passwords and `.venv` aren't committed: list them in `.gitignore`. A password once committed stays in the history: to delete it in a new commit doesn't help, so change the password.
# `.gitignore` is for files that git doesn't know yet: what was committed is still followed, until `git rm --cached` takes it out of the staging area.
#
# To read the next cell:
#
# - `git init` begins a history here; `echo TEXT` prints that text, `ls` the names in a folder, and `cat FILE` a file;
# - `&&` means "if that went well, then", `;` "in any case, then", and `> log.txt` writes what is printed into the file;
# - `git status --short` begins each line with two places, the first for the staging area, the second for the folder: `A` is new, `M` is changed, and `??` is a file that git doesn't know yet;
# - a file that git doesn't know stays in the folder when you switch to another branch; if that branch has one of the same name, git refuses to switch.
#
# A changed file that git knows comes along if both branches have the same version of it; if not, git refuses to switch, so as not to overwrite your change.
# In the middle of something, commit first, or put the changes aside by `git stash`, and take them back by `git stash pop`; the second story does it.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        git config user.name "You"             # who you are: kept with each commit
        git config user.email you@example.org
        echo "loss 0.9" > log.txt && echo "big" > data.bin
        git add log.txt                        # into the staging area
        git status --short
        git commit --quiet -m "First run"      # a snapshot of what is staged: data.bin isn't in it
        echo "*.bin" > .gitignore && git add .gitignore && git commit --quiet -m "Leave the data out"
        git switch --quiet -c try              # a new branch, here and now
        echo "loss 0.5" > log.txt
        git diff --unified=0                   # the folder against the staging area; 0 lines around a change
        git add log.txt                        # now `git diff` would show nothing, but this does:
        git diff --unified=0 --staged          # the staging area against the last commit
        echo "try Adam" > ideas.txt
        git commit --quiet -am "Second run"    # -a: stage every changed file that git knows: not ideas.txt
        git switch --quiet main
        git status --short                     # ideas.txt has come along: it is in no commit, and in no branch
        git log --oneline --graph --all        # a line each, with the branching drawn; all branches
    """
    print(sandbox.sh(story))
    aside = """
        git init --quiet .
        echo one > a.txt && git add a.txt && git commit --quiet -m "one"
        git switch --quiet -c try
        echo two > a.txt && git commit --quiet -am "two"
        echo three > a.txt                     # in the middle of something
        git switch main 2>&1 | head -2         # a.txt differs in main: refused
        git stash --quiet                      # put aside: the folder is as the last commit has it
        git switch --quiet main && cat a.txt
        git switch --quiet try && git stash pop --quiet
        cat a.txt
    """
    print(sandbox.sh(aside))


# %% [markdown] lang="zh" tags=["question"] see="merge"
# 改了 `log.txt`，`git add` 之后又改了一次，然后 `git commit`。提交里是哪一个版本？
# 先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="merge"
# You change `log.txt`, `git add` it, change it once more, then `git commit`. Which version is in the commit?
# Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 第一个：`add` 把*那一刻*的内容复制进暂存区，提交的是暂存区。第二次改动还在文件夹里，`git status` 的 ` M` 说的就是它。
# 以为 `add` 是“从此跟踪这个文件”的人会猜第二个。
# %% [markdown] lang="en" tags=["answer"]
# The first: `add` copies what is there *at that moment* into the staging area, and that is what is committed. The second change is still in the folder; the ` M` of `git status` says so.
# Whoever takes `add` for "follow this file from now on" guesses the second.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo "loss 0.9" > log.txt
        git add log.txt
        echo "loss 0.1" > log.txt
        git commit --quiet -m "Which one?"
        git show HEAD:log.txt                  # the file as it is in the commit HEAD
        git status --short
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh" tags=["question"] see="merge"
# `model.bin` 早就提交过，后来才写进 `.gitignore`。现在它变了：`git status` 会提到它吗？`git rm --cached` 之后，文件还在硬盘上吗？
# 先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="merge"
# `model.bin` was committed long ago, and only then listed in `.gitignore`. Now it changes: does `git status` mention it? And after `git rm --cached`, is the file still on the disk?
# Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 会提到：` M model.bin`。忽略规则只在“要不要开始跟踪”时起作用，已经跟踪的不受影响。
# 还在：`--cached` 只动暂存区。提交之后 git 不再管它，`git status` 什么也不说；它过去的版本仍在历史里。
# %% [markdown] lang="en" tags=["answer"]
# It does: ` M model.bin`. The list decides only whether git begins to follow a file; one that is followed already stays so.
# It is: `--cached` touches the staging area only. After the commit git leaves it alone, and `git status` says nothing; its old versions are still in the history.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo "old" > model.bin && git add model.bin && git commit --quiet -m "By mistake"
        echo "*.bin" > .gitignore && git add .gitignore && git commit --quiet -m "Leave models out"
        echo "new" > model.bin
        git status --short                     # still followed
        git rm --quiet --cached model.bin      # out of the staging area
        git commit --quiet -m "No model in here"
        git status --short                     # nothing to say
        ls                                     # and there it is
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# 再看远程：服务器、你和一位同事都在这一格的文件夹里。同事先推了，你的推送就被拒；取回来合并，再推就行了。
# 大家往里推的是裸仓库（bare repository）：只有历史，没有供人编辑的文件夹。推送会挪动那边分支的名字；若有人正在那边的文件夹里改文件，文件就与名字对不上了，所以 git 不让推到别处正在用的分支上。
# %% [markdown] lang="en"
# Now the remote: the server, you and a colleague are all in this cell's folder. The colleague pushes first, so your push is rejected; after a pull, which merges, it works.
# What everybody pushes to is a **bare repository**: a history without a folder to edit in. A push moves a branch's name over there, and files being edited there would no longer belong to it; so git refuses to push to a branch in use.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet --bare server         # the remote: a history without a folder to edit in
        git clone --quiet server you 2> /dev/null   # 2>: where complaints go; /dev/null: nowhere
        cd you                                 # the shell moves to that folder; .. is the one above
        echo "loss 0.9" > a.log && git add a.log && git commit --quiet -m "First run"
        git push --quiet
        git clone --quiet ../server ../colleague
        cd ../colleague
        echo "loss 0.7" > b.log && git add b.log && git commit --quiet -m "A colleague's run"
        git push --quiet
        cd ../you
        echo "loss 0.5" > c.log && git add c.log && git commit --quiet -m "My run"
        # ||: only if that went wrong; grep: shows the lines of said.txt that have a ! in them
        git push --quiet 2> said.txt || grep "!" said.txt
        git fetch --quiet                      # moves origin/main, and nothing else
        git status --short --branch
        git pull --quiet --no-rebase           # fetch and merge
        git push --quiet
        git log --oneline --graph
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 合并，冲突，四种撤销
#
# `git merge NAME` 把分支 NAME 合并进你所在的分支（“我们的”）。git 看三个版本：*共同的祖先*、我们的、他们的，一处一处地定：
#
# | 祖先 | 我们的 | 他们的 | 结果 |
# |---|---|---|---|
# | 休息 | 休息 | 张量 | 张量：只有他们改了 |
# | 休息 | 画图 | 休息 | 画图：只有我们改了 |
# | 休息 | 张量 | 张量 | 张量：改得一样 |
# | 休息 | 画图 | 张量 | 冲突（conflict）：改得不同，要人来定 |
#
# 冲突不是出错，是 git 不肯替你猜。它在文件里写上 `<<<<<<<`、`=======`、`>>>>>>>`，上半是我们的，下半是他们的；改成你要的样子，删掉三行标记，`git add`，`git commit`。后悔了：`git merge --abort`。
# 没有祖先那一列，头两行就分不开：这就是为什么要三个版本。
# 若我们这边从共同的祖先起没有新提交，就没什么可合：我们的名字直接挪到他们的提交上，叫快进（fast-forward），没有合并提交。
# 两边都有新提交，才造出有两个父提交的那种。
# 一个文件里，“一处”是相连的几行：改在不相邻的几处，两边的都留下；改在同一行或紧挨着的行，才冲突。
# 没有冲突不等于对：git 只比文字。
# 一边给函数改了名，另一边在别的文件里新写了对旧名字的调用，合并一声不响，程序却坏了。
# 所以合并之后总要跑一遍测试。
# 下一格里有快进、合并提交，和一次悄无声息却错了的合并。
# %% [markdown] lang="en"
# ### Merging, conflicts, four ways to undo
#
# `git merge NAME` merges the branch NAME into the one where you are ("ours"). Git looks at three versions, the *common ancestor*, ours and theirs, and decides place by place:
#
# | ancestor | ours | theirs | result |
# |---|---|---|---|
# | rest | rest | tensors | tensors: only they changed it |
# | rest | figures | rest | figures: only we changed it |
# | rest | tensors | tensors | tensors: changed alike |
# | rest | figures | tensors | a **conflict**: changed differently, a person must decide |
#
# A conflict is no accident; git just refuses to guess. It writes `<<<<<<<`, `=======` and `>>>>>>>` into the file, ours above, theirs below; make of it what you want, delete the three marks, `git add`, `git commit`. `git merge --abort` gives up.
# Without the ancestor's column the first two rows couldn't be told apart: that is why three versions are needed.
# If our side has no new commit since the common ancestor, there is nothing to merge: our name just moves on to their commit, which is called a fast-forward, and there is no merge commit.
# Only if both sides have new commits is one with two parents made.
# Within a file a "place" is a group of lines that touch: changes in places apart are both kept, changes in the same or in neighbouring lines are a conflict.
# No conflict doesn't mean right: git compares only text.
# If one side renames a function, and the other, in another file, writes a new call by the old name, the merge is silent and the program broken.
# So run the tests after each merge.
# The next cell has a fast-forward, a merge commit, and a merge that is silent and wrong.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo "def area(): return 6" > shapes.py
        git add shapes.py && git commit --quiet -m "A function"
        git switch --quiet -c rename
        echo "def size(): return 6" > shapes.py && git commit --quiet -am "A better name"
        git switch --quiet main
        git merge rename                       # main has nothing new: a fast-forward
        git reset --quiet --hard HEAD~1        # main goes back, to try it once more
        echo "import shapes; print(shapes.area())" > use.py
        git add use.py && git commit --quiet -m "A call"
        git merge --quiet --no-edit rename     # both have something new; --no-edit: git words the message
        git log --oneline --graph
        cat shapes.py use.py                   # no conflict, and yet it can't run
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 练习 · 三方合并 · 15 分钟
#
# 用上面的规则合并三个文件夹，每个是“文件名 → 内容”的字典；没有这个名字，就是文件不存在（没有建，或删了），它与别的内容一样参加比较。
# 返回合并后的字典，和有冲突的文件名的集合；有冲突的不放进字典。
# 例如祖先 `{"a": "1", "b": "1"}`，我们 `{"a": "2", "b": "1"}`，他们 `{"a": "1"}`（删了 `b`）：结果是 `({"a": "2"}, set())`。
# 一边删、一边改，是冲突；两边都删，不是；两边新建了不同的同名文件，是冲突。空字符串是空文件，不是没有文件。
# %% [markdown] lang="en"
# ### Exercise · a three-way merge · 15 min
#
# By the rules above merge three folders, each a dictionary from a file's name to its text; a missing name means that there is no such file (never made, or deleted), which is compared like any other content.
# Return the merged dictionary and the set of names in conflict; those aren't in the dictionary.
# For example, with the ancestor `{"a": "1", "b": "1"}`, ours `{"a": "2", "b": "1"}` and theirs `{"a": "1"}` (`b` was deleted), the result is `({"a": "2"}, set())`.
# Deleted on one side and changed on the other is a conflict; deleted on both is none; two different new files of one name are a conflict. An empty string is an empty file, not a missing one.
# %% exercise="merge" difficulty=3 importance=4 minutes=15
def merge(
    base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    """The files after merging `ours` and `theirs`, whose common ancestor is `base`, and the names in conflict."""
    # solution
    merged, conflicts = {}, set()
    for name in {*base, *ours, *theirs}:
        old, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if old != mine != other != old:
            conflicts.add(name)
        elif (text := other if mine == old else mine) is not None:
            merged[name] = text
    return merged, conflicts


if __name__ == "__main__":
    plan = {"monday": "install", "tuesday": "rest"}
    if tests.test_merge(merge):
        print(merge(plan, plan | {"tuesday": "figures"}, plan | {"tuesday": "tensors", "friday": "read"}))


# %% [markdown] lang="zh" tags=["hint"]
# 对每个名字取三个值（没有就是 `None`）。哪三种情形不是冲突？
# %% [markdown] lang="en" tags=["hint"]
# For each name take three values (`None` where it is missing). Which three cases are no conflict?
# %% [markdown] lang="zh" tags=["hint"]
# 我们没改，就取他们的；他们没改，或改得一样，就取我们的；取到 `None` 就是没有这个文件。`dict.get` 给出“没有”。
# %% [markdown] lang="en" tags=["hint"]
# If we didn't change it, take theirs; if they didn't, or changed it alike, take ours; `None` means no file. `dict.get` gives the "missing".
# %% [markdown] lang="zh"
# 四种撤销，看改动走到了哪里：
#
# | 改动在 | 命令 | 之后 |
# |---|---|---|
# | 文件夹里 | `git restore FILE` | 改动没了，找不回来 |
# | 暂存区里 | `git restore --staged FILE` | 退回文件夹，内容不变 |
# | 提交里，还没有推送 | `git reset --soft HEAD~1` | 名字退一步，改动留在暂存区 |
# | 已经推送的提交里 | `git revert HASH` | 多一个相反的提交，别人的历史不被改写 |
#
# `git reset` 都让名字退回去；改动呢，`--soft` 留在暂存区；不写，留在文件夹里，不在暂存区；`--hard` 扔掉，git 认识的文件里别的改动也一起扔。
# 只是漏了东西，不必退：`git add` 它，再 `git commit --amend`，换掉最后一个提交。
# 提交做在了错的分支上，也是名字的事（没有推送过，手上也没有别的改动）：在原地给它们一个名字，把错的分支退回去，再换到新名字上。下面的最后一格就是这样。
#
# 现在去真的 git 里练：`coach dojo git` 建一个沙箱（服务器、克隆、会捣乱的同事都在你的硬盘上），十六步，每一步看状态评判：
# clone、identity、look（`git log -p`，连同改动）、branch、stage、commit、ignore、push（`git push -u origin summary`，`-u` 记住推到哪里）、merge、change、conflict、old（`git show HASH:FILE`）、revert、undo、rescue（`git reflog`）、contribute：最后一步，给别人的项目修一个错。
# 往下读：[Pro Git](https://git-scm.com/book/zh/v2) 第 2、3、7 章（有中文版；作者 Scott Chacon、Ben Straub）。读时自问：`rebase`（把你的提交接到别的提交后面重做一遍）之后，`history` 返回的集合变了吗？
# %% [markdown] lang="en"
# Four ways to undo, by how far the change has come:
#
# | the change is in | command | afterwards |
# |---|---|---|
# | the folder | `git restore FILE` | the change is gone for good |
# | the staging area | `git restore --staged FILE` | it is back in the folder, with the same text |
# | a commit, not pushed yet | `git reset --soft HEAD~1` | the name goes one back, the change stays staged |
# | a commit that was pushed | `git revert HASH` | one commit more, the opposite; nobody's history is rewritten |
#
# `git reset` takes the name back: with `--soft` the change stays staged; without it, in the folder, unstaged; `--hard` throws it away, with all other changes in files that git knows.
# If you only forgot something, don't go back: `git add` it, and `git commit --amend` replaces the last commit.
# Commits on the wrong branch (not pushed, nothing else changed): name the place where you are, take the branch back, switch to the name; the last story does so.
#
# Now practise with the real git: `coach dojo git` makes a sandbox (the server, your clone and a colleague who gets in your way are all on your disk) with sixteen steps, each judged by the state it leaves:
# clone, identity, look (`git log -p`, with the changes), branch, stage, commit, ignore, push (`git push -u origin summary`; `-u` remembers where to), merge, change, conflict, old (`git show HASH:FILE`), revert, undo, rescue (`git reflog`), contribute: the last step mends an error in somebody's project.
# Go deeper: chapters 2, 3 and 7 of [Pro Git](https://git-scm.com/book/zh/v2) (in Chinese, and in English as well; by Scott Chacon and Ben Straub). Ask yourself while reading: after a `rebase` (your commits made anew on top of others), has the set that `history` returns changed?
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo one > a.txt && git add a.txt && git commit --quiet -m "one"
        echo two > a.txt
        git commit --quiet -am "oops"
        git reset --soft HEAD~1
        git status --short
        git reflog --format=%gs                # only what was done, the newest first
    """
    print(sandbox.sh(story))
    detached = """
        git init --quiet .
        echo one > a.txt && git add a.txt && git commit --quiet -m "one"
        echo two > a.txt && git commit --quiet -am "two"
        git switch --quiet --detach HEAD~1     # at a commit, and at no branch
        echo tried > a.txt && git commit --quiet -am "tried here"
        git switch main                        # git says what is left behind
        git log --oneline --all                # no name leads to it
        git branch rescue HEAD@{1}             # HEAD@{1}: where HEAD was before, from the reflog
        git log --oneline --graph --all
    """
    print(sandbox.sh(detached))
    wrong_branch = """
        git init --quiet .
        echo one > a.txt && git add a.txt && git commit --quiet -m "one"
        echo two > a.txt && git commit --quiet -am "meant for a branch"
        git branch idea                        # a name for where you are
        git reset --quiet --hard HEAD~1        # the present branch goes back; idea stays
        git switch --quiet idea
        git log --oneline --all
        cat a.txt
    """
    print(sandbox.sh(wrong_branch))


# %% [markdown] lang="zh"
# ## 2 · shell
# ### 路径
#
# GPU（图形处理器）能同时做大量乘加，大的网络靠它训练。租来的 GPU 机器上多半只有一个提示符；那里的程序叫 *shell*（`bash`、`zsh`）。
# 一行命令是一个程序名和几个参数，用空格隔开：`ls -l "my notes"` 是程序 `ls` 和两个参数；名字里有空格就加引号。
# 参数里的 `*` 由 *shell* 展开：它先把所有对得上的名字放在那里，再启动程序；程序只看到名字，看不到星号，`rm` 也就交给它什么删什么。模式先用 `ls` 或 `echo` 试一遍：单独一个 `*` 是这里所有的文件。
# `mv A B` 搬动：`B` 是文件夹，就搬进去；不是，就给 `A` 改名为 `B`。
# 若已经有一个叫 `B` 的文件，它原来的内容就没了，谁也不问；复制的 `cp A B` 也这样。写上 `-i`，两个都会先问。
# Windows 上用 Git Bash（随 git 一起装）或 WSL（Windows 里的一个 Linux）；PowerShell 的写法不同。
#
# 每个 shell 都站在一个文件夹里（`pwd` 打印它，`cd` 换一个）。以 `/` 开头的路径是*绝对的*；别的从你站的地方算起，`.` 是这里，`..` 是上一层，`~` 是你的家目录。
# Python 代码里的相对路径也从 shell 站的地方算起，而不是从脚本所在的文件夹；要从脚本自己那里算起，写 `Path(__file__).parent / "log.txt"`。
# 站在 `/work/day1`，家是 `/home/you`：
#
# | 写的 | 指的 |
# |---|---|
# | `a.py`、`./a.py` | `/work/day1/a.py` |
# | `../day2/b.py` | `/work/day2/b.py` |
# | `~/notes` | `/home/you/notes` |
# | `/etc` | `/etc` |
# %% [markdown] lang="en"
# ## 2 · The shell
# ### Paths
#
# A **GPU** (graphics processor) does very many multiplications at once, and large networks are trained on one. A machine with a GPU that you rent mostly has only a prompt; the program behind it is called a *shell* (`bash`, `zsh`).
# A command line is the name of a program and some arguments, with spaces between them: `ls -l "my notes"` is the program `ls` with two arguments; a name with a space needs quotes.
# A `*` in an argument is expanded by the *shell*: it puts all names that match there, then starts the program, which sees names and no star; so `rm` deletes whatever it is handed. Try a pattern with `ls` or `echo` first: a `*` by itself is every file here.
# `mv A B` moves: into `B` if that is a folder, else `B` is the new name of `A`.
# If there was a file `B` already, its text is lost, and nobody asks; so it is with `cp A B`, which copies. With `-i` both ask first.
# On Windows use Git Bash (it comes with git) or WSL (a Linux inside Windows); PowerShell writes things differently.
#
# Every shell stands in some folder (`pwd` prints it, `cd` goes to another). A path that begins with `/` is *absolute*; any other counts from where you stand, `.` is here, `..` is one up, and `~` is your home.
# A relative path in Python code also counts from where the shell stands, and not from the script's folder; to count from there, write `Path(__file__).parent / "log.txt"`.
# Standing in `/work/day1`, with the home `/home/you`:
#
# | you write | it means |
# |---|---|
# | `a.py`, `./a.py` | `/work/day1/a.py` |
# | `../day2/b.py` | `/work/day2/b.py` |
# | `~/notes` | `/home/you/notes` |
# | `/etc` | `/etc` |
# %%
if __name__ == "__main__":
    story = """
        mkdir notes && cd notes
        echo "first" > "my day.txt" && echo "second" > today.txt
        ls *.txt                               # ls is handed two names
        echo rm * .bak                         # what rm would be handed: look before you delete
        cat today.txt
        cd .. ; cat today.txt                  # the same words, from another place
        cat notes/today.txt
        mv notes/today.txt "notes/my day.txt"  # "first" is lost, without a question
        cat notes/*
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 练习 · 绝对路径 · 10 分钟
#
# 返回 `path` 的绝对路径：没有 `.`、`..`、`~`，没有重复的 `/`，末尾没有 `/`（根 `/` 除外）。
# `cwd` 和 `home` 已经是这样的绝对路径。`~` 只在整个路径是 `~` 或以 `~/` 开头时才是家；根的上一层还是根；空路径就是 `cwd`。
# 只用字符串算，不看硬盘。标准库可以用，但结果在每个系统上都相同，斜杠总是 `/`；传入的 `path` 开头不会有两个斜杠。
# %% [markdown] lang="en"
# ### Exercise · an absolute path · 10 min
#
# Return the absolute path that `path` means: without `.`, `..`, `~`, without doubled `/`, and without a `/` at the end (but for the root, `/`).
# `cwd` and `home` are such absolute paths already. `~` is the home only where the whole path is `~` or begins with `~/`; one up from the root is the root; an empty path is `cwd`.
# Work on the text alone, without looking at the disk. The standard library is allowed, but the result must be the same on every system, and uses `/`; no `path` that comes in begins with two slashes.
# %% exercise="absolute" difficulty=2 importance=3 minutes=10
def absolute(path: str, cwd: str, home: str) -> str:
    """What `path` means to a shell that stands in `cwd`."""
    # solution
    if path == "~" or path.startswith("~/"):
        path = posixpath.join(home, path[2:])
    return posixpath.normpath(posixpath.join(cwd, path))


if __name__ == "__main__":
    if tests.test_absolute(absolute):
        for path in ("./a.py", "../day2//b.py", "~/notes/", "/etc", "../../../.."):
            print(f"{path:14} {absolute(path, '/work/day1', '/home/you')}")


# %% [markdown] lang="zh" tags=["hint"]
# 先决定从哪里出发（根、家，还是 `cwd`），再一段一段地走：遇到 `..` 怎么办，已经在根了呢？
# %% [markdown] lang="en" tags=["hint"]
# First decide where to start (root, home or `cwd`), then go part by part: what does `..` do, and what if you are at the root?
# %% [markdown] lang="zh" tags=["hint"]
# 一个列表当作走到的地方：名字就加上，`..` 就去掉最后一个，`.` 和空的跳过。标准库的 `posixpath` 也会。
# %% [markdown] lang="en" tags=["hint"]
# A list for where you are: a name is appended, `..` takes the last one off, `.` and empty parts are skipped. The standard library's `posixpath` can do it, too.
# %% [markdown] lang="zh" numbers="3 2 1"
# ### 小程序接成管子
#
# 一个程序读文字，有两条输出：1 号给结果，2 号给错误信息。
# `> FILE` 把 1 号写进文件（先清空），`>> FILE` 接在后面，`2> FILE` 管 2 号；管道（pipe）`|` 把左边的 1 号接到右边的输入。
# 所以 `sort f > f` 会丢掉 f：`sort` 还没读，shell 已经把它清空了。
# 管道不接 2 号：错误绕过右边的程序，直接上屏幕。
# `2>&1` 把 2 号并到 1 号所去的地方；`tee FILE` 把读到的既打印出来，又写进文件。
# 所以想边看边记，连错误一起，就写 `PROGRAM 2>&1 | tee all.txt`；写进文件是 `> all.txt 2>&1`，顺序不能反。
# 每个小程序只做一件事：`grep` 挑行，`sort` 排序，`uniq -c` 把*相邻*的相同行合成一行并计数，`head` 取头几行，`wc -l` 数行数，`find` 走遍文件夹（`find . -name "*.py"` 列出这里和下面所有以 `.py` 结尾的）。
# `grep -rl "import torch" --include="*.py" .` 列出其中含有这几个字的文件。下一格里，`*.log` 是所有这样结尾的名字，`grep -h` 不写文件名，`sort -rn` 按数从大到小排。
#
# 两份日志，哪种错误最多？手算：timeout 出现 3 次，memory 2 次，disk 1 次。
# %% [markdown] lang="en" numbers="3 2 1"
# ### Small programs, piped
#
# A program reads text and has two outputs: number 1 for results, number 2 for error messages.
# `> FILE` writes number 1 into a file (emptied first), `>> FILE` goes on at its end, `2> FILE` takes number 2; a **pipe** `|` connects number 1 of the left to the input of the right.
# So `sort f > f` loses f: the shell empties it before `sort` reads it.
# A pipe doesn't take number 2: errors go past the program on the right, to the screen.
# `2>&1` sends number 2 to where number 1 goes; `tee FILE` prints what it reads and writes it into a file, too.
# So to watch and keep all, errors included, write `PROGRAM 2>&1 | tee all.txt`; into a file it is `> all.txt 2>&1`, in this order.
# Each small program does one thing: `grep` picks lines, `sort` sorts, `uniq -c` merges equal lines that are *neighbours* and counts them, `head` takes the first few, `wc -l` counts lines, `find` walks through folders (`find . -name "*.py"` lists all here and below that end in `.py`).
# `grep -rl "import torch" --include="*.py" .` lists those of them that hold these words. In the next cell `*.log` stands for all names with that end, `grep -h` leaves the names of the files out, and `sort -rn` sorts by number, largest first.
#
# Which error is the most frequent in two logs? By hand: timeout occurs 3 times, memory 2 times, disk 1 time.
# %%
if __name__ == "__main__":
    logs = {"a.log": "ERROR timeout\nINFO ok\nERROR memory\nERROR timeout\n"}
    logs |= {"b.log": "ERROR disk\nERROR memory\nERROR timeout\n"}
    print(sandbox.sh("grep -h ERROR *.log | sort | uniq -c | sort -rn", logs))
    both = """
        ls a.log none.log | wc -l              # the complaint about none.log goes past wc
        ls a.log none.log 2>&1 | tee all.txt | wc -l
        cat all.txt
    """
    print(sandbox.sh(both, logs))


# %% [markdown] lang="zh" tags=["question"] see="mode"
# 把第一个 `sort` 去掉，`uniq -c` 会给出几行？先数，再从上一格里去掉它，重新运行。
# %% [markdown] lang="en" tags=["question"] see="mode"
# Without the first `sort`, how many lines does `uniq -c` give? Count, then take it out of the cell above and run it again.
# %% [markdown] lang="zh" tags=["answer"]
# 六行，每行都是 1：`grep` 给出的顺序是 timeout、memory、timeout、disk、memory、timeout，没有两个相邻的相同。
# `uniq` 只看相邻的行，所以几乎总跟在 `sort` 后面。
# %% [markdown] lang="en" tags=["answer"]
# Six, each counted once: `grep` gives timeout, memory, timeout, disk, memory, timeout, and no two neighbours are equal.
# `uniq` looks at neighbours only, so it nearly always follows a `sort`.
# %% [markdown] lang="zh"
# ### 权限和环境变量
#
# `ls -l` 每行开头是种类（`-` 是文件，`d` 是文件夹），然后九个字母，例如 `rwxr-x---`：三个给主人，三个给组，三个给其他人；`r` 读，`w` 写，`x` 运行（对文件夹：进入），`-` 没有。
# 每三个当作一个二进制数：`rwx` 是 4 + 2 + 1 = 7，`r-x` 是 5，`---` 是 0；`chmod 750 run.sh` 就是它。
# ssh 是登录别的机器的程序，用一对钥匙证明你是谁；私钥是不能给人的那一半，要 `chmod 600 ~/.ssh/id_ed25519`（ed25519 是一种钥匙），否则 ssh 不肯用它。
# `chmod +x run.sh` 之后才能 `./run.sh`，它的第一行 `#!/bin/sh` 说由哪个程序来运行它。
#
# 环境变量（environment variable）是一个名字和一段文字，shell 把它*复制*给它启动的每个程序；程序改了自己的那份，shell 不知道。
# 下一格里 `${LEARNER:-stranger}` 是变量 `LEARNER` 的文字，没有这个变量就是 `stranger`；`printf` 把两行写进 `greet.sh`。
# %% [markdown] lang="en"
# ### Permissions and environment variables
#
# A line of `ls -l` begins with the kind (`-` is a file, `d` a folder) and nine letters, `rwxr-x---` for example: three for the owner, three for the group, three for all others; `r` to read, `w` to write, `x` to run (for a folder: to enter), `-` for not.
# Each three are a number in binary: `rwx` is 4 + 2 + 1 = 7, `r-x` is 5, `---` is 0; that is `chmod 750 run.sh`.
# The program ssh logs in to other machines, and a pair of keys proves who you are; the private key, the half that nobody else may have, wants `chmod 600 ~/.ssh/id_ed25519` (ed25519 is a kind of key), or ssh refuses to use it.
# `./run.sh` works only after `chmod +x run.sh`, and its first line, `#!/bin/sh`, says which program runs it.
#
# An **environment variable** is a name and a text that the shell *copies* to each program it starts; a program may change its copy, and the shell doesn't notice.
# In the next cell `${LEARNER:-stranger}` is the text of the variable `LEARNER`, or `stranger` if there is none; `printf` writes two lines into `greet.sh`.
# %%
if __name__ == "__main__":
    script = """
        printf '%s\\n' '#!/bin/sh' 'echo "Hello, ${LEARNER:-stranger}"' > greet.sh
        chmod 755 greet.sh
        LEARNER=you                                  # a variable of the shell: programs don't see it
        ./greet.sh
        export LEARNER                               # from now on they do
        ./greet.sh
        LEARNER=all ./greet.sh > out.txt 2> err.txt  # for this one command
        cat out.txt
        mkdir -p results/plots                       # makes a folder, and those above it that are missing
        find . -name "*.txt" | sort
        rm -r results                                # for good: there is no waste-paper basket
    """
    print(sandbox.sh(script))


# %% [markdown] lang="zh"
# ### 练习 · 权限的数字 · 5 分钟
#
# 把九个字母的权限变成 `chmod` 的数：`mode("rwxr-x---")` 是整数 `0o750`（八进制的 750，即十进制的 488）。
# %% [markdown] lang="en"
# ### Exercise · permissions as a number · 5 min
#
# Turn nine letters of permissions into the number of `chmod`: `mode("rwxr-x---")` is the integer `0o750` (750 in base eight, which is 488 in base ten).
# %% exercise="mode" difficulty=1 importance=2 minutes=5
def mode(letters: str) -> int:
    """The permissions as an integer, three bits for the owner, the group, the others."""
    # solution
    return sum(1 << place for place, letter in enumerate(reversed(letters)) if letter != "-")


if __name__ == "__main__":
    if tests.test_mode(mode):
        # :o writes a number in base eight
        print({letters: f"{mode(letters):o}" for letters in ("rwxr-x---", "rw-r--r--", "rw-------")})


# %% [markdown] lang="zh" tags=["hint"]
# 九个字母是九个二进制位，从左到右从高到低；`-` 是 0，别的是 1。
# %% [markdown] lang="en" tags=["hint"]
# Nine letters are nine binary digits, the highest on the left; `-` is 0, all others are 1.
# %% [markdown] lang="zh"
# 再去 `coach dojo unix`：十三步（where、hidden、make、move、find、grep、pipe、columns、run、streams、append、environment、remove），每一步看文件夹的状态评判。
# 往下读：[The Missing Semester](https://missing-semester-cn.github.io/) 前两讲（MIT；有中文译本）。读时自问：为什么 `cd` 不能是一个普通程序？
# %% [markdown] lang="en"
# Then go to `coach dojo unix`: thirteen steps (where, hidden, make, move, find, grep, pipe, columns, run, streams, append, environment, remove), each judged by the state of the folder.
# Go deeper: the first two lectures of [The Missing Semester](https://missing-semester-cn.github.io/) (MIT; that is its Chinese translation, it leads to the English). Ask yourself: why can't `cd` be an ordinary program?
# %% [markdown] lang="zh"
# ## 3 · 环境
# ### 哪一个 python
#
# `pip install` 说装好了，`import` 却说没有：多半是 `pip` 和 `python` 属于两个不同的 Python。
# shell 怎样找到一个程序？环境变量 `PATH` 是一串文件夹，用 `:` 隔开（Windows 上是 `;`）；shell 从左到右看，*第一个*里面有这个名字的就算数。
#
# 虚拟环境（virtual environment）只是一个文件夹：里面有自己的 `python` 和自己的一套包。每个项目一个：两个项目可能要同一个包的两个版本，弄坏了一个也不连累另一个。
# “激活”它，就是把它的 `bin`（Windows 上是 `Scripts`）放到 `PATH` 的最前面，别的几乎什么也没做。
#
# ```bash
# python -m venv .venv                  # make it
# source .venv/bin/activate             # Windows: .venv\Scripts\activate
# python -c "import sys; print(sys.prefix)"   # -c: run the code in the quotes, here: print this environment's folder
# python -m pip --version               # -m NAME: run the module NAME; so this is the pip of this python
# deactivate
# ```
# %% [markdown] lang="en"
# ## 3 · Environments
# ### Which python
#
# `pip install` says that all is installed, and `import` says that it isn't there: mostly `pip` and `python` belong to two different Pythons.
# How does a shell find a program? The environment variable `PATH` is a row of folders with `:` between them (`;` on Windows); the shell looks from left to right, and the *first* that has a program of that name counts.
#
# A **virtual environment** is just a folder: it has a `python` of its own and packages of its own. Make one for each project: two projects may need two versions of one package, and what breaks in one leaves the other alone.
# To "activate" it is to put its `bin` (`Scripts` on Windows) in front of `PATH`, and little else.
#
# ```bash
# python -m venv .venv                  # make it
# source .venv/bin/activate             # Windows: .venv\Scripts\activate
# python -c "import sys; print(sys.prefix)"   # -c: run the code in the quotes, here: print this environment's folder
# python -m pip --version               # -m NAME: run the module NAME; so this is the pip of this python
# deactivate
# ```
# %%
if __name__ == "__main__":
    # prefix: the folder of this environment; base_prefix: that of the Python it was made from
    print("this python:", Path(sys.executable).name, "in a virtual environment:", sys.prefix != sys.base_prefix)
    # os.pathsep: the sign between the folders, ":" or ";"
    print("first folders of PATH:", [Path(folder).name for folder in os.environ["PATH"].split(os.pathsep)[:3]])


# %% [markdown] lang="zh"
# ### 练习 · shell 找到哪一个 · 10 分钟
#
# 返回 shell 会运行的那个程序的路径，没有就返回 `None`。`path` 像 `PATH` 一样，用 `:` 隔开；`programs` 是硬盘上所有可以运行的文件。
# `which("python", "/work/.venv/bin:/usr/bin", {"/usr/bin/python", "/work/.venv/bin/python"})` 是 `"/work/.venv/bin/python"`。
# 空的一段跳过；一段末尾可以有一个多余的 `/`，返回的路径里不要两个斜杠。
# `command` 里有 `/`（例如 `./run.sh`、`/bin/ls`）时不查 `path`：它本身在 `programs` 里，就原样返回它。名字要完全相同：`python` 不是 `python3`。
# %% [markdown] lang="en"
# ### Exercise · which one the shell finds · 10 min
#
# Return the path of the program that the shell would run, or `None` if there is none. `path` is like `PATH`, with `:` between folders; `programs` are all files on the disk that can be run.
# `which("python", "/work/.venv/bin:/usr/bin", {"/usr/bin/python", "/work/.venv/bin/python"})` is `"/work/.venv/bin/python"`.
# Empty parts are passed over; a part may end with one extra `/`, and the path returned has no doubled slash.
# Where `command` has a `/` in it (`./run.sh`, `/bin/ls`), `path` isn't searched: if it is itself in `programs`, return it as it is. Names must be the same: `python` isn't `python3`.
# %% exercise="which" difficulty=2 importance=4 minutes=10
def which(command: str, path: str, programs: Collection[str]) -> str | None:
    """The program that a shell with this `PATH` runs."""
    # solution
    folders = [folder.removesuffix("/") for folder in path.split(":") if folder]
    places = [command] if "/" in command else [f"{folder}/{command}" for folder in folders]
    return next((place for place in places if place in programs), None)


if __name__ == "__main__":
    disk = {"/usr/bin/python", "/usr/bin/git", "/work/.venv/bin/python", "/work/.venv/bin/pip"}
    if tests.test_which(which):
        for search in ("/usr/bin", "/work/.venv/bin:/usr/bin"):  # before activating, and after
            print(f"{search:26}", [which(command, search, disk) for command in ("python", "pip", "git")])


# %% [markdown] lang="zh" tags=["hint"]
# 两种命令：带斜杠的和不带的。不带的，一段一段试，第一个在的就是。
# %% [markdown] lang="en" tags=["hint"]
# There are two kinds of command, with a slash and without. Without, try folder by folder; the first that is there is it.
# %% [markdown] lang="zh" tags=["hint"]
# `split(":")`，跳过空的，去掉末尾的 `/`，拼上名字；循环里找到就返回，循环完了返回 `None`。
# %% [markdown] lang="en" tags=["hint"]
# `split(":")`, pass over the empty ones, take a `/` off the end, join the name on; return inside the loop, and `None` after it.
# %% [markdown] lang="zh" tags=["question"] see="which"
# 终端里激活了 `.venv`，编辑器里 `Shift+Enter` 却说没有 torch。`PATH` 明明是对的，哪里错了？
# %% [markdown] lang="en" tags=["question"] see="which"
# `.venv` is active in the terminal, and still `Shift+Enter` in the editor says that there is no torch. `PATH` is right, so what is wrong?
# %% [markdown] lang="zh" tags=["answer"]
# `PATH` 是*那个*终端的：环境变量只传给它启动的程序。编辑器是另外启动的，它用自己选的解释器。
# 命令面板里 “Python: Select Interpreter” 选 `.venv`；`coach doctor` 说出现在用的是哪个。
# %% [markdown] lang="en" tags=["answer"]
# `PATH` is that of *this* terminal: an environment variable goes only to the programs that it starts. The editor was started elsewhere, and uses the interpreter that you chose there.
# "Python: Select Interpreter" in the command palette, and choose `.venv`; `coach doctor` says which one is in use.
# %% [markdown] lang="zh"
# 选 python 的有两处。
# shell 看自己的 `PATH`：再开一个终端，就要再激活一次。
# 编辑器运行单元格，按 `F5`，用的都是你在命令面板的 “Python: Select Interpreter” 里选的那个。
# %% [markdown] lang="en"
# Two things choose a python.
# A shell goes by its own `PATH`: each new terminal must be activated again.
# For cells, and for `F5`, the editor takes the one that you chose by "Python: Select Interpreter" in the command palette.
# %% [markdown] lang="zh"
# ### conda，和“只用一个安装者”
#
# conda 也建环境，连 Python 本身一起装。用 [Miniforge](https://conda-forge.org/download/)：它默认用社区的频道（channel，服务器上的一批包）；全新的 Miniconda 会先要你接受服务条款。在课程的文件夹里：
#
# ```text
# conda env create -f environment.yml
# conda activate arena-env
# conda env list
# conda list numpy
# coach doctor
# ```
#
# `environment.yml` 只让 conda 装 Python 和 pip，别的都交给 pip。这是有意的：conda 的 NumPy 常带着 MKL（快速矩阵运算的库）和它的 OpenMP（分配线程的库），pip 的 torch 带着另一份；两份装进一个进程，就是 `OMP: Error #15`。
# 报错里提到的 `KMP_DUPLICATE_LIB_OK` *不要*设：它只是让程序带着两份继续跑，可能崩溃，也可能悄悄算错。正确的办法是重建环境，让一个安装者管所有的包。
#
# 网络慢：`python -m pip install -i URL -r requirements.txt`，`URL` 换成你的学校或服务商的镜像；只有这一步要网络。
# 环境坏了不要修，删掉重建。
# 好了没有，由 `coach doctor` 来判：它查用的是哪个 Python，包全不全、版本对不对，还有编辑器、git 等等，并说出每一处怎样修。
# %% [markdown] lang="en"
# ### Conda, and why one installer
#
# Conda makes environments, too, and installs Python itself with them. Use [Miniforge](https://conda-forge.org/download/), which takes packages from the community's channel (a collection on a server); a fresh Miniconda first wants its terms of service accepted. In the course's folder:
#
# ```text
# conda env create -f environment.yml
# conda activate arena-env
# conda env list
# conda list numpy
# coach doctor
# ```
#
# `environment.yml` lets conda install Python and pip only, and leaves the rest to pip. That is on purpose: conda's NumPy often brings MKL (a library of fast matrix operations) with its OpenMP (one that deals out threads), pip's torch brings another; two of them in one process end in `OMP: Error #15`.
# That message speaks of `KMP_DUPLICATE_LIB_OK`: do *not* set it. It only lets the program go on with both, and it may crash or compute something wrong in silence. The cure is a new environment in which one installer owns all packages.
#
# A slow network: `python -m pip install -i URL -r requirements.txt`, with the mirror of your university or provider for `URL`; only this step needs the network.
# Don't repair a broken environment: delete it and make it anew.
# The judge is `coach doctor`: it looks at Python, packages and versions, editor, git and more, and says how to mend each.
# %% [markdown] lang="zh"
# ## 4 · 图和小应用
# ### 图是数据，加一份说明
#
# plotly 的图是一个对象：`figure.data` 是几条*迹*（trace，一条曲线、一张热图），`figure.layout` 是其余的一切（标题、轴、图例）。先造好，随时可以改，最后才显示。
# 迹里写数据和名字：`go.Scatter(x=…, y=…, name="…", mode="lines")`；说明写在 `figure.update_layout(title=…, xaxis_title=…, yaxis_title=…)`。
# 鼠标停在上面时显示什么，由 `hovermode`（`"x unified"`：同一个 x 上所有曲线一起）和每条迹的 `hovertemplate` 决定；在这样的模板里，`%{z}` 会换成 z 的值。
# 每个点要有自己的一段文字，就给迹一个列表 `text=[…]`，模板里写 `%{text}`。
# 图例里一行对应一条迹，所以要分开标明的几组点，一组一条迹。
# 图既然是数据，测试就不必看图：`figure.data[0].name`、`figure.data[0].y`、`figure.layout.title.text` 都可以拿来比，`figure.to_dict()` 把整张图变成字典。
# `update_layout(yaxis_type="log")` 让 y 轴变成对数的，`update_layout(yaxis_autorange="reversed")` 让它从上往下走。
# 好图不用你在旁边讲：标题说出看什么，两个轴写明是什么量、什么单位，每条线有名字，多余的都去掉；悬停再给出准确的数。
# 折线在说“两点之间也有东西”：适合时间、轮数、学习率。
# 各自独立的东西（几种优化器、几个城市）之间没有“中间”，先后也是随便排的，就用柱子，`go.Bar`。
# 单位不同的两个量（如损失和学习率），不要挤在一个 y 轴上：上下两格，共用 x 轴，像下一格的 `make_subplots`。
#
# 存成网页：`figure.write_html("loss.html", include_plotlyjs=True)` 把画图的程序也装进文件，离线能看；`"cdn"` 则要联网。
# %% [markdown] lang="en"
# ## 4 · Figures and small apps
# ### A figure is data and a description
#
# A figure of plotly's is an object: `figure.data` are a few *traces* (a curve, a heat map), `figure.layout` is all the rest (title, axes, legend). You build it, may change it at any time, and show it last.
# A trace has data and a name: `go.Scatter(x=…, y=…, name="…", mode="lines")`; the description goes into `figure.update_layout(title=…, xaxis_title=…, yaxis_title=…)`.
# What appears under the mouse is decided by `hovermode` (`"x unified"`: all curves at one x together) and by the `hovertemplate` of each trace; in such a template `%{z}` is replaced by the value of z.
# If each point has a text of its own, give the trace a list `text=[…]`, and write `%{text}` in the template.
# A line of the legend stands for a trace, so groups of points that are to be told apart are one trace each.
# As a figure is data, a test need not look at it: `figure.data[0].name`, `figure.data[0].y` and `figure.layout.title.text` can be compared, and `figure.to_dict()` makes dictionaries of all.
# `update_layout(yaxis_type="log")` makes the y axis logarithmic, and `update_layout(yaxis_autorange="reversed")` lets it run downwards.
# A good figure needs nobody to explain it: the title says what to see, both axes say which quantity in which unit, each curve has a name, and there is nothing besides; hovering adds the exact numbers.
# A line says that there is something between its points: it is for time, epochs, a learning rate.
# Separate things (optimisers, cities) have nothing in between and no order of their own: they get bars, `go.Bar`.
# Two quantities of different units (loss and learning rate, say) don't share one y axis: put one above the other, over the same x axis, as `make_subplots` does in the next cell.
#
# As a web page: `figure.write_html("loss.html", include_plotlyjs=True)` puts the drawing program into the file, which then works offline; `"cdn"` needs the network.
# %%
if __name__ == "__main__":
    trace = go.Scatter(x=[1, 2, 3], y=[0.9, 0.5, 0.4], name="run 1")
    small = go.Figure(trace)
    print("trace:", trace.name, "; title:", small["layout"]["title"]["text"])  # none yet
    for source in (True, "cdn"):
        print(f"include_plotlyjs={source}: {len(small.to_html(include_plotlyjs=source)) / 1e6:.1f} MB")
    panels = make_subplots(rows=2, cols=1, shared_xaxes=True)
    for row, (name, values) in enumerate({"loss": [0.9, 0.5, 0.4], "learning rate": [0.1, 0.1, 0.01]}.items(), start=1):
        panels.add_scatter(x=[1, 2, 3], y=values, name=name, row=row, col=1)
        panels.update_yaxes(title_text=name, row=row, col=1)
    panels.update_xaxes(title_text="epoch", row=2, col=1)
    panels.update_layout(title="Two units, two panels, one x axis").show()
    homes = {"north": {"Elm Street": (40, 610), "Oak Lane": (62, 840)}, "south": {"Mill Road": (55, 900)}}
    points = go.Figure()
    for part, streets in homes.items():
        x, y = zip(*streets.values(), strict=True)
        points.add_scatter(x=x, y=y, text=list(streets), name=part, mode="markers", hovertemplate="%{text}: %{y}")
    print([(group["name"], group["text"]) for group in points.to_dict()["data"]])
    points.update_layout(title="Rents", xaxis_title="area (m²)", yaxis_title="rent (€)").show()


# %% [markdown] lang="zh" tags=["question"] see="loss_figure"
# 一条损失曲线从 2.3 降到 0.001，另一条从 2.3 降到 0.01。在普通的（线性的）y 轴上，这两条看起来差多少？
# %% [markdown] lang="en" tags=["question"] see="loss_figure"
# One loss falls from 2.3 to 0.001, another from 2.3 to 0.01. How different do they look on an ordinary (linear) y axis?
# %% [markdown] lang="zh" tags=["answer"]
# 几乎一样：末尾只差 0.009，是全高的 0.4%，比线还细。对数轴上它们差整整一格（十倍）。
# 对数轴上看到的是*比*，所以它适合正的、跨几个数量级的量；有 0 或负数就不行。
# %% [markdown] lang="en" tags=["answer"]
# Hardly at all: at the end they are 0.009 apart, 0.4% of the height, less than the line's width. On a logarithmic axis they are a whole power of ten apart.
# A logarithmic axis shows *ratios*: it is for positive values that spread over several powers of ten, and can't show 0 or less.
# %% [markdown] lang="zh"
# ### 练习 · 损失曲线 · 15 分钟
#
# `losses` 是“运行的名字 → 每一轮的损失”（至少一轮），返回一张图，不显示它：
#
# - 每次运行一条折线（`go.Scatter`，看得见线），顺序相同，`name` 是它的名字，x 是 1、2、3……，长短可以不同；
# - 有标题，两个轴都有文字（写什么由你）；
# - y 轴是对数的；
# - `hovermode` 是 `"x unified"`。
#
# 颜色、样式随意。没有运行时，返回没有迹的图，其余照旧。
# %% [markdown] lang="en"
# ### Exercise · loss curves · 15 min
#
# `losses` maps the name of a run to its losses, one per epoch (one at least); return a figure, without showing it:
#
# - one curve for each run (`go.Scatter` with visible lines), in the same order; its `name` is that of the run, x is 1, 2, 3, …; runs may differ in length;
# - a title, and a text on both axes (in your own words);
# - a logarithmic y axis;
# - the `hovermode` `"x unified"`.
#
# Colours and style are free. Without runs return a figure without traces, and the rest as above.
# %% exercise="loss_figure" difficulty=2 importance=3 minutes=15
def loss_figure(losses: Mapping[str, Sequence[float]]) -> go.Figure:
    """The losses of several runs over epochs, on a logarithmic axis."""
    # solution
    figure = go.Figure()
    for name, values in losses.items():
        figure.add_scatter(x=list(range(1, len(values) + 1)), y=list(values), name=name, mode="lines")
    figure.update_layout(title="Loss by epoch", xaxis_title="epoch", yaxis_title="loss", hovermode="x unified")
    return figure.update_yaxes(type="log")


if __name__ == "__main__":
    if tests.test_loss_figure(loss_figure):
        steps = np.arange(30)
        loss_figure({f"lr {lr}": (2.3 * (1 - lr) ** (2 * steps)).tolist() for lr in (0.01, 0.05, 0.1)}).show()


# %% [markdown] lang="zh" tags=["hint"]
# 从一张空图开始，循环里加迹；x 要从几开始数？
# %% [markdown] lang="en" tags=["hint"]
# Begin with an empty figure and add traces in a loop; from which number does x count?
# %% [markdown] lang="zh" tags=["hint"]
# 依次用 `figure.add_scatter(x=…, y=…, name=…, mode="lines")`、`update_layout`、`update_yaxes(type=…)`。
# %% [markdown] lang="en" tags=["hint"]
# In turn `figure.add_scatter(x=…, y=…, name=…, mode="lines")`, `update_layout`, `update_yaxes(type=…)`.
# %% [markdown] lang="zh"
# ### 练习 · 混淆矩阵 · 20 分钟
#
# 混淆矩阵（confusion matrix）数一个分类器的错法：第 i 行第 j 列是“真实为 i、被判为 j”的个数；对角线上是对的。
# 把它画成一张热图（`go.Heatmap`；或者先 `import plotly.express as px`，再用 `px.imshow`），返回而不显示：
#
# - `z` 是 `counts`，行是真实的类，列是预测的类；两个轴的刻度是 `names`（写成迹的 `x` 和 `y`，或者写成轴的 `tickvals` 0、1、2……和 `ticktext`）；
# - 像矩阵那样读：第一类在*最上面*（plotly 默认把第一行放在最下面）；
# - 每格写着它的个数：`texttemplate` 里有 `%{z}`；
# - 有标题；x 轴的文字里有 `predicted`，y 轴的文字里有 `true`（或者中文的“预测”“真实”；大小写不论）；
# - 悬停时说清楚：`hovertemplate` 里有 `%{x}`、`%{y}` 和 `%{z}`。
#
# 例如 `counts` 是 `[[5, 1], [0, 4]]`、`names` 是 `["cat", "dog"]`：左上角写 5，旁边是 cat；一只猫被判成了狗。
# %% [markdown] lang="en"
# ### Exercise · a confusion matrix · 20 min
#
# A **confusion matrix** counts how a classifier errs: row i, column j is how many are truly i and were taken for j; on the diagonal stands what is right.
# Draw it as a heat map (`go.Heatmap`; or `px.imshow` after `import plotly.express as px`), and return it without showing it:
#
# - `z` is `counts`, rows are the true classes, columns the predicted ones; the ticks of both axes are `names` (as the trace's `x` and `y`, or by the axes' `tickvals` 0, 1, 2, … and `ticktext`);
# - it reads like a matrix: the first class is *at the top* (plotly's default puts the first row at the bottom);
# - each field shows its count: `texttemplate` has `%{z}` in it;
# - a title; the text of the x axis contains `predicted`, that of the y axis `true` (or the same in Chinese; in capitals or not);
# - the hover is clear: `hovertemplate` has `%{x}`, `%{y}` and `%{z}` in it.
#
# With `counts` `[[5, 1], [0, 4]]` and `names` `["cat", "dog"]`, for example, the upper left shows 5, with cat beside it; one cat was taken for a dog.
# %% exercise="confusion_figure" difficulty=3 importance=3 minutes=20
def confusion_figure(counts: Int[np.ndarray, "classes classes"], names: Sequence[str]) -> go.Figure:
    """The confusion matrix as a heat map: true classes down, predicted ones across."""
    # solution
    hover = "true %{y}, predicted %{x}: %{z}<extra></extra>"  # `<extra>`: the grey box with the trace's name
    heat = go.Heatmap(z=counts, x=names, y=names, texttemplate="%{z}", hovertemplate=hover, colorscale="Blues")
    figure = go.Figure(heat)
    figure.update_layout(title="What was taken for what", xaxis_title="predicted class", yaxis_title="true class")
    return figure.update_yaxes(autorange="reversed")


if __name__ == "__main__":
    if tests.test_confusion_figure(confusion_figure):
        taken = np.array([[46, 3, 1], [2, 39, 9], [0, 12, 38]])
        confusion_figure(taken, ["cat", "dog", "wolf"]).show()


# %% [markdown] lang="zh" tags=["hint"]
# 热图的 `x`、`y` 是刻度上的名字。哪个轴要反过来，才像矩阵？
# %% [markdown] lang="en" tags=["hint"]
# `x` and `y` of a heat map are the names on its ticks. Which axis must be reversed to read like a matrix?
# %% [markdown] lang="zh" tags=["hint"]
# `go.Heatmap(z=…, x=…, y=…, texttemplate=…, hovertemplate=…)`，再 `update_yaxes(autorange="reversed")`。
# %% [markdown] lang="en" tags=["hint"]
# `go.Heatmap(z=…, x=…, y=…, texttemplate=…, hovertemplate=…)`, then `update_yaxes(autorange="reversed")`.
# %% [markdown] lang="zh" tags=["question"] see="confusion_figure"
# 看上面的图：分类器最常犯的错是哪一个？这是准确率（82%）看得出来的吗？
# %% [markdown] lang="en" tags=["question"] see="confusion_figure"
# In the figure above, which error does the classifier make most often? Could the accuracy (82%) have told you?
# %% [markdown] lang="zh" tags=["answer"]
# 把狼当成狗，12 次，其次是把狗当成狼，9 次：27 个错里有 21 个在这一对之间。
# 准确率只是对角线之和除以总数，123/150，看不出错在哪里；而知道了这个，就知道该去找更多狗和狼的图。
# %% [markdown] lang="en" tags=["answer"]
# Taking wolves for dogs, 12 times, then dogs for wolves, 9 times: of 27 errors 21 are between these two.
# Accuracy is only the sum of the diagonal over the total, 123/150, and doesn't say where the errors are; knowing that, you know to collect more dogs and wolves.
# %% [markdown] lang="zh"
# ### 一个带滑块的网页
#
# Streamlit 把一个 Python 脚本变成网页：`st.slider(…)` 画一个滑块，*返回它现在的值*。
# 规则只有一条，却常被误会：每动一下滑块，*整个脚本从头到尾再运行一遍*，滑块返回新值。不需要回调函数（callback，“有动静时请调用它”的函数），也没有“更新图”这回事。
# 所以算得慢的也会重算一遍；把它写成函数，上面加 `@st.cache_data`，结果就按参数记住：同样的参数，不再重算。
# 它只认参数：函数读的文件变了，照样给旧的结果；要把文件的修改时间也当参数传进去。
# 计算放在自己的函数里，像下面的 `descend`：不开网页就能用 `assert` 测它。
# 网页本身用 Streamlit 的 `AppTest`（在 `streamlit.testing.v1` 里）测，也不用浏览器：
# `at = AppTest.from_file("app.py").run()` 跑一遍脚本，`at.slider[0].set_value(0.3).run()` 动滑块；然后查 `at.exception` 是空的，`at.metric[0].value` 正是函数给的。
# 想真的运行：`python -m pip install "streamlit>=1.40,<2"`，然后在这一课的文件夹里 `streamlit run app.py`，`Ctrl+C` 停。
# %% [markdown] lang="en"
# ### A web page with a slider
#
# Streamlit makes a web page of a Python script: `st.slider(…)` draws a slider and *returns its present value*.
# There is one rule, often misunderstood: whenever the slider moves, *the whole script runs again from its top*, and the slider returns the new value. It needs no **callbacks** (functions that are called when something happens), and nothing "updates the plot".
# So what is slow is computed again, too; make it a function under `@st.cache_data`, and its results are kept by its arguments: for the same arguments it isn't run again.
# Only arguments count: if the function reads a file that changes, the old result is given; pass the file's time of change, too.
# Keep the computation in a function of its own, such as `descend` below: a plain `assert` tests it without any page.
# The page itself is tested by Streamlit's `AppTest` (of `streamlit.testing.v1`), without a browser either:
# `at = AppTest.from_file("app.py").run()` runs the script, `at.slider[0].set_value(0.3).run()` moves the slider; then check that `at.exception` is empty and that `at.metric[0].value` is what the function gives.
# To run it for real: `python -m pip install "streamlit>=1.40,<2"`, then, in this lesson's folder, `streamlit run app.py`, and `Ctrl+C` to stop.
# %% [markdown] lang="zh" tags=["question"] see="app"
# 脚本里写 `count = 0`，再写 `count += 1`，最后显示 `count`。滑块动了五下，页面上是几？
# %% [markdown] lang="en" tags=["question"] see="app"
# A script says `count = 0`, then `count += 1`, then shows `count`. After five moves of the slider, which number is on the page?
# %% [markdown] lang="zh" tags=["answer"]
# 1。每一遍都从 `count = 0` 开始，所以永远是 1。要跨越各遍记住的东西，放进 `st.session_state`；算得久的，用 `st.cache_data` 记住结果。
# 猜 6 的人把它想成了单元格：那里的内核一直活着，这里的脚本每次重来。
# %% [markdown] lang="en" tags=["answer"]
# 1. Each run begins with `count = 0`, so it is always 1. What must survive a run goes into `st.session_state`; what takes long to compute is remembered by `st.cache_data`.
# Whoever guesses 6 thinks of cells: there the kernel lives on, here the script starts anew each time.
# %%
def descend(lr: float, steps: int = 20) -> list[float]:
    """The loss w² of gradient descent from w = 1, before each step and after the last."""
    return [(1 - 2 * lr) ** (2 * step) for step in range(steps + 1)]


if __name__ == "__main__":
    print({lr: f"{descend(lr)[-1]:.1e}" for lr in (0.1, 0.5, 0.9, 1.1)})


# %% [markdown] lang="zh"
# ### 练习 · 学习率的滑块 · 20 分钟
#
# 写这个页面；`st` 是 Streamlit 模块，由 `app.py` 传进来：
#
# - 一个 `st.slider(label, min_value, max_value, value)`，最后一个是开始的位置，步长随意；标签里有 `learning rate`（或“学习率”；大小写不论），从 0.0 到 1.2，开始在 0.1；
# - 一个 `st.metric(label, value)`（用大字写出一个值，标签写在上面），值是 `descend(lr)` 的最后一个损失，写成 `f"{loss:.2e}"`，标签随意；
# - 一张图，画 `descend(lr)` 的全部 21 个损失：`st.plotly_chart`（图怎样画随意）或 `st.line_chart`。
#
# 放在页面上或 `st.sidebar`、`st.columns` 里都行，别的文字随意。没有装 Streamlit 时，由一个替身评判：它记下你对 `st` 的每次调用；装了，就再由 Streamlit 自己的测试工具 `AppTest` 评判一遍。
# %% [markdown] lang="en"
# ### Exercise · a slider for the learning rate · 20 min
#
# Write this page; `st` is the module Streamlit, which `app.py` passes in:
#
# - one `st.slider(label, min_value, max_value, value)`, where the last is where it starts, with any step; its label contains `learning rate` (or the same in Chinese; in capitals or not), from 0.0 to 1.2, starting at 0.1;
# - one `st.metric(label, value)` (it shows a value in large type, with the label above), whose value is the last loss of `descend(lr)`, written as `f"{loss:.2e}"`, with any label;
# - one chart of all 21 losses of `descend(lr)`: `st.plotly_chart` (drawn as you like) or `st.line_chart`.
#
# They may be on the page, in `st.sidebar` or in `st.columns`, and other text is free. Without Streamlit a stand-in judges, which notes each of your calls of `st`; where it is installed, Streamlit's own test harness `AppTest` judges once more.
# %% exercise="app" difficulty=2 importance=2 minutes=20
def app(st: Any) -> None:
    """The page: a slider for the learning rate, the last loss, the curve."""
    # solution
    lr = st.slider("learning rate", 0.0, 1.2, 0.1, 0.05)
    losses = descend(lr)
    st.metric("loss after 20 steps", f"{losses[-1]:.2e}")
    st.plotly_chart(go.Figure(go.Scatter(y=losses, mode="lines+markers")).update_yaxes(type="log"))


if __name__ == "__main__":
    tests.test_app(app)


# %% [markdown] lang="zh" tags=["hint"]
# 脚本每动一下就从头再来：那么滑块的新值从哪里来？
# %% [markdown] lang="en" tags=["hint"]
# At each move the script starts from its top: so where does the slider's new value come from?
# %% [markdown] lang="zh" tags=["hint"]
# `st.slider(label, min_value, max_value, value)` 返回值；用它算 `descend`，再交给 `metric` 和图。
# %% [markdown] lang="en" tags=["hint"]
# `st.slider(label, min_value, max_value, value)` returns the value; compute `descend` with it, and hand that to `metric` and to the chart.
# %% [markdown] lang="zh"
# ## 5 · 编辑器和别的机器
# ### 值得记住的键
#
# 下一格按系统列出它们。
# 中文输入法会截走几个：`Ctrl+Space` 切换输入法，`Ctrl+Shift+F` 切换简繁，`Ctrl+.` 切换标点，都到不了编辑器。在输入法的设置里关掉它们，或者换成别的键：`F1`，“Preferences: Open Keyboard Shortcuts”。
# %% [markdown] lang="en"
# ## 5 · The editor, and other machines
# ### Keys worth knowing
#
# The next cell lists them for each system.
# A Chinese input method takes some of these for itself: `Ctrl+Space` switches it on and off, `Ctrl+Shift+F` switches between simplified and traditional, `Ctrl+.` switches punctuation, and the editor never sees them. Turn them off in the settings of the input method, or choose others: `F1`, "Preferences: Open Keyboard Shortcuts".
# %%
if __name__ == "__main__":
    print(keys.table())


# %% [markdown] lang="zh"
# 类型检查：这个文件夹的 `.vscode/settings.json` 里 `python.analysis.typeCheckingMode` 是 `basic`，所以少了参数、拼错名字，不运行就有红线。
# 设置有两份：你自己的（user），和文件夹的（workspace）；两份里都有的，文件夹的算数，只在这个文件夹里。项目要的写进文件夹的那份，它随 git 到每个人手里；自己的口味（颜色、字号）写进自己的。
# `F2` 给一个符号改名：所有文件里*这个*名字的每一处都改；查找替换却只认字母，字符串里的、别的函数里的同名变量也一起改掉。
# `F12` 去的是这个名字*在这里*所指的那一个定义：顺着 `import` 找，库里的也找得到，十个类都有 `forward` 也不会弄错；按文字搜索给出的是写着这几个字母的每一处，调用、注释、同名的都在内。
#
# ### 别的机器：Remote-SSH
#
# 编辑器的界面在你这里，文件、Python、终端、调试器都在那一头：装上扩展 Remote-SSH，命令面板里就有 “Remote-SSH: Connect to Host…”。
# 那一头的地址写在 `~/.ssh/config`，像下一格里那样；`Host` 后面是你起的短名，以后写 `ssh gpu-box`，就等于写了下面的每一行。
# `IdentitiesOnly`：只用写明的那把钥匙。
# `ServerAliveInterval`：每 30 秒问一次对方还在不在；`ServerAliveCountMax`：连问 6 次没有回音就断开。
#
# 第二段给封了 22 号端口的网络（端口是程序接受连接的号码）：GitHub 的 ssh 也在 443 端口上听。`ssh-keygen -t ed25519` 造一对钥匙，`.pub` 那一半交给对方，另一半永远不给人；`ssh -G gpu-box` 不连接，只打印 ssh 怎样理解你写的；`ssh -T git@github.com` 试一试 GitHub。
# %% [markdown] lang="en"
# Type checking: in this folder's `.vscode/settings.json` `python.analysis.typeCheckingMode` is `basic`, so a missing argument or a misspelt name is underlined before anything runs.
# Of your own settings (user) and the folder's (workspace), the folder's win, in this folder; what the project needs goes there, and by git to everybody, your taste into your own.
# `F2` renames a symbol: every use of *this* name, in all files; find and replace sees only letters, and changes strings and other functions' variables as well.
# `F12` goes to the one definition that a name has *here*: it follows each `import`, even into libraries, and isn't confused by ten classes that all have a `forward`; a search for the text gives every place with these letters, be it a call, a comment or another thing of that name.
#
# ### Other machines: Remote-SSH
#
# The editor's window is here, and files, Python, terminal and debugger are at the other end: with the extension Remote-SSH, the command palette has "Remote-SSH: Connect to Host…".
# The other end's address is in `~/.ssh/config`, written as in the next cell; behind `Host` stands a short name of your choice, and from then on `ssh gpu-box` means all the lines below it.
# `IdentitiesOnly`: offer only the key that is named.
# `ServerAliveInterval`: ask every 30 seconds whether the other end is still there; `ServerAliveCountMax`: give up after 6 questions without an answer.
#
# The second part is for networks that block port 22 (a port is the number at which a program takes connections): GitHub's ssh listens on port 443 as well. `ssh-keygen -t ed25519` makes a pair of keys; the half called `.pub` goes to the other side, the other to nobody; `ssh -G gpu-box` doesn't connect, and only prints how ssh understands what you wrote; `ssh -T git@github.com` tries GitHub.
# %%
SSH_CONFIG = """
Host gpu-box
    HostName gpu.example.com
    User ubuntu
    IdentityFile ~/.ssh/id_ed25519
    IdentitiesOnly yes
    ServerAliveInterval 30
    ServerAliveCountMax 6

Host github.com
    HostName ssh.github.com
    Port 443
    User git
"""

if __name__ == "__main__":
    for host in ("gpu-box", "github.com"):
        print(host, sandbox.ssh(SSH_CONFIG, host).split("\n"))


# %% [markdown] lang="zh" tags=["question"] see="mode"
# 在 GPU 机器上训练一夜，笔记本合上盖子，连接断了。训练还在吗？
# %% [markdown] lang="en" tags=["question"] see="mode"
# You train over night on a GPU box, close your laptop, and the connection ends. Does the training go on?
# %% [markdown] lang="zh" tags=["answer"]
# 多半不在：终端没了，它启动的程序收到“挂断”信号（SIGHUP），默认就结束。
# 在那一头先开 `tmux`，在里面启动训练；断了之后再连上，`tmux attach` 回到原处。不管怎样，都要定期存检查点，`part4_experiments` 会写。
# %% [markdown] lang="en" tags=["answer"]
# Mostly not: with the terminal gone, the programs that it started get a "hang-up" signal (SIGHUP), and end by default.
# Start `tmux` at the other end first, and the training inside it; after a break connect again, and `tmux attach` brings you back. Save checkpoints in any case; `part4_experiments` writes them.
# %% [markdown] lang="zh"
# ### notebook 什么时候更好，GPU 从哪里来
#
# 脚本里的单元格能进 git 看差别、能被导入、能被测试；notebook（`.ipynb`）把输出和图也存下来，适合*给人看*的分析、课堂演示和一次性的探索。
# notebook 变成脚本，代码和文字（成了注释）都在，输出和图没有了。
# 对 git 这是好事：差别只是你改的那几行，合并也容易；notebook 里存的输出，一运行就变。
# 这门课不需要 GPU。要用时：
#
# - Google Colab、Kaggle：浏览器里的 notebook，可以申请到 GPU，时长和型号有限制，也会变；机器用完就清空，结果要存到外面。
# - GitHub Codespaces：浏览器里完整的 VS Code，环境由 `.devcontainer`（写明要装什么的一个文件夹）装好；通常*没有* GPU。
# - 学校或实验室的机器：用 Remote-SSH；先问排队和配额的规矩，用 `nvidia-smi` 看谁在用。
#
# 挑的时候比这几样：显存装不装得下你的模型；一小时多少钱；一次最多用多久；关机以后文件还在不在；你的数据准不准放到那里。
# 规定和额度常变。代码写成与设备无关的（`device = "cuda" if torch.cuda.is_available() else "cpu"`），就哪里都能跑。
# %% [markdown] lang="en"
# ### When a notebook is better, and where GPUs are
#
# Cells in a script can be compared in git, imported and tested; a notebook (`.ipynb`) also keeps output and figures, and is good for analyses that *people read*, for lectures, and for exploring something once.
# Made into a script, a notebook keeps code and texts (as comments) and loses output and figures.
# For git that is good: a difference is the lines that you changed, and merging is easy; a notebook's stored output changes with every run.
# The course needs no GPU. If you want one:
#
# - Google Colab and Kaggle: notebooks in the browser that may get a GPU, with limits on time and kind, which change; the machine is wiped afterwards, so save results elsewhere.
# - GitHub Codespaces: a whole VS Code in the browser, set up by `.devcontainer` (a folder that says what to install); usually *without* a GPU.
# - A machine of your university or laboratory: by Remote-SSH; ask for the rules on queues and quotas first, and look with `nvidia-smi` who is using it.
#
# To choose, compare: whether your model fits the GPU's memory; the price of an hour; how long a session may last; whether files are still there afterwards; and whether your data may go there at all.
# Rules and quotas change. Code that doesn't depend on the device (`device = "cuda" if torch.cuda.is_available() else "cpu"`) runs everywhere.
# %% [markdown] lang="zh"
# ### 助手
#
# Copilot 之类的助手能在你想之前就补完整个练习；那样学到的，是按 `Tab`。
# 这个文件夹里的 `AGENTS.md` 请它们当辅导老师：解释、提问、指向 `coach hint`，不替你写。
#
# - 先自己写出一个*错*的，再问“为什么错”，比问“怎么写”学到的多。
# - 请它换一组数字讲例子，请它出题考你，请它解释一条报错；它说的，用一格代码验证。
# - 交给它写的代码，要能逐行说出为什么；说不出的那一行，就是下一个要学的。
# - 自动补全太抢话：在*你自己的*设置里关掉 `editor.inlineSuggest.enabled`；`chat.disableAIFeatures` 全部关掉。
# %% [markdown] lang="en"
# ### Assistants
#
# Copilot and its like can complete a whole exercise before you have thought about it; what you learn then is to press `Tab`.
# `AGENTS.md` in this folder asks them to be tutors: explain, ask, point to `coach hint`, and not write for you.
#
# - First write something *wrong* yourself, then ask why it is wrong: that teaches more than asking how it is written.
# - Let it explain an example with other numbers, set you questions, or explain an error message; check what it says with a cell of code.
# - Be able to say why each line that it wrote is there; where you can't, that is what to learn next.
# - If completions talk too much, turn off `editor.inlineSuggest.enabled` in *your own* settings; `chat.disableAIFeatures` turns off all of it.
# %% [markdown] lang="zh" tags=["question"] see="part0_debugging.write_running_tests"
# 助手写的函数通过了你写的全部测试。它就是对的吗？测试也是它写的呢？
# %% [markdown] lang="en" tags=["question"] see="part0_debugging.write_running_tests"
# A function that an assistant wrote passes all tests that you wrote. Is it right? And if the tests are the assistant's as well?
# %% [markdown] lang="zh" tags=["answer"]
# 测试只说它们说的那几件事：能抓住八种错的，才有些分量。测试也是同一个助手写的，两边就可能错得一样：它误会了题目，两边都按误会写。
# 所以至少期望值要从别处来：手算、一个慢而明显的循环、库函数。这也是这门课自己的测试守的规矩。
# %% [markdown] lang="en" tags=["answer"]
# Tests say only what they say: if they catch eight kinds of bug, that is worth something. If the same assistant wrote both, both may err alike: it misunderstood the task, and wrote both by the misunderstanding.
# So let at least the expected values come from elsewhere: by hand, from a slow and obvious loop, from a library. The tests of this course keep to that rule, too.
# %% [markdown] lang="zh"
# ## 6 · 这些还会回来
#
# `loss_figure` 那样的图和日志在 `part4_experiments` 里每天都用；环境变量 `OMP_NUM_THREADS`、Remote-SSH 和两个进程的调试，在第 4 天的 `torchrun` 那里。
#
# 合上书，试着说出：分支是什么，冲突什么时候出现，四种撤销各撤什么；激活一个环境改了什么；为什么不设 `KMP_DUPLICATE_LIB_OK`；滑块一动，发生什么。
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 6 · Where these pieces come back
#
# Figures like `loss_figure` and logs are daily work in `part4_experiments`; the environment variable `OMP_NUM_THREADS`, Remote-SSH and a debugger with two processes come with `torchrun` on day 4.
#
# Without looking up, try to say: what a branch is, when there is a conflict, and what each of the four ways undoes; what activating an environment changes; why `KMP_DUPLICATE_LIB_OK` is not set; what happens when a slider moves.
# What you can't say, look up in its section.
