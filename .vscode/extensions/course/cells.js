// The percent script as the editor needs it: cells, their kind, and where an exercise's def stands.

const MARKER = /^#[ \t]*%%(?![%a-zA-Z])(.*)$/;
const named = words => /\bexercise="([^"]+)"/.exec(words)?.[1] ?? '';

/** The cells of a text: `first` and `end` are lines (from 0, end excluded); `name` is the exercise's, '' if it is none. */
function cells(text) {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, i) => MARKER.test(line) ? [i] : []);
  return starts.map((first, k) => {
    const words = MARKER.exec(lines[first])[1];
    return {
      first,
      end: starts[k + 1] ?? lines.length,
      prose: /\[markdown\]/.test(words),
      question: /"question"/.test(words),
      name: named(words),
      lines,
    };
  });
}

/** What a cell of prose says, as Markdown. */
const prose = cell => cell.lines.slice(cell.first + 1, cell.end).map(line => line.replace(/^# ?/, '')).join('\n').trim();

/** The exercises of a text in their order, each with the line of its def or class. */
function exercises(text) {
  return cells(text).filter(cell => cell.name).map(cell => {
    const defined = new RegExp(`^(?:async def|def|class)\\s+${cell.name}\\b|^${cell.name}\\s*[:=]`);
    const at = cell.lines.findIndex((line, i) => i > cell.first && i < cell.end && defined.test(line));
    return { name: cell.name, line: at < 0 ? cell.first : at, cell };
  });
}

/** The exercise that a line belongs to: its cell, the prose right above it, else the last exercise above. */
function exerciseAt(text, line) {
  const all = cells(text);
  let k = all.findLastIndex(cell => cell.first <= line);
  if (k < 0) return all.find(cell => cell.name)?.name ?? '';
  if (all[k].prose && !all[k].question) {
    const next = all.slice(k).find(cell => !cell.prose);
    if (next?.name) return next.name;
  }
  for (; k >= 0; k--) if (all[k].name) return all[k].name;
  return all.find(cell => cell.name)?.name ?? '';
}

/** The prose around a line: all of it between two cells of code, as Markdown; the cell of code follows it. */
function proseAt(text, line) {
  const all = cells(text);
  let at = Math.max(0, all.findLastIndex(cell => cell.first <= line));
  while (at < all.length - 1 && all[at].prose) at++;
  if (at < all.length && all[at].prose) at++;  // prose to the end of the file
  let from = at;
  while (from > 0 && all[from - 1].prose) from--;
  return all.slice(from, at).map(prose).join('\n\n');
}

/** The language of a file's prose: 'zh', 'en', or '' where no cell says. */
function language(text) {
  const found = [...text.matchAll(/^#[ \t]*%%.*\blang="(zh|en)"/gm)].map(match => match[1]);
  const chinese = found.filter(lang => lang === 'zh').length;
  return found.length ? (chinese * 2 > found.length ? 'zh' : 'en') : '';
}

module.exports = { cells, exerciseAt, exercises, language, proseAt };
