"""`coach doctor`: what is wrong on this machine and how to mend it. It opens no connection unless asked to."""

import codecs
import importlib.metadata
import json
import locale
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from coach.course.workspace import Workspace
from coach.words import say, show

GOOD, WARNING, BAD, TOLD = "✓", "⚠", "✗", "·"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `fix` is the command or the deed that mends it."""

    mark: str
    about: str
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Machine:
    """What the checks look at; a test gives another machine."""

    workspace: Workspace
    environ: dict[str, str]
    run: Callable[..., str]

    @classmethod
    def this(cls) -> "Machine":
        return cls(Workspace.here(), dict(os.environ), output)


def output(*command: str, seconds: float = 20) -> str:
    """What a program prints, "" if it is missing, fails or hangs."""
    program = shutil.which(command[0])
    if not program:
        return ""
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.decode("utf-8", "replace").strip()


def interpreter(machine: Machine) -> Iterator[Finding]:
    """Which Python this is, in which environment."""
    version = platform.python_version()
    about = say(zh="解释器", en="interpreter")
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        fix = say(
            zh="用 3.11 到 3.13 建一个环境：conda env create -f environment.yml",
            en="make an environment with 3.11 to 3.13: conda env create -f environment.yml",
        )
        yield Finding(BAD, about, f"Python {version}", fix)
    else:
        yield Finding(GOOD, about, f"Python {version}, {sys.executable}")
    conda = machine.environ.get("CONDA_DEFAULT_ENV", "")
    prefix = machine.environ.get("CONDA_PREFIX", "")
    if sys.prefix == sys.base_prefix and not (prefix and Path(sys.prefix) == Path(prefix)):
        fix = "python -m venv .venv"
        yield Finding(WARNING, about, say(zh="不在虚拟环境里", en="no virtual environment"), fix)
    if prefix and Path(prefix) != Path(sys.prefix):
        text = say(
            zh=f"激活的是 conda 环境 {conda}，运行的却是 {sys.prefix}",
            en=f"conda's {conda} is active, but this Python is {sys.prefix}",
        )
        yield Finding(WARNING, about, text, f"conda activate {conda}; pip install -r requirements.txt")
    if conda == "base":
        text = say(
            zh="用的是 conda 的 base：课程最好有自己的环境",
            en="this is conda's base: the course wants an environment of its own",
        )
        yield Finding(WARNING, about, text, "conda env create -f environment.yml && conda activate arena-env")


def editor_interpreter(machine: Machine) -> Iterator[Finding]:
    """Whether VS Code would choose this interpreter by itself: a .venv in the folder comes first."""
    local = machine.workspace.root / ".venv"
    about = "VS Code"
    if local.is_dir() and Path(sys.prefix).resolve() != local.resolve():
        text = say(
            zh=f"它会选 {local}，而这里是 {sys.prefix}", en=f"it will choose {local}, while this is {sys.prefix}"
        )
        yield Finding(
            WARNING, about, text, say(zh="运行命令 Python: Select Interpreter", en="run Python: Select Interpreter")
        )
    if not shutil.which("code"):
        text = say(zh="终端里没有 code 命令", en="there is no `code` command in the terminal")
        fix = say(
            zh="在 VS Code 里运行 Shell Command: Install 'code' command in PATH",
            en="in VS Code run Shell Command: Install 'code' command in PATH",
        )
        yield Finding(TOLD, about, text, fix)
        return
    wanted = json.loads((machine.workspace.root / ".vscode/extensions.json").read_text("utf-8"))["recommendations"]
    installed = machine.run("code", "--list-extensions").lower().split()
    missing = [name for name in wanted if name.lower() not in installed]
    if installed and missing:
        fix = " ".join(f"code --install-extension {name}" for name in missing)
        yield Finding(WARNING, about, say(zh="缺少扩展：", en="extensions missing: ") + ", ".join(missing), fix)
    elif installed:
        yield Finding(GOOD, about, say(zh="推荐的扩展都在", en="all recommended extensions are there"))


def pins(path: Path) -> dict[str, str]:
    """The versions that requirements.txt pins for this system, by normalised name."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            requirement = Requirement(line)
            if not requirement.marker or requirement.marker.evaluate():
                found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


def packages(machine: Machine) -> Iterator[Finding]:
    """The installed packages against the pins, and against the ranges that pyproject.toml allows."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    about = say(zh="软件包", en="packages")
    pinned = pins(machine.workspace.root / "requirements.txt")
    project = (machine.workspace.root / "pyproject.toml").read_text("utf-8")
    import tomllib

    needed = map(Requirement, tomllib.loads(project)["project"]["dependencies"])
    ranges: dict[str, Any] = {canonicalize_name(one.name): one.specifier for one in needed}
    missing, outside, other = [], [], []
    for name, version in pinned.items():
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if name in ranges and not ranges[name].contains(have.split("+")[0], prereleases=True):
            outside.append(f"{name} {have} ({ranges[name]})")
        elif have.split("+")[0] != version:
            other.append(f"{name} {have} ({version})")
    fix = "pip install -r requirements.txt"
    if missing:
        yield Finding(BAD, about, say(zh="缺少：", en="missing: ") + ", ".join(missing), fix)
    if outside:
        yield Finding(BAD, about, say(zh="版本不合：", en="outside the range: ") + ", ".join(outside), fix)
    if other:
        text = say(
            zh="与测试过的版本不同（多半没有关系）：", en="not the tested versions (mostly harmless): "
        ) + ", ".join(other)
        yield Finding(TOLD, about, text, fix)
    if not missing and not outside:
        yield Finding(GOOD, about, say(zh=f"{len(pinned)} 个都在", en=f"all {len(pinned)} are there"))


REINSTALL = "pip install -e . --no-deps"
PLAIN_NAMES = ("config", "core.quotepath", "false")


def path_files() -> list[Path]:
    """The editable install's own: one, or none."""
    return sorted(Path(sysconfig.get_path("purelib")).glob("_deep_learning_fundamentals*.pth"))


def installed_elsewhere(workspace: Workspace) -> str:
    """The checkout that cells and F5 import, if it is not this one; "" if it is, or none is installed."""
    listed = [line for path in path_files() for line in path.read_text("utf-8", "replace").splitlines()]
    wanted = [Path(path).resolve() for path in workspace.import_paths]
    return listed[0] if listed and [Path(line).resolve() for line in listed] != wanted else ""


def path_file(machine: Machine) -> Iterator[Finding]:
    """The plain .pth of the editable install: there, of this checkout, and read rightly by this Python."""
    about = ".pth"
    reinstall = REINSTALL
    files = path_files()
    if not files:
        yield Finding(
            BAD,
            about,
            say(zh="没有：编辑器和终端找不到各天的课程", en="none: editor and terminal can't find the lessons"),
            reinstall,
        )
        return
    raw = files[0].read_bytes()
    if other := installed_elsewhere(machine.workspace):
        text = say(zh=f"指向另一份代码：{other}", en=f"it points to another checkout: {other}")
        yield Finding(BAD, about, text, reinstall)
    elif not raw.isascii() and sys.version_info < (3, 13) and not utf8_locale():
        # Until 3.13, site.py reads .pth files in the locale's encoding, and pip writes them in UTF-8.
        text = say(
            zh="路径里有非 ASCII 字符，而这个 Python 按系统编码读 .pth",
            en="its path isn't ASCII, and this Python reads .pth files in the system's encoding",
        )
        yield Finding(
            BAD,
            about,
            text,
            say(
                zh="换到纯 ASCII 的文件夹，或改用 Python 3.13", en="move to a folder of plain ASCII, or use Python 3.13"
            ),
        )
    else:
        yield Finding(GOOD, about, str(files[0]))


def utf8_locale() -> bool:
    return codecs.lookup(locale.getencoding()).name == "utf-8"


SELF_TEST = """
import sys, torch
device = torch.device(sys.argv[1])
torch.manual_seed(0)
x, w = torch.randn(64, 48), torch.randn(48, 32)
kernel, image = torch.randn(5, 3, 3, 3), torch.randn(2, 3, 17, 19)
for f, args in ((torch.matmul, (x, w)), (torch.conv2d, (image, kernel)), (lambda a: a.t()[3:].contiguous().sum(0), (x,)),
                (lambda a: a.logsumexp(-1), (x * 50,)), (lambda a: torch.where(a > 0, a, a / 7).cumsum(0), (x,))):
    torch.testing.assert_close(f(*(a.to(device) for a in args)).cpu(), f(*args), rtol=1e-3, atol=1e-3)
print("right")
"""


def devices(machine: Machine) -> Iterator[Finding]:
    """CUDA and MPS, each with a small self-test against the CPU."""
    about = "torch"
    code = "import json, torch; print(json.dumps([torch.__version__, torch.version.cuda, torch.cuda.is_available(), torch.backends.mps.is_available()]))"
    said = machine.run(sys.executable, "-c", code, seconds=120)
    if not said:
        yield Finding(BAD, about, say(zh="无法导入", en="it can't be imported"), "pip install -r requirements.txt")
        return
    version, cuda, has_cuda, has_mps = json.loads(said.splitlines()[-1])
    yield Finding(GOOD, about, f"{version}, " + (f"CUDA {cuda}" if cuda else say(zh="CPU 版", en="CPU build")))
    for name in [name for name, there in (("cuda", has_cuda), ("mps", has_mps)) if there]:
        if machine.run(sys.executable, "-c", SELF_TEST, name, seconds=180).endswith("right"):
            yield Finding(GOOD, name, say(zh="自检与 CPU 结果一致", en="its self-test agrees with the CPU"))
        else:
            fix = say(
                zh="先在 CPU 上做练习；升级驱动和 torch 后再试",
                en="work on the CPU; try again after an update of driver and torch",
            )
            yield Finding(
                WARNING, name, say(zh="自检与 CPU 结果不一致", en="its self-test disagrees with the CPU"), fix
            )
    if machine.run("nvidia-smi", "-L") and not has_cuda:
        fix = say(zh="按 pytorch.org 的说明装 CUDA 版", en="install a CUDA build as pytorch.org tells you")
        yield Finding(
            WARNING,
            "cuda",
            say(zh="有 NVIDIA GPU，但 torch 用不到它", en="there is an NVIDIA GPU that torch can't use"),
            fix,
        )
    elif not has_cuda and not has_mps:
        yield Finding(
            TOLD, about, say(zh="没有 GPU：课程全部能在 CPU 上完成", en="no GPU: the whole course runs on the CPU")
        )


def openmp(machine: Machine) -> Iterator[Finding]:
    """Two OpenMP runtimes: conda's MKL NumPy beside pip's torch ends in "OMP: Error #15"."""
    about = "OpenMP"
    meta = Path(sys.prefix) / "conda-meta"
    from_conda = [name for name in ("numpy", "pytorch", "mkl") if next(meta.glob(f"{name}-[0-9]*.json"), None)]
    if from_conda and "pytorch" not in from_conda:
        text = say(
            zh=f"{'、'.join(from_conda)} 来自 conda，torch 来自 pip",
            en=f"{', '.join(from_conda)} from conda, torch from pip",
        )
        fix = say(zh="一个环境只用一种安装器：重建 arena-env", en="one installer for both: make arena-env anew")
        yield Finding(WARNING, about, text, fix)
    if machine.environ.get("KMP_DUPLICATE_LIB_OK"):
        text = say(
            zh="设了 KMP_DUPLICATE_LIB_OK：结果可能悄悄出错",
            en="KMP_DUPLICATE_LIB_OK is set: results may be silently wrong",
        )
        yield Finding(
            WARNING, about, text, say(zh="去掉这个变量，重建环境", en="unset it, and make the environment anew")
        )


def course(machine: Machine) -> Iterator[Finding]:
    """Which course this is; for one from a zip file, how a newer one comes."""
    from coach.course.release import Release

    found = Release.of(machine.workspace.root)
    about, fix = say(zh="课程", en="course"), ""
    if found.packed:
        fix = say(
            zh="更新：把新的压缩包解压到这个文件夹上（answers.py 和 .coach 不在包里，会留着），再运行 pip install -r requirements.txt 和 coach update",
            en="for a newer one unpack its zip file over this folder (answers.py and .coach are not in it, and stay), then run pip install -r requirements.txt and coach update",
        )
    yield Finding(TOLD, about, str(found), fix)


def git_refuses(root: Path, run: Callable[..., str] = output) -> bool:
    """Whether git does nothing in this checkout because it belongs to another user."""
    where = ("-C", str(root), "rev-parse", "--git-dir")
    return not run("git", *where) and bool(run("git", "-c", "safe.directory=*", *where))


def trusting(root: Path) -> str:
    """The command after which git works in a checkout of another user's."""
    return f'git config --global --add safe.directory "{root}"'


def git(machine: Machine) -> Iterator[Finding]:
    """git itself, whether it trusts this folder, who commits, and file names that git shows as they are."""
    if not machine.run("git", "--version"):
        fix = "git-scm.com"
        yield Finding(
            BAD, "git", say(zh="没有安装：coach update 需要它", en="it is not installed; coach update needs it"), fix
        )
        return
    if git_refuses(root := machine.workspace.root, machine.run):
        zh = f"git 不肯在 {root} 里工作：它属于另一个用户（dubious ownership）"
        en = f"it refuses to work in {root}, which belongs to another user (dubious ownership)"
        yield Finding(BAD, "git", say(zh=zh, en=en), trusting(root))
    missing = [key for key in ("user.name", "user.email") if not configured(machine, key)]
    if missing:
        fix = "; ".join(f'git config --global {key} "…"' for key in missing)
        yield Finding(WARNING, "git", say(zh="还没有写明：", en="not set: ") + ", ".join(missing), fix)
    else:
        yield Finding(GOOD, "git", configured(machine, "user.name"))
    if configured(machine, "core.quotepath") != "false":
        text = say(zh="中文文件名会显示成 \\346\\226…", en="names in Chinese are shown as \\346\\226…")
        yield Finding(TOLD, "git", text, "git config --global core.quotepath false")


def configured(machine: Machine, key: str) -> str:
    """What git has for this checkout, wherever it is written; "" if nothing is."""
    return machine.run("git", "-C", str(machine.workspace.root), "config", key)


def console(machine: Machine) -> Iterator[Finding]:
    """What the terminal can print."""
    about = say(zh="控制台", en="console")
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "○✗✓ 练习".encode(encoding)
        yield Finding(GOOD, about, encoding)
    except UnicodeEncodeError:
        fix = say(
            zh="设环境变量 PYTHONUTF8=1，或在终端运行 chcp 65001",
            en="set PYTHONUTF8=1, or run chcp 65001 in the terminal",
        )
        yield Finding(
            TOLD,
            about,
            say(zh=f"{encoding}：✓ 和 ✗ 换成 √ 和 ×", en=f"{encoding}: plain signs stand in for ✓ and ✗"),
            fix,
        )


def paths(machine: Machine) -> Iterator[Finding]:
    """Folders that make trouble."""
    root = machine.workspace.root
    about = say(zh="路径", en="path")
    if not str(root).isascii():
        text = say(
            zh=f"{root} 里有非 ASCII 字符：课程没有问题，有些 C++ 工具会",
            en=f"{root} isn't ASCII: the course minds it not, some C++ tools do",
        )
        yield Finding(TOLD, about, text)
    wsl = "microsoft" in platform.release().lower()
    if wsl and re.match(r"/mnt/[a-z]/", str(root)):
        fix = say(zh="把仓库克隆到 ~ 下面", en="clone it under ~")
        yield Finding(
            WARNING,
            "WSL",
            say(
                zh="/mnt 下的文件很慢，保存也未必通知 coach watch",
                en="files under /mnt are slow, and coach watch may not hear of a save",
            ),
            fix,
        )
    if os.name == "nt" and len(str(root)) > 120:
        yield Finding(
            WARNING,
            about,
            say(zh="路径很长，Windows 上限是 260 个字符", en="it is long; Windows stops at 260 characters"),
        )


def conda(machine: Machine) -> Iterator[Finding]:
    """Miniconda's default channels ask for terms of service before `conda create` goes on."""
    base = machine.environ.get("CONDA_EXE", "")
    if not base:
        return
    channels = machine.run("conda", "config", "--show", "channels")
    if "defaults" in channels:
        text = say(
            zh="conda 用的是 defaults 频道：新建环境会停下来要你接受服务条款",
            en="conda uses the defaults channels: making an environment stops for their terms of service",
        )
        fix = say(zh="推荐 Miniforge；或运行 conda tos accept", en="Miniforge has none; or run conda tos accept")
        yield Finding(WARNING, "conda", text, fix)


def network(machine: Machine) -> Iterator[Finding]:
    """Proxies and mirrors, as information."""
    about = say(zh="网络", en="network")
    proxies = sorted(k for k in machine.environ if k.lower() in ("http_proxy", "https_proxy", "all_proxy"))
    if proxies:
        yield Finding(TOLD, about, say(zh="代理变量：", en="proxy variables: ") + ", ".join(proxies))
    indexes = [
        line.split("=")[0]
        for line in machine.run(sys.executable, "-m", "pip", "config", "list").splitlines()
        if "index-url" in line
    ]
    if indexes:
        yield Finding(TOLD, about, say(zh="pip 使用镜像：", en="pip uses a mirror: ") + ", ".join(indexes))


def connections(machine: Machine) -> Iterator[Finding]:
    """Asked for with `--network`: whether git's host and pip's index answer, over HTTPS and SSH's port 443."""
    import socket

    for host, port in (("github.com", 443), ("ssh.github.com", 443), ("pypi.org", 443)):
        try:
            socket.create_connection((host, port), timeout=5).close()
            yield Finding(GOOD, host, say(zh="能连上", en="it answers"))
        except OSError as error:
            fix = say(
                zh="换镜像或代理；git 可以走 443 端口上的 SSH",
                en="use a mirror or a proxy; git can take SSH over port 443",
            )
            yield Finding(WARNING, host, say(zh=f"连不上（{error}）", en=f"no answer ({error})"), fix)


CHECKS = (
    interpreter,
    editor_interpreter,
    packages,
    path_file,
    devices,
    openmp,
    course,
    git,
    console,
    paths,
    conda,
    network,
)


def examine(machine: Machine, *, online: bool = False) -> list[Finding]:
    """Every finding, in order."""
    checks = (*CHECKS, *([connections] if online else []))
    return [finding for check in checks for finding in found_by(check, machine)]


def found_by(check: Callable[[Machine], Iterator[Finding]], machine: Machine) -> Iterator[Finding]:
    """What the check finds; where it can't be carried out, that is a finding, too."""
    try:
        yield from check(machine)
    except Exception as error:  # a doctor is called where anything may be broken
        missing = isinstance(error, ImportError)
        text = f"{type(error).__name__}: {error}"
        zh, en = f"这一项查不了：{text}", f"this could not be looked at: {text}"
        report = say(zh="请把这一行报告给课程", en="report this line to the course")
        yield Finding(BAD, check.__name__, say(zh=zh, en=en), "pip install -r requirements.txt" if missing else report)


def mend(machine: Machine) -> list[str]:
    """Does what is safe: shows git's file names plainly in this clone, and writes the `.pth` anew if it is of this Python.

    Told is what is in order afterwards.
    """
    done, root = [], machine.workspace.root
    if configured(machine, "core.quotepath") != "false" and (root / ".git").exists():
        machine.run("git", "-C", str(root), *PLAIN_NAMES)
        if configured(machine, "core.quotepath") == "false":
            done.append(f"git {' '.join(PLAIN_NAMES)}")
    if _path_file_is_bad(machine) and sys.prefix != sys.base_prefix:
        machine.run(sys.executable, "-m", "pip", "install", "--no-deps", "-e", str(root), seconds=300)
        if not _path_file_is_bad(machine):
            done.append(REINSTALL)
    return done


def _path_file_is_bad(machine: Machine) -> bool:
    return any(finding.mark == BAD for finding in found_by(path_file, machine))


def report(findings: list[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.mark} {finding.about}: {finding.text}")
        if finding.fix:
            lines.append(f"    → {finding.fix}")
    return "\n".join(lines)


@click.command(short_help="What is wrong with this machine, and how to mend it. 检查这台机器。")
@click.option("--json", "as_json", is_flag=True, help="For an issue report. / 供报告问题时使用。")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend. / 修好可以放心修的。")
@click.option("--network", "online", is_flag=True, help="Also open connections. / 也检查网络连接。")
def doctor(as_json: bool, fix: bool, online: bool) -> int:
    """Say what is wrong with this machine and how to mend it. Exit code 0: healthy, 1: something must be mended.

    检查这台机器有什么问题、怎样修好。退出码 0：健康；1：有必须修的。
    """
    machine = Machine.this()
    mended = mend(machine) if fix else []
    findings = examine(machine, online=online)
    if as_json:
        system = {"system": platform.platform(), "python": sys.version, "mended": mended}
        show(json.dumps(system | {"findings": [asdict(f) for f in findings]}, ensure_ascii=False, indent=1))
    else:
        for line in mended:
            show(say(zh="已修：", en="mended: ") + line)
        show(report(findings))
    return int(any(finding.mark == BAD for finding in findings))
