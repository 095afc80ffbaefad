"""Search in Chinese without a dictionary: every two neighbouring characters are a word, in the text and in what is asked."""

import re

from sphinx.search.zh import SearchChinese  # pyright: ignore[reportMissingImports]

HAN = r"\u3400-\u9fff\uf900-\ufaff"
RUN = re.compile(rf"[{HAN}]+")


class SearchHan(SearchChinese):
    """Finds any run of two characters or more, whatever a dictionary calls a word, and Latin words as in English."""

    language_name = "English"  # whose stemmer Sphinx is to name in the page's script: it has no ChineseStemmer
    js_splitter_code = """
function splitQuery(query) {
  const words = [];
  for (const part of query.match(/[\\u3400-\\u9fff\\uf900-\\ufaff]+|[a-zA-Z0-9_]+/g) || []) {
    if (/^\\w/.test(part) || part.length < 2) words.push(part);
    else for (let i = 0; i + 1 < part.length; i++) words.push(part.slice(i, i + 2));
  }
  return words;
}
"""

    def split(self, input: str) -> list[str]:
        latin = self.latin1_letters.findall(input)
        self.latin_terms.update(latin)
        return [piece for run in RUN.findall(input) for piece in pieces(run)] + latin

    def word_filter(self, word: str) -> bool:
        return bool(RUN.match(word)) or len(word) > 1


def pieces(run: str) -> list[str]:
    """The characters of a run, and each two that are neighbours."""
    return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
