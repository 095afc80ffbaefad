// The lesson's text beside the code, typeset by VS Code's own Markdown preview: it follows the cursor, hints and questions come in it.
const path = require('path');
const vscode = require('vscode');
const { exerciseAt, language, proseAt } = require('./cells');
const { isAnswers } = require('./marks');

const SCHEME = 'course';
const WORDS = {
  zh: { hint: '提示', of: '/', question: '自测', answer: '看答案', none: '把光标放进 answers.py，这里就显示那一段的正文。' },
  en: { hint: 'Hint', of: ' of ', question: 'Question', answer: 'Show the answer', none: 'Put the cursor into an answers.py: its text appears here.' },
};

class Pane {
  constructor() {
    this.onChange = new vscode.EventEmitter();
    this.onDidChange = this.onChange.event;
    this.hints = new Map();  // file/exercise -> hints shown so far
    this.question = undefined;  // { file, text, answer, number, of }
    this.shown = '';
  }

  static of(file) {
    return vscode.Uri.from({ scheme: SCHEME, path: `/${path.basename(path.dirname(file))}.md`, query: file });
  }

  async open(file) {
    this.file = file;
    await vscode.commands.executeCommand('markdown.showPreviewToSide', Pane.of(file));
    this.refresh(file);
  }

  /** Shows one question, its answer folded; another or none takes its place when the cursor moves on. */
  ask(file, question) {
    this.question = question && { file, ...question };
    this.refresh(file);
  }

  hint(file, name, hints) {
    this.hints.set(`${file}/${name}`, hints);
    this.refresh(file);
  }

  refresh(file) {
    this.onChange.fire(Pane.of(file));
  }

  follow(event) {
    const document = event.textEditor.document;
    if (!isAnswers(document)) return;
    if (event.kind !== undefined) this.question = undefined;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.text(document, event.textEditor.selection.active.line) !== this.shown) this.refresh(document.fileName);
    }, 80);
  }

  provideTextDocumentContent(uri) {
    const editor = vscode.window.visibleTextEditors.find(one => one.document.fileName === uri.query);
    const document = editor?.document ?? vscode.workspace.textDocuments.find(one => one.fileName === uri.query);
    if (!document) return WORDS[vscode.env.language.startsWith('zh') ? 'zh' : 'en'].none;
    this.shown = this.text(document, editor?.selection.active.line ?? 0);
    return this.shown;
  }

  text(document, line) {
    const text = document.getText(), file = document.fileName, words = WORDS[language(text) || 'en'];
    if (this.question?.file === file) {
      const { number, of, text: asked, answer } = this.question;
      return `### ${words.question} ${number}${words.of}${of}\n\n${asked}\n\n${folded(words.answer, answer)}`;
    }
    const hints = this.hints.get(`${file}/${exerciseAt(text, line)}`) ?? [];
    const shown = hints.map(hint => `**${words.hint} ${hint.number}${words.of}${hint.of}**\n\n${hint.text}`);
    return [proseAt(text, line), ...shown.map(one => one.replace(/^/gm, '> '))].filter(Boolean).join('\n\n');
  }

  dispose() {
    clearTimeout(this.timer);
    this.onChange.dispose();
  }
}

const folded = (title, text) => `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

module.exports = { Pane, SCHEME };
