// What is known of each exercise, and how it is shown: lenses, gutter, hover, Problems, status bar.
const path = require('path');
const vscode = require('vscode');
const { exercises, language } = require('./cells');

const SIGNS = { right: '✓', wrong: '✗', unwritten: '○' };
const COLOURS = { right: '#2ea043', wrong: '#f85149', unwritten: '#8b949e' };
const WORDS = {
  zh: { check: '检查', hint: '提示', solution: '对照解答', reset: '恢复' },
  en: { check: 'check', hint: 'hint', solution: 'solution', reset: 'reset' },
};
const ANSWERS = { pattern: '**/part*_*/answers.py' };

const isAnswers = document => vscode.languages.match(ANSWERS, document) > 0;

const icon = mark => vscode.Uri.parse('data:image/svg+xml;utf8,' + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><text x="8" y="13" font-size="14" font-weight="bold" ' +
  `text-anchor="middle" fill="${COLOURS[mark]}">${SIGNS[mark]}</text></svg>`));

/** A verdict in words: `coach check`'s own, with what the code printed beneath. */
const told = ({ text, output }) => [text, output].filter(Boolean).join('\n\n');

class Marks {
  constructor() {
    this.verdicts = new Map();  // file -> exercise -> verdict
    this.changed = new vscode.EventEmitter();
    this.problems = vscode.languages.createDiagnosticCollection('coach');
    this.status = vscode.window.createStatusBarItem('course.status', vscode.StatusBarAlignment.Left, 50);
    this.status.name = 'Course · 课程';
    this.status.command = 'course.next';
    this.gutter = Object.fromEntries(Object.keys(SIGNS).map(mark => [mark, vscode.window.createTextEditorDecorationType({
      gutterIconPath: icon(mark),
      gutterIconSize: 'contain',
      overviewRulerColor: mark === 'unwritten' ? undefined : COLOURS[mark],
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    })]));
  }

  of(file, name) {
    return this.verdicts.get(file)?.get(name);
  }

  mark(file, name) {
    return this.of(file, name)?.mark ?? 'unwritten';
  }

  /** Takes in a verdict: of an exercise with several tests the worst counts, so a round begins by `forget`. */
  hear(file, verdict) {
    const found = this.verdicts.get(file) ?? new Map();
    this.verdicts.set(file, found);
    const order = ['right', 'unwritten', 'wrong'];
    for (const name of verdict.exercises.length ? verdict.exercises : ['']) {
      const known = found.get(name);
      if (!known || order.indexOf(verdict.mark) >= order.indexOf(known.mark)) found.set(name, verdict);
    }
    this.show(file);
  }

  forget(file, names) {
    const found = this.verdicts.get(file);
    found?.delete('');
    for (const name of names) found?.delete(name);
  }

  /** Problems: one for each wrong answer, at the line that the verdict names. */
  show(file) {
    const diagnostics = [];
    for (const verdict of new Set(this.verdicts.get(file)?.values() ?? [])) {
      if (verdict.mark !== 'wrong') continue;
      const line = Math.max(0, (verdict.line || 1) - 1), column = Math.max(0, (verdict.column || 1) - 1);
      const problem = new vscode.Diagnostic(new vscode.Range(line, column, line, 1000), told(verdict).slice(2));
      problem.source = 'coach';
      problem.code = verdict.exercises.join(', ') || undefined;
      diagnostics.push(problem);
    }
    this.problems.set(vscode.Uri.file(file), diagnostics);
    this.paint();
  }

  paint() {
    for (const editor of vscode.window.visibleTextEditors.filter(one => isAnswers(one.document))) {
      const file = editor.document.fileName, all = exercises(editor.document.getText());
      for (const mark of Object.keys(SIGNS)) {
        editor.setDecorations(this.gutter[mark], all.filter(({ name }) => this.mark(file, name) === mark).map(({ name, line }) => ({
          range: new vscode.Range(line, 0, line, 0),  // an empty range: a whole line repeats its icon where it wraps
        })));
      }
    }
    this.tell(vscode.window.activeTextEditor);
    this.changed.fire();
  }

  tell(editor) {
    if (!editor || !isAnswers(editor.document)) return;
    const all = exercises(editor.document.getText()), file = editor.document.fileName;
    const right = all.filter(({ name }) => this.mark(file, name) === 'right').length;
    this.status.text = `$(mortar-board) ✓ ${right} / ${all.length}`;
    this.status.tooltip = language(editor.document.getText()) === 'zh' ? '到下一道没有写对的练习' : 'To the next exercise that is not right yet';
    this.status.show();
  }

  /** Above each exercise: `○ check · hint · solution · reset`, in the file's language. */
  provideCodeLenses(document) {
    const text = document.getText(), words = WORDS[language(text) || 'en'], file = document.fileName;
    return exercises(text).flatMap(({ name, line }) => {
      const range = new vscode.Range(line, 0, line, 0), sign = SIGNS[this.mark(file, name)];
      const lens = (title, id) => new vscode.CodeLens(range, { title, command: `course.${id}`, arguments: [file, name] });
      return [lens(`${sign} ${words.check}`, 'check'), ...['hint', 'solution', 'reset'].map(id => lens(words[id], id))];
    });
  }

  get onDidChangeCodeLenses() {
    return this.changed.event;
  }

  /** The whole verdict, over the line of the def. */
  provideHover(document, position) {
    const found = exercises(document.getText()).find(({ line }) => line === position.line);
    const verdict = found && this.of(document.fileName, found.name);
    return verdict && new vscode.Hover(new vscode.MarkdownString().appendCodeblock(told(verdict), 'text'));
  }

  dispose() {
    for (const one of [this.problems, this.status, this.changed, ...Object.values(this.gutter)]) one.dispose();
  }
}

/** What a file's marks are kept under: VS Code's own spelling of its path. */
const fileOf = spelt => vscode.Uri.file(path.normalize(spelt)).fsPath;

module.exports = { ANSWERS, Marks, SIGNS, fileOf, isAnswers, told };
