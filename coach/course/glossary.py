"""The course's terms, each with its words in both languages and the lesson that introduces it; and the words it avoids."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.words import LANGUAGES, Trouble


@dataclass(frozen=True)
class Term:
    """One term: how it is called, where it is introduced, and a plain sentence on it, in both languages."""

    en: str
    zh: str
    lesson: str
    says: dict[str, str]


@dataclass(frozen=True)
class Banned:
    """A wording (a regular expression, upper and lower case alike) that must not come back, and the better one."""

    pattern: str
    better: str


@dataclass(frozen=True)
class Glossary:
    """A chapter's glossary.toml; without the file, no terms."""

    terms: tuple[Term, ...] = ()
    banned: tuple[tuple[str, Banned], ...] = ()  # with the language of each

    @classmethod
    def of(cls, path: Path) -> "Glossary":
        """`Trouble` if it can't be read, or if an entry lacks something."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            terms = tuple(_term(one) for one in data.get("term", []))
            banned = data.get("banned", {})
            pairs = tuple((lang, Banned(*map(str, pair))) for lang in LANGUAGES for pair in banned.get(lang, []))
        except FileNotFoundError:
            return cls()
        except KeyError as error:
            zh, en = f"{path}：有一个词条缺少 {error.args[0]}。", f"{path}: an entry lacks {error.args[0]}."
            raise Trouble(zh=zh, en=en) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
            raise Trouble(zh=f"{path} 读不出来：{error}", en=f"{path} can't be read: {error}") from None
        return cls(terms, pairs)

    def introduced_in(self, lesson: str) -> list[Term]:
        return [term for term in self.terms if term.lesson == lesson]


def _term(entry: dict[str, Any]) -> Term:
    says = {"en": entry["sentence_en"], "zh": entry["sentence_zh"]}
    return Term(entry["en"], entry["zh"], entry["lesson"], says)
