"""What click says of a command's words, in the learner's language, with how the command is called."""

import re

import click

from coach.words import say


def misused(error: click.UsageError) -> str:
    """What is wrong with the words, and which words the command takes."""
    said = _wrong(error)
    if error.ctx is None:
        return said
    path = error.ctx.command_path
    called = " ".join([path, *error.ctx.command.collect_usage_pieces(error.ctx)])
    zh, en = f"用法：{called}\n  详细说明：{path} --help", f"it is called so: {called}\n  more: {path} --help"
    return f"{said}\n  " + say(zh=zh, en=en)


def _wrong(error: click.UsageError) -> str:
    said = error.message.rstrip(".")
    if isinstance(error, click.NoSuchOption):
        near = " / ".join(error.possibilities or ())
        zh, en = f"没有 {error.option_name} 这个选项", f"there is no option {error.option_name}"
        return say(zh=zh + f"；是不是 {near}？" * bool(near), en=en + f"; did you mean {near}?" * bool(near))
    if isinstance(error, click.BadOptionUsage):
        zh = f"{error.option_name} 后面" + ("要有一个值" if "requires" in said else "没有值")
        return say(zh=zh, en=said)
    if isinstance(error, click.MissingParameter) and error.param and error.ctx:
        missing = error.param.make_metavar(error.ctx)
        return say(zh=f"缺少 {missing}", en=f"{missing} is missing")
    if isinstance(error, click.BadParameter) and error.param:
        option = " / ".join(error.param.opts)
        return say(zh=f"{option} 的值不对", en=f"the value of {option} is wrong") + _wanted(error.param.type, said)
    if found := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", said):
        return say(zh=f"多了 {found[1]}", en=f"unexpected: {found[1]}")
    return said


def _wanted(kind: click.ParamType, said: str) -> str:
    """What a value of this type must be, as far as it is known here; else what click said of it."""
    if isinstance(kind, click.Choice):
        choices = ", ".join(map(str, kind.choices))
        return say(zh=f"，可以是：{choices}", en=f", it may be {choices}")
    if isinstance(kind, click.FloatRange | click.IntRange):
        least, most = f"{kind.min:g}", f"{kind.max:g}"
        return say(zh=f"，应是 {least} 到 {most} 之间的数", en=f", it should be a number from {least} to {most}")
    return say(zh=f"：{said}", en=f": {said}")
