# %% [markdown] lang="zh" order=9
# # 第 0 天 · 工作台：git、shell、环境、别的机器
#
# 写代码的时间，除了写和找错，还花在存旧版本、搬文件、装软件和用别的机器上。
# 这一课把这些工具各用一遍：弄清 git 的历史怎样分叉、怎样合并，shell 怎样读你的一行、怎样找到一个程序，环境是什么，怎样在别的机器上干活。
#
# **先修**：`part0_debugging`（单元格、测试）；会写 Python 函数。
# **时间**：约 2 个半小时；第 1 节之后正好休息。`coach dojo git` 和 `coach dojo unix` 另需各一小时，可以放到别的日子。
# **怎么读**：先猜，再运行，然后才写。卡住了用 `coach hint merge`，自测用 `coach questions`。
#
# 只评判练习里写明的情形；名字和写法不限，用循环或标准库都行。
# %% [markdown] lang="en" order=9
# # Day 0 · the workshop: git, shell, environments, other machines
#
# Besides writing code and looking for errors, a programmer keeps versions, moves files, installs things and works on other machines.
# This lesson uses the tools for each of these once: you learn how a history in git branches and is merged, how the shell reads your line and finds a program, what an environment is, and how to work on another machine.
#
# **You need** `part0_debugging` (cells, tests), and Python functions.
# **Time**: about two and a half hours; after section 1 is a good place for a break. `coach dojo git` and `coach dojo unix` take an hour each in addition, on another day if you like.
# **How to read**: guess first, then run, and only then write. `coach hint merge` helps when you are stuck, `coach questions` asks the self-check.
#
# Only what an exercise describes is judged; names and ways of writing are free, be it a loop or the standard library.
# %%
import hashlib
import os
import posixpath
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from packaging.specifiers import SpecifierSet

from part0_workshop import figures, sandbox, tests

# %% [markdown] lang="zh"
# ## 1 · git
# ### 提交是快照，分支是名字
#
# “final.py、final2.py、final2_真的.py”：人人都这样存过旧版本，git 把这件事做得有条有理。每个提交（commit）是一张快照，拍下 git 认识的*全部*文件，不只是改过的；一起记下的有作者、时间、提交信息（commit message，一句话，写明这次改了什么），还有它的上一个提交（父提交）；由合并（merge）得来的提交有两个父提交。
# 提交的名字是由这一切算出来的一串十六进制数（哈希；十六进制有 16 个数字，0 到 9 之后是 a 到 f）；用的时候写前几位就够。
# 分支（branch）不是文件夹的副本，只是*一个提交的名字*；每提交一次，当前分支的名字就挪到新提交上。
# `HEAD` 是“我在哪里”，通常指着一个分支；`HEAD~1` 是那里的上一个提交，`HEAD~2` 是再上一个。
# `git reset --hard HEAD~1` 让当前分支的名字退一步，文件夹也跟着退。
# 退掉的那个提交并没有消失，只是没有名字走得到它；`git reflog` 列出 `HEAD` 去过的每个地方，几周之内都找得回来。真正找不回来的，是*从没提交过*的改动：所以常提交。
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
# "final.py, final2.py, final2_really.py": git keeps old versions properly. A **commit** is a snapshot of *all* the files that git knows, not only of those that changed; kept with it are the author, the time, a **commit message** (a sentence that says what changed), and the commit that came before it (its parent); a commit made by a **merge** has two parents.
# A commit's name is a row of hexadecimal digits (there are 16 of them, 0 to 9 and a to f) computed from all this: the hash; to use it, write the first few.
# A **branch** is no copy of the folder, just *a name for one commit*; with every commit the current branch's name moves to the new one.
# `HEAD` is "where I am", usually at a branch; `HEAD~1` is the commit before the one where you are, and `HEAD~2` is one step further back.
# `git reset --hard HEAD~1` moves the current branch's name one commit back, and the files in the folder with it.
# The commit that it left hasn't gone, only no name leads to it; `git reflog` lists every place where `HEAD` has been, and can find it for some weeks. What can't be brought back are changes that were *never committed*: so commit often.
# `git switch NAME` goes to a branch, `git switch -c NAME` makes it first.
# `git switch --detach HASH` goes to a *commit* (`git checkout HASH` in older texts): `HEAD` is at no branch, which is called a **detached HEAD**.
# That is fine for looking around and running the code. But if you commit there, no branch moves to the new commit, and after you switch away only `git reflog` can find it.
# So before you commit there, make a branch: `git switch -c NAME`.
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
# In the second-to-last step, after `git reset --hard HEAD~1`, is the merge commit M still there? And why can the last step bring it back?
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
# 每个提交都是 `parents` 的键，第一个提交对着空的列表。
# 上面的图里，`history(parents, "C")` 是 `{"A", "B", "C"}`。
# 历史里可以有合并：一个提交从两条路都能走到，也只算一次。一条直线上可以有 5000 个提交，对递归来说太深了（Python 默认只许大约一千层）。
# `git log` 列的就是它；`git log main..summary` 列的是 `summary` 包含而 `main` 不包含的。
# %% [markdown] lang="en"
# ### Exercise · which commits a name contains · 10 min
#
# `parents` gives the parents of each commit (none for the first, two for a merge); return all commits that can be reached from `tip` by going back, `tip` included.
# Every commit is a key of `parents`; that of the first has an empty list.
# In the graph above, `history(parents, "C")` is `{"A", "B", "C"}`.
# There may be merges, and a commit reached by two ways counts once; there may be 5000 commits in a row, which is too deep for recursion (by default Python allows about a thousand calls inside each other).
# `git log` lists just that; `git log main..summary` lists what `summary` contains and `main` doesn't.
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
# 一个改动要经过三个地方：*文件夹*（你编辑的；git 叫它工作区，working tree），暂存区（staging area，下一个提交要装的），*提交*。
# `git add` 把此刻的内容从第一处抄到第二处（以后再改，要再 `git add` 一次），`git commit` 从第二处到第三处；所以一个文件改了两件事，也能分成两个提交（`git add -p` 一处一处地问你要不要）。
# 暂存区（git 的文档叫它 index）里不是一串改动，而是下一张快照的*全部*文件；`git add` 没有动过的，就还是上一个提交里的样子。
# 远程仓库（remote）是另一份完整的历史，多半在服务器上，头一个习惯叫 `origin`；克隆（clone）就是把它整份抄到本地。`git push` 把你的提交送过去，`git fetch` 只把那边的新提交取回来，`git pull` 取回来并合并。
# `git push` 被拒，多半是远程有你还没有的提交：先 `git pull --no-rebase` 取回来合并，再推（`--no-rebase` 说“用合并的办法”，两边都有新提交时 git 要你写明）。不要用 `--force`：它会扔掉别人的提交。
# `origin/main` 是你这里的一个记号，叫远程跟踪分支（remote-tracking branch）：上次取或推的时候，远程的 `main` 在哪里。
# `git status` 拿它和你的 `main` 比：ahead 3 是你有 3 个提交它没有，behind 2 是它有 2 个你没有。
# 只有 ahead，推就行；只有 behind，拉就行；两样都有，就先 `git pull --no-rebase`，跑一遍测试，再推。
#
# 大文件、数据、密码、`.venv` 不要提交：写进 `.gitignore`。密码一旦提交，就留在历史里：再提交一次把它删掉也没用，要换密码。
# 一个好记的标准：凡是能用已经提交的东西*再造出来*的（模型、图、缓存），和凡是不能让别人看到的，都不提交。
# `.gitignore` 只管 git 还不认识的文件：已经提交过的照样跟踪，除非先 `git rm --cached` 把它从暂存区拿掉。
#
# 读下一格：
#
# - `git init` 在这里开始一份历史；`echo TEXT` 打印这段文字，`ls` 列出文件夹里的名字，`cat FILE` 打印一个文件；
# - `&&` 是“前一个成功了，才做后一个”，`;` 是“不管怎样都做后一个”，`> log.txt` 把打印的写进文件；
# - `A | head -2` 把 A 打印的交给 `head`，它只留下头两行；`2>&1` 让报错也走同一条路（第 2 节细讲）；
# - `git status --short` 每行有两格记号，前一格说暂存区，后一格说文件夹：`A` 是新的，`M` 是改过的，`??` 是 git 还不认识的；
# - git 还不认识的文件，换分支时留在文件夹里；那边若也有这个名字，git 就不肯换。
#   `.gitignore` 列出的文件没有这样的保护：那边若有同名的，git 不问就把它盖掉。
#
# 已经提交过的文件，改了还没有提交就换分支：两个分支里它的内容相同，改动就跟着过去；不同，git 怕盖掉你的改动，不肯换。
# 手上的活没干完，就先提交；或者用 `git stash` 把改动收到一边，回来以后用 `git stash pop` 放回来：下一格的第二段就是这样。第三段里，一个被忽略的文件被盖掉了。
# %% [markdown] lang="en"
# ### Three places, and another machine
#
# A change passes through three places: the *folder* (what you edit; git calls it the **working tree**), the **staging area** (what goes into the next commit), and the *commit*.
# `git add` copies it from the first to the second as it is at that moment (a later change needs another `git add`), `git commit` from there to the third; so two changes in one file can become two commits (`git add -p` asks for each place whether to take it).
# The staging area (the *index* in git's manual) isn't a list of changes: it holds *all* the files of the next snapshot. A file that no `git add` has touched since is in it as it was in the last commit.
# A **remote** is another whole history, mostly on a server; the first one is usually called `origin`. To **clone** it is to copy all of it to your disk. `git push` sends your commits there, `git fetch` gets the new commits from there, and `git pull` fetches and then merges them.
# If `git push` is rejected, the remote mostly has commits that you don't have: first `git pull --no-rebase` to fetch and merge them, then push (`--no-rebase` says "by merging"; git wants to be told when both sides have new commits). Don't use `--force`: it throws other people's commits away.
# `origin/main` is a note on your side, a **remote-tracking branch**: where the remote's `main` was when you last fetched or pushed.
# `git status` compares your `main` with it: ahead 3 means that you have 3 commits which it lacks, behind 2 that it has 2 which you lack.
# If you are only ahead, push; if only behind, pull; if both, first `git pull --no-rebase`, run the tests, and then push.
#
# Large files, data, passwords and `.venv` aren't committed: list them in `.gitignore`. A password once committed stays in the history: deleting it in a new commit doesn't help, so change the password.
# A rule that is easy to keep: commit neither what can be *made again* from what is committed (models, figures, caches), nor what others must not see.
# `.gitignore` is for files that git doesn't know yet: what was committed is still followed, until `git rm --cached` takes it out of the staging area.
#
# To read the next cell:
#
# - `git init` begins a history here; `echo TEXT` prints that text, `ls` the names in a folder, and `cat FILE` a file;
# - `&&` means "if that went well, then", `;` "in any case, then", and `> log.txt` writes what is printed into the file;
# - `A | head -2` hands what A prints to `head`, which keeps the first two lines; `2>&1` lets complaints go the same way (section 2 explains both);
# - `git status --short` begins each line with two places, the first for the staging area, the second for the folder: `A` is new, `M` is changed, and `??` is a file that git doesn't know yet;
# - a file that git doesn't know stays in the folder when you switch to another branch; if that branch has one of the same name, git refuses to switch.
#   A file that `.gitignore` lists isn't protected like this: if that branch has one of the same name, git overwrites yours and doesn't ask.
#
# A changed file that git knows comes along if both branches have the same version of it; if not, git refuses to switch, so as not to overwrite your change.
# In the middle of something, commit first, or put the changes aside with `git stash`, and take them back with `git stash pop`; the second story does this. In the third an ignored file is overwritten.
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
    ignored = """
        git init --quiet .
        echo theirs > notes.txt && git add notes.txt && git commit --quiet -m "Notes"
        git switch --quiet -c tidy
        git rm --quiet notes.txt               # git rm: delete a file, and stage that
        echo notes.txt > .gitignore && git add .gitignore && git commit --quiet -m "Leave notes out"
        echo mine > notes.txt                  # now an ignored file
        git switch --quiet main && cat notes.txt    # not refused
    """
    print(sandbox.sh(ignored))


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


# %% [markdown] lang="zh"
# ### 文件夹 `.git` 里面
#
# 快照放在哪里？在你的文件旁边，文件夹 `.git` 里。删掉它，历史就没了，文件还在。
# 这里要讲其中三种对象（第四种是附注标签，用不到），每个的名字都是由自己的内容算出来的哈希：
#
# - 数据对象（blob，以后就用这个英文名）是一个文件的内容，不含文件名；
# - 树（tree）是一个文件夹：一张名字的表，每个名字对着一个 blob 或另一棵树的哈希；
# - 提交写着一棵树的哈希、父提交的哈希、作者、时间、提交信息。
#
# 名字由内容算出来，所以内容相同就是同一个对象：没有改过的文件，下一个提交里还是那个 blob，不再存一份。所以每次都给全部文件拍快照并不浪费：只有改过的文件要再存，而且是整份存一个新的。
# 也所以提交改不了：内容一变，哈希就变，那是另一个提交。`git commit --amend`（“换掉”最后一个提交，后面讲）就是造一个新的，再把分支的名字挪过去。
# 分支是 `.git/refs/heads` 里的一个小文件，里面只有一个哈希；`HEAD` 也是一个文件，写着此刻是哪个分支。
# %% [markdown] lang="en"
# ### Inside the folder `.git`
#
# Where are the snapshots? In the folder `.git`, beside your files. Delete it, and the history is gone, and the files stay.
# Three kinds of objects in it matter here (a fourth, the annotated tag, isn't needed), and each is named by the hash that is computed from its content:
#
# - a **blob** is the content of a file, without its name;
# - a **tree** is a folder: a table of names, each with the hash of a blob or of another tree;
# - a **commit** has the hash of a tree, those of its parents, the author, the time and the message.
#
# As the name comes from the content, equal contents are one object: a file that didn't change is the same blob in the next commit, and isn't stored again. So a snapshot of all files each time isn't wasteful: only a file that changed is stored again, and then the whole of it.
# And so a commit can't be changed: with other content it has another hash, and is another commit. `git commit --amend` (it "replaces" the last commit, see below) just makes a new one, and moves the branch's name there.
# A branch is a small file in `.git/refs/heads` with nothing but a hash in it; `HEAD` is a file, too, and says which branch it is now.
# %% [markdown] lang="zh" tags=["question"] see="merge"
# `log.txt` 和 `notes/copy.txt` 的内容一模一样，一起提交：`.git` 里有几个对象？然后改 `log.txt`，再提交：一共几个？
# 先猜，再运行下一格（`git count-objects` 数它们，`git cat-file -p` 打印一个，`HEAD:` 是那个提交的树）。
# %% [markdown] lang="en" tags=["question"] see="merge"
# `log.txt` and `notes/copy.txt` have the same text, and are committed together: how many objects are in `.git`? Then `log.txt` changes, and is committed: how many are there in all?
# Guess, then run the next cell (`git count-objects` counts them, `git cat-file -p` prints one, and `HEAD:` is that commit's tree).
# %% [markdown] lang="zh" tags=["answer"]
# 4 个：一个 blob（两个文件共用）、两棵树（这里的和 `notes` 的）、一个提交。
# 然后多 3 个：新的 blob、这里的新树、新提交，一共 7 个。`notes` 没有变，新树里写的还是它原来的哈希。
# 猜 5 个的人以为每个文件存一份；猜第二次又是 4 个的人以为整个文件夹又抄了一遍。
# %% [markdown] lang="en" tags=["answer"]
# 4: one blob, which both files share, two trees (this folder and `notes`), and one commit.
# Then 3 more: a new blob, a new tree for this folder, a new commit, which makes 7. `notes` didn't change, and the new tree has its old hash.
# Whoever guesses 5 takes each file for a copy; whoever expects the whole folder again the second time thinks that a snapshot copies everything.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        mkdir notes                            # make a folder
        echo "loss 0.9" > log.txt && echo "loss 0.9" > notes/copy.txt
        git add . && git commit --quiet -m "One"
        git count-objects
        cat .git/HEAD
        cat .git/refs/heads/main
        git cat-file -p HEAD
        git cat-file -p HEAD:
        git cat-file -p HEAD:notes
        echo "loss 0.5" > log.txt && git commit --quiet -am "Two"
        git count-objects
        git cat-file -p HEAD                   # now with a parent
        git cat-file -p HEAD:                  # notes has the hash that it had
    """
    print(sandbox.sh(story))
    # sha1 computes the hash, of bytes, hence the b"..."; 9 is the text's length, and hexdigest writes it in hexadecimal
    print("the blob's name, computed here:", hashlib.sha1(b"blob 9\0loss 0.9\n").hexdigest())
    figures.objects().show()


# %% [markdown] lang="zh"
# ### `.gitignore` 怎样写
#
# | 写法 | 忽略什么 |
# |---|---|
# | `*.bin` | 每个文件夹里以 `.bin` 结尾的 |
# | `runs/` | 叫 `runs` 的文件夹，连同里面的一切 |
# | `/notes.txt` | 只有 `.gitignore` 旁边的那个 |
# | `!keep.bin` | 上面的例外：这个不忽略 |
# %% [markdown] lang="en"
# ### What to write into `.gitignore`
#
# | you write | git ignores |
# |---|---|
# | `*.bin` | what ends in `.bin`, in every folder |
# | `runs/` | folders called `runs`, and all that is in them |
# | `/notes.txt` | only the one beside `.gitignore` |
# | `!keep.bin` | an exception to the lines above: not this one |
# %% [markdown] lang="zh" tags=["question"] see="merge"
# 用上面四行，下一格里的哪几个文件 `git status` 还会列出来？先写下来，再运行。
# %% [markdown] lang="en" tags=["question"] see="merge"
# With these four lines, which files of the next cell does `git status` still list? Write them down, then run it.
# %% [markdown] lang="zh" tags=["answer"]
# `.gitignore` 自己、`keep.bin` 和 `sub/notes.txt`。
# `/notes.txt` 开头的斜杠只管这一层，所以 `sub` 里的那个不受影响；`git check-ignore -v` 说出是哪一行挡住了一个文件。
# %% [markdown] lang="en" tags=["answer"]
# `.gitignore` itself, `keep.bin` and `sub/notes.txt`.
# The slash at the beginning of `/notes.txt` means this folder only, so the one in `sub` isn't meant; `git check-ignore -v` says which line keeps a file out.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        printf '%s\\n' '*.bin' 'runs/' '/notes.txt' '!keep.bin' > .gitignore   # a line each
        mkdir runs sub
        touch a.bin keep.bin runs/log.txt notes.txt sub/notes.txt sub/b.bin     # touch: make an empty file
        git status --short --untracked-files=all   # all: also name the files inside new folders, one by one
        git check-ignore -v sub/b.bin              # -v: which line of which .gitignore keeps it out
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
# 再看远程：下一格用三个文件夹扮演三方：服务器、你、一位同事。同事先推了，你的推送就被拒；取回来合并，再推就行了。
# 大家往里推的是裸仓库（bare repository）：只有历史，没有供人编辑的文件夹。推送会挪动那边分支的名字；若有人正在那边的文件夹里改文件，文件就与名字对不上了，所以 git 不让推到别处正在用的分支上。
#
# `main` 到了哪里，有三处记着；你这里的两处，只有你的命令能挪动。先遮住右边三列猜一遍：
#
# | 做完 | 你的 `main` | 你的 `origin/main` | 服务器的 `main` |
# |---|---|---|---|
# | 你推了 A | A | A | A |
# | 同事推了 B | A | A | B |
# | 你提交 C | C | A | B |
# | 你 `git fetch` | C | B | B |
# | 你 `git pull --no-rebase`，造出合并提交 M | M | B | B |
# | 你 `git push` | M | M | M |
#
# `fetch` 从不动你的文件和你的分支，随时可以做。没有推过的提交只在你的硬盘上：硬盘坏了，它们也就没了。
# %% [markdown] lang="en"
# Now the remote: in the next cell three folders play the server, you and a colleague. The colleague pushes first, so your push is rejected; after a pull, which merges, it works.
# What everybody pushes to is a **bare repository**: a history without a folder to edit in. A push moves a branch's name on the server. If somebody were working on that branch there, their files would no longer fit it; so git refuses to push to a branch that is in use.
#
# Three places note where `main` is. Two of them are on your side, and only your own commands move those. Cover the three columns on the right, and guess:
#
# | after | your `main` | your `origin/main` | the server's `main` |
# |---|---|---|---|
# | you pushed A | A | A | A |
# | the colleague pushed B | A | A | B |
# | you commit C | C | A | B |
# | your `git fetch` | C | B | B |
# | your `git pull --no-rebase`, which makes the merge commit M | M | B | B |
# | your `git push` | M | M | M |
#
# `fetch` never touches your files or your branch, so it is always safe. Commits that were never pushed are on your disk only, and are lost with it.
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
# 冲突不是出错，是 git 不肯替你猜。它在文件里写上三行标记 `<<<<<<<`、`=======`、`>>>>>>>`：`=======` 上面是我们的，下面是他们的。改成你要的样子，删掉三行标记，再 `git add`、`git commit`。后悔了：`git merge --abort`。
# 遮住祖先那一列，第 1、2、4 行就没有区别，都是两边不同。只有祖先说得出是哪一边改的，还是两边都改了：这就是为什么要三个版本。
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
# A conflict is no accident; git just refuses to guess. It writes three marker lines into the file, `<<<<<<<`, `=======` and `>>>>>>>`: our lines stand above `=======`, theirs below it. Edit them until the text is what you want, delete the three marker lines, then `git add` and `git commit`. `git merge --abort` gives up.
# Without the ancestor, rows 1, 2 and 4 all look alike: two texts that differ. Only the ancestor shows which side changed, or that both did: that is why three versions are needed.
# If our side has no new commit since the common ancestor, there is nothing to merge: our name just moves on to their commit, which is called a **fast-forward**, and there is no merge commit.
# A merge commit, which has two parents, is made only if both sides have new commits.
# Within a file a "place" is a group of lines that touch: changes in separate places are both kept, changes in the same line or in neighbouring lines are a conflict.
# No conflict doesn't mean right: git compares only text.
# If one side renames a function, and the other, in another file, writes a new call by the old name, the merge says nothing, and the program is broken.
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


# %% [markdown] lang="zh" tags=["question"] see="merge"
# 两边都改了 `plan.txt` 唯一的一行，改得不同，然后合并。文件现在有几行？`git status --short` 的两格记号是什么？
# 先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="merge"
# Both sides changed the only line of `plan.txt`, each in its own way, and are merged. How many lines does the file have now? Which two letters does `git status --short` show?
# Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 五行：两个版本，加三行标记。`HEAD` 那一半是你所在的分支，`theirs` 那一半是合并进来的。
# 记号是 `UU`：两边都改了，还没有定（unmerged）。改好、`git add`，就是告诉 git 定了；漏删标记，它们就成了文件的内容。
# %% [markdown] lang="en" tags=["answer"]
# Five: two versions, and three marker lines. The half under `HEAD` is the branch where you are, the half above `theirs` is what is merged in.
# The letters are `UU`: changed on both sides, and not decided (unmerged). With `git add` you say that it is decided; a marker line that you leave in becomes part of the file.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo rest > plan.txt && git add plan.txt && git commit --quiet -m "A plan"
        git switch --quiet -c theirs
        echo tensors > plan.txt && git commit --quiet -am "Tensors"
        git switch --quiet main
        echo figures > plan.txt && git commit --quiet -am "Figures"
        git merge theirs | grep CONFLICT
        cat plan.txt
        git status --short
        echo "figures, then tensors" > plan.txt    # what you would do in the editor
        git add plan.txt
        git commit --quiet --no-edit
        git log --oneline --graph
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 变基：同样的改动，新的提交
#
# 把两条线合起来还有一种办法，叫变基（rebase）。`git rebase main` 把*你的*提交从原来的地方取下，一个一个在 `main` 的末尾重做一遍。
# 改动相同，父提交不同，所以哈希不同：它们是新的提交，旧的没有名字走得到了。
#
# | | 历史 | 提交 |
# |---|---|---|
# | merge | 照实留下分叉与合并 | 旧的都不变，多一个合并提交 |
# | rebase | 一条直线，好读 | 你的全部重做 |
#
# 重做的时候也可能冲突：改好文件，先 `git add`，再 `git rebase --continue`；不干了用 `git rebase --abort`。
# 规矩只有一条：*只 rebase 别人还没有的提交*。推送过的再重做，别人手里是旧的，你推的是新的，同样的改动就有了两份。
# `git pull --rebase` 是“取回来，再把我的重做在后面”；`git cherry-pick HASH` 只把那一个提交在这里重做一遍。
# %% [markdown] lang="en"
# ### Rebase: the same changes, new commits
#
# There is another way to join two lines, the **rebase**. `git rebase main` takes *your* commits from where they were, and makes them anew, one by one, at the end of `main`.
# The changes are the same and the parents aren't, so the hashes differ: they are new commits, and no name leads to the old ones.
#
# | | the history | the commits |
# |---|---|---|
# | merge | shows how the lines branched and were merged | all stay as they are, with a merge commit more |
# | rebase | a straight line, easy to read | yours are all made anew |
#
# If there is a conflict on the way, fix the file, `git add` it, then `git rebase --continue`; `git rebase --abort` gives up.
# There is one rule: *rebase only commits that nobody else has*. If they were pushed, others have the old ones, you push new ones, and the same changes exist twice.
# `git pull --rebase` fetches, and then makes your commits anew on top of the ones that came; `git cherry-pick HASH` makes one commit anew where you are.
# %% [markdown] lang="zh" tags=["question"] see="history"
# 分支 `summary` 有提交 D，`main` 有提交 C，都接在 A 后面。在 `summary` 上 `git rebase main`，再到 `main` 上 `git merge summary`：会有合并提交吗？D 的哈希还是原来的吗？
# 先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="history"
# The branch `summary` has the commit D, and `main` has C, both after A. On `summary` you `git rebase main`, then on `main` you `git merge summary`: is there a merge commit? And does D still have the same hash?
# Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 没有：rebase 之后 `summary` 接在 `main` 后面，而 `main` 没有新东西，名字挪过去就行，是快进。
# D 的哈希变了：父提交从 A 换成了 C。两次 `git log` 里比一比。
# %% [markdown] lang="en" tags=["answer"]
# There is none: after the rebase `summary` comes after `main`, and `main` has nothing new, so its name just moves on, a fast-forward.
# D has another hash, as its parent is now C, and was A. Compare the two outputs of `git log`.
# %%
if __name__ == "__main__":
    story = """
        git init --quiet .
        echo 1 > a.txt && git add . && git commit --quiet -m "A"
        git switch --quiet -c summary
        echo 2 > d.txt && git add . && git commit --quiet -m "D"
        git switch --quiet main
        echo 3 > c.txt && git add . && git commit --quiet -m "C"
        git log --oneline --graph --all
        git switch --quiet summary
        git rebase --quiet main
        git log --oneline --graph --all
        git switch --quiet main
        git merge summary | head -2
    """
    print(sandbox.sh(story))
    figures.rebased().show()


# %% [markdown] lang="zh"
# ### 练习 · 三方合并 · 15 分钟
#
# 用上面的规则合并三个文件夹，每个是“文件名 → 内容”的字典；字典里没有这个名字，就是文件不存在（没有建过，或者删了）；“不存在”也当作一种内容，参加比较。
# 返回合并后的字典，和有冲突的文件名的集合；有冲突的不放进字典。
# 例如祖先 `{"a": "1", "b": "1"}`，我们 `{"a": "2", "b": "1"}`，他们 `{"a": "1"}`（删了 `b`）：结果是 `({"a": "2"}, set())`。
# 一边删、一边改，是冲突；两边都删，不是；两边各新建了一个同名文件，内容不同是冲突，内容相同不是。空字符串是空文件，不是没有文件。
# %% [markdown] lang="en"
# ### Exercise · a three-way merge · 15 min
#
# By the rules above merge three folders, each a dictionary from a file's name to its text; a missing name means that there is no such file (never made, or deleted), which is compared like any other content.
# Return the merged dictionary and the set of names in conflict; those aren't in the dictionary.
# For example, with the ancestor `{"a": "1", "b": "1"}`, ours `{"a": "2", "b": "1"}` and theirs `{"a": "1"}` (`b` was deleted), the result is `({"a": "2"}, set())`.
# Deleted on one side and changed on the other is a conflict; deleted on both is none; two new files of one name are a conflict if their texts differ, and none if they are the same. An empty string is an empty file, not a missing one.
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
# | 暂存区里 | `git restore --staged FILE` | 不再在暂存区里；文件夹里的文件不变 |
# | 提交里，还没有推送 | `git reset --soft HEAD~1` | 名字退一步，改动留在暂存区 |
# | 已经推送的提交里 | `git revert HASH` | 多一个相反的提交，别人的历史不被改写 |
#
# 三个词容易混：`restore` 把文件的内容抄回来，名字不动；`reset` 挪动分支的名字；`revert` 造一个新的、相反的提交。
# 推送过的为什么不用 `reset`？别人手里还有那个提交，下次合并又把它带回来；你的历史比远程的短，推送也会被拒。
# 三种 `git reset` 都让名字退回去，差别在改动留在哪里：
#
# - `--soft`：留在暂存区；
# - 什么也不写：留在文件夹里，不在暂存区；
# - `--hard`：扔掉，git 认识的文件里没有提交的改动也一起扔。
#
# 只是漏了东西，而且还没有推送过，就不必退：`git add` 它，再 `git commit --amend --no-edit`（提交信息照旧），换掉最后一个提交。
# 提交做在了错的分支上，也是名字的事（没有推送过，手上也没有别的改动）：在原地给它们一个名字，把错的分支退回去，再换到新名字上。下面的最后一格就是这样。
#
# 现在去真的 git 里练：`coach dojo git` 建一个沙箱（服务器、克隆、会捣乱的同事都在你的硬盘上），十六步，每一步都按沙箱的状态评判：
# clone、identity、look（`git log -p`，连同改动）、branch、stage、commit、ignore、push（`git push -u origin summary`，`-u` 记住推到哪里）、merge、change、conflict、old（`git show HASH:FILE`）、revert、undo、rescue（`git reflog`）、contribute：最后一步，给别人的项目修一个错。
# 往下读：[Pro Git](https://git-scm.com/book/en/v2)（[中文版](https://git-scm.com/book/zh/v2)）第 2、3、7 章。读时自问：`git bisect` 把什么对半分？一千个提交要试几次？
# %% [markdown] lang="en"
# Four ways to undo, depending on how far the change has got:
#
# | the change is in | command | afterwards |
# |---|---|---|
# | the folder | `git restore FILE` | the change is gone for good |
# | the staging area | `git restore --staged FILE` | it is no longer staged; the file in the folder stays as it is |
# | a commit, not pushed yet | `git reset --soft HEAD~1` | the name goes one back, the change stays staged |
# | a commit that was pushed | `git revert HASH` | one commit more, the opposite; nobody's history is rewritten |
#
# Three words that are easily confused: `restore` copies the content of files back, and moves no name; `reset` moves the branch's name; `revert` makes a new commit, the opposite.
# Why no `reset` after a push? Others still have that commit, and the next merge brings it back; and since your history is now shorter than the remote's, a push is rejected.
# All three kinds of `git reset` move the name back; they differ in where they leave the change:
#
# - `--soft`: it stays staged;
# - no option: it stays in the folder, but unstaged;
# - `--hard`: it is thrown away, together with every other uncommitted change in files that git knows.
#
# If you only forgot something, and haven't pushed yet, don't go back: `git add` it, and `git commit --amend --no-edit` (the message stays the same) replaces the last commit.
# If you committed on the wrong branch (and have neither pushed nor changed anything else): make a new branch where you are, move the old branch back, then switch to the new one. The last story does this.
#
# Now practise with the real git: `coach dojo git` makes a sandbox (the server, your clone and a colleague who gets in your way are all on your disk) with sixteen steps, each judged by the state it leaves:
# clone, identity, look (`git log -p`, with the changes), branch, stage, commit, ignore, push (`git push -u origin summary`; `-u` remembers where to), merge, change, conflict, old (`git show HASH:FILE`), revert, undo, rescue (`git reflog`), contribute: the last step fixes a bug in somebody's project.
# Go deeper: chapters 2, 3 and 7 of [Pro Git](https://git-scm.com/book/en/v2) (there is a [Chinese edition](https://git-scm.com/book/zh/v2)). Ask yourself while reading: what does `git bisect` halve, and how many tries does it need for a thousand commits?
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
        git commit --quiet -m "two"
        git revert --no-edit HEAD | head -1    # one commit more, which undoes it
        cat a.txt && git log --oneline
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
        git reset --quiet --hard HEAD~1        # the current branch goes back; idea stays
        git switch --quiet idea
        git log --oneline --all
        cat a.txt
    """
    print(sandbox.sh(wrong_branch))


# %% [markdown] lang="zh"
# ## 2 · shell
# ### 路径
#
# GPU（图形处理器）能同时做大量乘加，大的网络靠它训练。租来的 GPU 机器多半没有图形界面，只有一个等你敲命令的提示符；显示提示符、执行命令的程序叫 *shell*（`bash`、`zsh`）。
# 一行命令是一个程序名和几个参数，用空格隔开：`ls -l "my notes"` 是程序 `ls` 和两个参数；名字里有空格就加引号。
# 参数里的 `*` 由 *shell* 展开：它先把所有对得上的名字放在那里，再启动程序；程序只看到名字，看不到星号，`rm` 也就交给它什么删什么。一个也对不上，`bash` 就把星号原样交过去。
# 模式先用 `ls` 或 `echo` 试一遍：单独一个 `*` 是这里所有不以 `.` 开头的名字，文件夹也算。
# `mv A B` 搬动：`B` 是文件夹，就搬进去；不是，就给 `A` 改名为 `B`。
# 若已经有一个叫 `B` 的文件，它原来的内容就没了，谁也不问；复制的 `cp A B` 也这样。写上 `-i`，两个都会先问。
# Windows 上用 Git Bash（随 git 一起装）或 WSL（Windows 里的一个 Linux）；PowerShell 的写法不同。
#
# 每个 shell 都站在一个文件夹里（`pwd` 打印它，`cd` 换一个）。以 `/` 开头的路径是*绝对的*；`~` 是你的家目录，以 `~/` 开头的从家目录算起（由 shell 换成绝对路径）；别的都从你站的地方算起，`.` 是这里，`..` 是上一层。
# Python 代码里的相对路径从启动它时所站的文件夹算起（在终端里就是 shell 站的地方），而不是从脚本所在的文件夹；要从脚本自己那里算起，写 `Path(__file__).parent / "log.txt"`。
# `~` 只有 shell 会换：Python 里写 `Path.home()`。
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
# A **GPU** (graphics processor) does very many multiplications at once, and large networks are trained on one. A machine with a GPU that you rent mostly has no windows, only a prompt that waits for your commands; the program that shows it and runs them is called a *shell* (`bash`, `zsh`).
# A command line is the name of a program and some arguments, with spaces between them: `ls -l "my notes"` is the program `ls` with two arguments; a name with a space needs quotes.
# A `*` in an argument is expanded by the *shell*: it puts all names that match there, then starts the program, which sees names and no star; so `rm` deletes whatever it is handed. If nothing matches, `bash` hands the star on as it is.
# Try a pattern with `ls` or `echo` first: a `*` by itself is every name here that doesn't begin with `.`, folders included.
# `mv A B` moves: into `B` if that is a folder, else `B` is the new name of `A`.
# If there was a file `B` already, its text is lost, and nobody asks; so it is with `cp A B`, which copies. With `-i` both ask first.
# On Windows use Git Bash (it comes with git) or WSL (a Linux inside Windows); PowerShell writes things differently.
#
# Every shell stands in some folder (`pwd` prints it, `cd` goes to another). A path that begins with `/` is *absolute*; `~` is your home, and one that begins with `~/` counts from there (the shell puts the absolute path in its place); any other counts from where you stand, `.` is here, and `..` is one up.
# A relative path in Python code counts from the folder where Python was started (in a terminal, where the shell stands), and not from the script's folder; to count from there, write `Path(__file__).parent / "log.txt"`.
# Only the shell replaces `~`: in Python write `Path.home()`.
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
        echo *.csv                             # nothing matches: the star stays
        touch .hidden && echo *                # and .hidden isn't among them
        cat today.txt
        cd .. ; cat today.txt                  # the same words, from another place
        cat notes/today.txt
        mv notes/today.txt "notes/my day.txt"  # "first" is lost, without a question
        cat notes/*
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 程序看到之前，shell 做了什么
#
# 你敲的一行，shell 先改写，再交给程序，按这个顺序：
#
# 1. 变量（`$name`）换成它的文字；
#    写成 `$(ls)` 的，先运行括号里的命令，再换成它打印的文字；
# 2. 在空格处切开，一段一个参数；
# 3. 带 `*` 的一段换成对得上的文件名；
# 4. 启动程序，把这些参数交给它。
#
# 引号管的就是这几步：双引号里不切开、不展开 `*`，变量照换；单引号里什么也不换，原样交过去。
# 所以变量几乎总写在双引号里：不然第 1 步换进来的文字里有空格，第 2 步就会在那里切开。
# 要让*程序*看到星号，就用引号挡住 shell：`find . -name "*.py"` 里认星号的是 `find`，它走到每个文件夹都拿去比。
#
# 这是 `sh` 和 `bash` 的规矩，下一格用的是 `sh`。macOS 终端里默认的 `zsh` 有三处不同：没加引号的变量不切开，里面的星号也不展开；带 `*` 的一段什么也对不上，它就报错，不启动程序；在提示符后面敲的 `#` 不是注释，所以别把 `#` 和它后面的说明一起抄过去。
# 变量都写在双引号里，给程序看的星号都用引号挡住，在哪个 shell 里结果都一样。
# %% [markdown] lang="en"
# ### What the shell does before a program sees anything
#
# The shell rewrites the line that you type, and then hands it to the program, in this order:
#
# 1. a variable (`$name`) is replaced by its text;
#    for `$(ls)` the command in the parentheses is run, and what it prints stands there instead;
# 2. the line is cut at spaces, each piece an argument;
# 3. a piece with a `*` is replaced by the names of files that match;
# 4. the program starts, and is handed these arguments.
#
# Quotes are about these steps: between double quotes nothing is cut and no `*` expanded, but variables are replaced; between single quotes nothing is replaced at all.
# So a variable nearly always stands in double quotes: otherwise step 2 cuts the text that step 1 put in, at each of its spaces.
# To let the *program* see a star, keep the shell away by quotes: in `find . -name "*.py"` it is `find` that knows the star, and compares in each folder it comes to.
#
# These are the rules of `sh` and `bash`; the next cell uses `sh`. The default `zsh` of a Mac's terminal differs in three points: a variable without quotes isn't cut, and a star in it isn't expanded; where a piece with a `*` matches nothing, it complains and starts no program; and a `#` typed at the prompt isn't a comment, so don't copy a `#` and the note after it.
# With variables in double quotes, and stars for the program in quotes, every shell does the same.
# %% [markdown] lang="zh" tags=["question"] see="absolute"
# 变量 `name` 是 `my day.txt`。`cat $name` 打开几个文件？写在单引号里，`echo` 打印什么？
# 这里有 `a.py`，`sub` 里有 `b.py`：不加引号的 `find . -name *.py` 找到几个？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="absolute"
# The variable `name` is `my day.txt`. How many files does `cat $name` try to open? And between single quotes, what does `echo` print?
# Here is a file `a.py`, and in `sub` a `b.py`: how many does `find . -name *.py` find, without quotes? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 两个，`my` 和 `day.txt`，都不存在。单引号里原样：打印 `$name`。
# 一个：shell 先把 `*.py` 换成了这里的 `a.py`，`find` 收到的是 `-name a.py`，`sub` 里的 `b.py` 对不上。要是这里有两个这样的文件，它干脆报错。
# %% [markdown] lang="en" tags=["answer"]
# Two, `my` and `day.txt`, and there is neither. Between single quotes all stays as it is: it prints `$name`.
# One: the shell has replaced `*.py` by the `a.py` that is here, `find` receives `-name a.py`, and `b.py` in `sub` doesn't match. With two such files here it would even be an error.
# %%
if __name__ == "__main__":
    story = """
        name="my day.txt"
        echo "first" > "$name"
        cat $name
        cat "$name"
        echo "$name" '$name'
        mkdir sub && touch a.py sub/b.py
        find . -name *.py                      # find is handed a.py
        find . -name "*.py" | sort
        files=$(ls | wc -l) && echo "there are $files names"    # wc -l: counts lines
        ls > wc                                # not a pipe: it writes a file called wc, and would empty an old one
        ls
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 练习 · 绝对路径 · 10 分钟
#
# 返回 `path` 的绝对路径：没有 `.`、`..`、`~`，没有重复的 `/`，末尾没有 `/`（根 `/` 除外）。
# `cwd` 和 `home` 已经是这样的绝对路径。`~` 只在整个路径是 `~` 或以 `~/` 开头时才是家；根的上一层还是根；空路径就是 `cwd`。
# 只用字符串算，不看硬盘。可以用标准库，但结果在每个系统上都要相同，分隔符总是 `/`；传入的 `path` 开头不会有两个斜杠。
# %% [markdown] lang="en"
# ### Exercise · an absolute path · 10 min
#
# Return the absolute path that `path` means: without `.`, `..`, `~`, without doubled `/`, and without a `/` at the end (but for the root, `/`).
# `cwd` and `home` are such absolute paths already. `~` is the home only where the whole path is `~` or begins with `~/`; one up from the root is the root; an empty path is `cwd`.
# Work on the text alone, without looking at the disk. The standard library is allowed, but the result must be the same on every system, and its separator is always `/`; no `path` that comes in begins with two slashes.
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
# 一个程序有三条线：0 号读进文字，叫标准输入（standard input）；1 号给结果，叫标准输出（standard output）；2 号给错误信息，叫标准错误（standard error）。
# `> FILE` 把 1 号写进文件（先清空），`>> FILE` 接在后面，`2> FILE` 管 2 号；管道（pipe）`|` 把左边的 1 号接到右边的 0 号。
# 所以 `sort f > f` 会丢掉 f：`sort` 还没读，shell 已经把它清空了。
# 管道不接 2 号：错误绕过右边的程序，直接上屏幕。
# `2>&1` 把 2 号并到 1 号所去的地方；`tee FILE` 把读到的既打印出来，又写进文件。
# 所以想边看边记，连错误一起，就写 `PROGRAM 2>&1 | tee all.txt`；写进文件是 `> all.txt 2>&1`，顺序不能反。
# 每个小程序只做一件事：`grep` 挑行，`sort` 排序，`uniq -c` 把*相邻*的相同行合成一行并计数，`head` 取头几行，`wc -l` 数行数，`find` 走遍文件夹（`find . -name "*.py"` 列出这里和下面所有以 `.py` 结尾的）。
# `grep -r TODO src` 从文件夹 `src` 往下，在*每个*文件的内容里找这个词，对得上的行各打印一行，前面带文件名；`grep -rl "import torch" --include="*.py" .` 只列出文件名（`-l`），只看以 `.py` 结尾的。
# 要找的是文件*里面*的字，用 `grep -r`；按名字、大小（`find . -size +10M`）、修改的日子（`-mtime -1`：一天之内）找文件本身，用 `find`。下一格里，`*.log` 是所有这样结尾的名字，`grep -h` 不写文件名，`sort -rn` 按数从大到小排。
#
# 两份日志，哪种错误最多？手算：timeout 出现 3 次，memory 2 次，disk 1 次。
# %% [markdown] lang="en" numbers="3 2 1"
# ### Small programs, piped
#
# A program has three channels to the outside: 0, **standard input**, is where it reads text; 1, **standard output**, is for results; 2, **standard error**, is for error messages.
# `> FILE` writes number 1 into a file (emptied first), `>> FILE` goes on at its end, `2> FILE` takes number 2; a **pipe** `|` connects number 1 of the left to number 0 of the right.
# So `sort f > f` loses f: the shell empties it before `sort` reads it.
# A pipe doesn't take number 2: errors go past the program on the right, to the screen.
# `2>&1` sends number 2 to where number 1 goes; `tee FILE` prints what it reads and writes it into a file, too.
# So to watch and keep all, errors included, write `PROGRAM 2>&1 | tee all.txt`; into a file it is `> all.txt 2>&1`, in this order.
# Each small program does one thing: `grep` picks lines, `sort` sorts, `uniq -c` merges equal lines that are *neighbours* and counts them, `head` takes the first few, `wc -l` counts lines, `find` walks through folders (`find . -name "*.py"` lists all here and below that end in `.py`).
# `grep -r TODO src` looks for that word inside *every* file in the folder `src` and below, and prints each line that has it, after the file's name; `grep -rl "import torch" --include="*.py" .` prints only the names (`-l`), and looks only into files that end in `.py`.
# For words *inside* files take `grep -r`; for the files themselves, by name, by size (`find . -size +10M`) or by when they changed (`-mtime -1`: within a day), take `find`. In the next cell `*.log` stands for all names with that end, `grep -h` leaves the names of the files out, and `sort -rn` sorts by number, largest first.
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
        mkdir old && mv b.log old
        grep -r memory . | sort                # inside the files, here and below
        find . -name "b*"                      # by name
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
# %% [markdown] lang="zh" numbers="0 1 127"
# ### 成了没有：退出状态
#
# 每个程序结束时交回一个数，退出状态（exit status）：0 是成功，别的都是失败，`$?` 里是上一个的。
# 这与 Python 里 0 为假正好相反：成功只有一种，失败有许多种，数就用来说是哪一种；127 是“没有这个程序”，126 是“找到了，却不能运行”。
# `A && B` 只在 A 成功时做 B，`A || B` 只在 A 失败时做 B，`A ; B` 不管。
# 所以写 `pytest -q && git push`：测试不过，就不推。
# `grep -q` 不打印，只用退出状态回答“有没有”；Python 的脚本因为没有人接的错误而停下，状态是 1，也可以写 `sys.exit(3)` 自己定。
# %% [markdown] lang="en" numbers="0 1 127"
# ### Did it go well: the exit status
#
# When a program ends it hands back a number, its **exit status**: 0 is success, all others are failure, and `$?` is that of the last one.
# This is the opposite of Python, where 0 is false: there is one way to succeed and many to fail, and the number says which; 127 is "no such program", and 126 "found, but it can't be run".
# `A && B` does B only if A succeeded, `A || B` only if A failed, `A ; B` in any case.
# So write `pytest -q && git push`: nothing is pushed while a test fails.
# `grep -q` prints nothing, and answers by its status only; a script in Python that ends by an error has 1, and by `sys.exit(3)` it sets its own.
# %%
if __name__ == "__main__":
    story = """
        grep -q ERROR a.log ; echo $?
        grep -q DISK a.log ; echo $?
        grep -q DISK a.log && echo "found" || echo "not found"
        there_is_no_such_program ; echo $?
        # for NAME in WORDS ; do ... ; done: the shell's loop; < : the file is what wc reads
        for file in *.log ; do echo "$file: $(wc -l < "$file")" ; done
    """
    print(sandbox.sh(story, logs))


# %% [markdown] lang="zh"
# ### 脚本：另一个进程，还是这一个
#
# 把几行命令写进一个文件，就是脚本。`sh go.sh` 另开一个 shell 来执行它；`source go.sh`（短写是 `. ./go.sh`）让*现在这个* shell 自己执行那几行。
# 站在哪里、有哪些变量，是每个进程自己的事：另开的那个改了自己的，结束以后就什么也没留下。
# 第 3 节激活环境要写 `source`，道理就在这里：它要改的正是你这个 shell 的变量。
# 脚本里某一行失败了，默认接着往下做；第一行写上 `set -e`，一失败就停，脚本的状态也是失败的。
# %% [markdown] lang="en"
# ### Scripts: another process, or this one
#
# A few command lines in a file are a script. `sh go.sh` starts another shell that executes it; `source go.sh` (`. ./go.sh` for short) lets *the current* shell execute the lines itself.
# Each process has its own current folder and its own variables: the other shell changes only its own, and when it ends, nothing of that is left.
# That is why section 3 activates an environment by `source`: it is your own shell's variables that are to change.
# When a line of a script fails, the next is executed all the same; with `set -e` as its first line it stops at a failure, and its own status says so.
# %% [markdown] lang="zh" tags=["question"] see="absolute"
# `go.sh` 里是 `cd sub` 和 `place=sub` 两行。`sh go.sh` 之后你站在哪里，变量 `place` 是什么？`. ./go.sh` 之后呢？
# 另外两个脚本都是 `false`（它只会失败）和 `echo reached` 两行，其中一个前面多一行 `set -e`：哪一个会打印 `reached`？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="absolute"
# `go.sh` has two lines, `cd sub` and `place=sub`. After `sh go.sh`, where do you stand, and what is the variable `place`? And after `. ./go.sh`?
# Two other scripts have the lines `false` (which only fails) and `echo reached`, one of them with `set -e` above: which of them prints `reached`? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# `sh go.sh` 之后什么也没变：换文件夹的是另一个进程。`. ./go.sh` 之后站在 `sub` 里，`place` 是 `sub`。
# 打印的是没有 `set -e` 的那个，而且它的状态是 0：脚本的状态是最后一行的，前面的失败看不出来。
# `cd` 不能是一个普通程序，也是这个道理：程序只能换它自己的文件夹。
# %% [markdown] lang="en" tags=["answer"]
# After `sh go.sh` nothing has changed: it was another process that went to another folder. After `. ./go.sh` you stand in `sub`, and `place` is `sub`.
# The one without `set -e` prints, and its status is 0: a script has the status of its last line, and doesn't show what failed before.
# For the same reason `cd` can't be an ordinary program: a program can only change its own folder.
# %%
if __name__ == "__main__":
    story = """
        mkdir sub
        printf '%s\\n' 'cd sub' 'place=sub' > go.sh        # printf: here, each word on a line of its own
        sh go.sh ; basename "$PWD" ; echo "place is '$place'"    # basename: the last name of a path
        printf '%s\\n' 'false' 'echo reached' > lax.sh
        printf '%s\\n' 'set -e' 'false' 'echo reached' > strict.sh
        sh lax.sh ; echo $?
        sh strict.sh ; echo $?
        . ./go.sh ; basename "$PWD" ; echo "place is '$place'"
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh" numbers="143"
# ### 进程和信号
#
# 程序是硬盘上的文件，*进程*是它的一次运行，有自己的号码（PID）、自己的内存、自己的变量和所在的文件夹。
# 行末写 `&`，程序就在后台跑，shell 马上接着等你的下一行；`$!` 是它的号码。`ps aux` 列出所有进程，`top` 看谁在用处理器。
# 叫它停，是给它送一个*信号*（signal）：
#
# | 信号 | 怎样送 | 程序能做什么 |
# |---|---|---|
# | SIGINT | `Ctrl+C` | 收拾一下再停；Python 里是 `KeyboardInterrupt` |
# | SIGTERM | `kill PID` | 收拾一下再停 |
# | SIGKILL | `kill -9 PID` | 什么也做不了：写了一半的文件就那样留着 |
# | SIGHUP | 终端没了 | 默认就停 |
#
# ssh 是登录到另一台机器的程序，它在那里打开一个 shell。连接一断，那台机器上的终端就没了，在里面跑的训练多半也跟着停。要让训练活下去，登录以后先开 `tmux`（不随连接消失的终端），在里面启动训练；再连上时，用 `tmux attach` 回到原处。
# 停一个程序，先 `kill`，等一等，不行再 `kill -9`。被信号打断的程序，退出状态是 128 加信号的号码：SIGTERM 是 15，得 143。
# %% [markdown] lang="en" numbers="143"
# ### Processes and signals
#
# A program is a file on the disk; a *process* is one run of it, with a number (its PID), memory, variables and a folder of its own.
# With `&` at the end of a line the program runs in the background, and the shell waits for your next line at once; `$!` is its number. `ps aux` lists all processes, `top` shows which of them use the processor.
# To stop one is to send it a **signal**:
#
# | signal | sent by | what the program can do |
# |---|---|---|
# | SIGINT | `Ctrl+C` | clear up, then stop; in Python it is a `KeyboardInterrupt` |
# | SIGTERM | `kill PID` | clear up, then stop |
# | SIGKILL | `kill -9 PID` | nothing: a half-written file stays as it is |
# | SIGHUP | the terminal has gone | stops by default |
#
# The program ssh logs in to another machine and opens a shell there. If the connection breaks, that terminal is gone, and a training run in it usually stops. To keep it running, first start `tmux` on the other machine (a terminal that goes on without a connection), and start the training inside it. After you log in again, `tmux attach` brings you back.
# To stop a program, first `kill`, then wait a little, and only then `kill -9`. A program ended by a signal has 128 plus the signal's number as its exit status: SIGTERM is 15, which makes 143.
# %%
if __name__ == "__main__":
    story = """
        sleep 60 &                             # a program that waits a minute
        pid=$!
        kill -0 $pid && echo "it runs"         # -0: send nothing, only ask
        kill $pid
        wait $pid ; echo $?                    # wait: until that process has ended; its status
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 权限和环境变量
#
# `ls -l` 每行开头是种类（`-` 是文件，`d` 是文件夹），然后九个字母，例如 `rwxr-x---`：三个给主人，三个给组，三个给其他人；`r` 读，`w` 写，`x` 运行，`-` 没有。
# 对文件夹，三个字母的意思变了：`r` 是列出里面的名字，`w` 是在里面新建、删除、改名，`x` 是进去、够到里面的文件。所以能不能*删*一个文件，看的是它所在文件夹的 `w`，不是文件自己的。
# 每三个当作一个二进制数：`rwx` 是 4 + 2 + 1 = 7，`r-x` 是 5，`---` 是 0；要把 `run.sh` 的权限设成上面的 `rwxr-x---`，就写 `chmod 750 run.sh`。
# ssh 用一对钥匙证明你是谁；私钥是不能给人的那一半，要 `chmod 600 ~/.ssh/id_ed25519`（ed25519 是一种钥匙），否则 ssh 不肯用它。
# `chmod +x run.sh` 之后才能 `./run.sh`，它的第一行 `#!/bin/sh` 说由哪个程序来运行它。
#
# 环境变量（environment variable）是一个名字和一段文字；shell 启动一个程序，就给它*复制*一份。shell 自己的普通变量不传，`export` 之后才传。程序改了自己的那份，shell 不知道。
# 下一格里 `${LEARNER:-stranger}` 是变量 `LEARNER` 的文字，没有这个变量就是 `stranger`；`printf` 把两行写进 `greet.sh`。
# %% [markdown] lang="en"
# ### Permissions and environment variables
#
# A line of `ls -l` begins with the kind (`-` is a file, `d` a folder) and nine letters, `rwxr-x---` for example: three for the owner, three for the group, three for all others; `r` to read, `w` to write, `x` to run, `-` for not.
# For a folder the letters mean something else: `r` is to list the names in it, `w` to make, delete and rename there, `x` to enter it and reach its files. So whether you can *delete* a file depends on the `w` of its folder, not on its own.
# Each group of three letters is a binary number: `rwx` is 4 + 2 + 1 = 7, `r-x` is 5, `---` is 0; to give `run.sh` the permissions `rwxr-x---` from above, write `chmod 750 run.sh`.
# For ssh a pair of keys proves who you are; the private key, the half that nobody else may have, needs `chmod 600 ~/.ssh/id_ed25519` (ed25519 is a kind of key), or ssh refuses to use it.
# `./run.sh` works only after `chmod +x run.sh`, and its first line, `#!/bin/sh`, says which program runs it.
#
# An **environment variable** is a name and a text; each program that the shell starts gets a *copy*. An ordinary variable of the shell isn't passed on until you `export` it. A program may change its copy, and the shell doesn't notice.
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
        rm -r results                                # for good: there is no recycle bin
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
# 再去 `coach dojo unix`：十三步（where、hidden、make、move、find、grep、pipe、columns、run、streams、append、environment、remove），每一步都按文件夹的状态评判。
# 往下读：[The Missing Semester](https://missing.csail.mit.edu/)（MIT；[中文译本](https://missing-semester-cn.github.io/)）前两讲。读时自问：`history` 里的一行，怎样不用再敲一遍？
# %% [markdown] lang="en"
# Then go to `coach dojo unix`: thirteen steps (where, hidden, make, move, find, grep, pipe, columns, run, streams, append, environment, remove), each judged by the state of the folder.
# Go deeper: the first two lectures of [The Missing Semester](https://missing.csail.mit.edu/) (MIT; there is a [Chinese translation](https://missing-semester-cn.github.io/)). Ask yourself: how do you run a line of your `history` again without typing it?
# %% [markdown] lang="zh"
# ## 3 · 环境
# ### 哪一个 python
#
# `pip install` 说装好了，`import` 却说没有：多半是 `pip` 和 `python` 属于两个不同的 Python。
# shell 怎样找到一个程序？环境变量 `PATH` 是一串文件夹，用 `:` 隔开（Windows 自己用 `;`，Git Bash 里仍是 `:`）；shell 从左到右一个一个地找，*第一个*含有这个名字的文件夹算数。
# 你站的文件夹不在这一串里，所以那里的程序要写成 `./train.sh`：带 `/` 的是路径，不用找。
#
# 虚拟环境（virtual environment）只是一个文件夹：里面有自己的 `python` 和自己的一套包。每个项目一个：两个项目可能要同一个包的两个版本，弄坏了一个也不连累另一个。
# “激活”它，就是把它的 `bin`（Windows 上是 `Scripts`）放到 `PATH` 的最前面，别的几乎什么也没做。
#
# ```bash
# python -m venv .venv
# source .venv/bin/activate
# python -c "import sys; print(sys.prefix)"
# python -m pip --version
# deactivate
# ```
#
# 第一行造出它，第二行激活它。Windows 的 Git Bash 里，第二行是 `source .venv/Scripts/activate`（WSL 里与 Linux 相同；PowerShell 里是 `.venv\Scripts\activate`）。
# `-c` 运行引号里的代码，这里打印这个环境的文件夹；`-m NAME` 运行模块 `NAME`，所以这是*这个* python 的 pip；`deactivate` 撤销激活。
# %% [markdown] lang="en"
# ## 3 · Environments
# ### Which python
#
# `pip install` says that all is installed, and `import` says that it isn't there: mostly `pip` and `python` belong to two different Pythons.
# How does a shell find a program? The environment variable `PATH` is a row of folders with `:` between them (Windows itself uses `;`, Git Bash still `:`); the shell looks from left to right, and the *first* that has a program of that name counts.
# The folder where you are isn't one of them, so a program there is written `./train.sh`: with a `/` it is a path, and nothing is searched.
#
# A **virtual environment** is just a folder: it has a `python` of its own and packages of its own. Make one for each project: two projects may need two versions of one package, and what breaks in one leaves the other alone.
# To "activate" it is to put its `bin` (`Scripts` on Windows) in front of `PATH`, and little else.
#
# ```bash
# python -m venv .venv
# source .venv/bin/activate
# python -c "import sys; print(sys.prefix)"
# python -m pip --version
# deactivate
# ```
#
# The first line makes it, and the second activates it. In Git Bash on Windows the second line is `source .venv/Scripts/activate` (in WSL it is as on Linux; in PowerShell it is `.venv\Scripts\activate`).
# `-c` runs the code in the quotes, which prints this environment's folder; `-m NAME` runs the module `NAME`, so this is the pip of *this* python; `deactivate` undoes the activation.
# %%
if __name__ == "__main__":
    # prefix: the folder of this environment; base_prefix: that of the Python it was made from
    print("this python:", Path(sys.executable).name, "in a virtual environment:", sys.prefix != sys.base_prefix)
    # os.pathsep: the sign between the folders, ":" or ";"
    print("first folders of PATH:", [Path(folder).name for folder in os.environ["PATH"].split(os.pathsep)[:3]])


# %% [markdown] lang="zh" tags=["question"] see="which"
# `train.sh` 就在你站的文件夹里，敲 `train.sh` 却说没有这个程序。为什么？`./train.sh` 呢？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="which"
# `train.sh` is in the folder where you are, and when you type `train.sh` there is no such program. Why? And `./train.sh`? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 光一个名字，shell 只到 `PATH` 的文件夹里找，而你站的那个不在其中。这是有意的：不然谁在共用的文件夹里放一个叫 `ls` 的程序，你就会运行它。
# 名字里有 `/`，就是你自己说了在哪里，shell 不查 `PATH`。126 是“找到了，却不许运行”，`chmod +x` 之后就行。
# %% [markdown] lang="en" tags=["answer"]
# For a bare name the shell looks only in the folders of `PATH`, and the one where you are isn't among them. That is on purpose: else anybody could put a program called `ls` into a shared folder, and you would run it.
# With a `/` in the name you say yourself where it is, and `PATH` isn't searched. 126 means "found, and not allowed to run"; after `chmod +x` it is.
# %%
if __name__ == "__main__":
    story = """
        printf '%s\\n' '#!/bin/sh' 'echo "it runs"' > train.sh
        train.sh ; echo $?
        ./train.sh ; echo $?
        chmod +x train.sh && ./train.sh
        PATH="$PWD:$PATH" train.sh             # for this line, this folder comes first
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh"
# ### 练习 · shell 找到哪一个 · 10 分钟
#
# 返回 shell 会运行的那个程序的路径，没有就返回 `None`。`path` 像 `PATH` 一样，用 `:` 隔开；`programs` 是硬盘上所有可以运行的文件。
# `which("python", "/work/.venv/bin:/usr/bin", {"/usr/bin/python", "/work/.venv/bin/python"})` 是 `"/work/.venv/bin/python"`。
# `path` 里的每个文件夹都是绝对路径，没有 `.` 和 `..`；空的跳过（如 `/bin::/usr/bin`）；文件夹末尾可以有一个多余的 `/`，返回的路径里不要两个斜杠。
# `command` 里有 `/`（例如 `./run.sh`、`/bin/ls`）时不查 `path`：它本身在 `programs` 里，就原样返回它，不在就返回 `None`。名字要完全相同：`python` 不是 `python3`。
# %% [markdown] lang="en"
# ### Exercise · which one the shell finds · 10 min
#
# Return the path of the program that the shell would run, or `None` if there is none. `path` is like `PATH`, with `:` between folders; `programs` are all files on the disk that can be run.
# `which("python", "/work/.venv/bin:/usr/bin", {"/usr/bin/python", "/work/.venv/bin/python"})` is `"/work/.venv/bin/python"`.
# The folders in `path` are absolute, without `.` and `..`. Skip empty ones (as in `/bin::/usr/bin`). A folder may end with one extra `/`, and the path returned has no doubled slash.
# Where `command` has a `/` in it (`./run.sh`, `/bin/ls`), `path` isn't searched: if it is itself in `programs`, return it as it is, else `None`. Names must be the same: `python` isn't `python3`.
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
# `split(":")`, skip the empty ones, take a `/` off the end, join the name on; return inside the loop, and `None` after it.
# %% [markdown] lang="zh" tags=["question"] see="which"
# 终端里激活了 `.venv`，编辑器里 `Shift+Enter` 却说没有 torch。`PATH` 明明是对的，哪里错了？
# %% [markdown] lang="en" tags=["question"] see="which"
# `.venv` is active in the terminal, and still `Shift+Enter` in the editor says that there is no torch. `PATH` is right, so what is wrong?
# %% [markdown] lang="zh" tags=["answer"]
# `PATH` 是*那个*终端的：环境变量只传给它启动的程序。编辑器是另外启动的，它用自己选的解释器。
# 在命令面板里用“Python: Select Interpreter”选 `.venv`，关掉已经开着的交互式窗口，再运行；`coach doctor` 说出现在用的是哪个。
# %% [markdown] lang="en" tags=["answer"]
# `PATH` is that of *this* terminal: an environment variable goes only to the programs that it starts. The editor was started elsewhere, and uses the interpreter that you chose there.
# Use "Python: Select Interpreter" in the command palette to choose `.venv`, close the Interactive Window if it is open, and run the cell again; `coach doctor` says which one is in use.
# %% [markdown] lang="zh"
# 选 python 的有两处。
# shell 看自己的 `PATH`：再开一个终端，就要再激活一次。
# 在编辑器里，运行单元格和按 `F5`，用的都是你在命令面板的“Python: Select Interpreter”里选的那个（已经开着的内核除外）。
# 解释器（interpreter）是硬盘上的程序 `python`；内核是它的一个正在跑的进程。所以换了解释器，已经开着的内核用的还是旧的，重启也还是旧的：关掉交互式窗口再运行，或者点窗口右上角的内核名字，换成新的。
# 拿不准，就在单元格里看 `sys.executable`；在单元格里装包写 `%pip install`，它装到这个内核的环境里。
# %% [markdown] lang="en"
# Two things choose a python.
# A shell goes by its own `PATH`: each new terminal must be activated again.
# For cells, and for `F5`, the editor takes the one that you chose with "Python: Select Interpreter" in the command palette (except for a kernel that already runs).
# The **interpreter** is the program `python` on the disk; a kernel is a running process of that program. So if you choose another interpreter, a kernel that already runs keeps the old one, and a restart doesn't change that: close the Interactive Window and run the cell again, or click the kernel's name at the upper right of that window and choose the new one.
# In doubt look at `sys.executable` in a cell; to install from a cell write `%pip install`, which installs into this kernel's environment.
# %% [markdown] lang="zh"
# ### 写下来，才能再造一个
#
# 删掉环境，没了的是包和那个 Python；代码和数据在别处，都还在。要能再造，就要有一张提交过的清单。清单有两种：
#
# - *范围*：`numpy>=1.26,<3`，说“这些版本都行”，写在 `pyproject.toml`（向 pip 说明一个项目的文件）里；今天和明年装到的可能不同。
# - *钉死*（pin）：`numpy==2.1.3`，连它要的包、那些包又要的包都写上，叫锁文件（lock file）；谁在哪天装，得到的都一样。这门课的 `requirements.txt` 就是。
#
# 在你自己的项目里，把跑得通的环境用 `python -m pip freeze > requirements.txt` 写成钉死的清单（`freeze` 列出此刻装着的每个包和它的版本；conda 是 `conda env export > environment.yml`），提交它。
# 同事在一个新环境里 `python -m pip install -r requirements.txt`，得到的就是你的那些版本。清单里若只有名字，装到的是那一天最新的：今天跑得通，明年未必，结果也可能悄悄变了。
#
# 版本号按点分开，一段一段当整数比。
# %% [markdown] lang="en"
# ### Written down, so that it can be made again
#
# When an environment is deleted, its packages and its Python are gone; code and data lie elsewhere, and stay. To make it again you need a list that was committed. There are two kinds:
#
# - *ranges*: `numpy>=1.26,<3` says which versions will do, and stands in `pyproject.toml` (the file that describes a project to pip); today's installation and next year's may differ.
# - **pins**: `numpy==2.1.3`, and the same for the packages that it needs, and those that they need; such a list is called a **lock file**, and gives everybody the same on every day. `requirements.txt` of this course is one.
#
# In a project of your own, from an environment that works, `python -m pip freeze > requirements.txt` writes the list with pins (`freeze` names every package that is installed now, with its version; conda's is `conda env export > environment.yml`); commit it.
# A colleague makes a new environment, and there `python -m pip install -r requirements.txt` installs your versions. With bare names it would install the newest of that day: what runs today may fail next year, or give other results in silence.
#
# Version numbers are split at the dots, and compared part by part, as whole numbers.
# %% [markdown] lang="zh" tags=["question"] see="which"
# `numpy>=1.9` 接受 1.10 吗？`numpy<2` 接受 1.99 吗？先猜，再运行下一格。
# %% [markdown] lang="en" tags=["question"] see="which"
# Does `numpy>=1.9` accept 1.10? And `numpy<2` accept 1.99? Guess, then run the next cell.
# %% [markdown] lang="zh" tags=["answer"]
# 都接受：10 大于 9。当作小数的人会以为 1.10 就是 1.1，比 1.9 小。
# 第一段变了，习惯上表示旧的代码可能不能用了；所以范围常写到下一个大版本之前为止。
# %% [markdown] lang="en" tags=["answer"]
# Both: 10 is more than 9. Whoever reads a decimal takes 1.10 for 1.1, which is less than 1.9.
# By custom a new first part says that old code may no longer work; so ranges mostly end before the next one.
# %%
if __name__ == "__main__":
    for wanted, version in ((">=1.9", "1.10"), ("<2", "1.99"), (">=1.26,<3", "3.0"), ("==2.1.3", "2.1.4")):
        print(f"numpy{wanted} accepts {version}: {SpecifierSet(wanted).contains(version)}")


# %% [markdown] lang="zh"
# ### conda，和“只用一个安装者”
#
# venv 用的是你已有的一个 Python，包都由 pip 装。conda 也能建环境，而且连 Python 本身也装；不是用 Python 写的东西，如显卡用的库、编译器（把 C 这样的语言翻译成机器指令的程序），它也装。激活同样是改 `PATH`。
# 用 [Miniforge](https://conda-forge.org/download/)：它默认用社区的频道（channel，服务器上的一批包）；Miniconda 由 Anaconda 公司提供，新装的会先要你接受它的服务条款。在课程的文件夹里：
#
# ```text
# conda env create -f environment.yml
# conda activate arena-env
# conda env list
# conda list numpy
# coach doctor
# ```
#
# `environment.yml` 只让 conda 装 Python 和 pip，别的都交给 pip。这是有意的：conda 装的 NumPy 可能带着 MKL（快速矩阵运算的库）和它的 OpenMP（让几个处理器核心分担一个计算的库），Anaconda 公司的频道里常是这样，conda-forge 在 Windows 上也是（在 Linux 上它默认用的是 OpenBLAS，另一个这样的库）；pip 的 torch 带着另一份 OpenMP。两份装进一个进程，就可能报 `OMP: Error #15`。
# 报错里提到的 `KMP_DUPLICATE_LIB_OK` *不要*设：它只是让程序带着两份继续跑，可能崩溃，也可能悄悄算错。正确的办法是重建环境，让一个安装者管所有的包。
#
# 下载太慢，就用镜像：`python -m pip install -i URL -r requirements.txt`，`URL` 换成你的学校或服务商的镜像地址。用 conda 建环境时，先 `python -m pip config set global.index-url URL`，它启动的 pip 才会用镜像。装好以后，上课不再要网络。
# 环境坏了不要修，删掉重建。
# 好了没有，由 `coach doctor` 来判：它查用的是哪个 Python，包全不全、版本对不对，还有编辑器、git 等等，并说出每一处怎样改正。
# %% [markdown] lang="en"
# ### Conda, and why one installer
#
# A venv uses a Python that you have, and pip fills it. Conda makes environments, too, and installs Python itself with them. It also installs what isn't written in Python: a GPU's libraries, or a compiler (a program that turns a language such as C into instructions of the machine). Activating one changes `PATH` as well.
# Use [Miniforge](https://conda-forge.org/download/), which takes packages from the community's channel (a collection on a server); Miniconda comes from the company Anaconda, and a new one makes you accept its terms of service first. In the course's folder:
#
# ```text
# conda env create -f environment.yml
# conda activate arena-env
# conda env list
# conda list numpy
# coach doctor
# ```
#
# `environment.yml` lets conda install Python and pip only, and leaves the rest to pip. That is on purpose: conda's NumPy may bring MKL (a library of fast matrix operations) with its OpenMP (a library that lets several cores share one computation). In Anaconda's channel this is common, and conda-forge does so on Windows (on Linux its default is OpenBLAS, another such library). Pip's torch brings another OpenMP, and two of them in one process can end in `OMP: Error #15`.
# That message speaks of `KMP_DUPLICATE_LIB_OK`: do *not* set it. It only lets the program go on with both, and it may crash or compute something wrong in silence. The cure is a new environment in which one installer owns all packages.
#
# A slow network: `python -m pip install -i URL -r requirements.txt`, with the address of a mirror, your university's or your provider's, for `URL`. If conda makes the environment, first `python -m pip config set global.index-url URL`, so that the pip that it starts uses the mirror. Once all is installed, the lessons need no network.
# Don't try to fix a broken environment: delete it and make a new one.
# The judge is `coach doctor`: it looks at Python, packages and versions, editor, git and more, and says how to fix each problem.
# %% [markdown] lang="zh"
# ## 4 · 在别处干活
# ### 别的机器：Remote-SSH
#
# 编辑器的界面在你这里，文件、Python、终端、调试器都在那一头：装上扩展 Remote-SSH，命令面板里就有“Remote-SSH: Connect to Host…”。
# 那一头的地址写在 `~/.ssh/config`，像下一格里那样；`Host` 后面是你起的短名，以后写 `ssh gpu-box`，就等于写了下面的每一行。
# `HostName` 是那台机器的地址，`User` 是你在那里的账号，`IdentityFile` 是你这边的私钥，ssh 靠它证明你是谁。
# `IdentitiesOnly`：只用写明的那把钥匙。
# `ServerAliveInterval`：每 30 秒问一次对方还在不在；`ServerAliveCountMax`：连问 6 次没有回音就断开。
#
# 第二段是为封了 22 号端口的网络准备的（端口：程序接受连接用的号码）：GitHub 在 443 端口上也接受 ssh 连接。
#
# - `ssh-keygen -t ed25519` 造一对钥匙：以 `.pub` 结尾的文件交给服务器，另一个永远不给人；
# - `ssh -G gpu-box` 不连接，只打印 ssh 怎样理解你写的；
# - `ssh -T git@github.com` 试一试能不能登录 GitHub。
# %% [markdown] lang="en"
# ## 4 · Working elsewhere
# ### Other machines: Remote-SSH
#
# The editor's window is here, and files, Python, terminal and debugger are at the other end: with the extension Remote-SSH, the command palette has "Remote-SSH: Connect to Host…".
# The other end's address is in `~/.ssh/config`, written as in the next cell; after `Host` comes a short name of your choice, and from then on `ssh gpu-box` means all the lines below it.
# `HostName` is that machine's address, `User` the name of your account there, and `IdentityFile` the private key on your side, by which ssh proves who you are.
# `IdentitiesOnly`: offer only the key that is named.
# `ServerAliveInterval`: ask every 30 seconds whether the other end is still there; `ServerAliveCountMax`: give up after 6 questions without an answer.
#
# The second part is for networks that block port 22 (a port is the number at which a program takes connections): GitHub's ssh listens on port 443 as well.
#
# - `ssh-keygen -t ed25519` makes a pair of keys: the file that ends in `.pub` goes to the server; give the other file to nobody;
# - `ssh -G gpu-box` doesn't connect: it only prints how ssh understands your settings;
# - `ssh -T git@github.com` tests the login to GitHub.
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


# %% [markdown] lang="zh"
# ### 一对钥匙，一条隧道
#
# 公钥（`.pub`）像一把锁，可以给任何人：放到服务器的 `~/.ssh/authorized_keys` 里，就是在那扇门上挂了这把锁。
# 私钥是开它的钥匙，留在你的机器上；登录时它只回答一道题，从不传过去。别人拿到公钥，什么也做不了。私钥可以设口令（打开它要输的密码）；没有口令的私钥一旦被人拿走，那人就能以你的名义登录，有口令也只是多给你一点时间。
# 私钥被人拿走了，就马上造一对新的，在每台服务器的 `authorized_keys` 里和 GitHub 上用新的公钥换掉旧的：旧的不删，门就还开着。
# 第一次连一台机器，ssh 问你认不认它的指纹（由那台机器自己的公钥算出来的一小串字）：对一对管理员给的，再说 yes；以后变了，它会大声警告。
#
# 那一头的网页，你的浏览器往往够不到：服务器的防火墙多半只放行 ssh。没有防火墙就相反：Streamlit（默认端口 8501）谁的连接都接受，你的页面谁都打得开。
# 所以用 `streamlit run app.py --server.address localhost` 启动：它只接受那台机器自己来的连接（`localhost` 是每台机器对自己的称呼）。
# `ssh -L 8501:localhost:8501 gpu-box` 挖一条隧道：连到*你的* 8501 端口的，都从 ssh 里送到那一头，再由*那一头*去连它的 `localhost:8501`。这叫端口转发（port forwarding）；编辑器的“Ports”一栏能自动做同样的事。
# %% [markdown] lang="en"
# ### A pair of keys, and a tunnel
#
# The public key (`.pub`) is like a lock, and may be given to anybody: in the server's `~/.ssh/authorized_keys` it hangs on that door.
# The private key opens it, and stays on your machine; to log in it answers one puzzle, and is never sent. With your public key nobody can do anything. A private key can have a passphrase (a password for the key itself); without one, whoever gets your private key can log in as you, and a passphrase only gives you some time.
# If that happens, make a new pair at once, and replace the old public key with the new one in the `authorized_keys` of every server and on GitHub: while the old one is there, the door is still open.
# At the first connection ssh asks whether you know the machine's fingerprint (a short hash of its own public key): compare it with what its owner gave you, then say yes; if it changes later, ssh warns loudly.
#
# Your browser often can't reach a page at the other end: a server's firewall mostly lets only ssh through. Without a firewall it is the opposite: Streamlit (its default is port 8501) takes connections from anywhere, and your page is open to everybody.
# So start it with `streamlit run app.py --server.address localhost`: it then takes connections only from that machine itself (`localhost` is the name by which each machine calls itself).
# `ssh -L 8501:localhost:8501 gpu-box` makes a tunnel: what connects to *your* port 8501 goes through ssh to the other end, and from *there* to its `localhost:8501`. This is **port forwarding**; the view "Ports" of the editor can do the same by itself.
# %%
if __name__ == "__main__":
    story = """
        ssh-keygen -q -t ed25519 -N "" -f id_test    # -N "": without a passphrase, for this test only
        ls
        cut -c1-11 id_test.pub                 # characters 1 to 11, the kind of key; the rest of the line is the lock
        head -1 id_test
        ls -l | cut -c1-10                     # the private one is yours alone
    """
    print(sandbox.sh(story))


# %% [markdown] lang="zh" tags=["question"] see="mode"
# 在 GPU 机器上训练一夜，笔记本合上盖子，连接断了。训练还在吗？
# %% [markdown] lang="en" tags=["question"] see="mode"
# You train overnight on a GPU box, close your laptop, and the connection ends. Does the training go on?
# %% [markdown] lang="zh" tags=["answer"]
# 多半不在：终端没了，它启动的程序收到“挂断”信号（SIGHUP），默认就结束。
# 在那一头先开 `tmux`，在里面启动训练；断了之后再连上，`tmux attach` 回到原处。不管怎样，都要定期存检查点，`part4_experiments` 会写。
# %% [markdown] lang="en" tags=["answer"]
# Mostly not: with the terminal gone, the programs that it started get a "hang-up" signal (SIGHUP), and end by default.
# Start `tmux` at the other end first, and the training inside it; after a break connect again, and `tmux attach` brings you back. Save checkpoints in any case; `part4_experiments` writes them.
# %% [markdown] lang="zh"
# ### GPU 从哪里来
#
# 这门课不需要 GPU。要用时：
#
# - Google Colab、Kaggle：浏览器里的 notebook，可以申请到 GPU，时长和型号有限制，也会变；机器用完就清空，结果要存到外面。
# - GitHub Codespaces：浏览器里完整的 VS Code，环境由 `.devcontainer`（写明要装什么的一个文件夹）装好；通常*没有* GPU。
# - 学校或实验室的机器：用 Remote-SSH；先问排队和配额的规矩，用 `nvidia-smi` 看谁在用。
#
# 挑的时候比这几样：显存装不装得下你的模型；一小时多少钱；一次最多用多久；关机以后文件还在不在；你的数据准不准放到那里。
# 代码写成与设备无关的（`device = "cuda" if torch.cuda.is_available() else "cpu"`），就哪里都能跑。
# %% [markdown] lang="en"
# ### Where GPUs are
#
# The course needs no GPU. If you want one:
#
# - Google Colab and Kaggle: notebooks in the browser that may get a GPU, with limits on time and kind, which change; the machine is wiped afterwards, so save results elsewhere.
# - GitHub Codespaces: a whole VS Code in the browser, set up by `.devcontainer` (a folder that says what to install); usually *without* a GPU.
# - A machine of your university or laboratory: by Remote-SSH; ask for the rules on queues and quotas first, and look with `nvidia-smi` who is using it.
#
# To choose, compare: whether your model fits the GPU's memory; the price of an hour; how long a session may last; whether files are still there afterwards; and whether your data may go there at all.
# Code that doesn't depend on the device (`device = "cuda" if torch.cuda.is_available() else "cpu"`) runs everywhere.
# %% [markdown] lang="zh"
# ## 5 · 这些还会回来
#
# git 每天都用：你的 `answers.py` 就该常常提交；第 4 天的 `torchrun` 一次启动好几个进程，用环境变量告诉每个进程它是谁。
#
# 合上书，试着说出：
#
# - blob、树、提交各装什么；分支是什么，`fetch` 挪动哪个名字；
# - 冲突什么时候出现，rebase 改了什么；四种撤销各撤什么；
# - shell 在程序启动之前做哪四步；为什么 `source` 和另开一个 shell 不一样；
# - 激活一个环境改了什么；为什么不设 `KMP_DUPLICATE_LIB_OK`；
# - 私钥被人拿走怎么办，端口转发接通了哪两头。
#
# 说不出哪一条，就回到哪一节。
# %% [markdown] lang="en"
# ## 5 · Where these pieces come back
#
# Git is for every day: commit your own `answers.py` often; on day 4 `torchrun` starts several processes, and tells each by environment variables who it is.
#
# Try to say, without looking anything up:
#
# - what a blob, a tree and a commit hold; what a branch is, and which name `fetch` moves;
# - when there is a conflict, and what a rebase changes; what each of the four ways undoes;
# - which four steps the shell takes before a program starts; why `source` isn't the same as starting a shell;
# - what activating an environment changes; why you shouldn't set `KMP_DUPLICATE_LIB_OK`;
# - what to do when somebody has your private key, and which two ends a forwarded port connects.
#
# If you can't say one of them, look it up in its section.
