// Walks lessons as a learner does, in a real VS Code with the course's extension: see test_long_way.py and page.mjs.
// Environment: PROOF_WALK, a file with what each lesson's learner writes, one after the other.
import fs from 'node:fs';
import { ask, page, seen, shot, sleep, until, visit } from './page.mjs';

const lessons = JSON.parse(fs.readFileSync(process.env.PROOF_WALK, 'utf8'));
const MINUTES = 4;  // to judge a lesson whole, on a busy machine
const run = (id, ...given) => ask(`void vscode.commands.executeCommand('course.${id}', ...${JSON.stringify(given)})`);
const extension = `vscode.extensions.getExtension('deep-learning-fundamentals.course').exports`;

/** A preview's frame in which `selector` is found, with text that `test` wants. */
const pane = (selector, test = () => true) => until(`${selector} in the pane`, async () => {
  for (const frame of page.frames()) {
    if (!await frame.locator(selector).count().catch(() => 0)) continue;
    if (test(await frame.locator('body').innerText().catch(() => ''))) return frame;
  }
  return false;
});

function walk({ lesson, path, first, wrong, mended, solved, prose, names }) {
  const uri = `vscode.Uri.file(root + '/' + ${JSON.stringify(path)})`;
  const write = text => ask(`
    const document = await vscode.workspace.openTextDocument(${uri}), edit = new vscode.WorkspaceEdit();
    const end = document.lineAt(document.lineCount - 1).range.end;
    edit.replace(${uri}, new vscode.Range(0, 0, end.line, end.character), ${JSON.stringify(text)});
    await vscode.workspace.applyEdit(edit);
    await document.save();`);
  const marks = () => ask(`return ${JSON.stringify(names)}.map(name => ${extension}.marks.mark(${uri}.fsPath, name))`);
  const marked = async (what, test) => {
    let last;
    const held = async () => test(last = await marks());
    await until(`${lesson}: ${what}`, held, 60 * MINUTES).catch(error => { throw new Error(`${error.message}: ${last}`); });
  };
  const place = names.indexOf(first);

  return async () => {
    const found = seen[lesson] = {};
    await run('start', lesson);
    await until(`${lesson} to be open`, () => ask(`return vscode.window.visibleTextEditors.some(one => one.document.uri.path === ${uri}.path)`));
    found.begun = await ask(`return (await vscode.workspace.openTextDocument(${uri})).getText()`);
    await pane('body', text => text.length > 100);
    await shot(`${lesson}-begun`);

    // Every cell of prose as the editor's own preview sets it.
    found.prose = await ask(`
      const found = { formulas: 0, faulty: [], bare: [] };
      for (const text of ${JSON.stringify(prose)}) {
        const html = await vscode.commands.executeCommand('markdown.api.render', text);
        found.formulas += html.split('class="katex"').length - 1;
        if (html.includes('katex-error')) found.faulty.push(text);
        const plain = html.replace(/<(code|pre|annotation)\\b[\\s\\S]*?<\\/\\1>/g, '');
        if (/\\$[^$\\s][^$]*\\$|\\\\(frac|sum|mathbb|begin)\\b/.test(plain)) found.bare.push(text);
      }
      return found;`);

    const began = Date.now();
    await write(wrong);
    await marked('a wrong answer to be marked', all => all[place] === 'wrong');
    found.toMark = Date.now() - began;
    found.verdict = await ask(`return vscode.languages.getDiagnostics(${uri}).filter(d => d.source === 'coach').map(d => d.message)`);
    await run('hint', await ask(`return ${uri}.fsPath`), first);
    found.hint = await (await pane('blockquote')).locator('blockquote').first().innerText();
    await shot(`${lesson}-wrong`);
    await write(mended);
    await marked('the mended answer', all => all[place] === 'right');
    await write(solved);
    await marked('all to be right', all => all.every(mark => mark === 'right'));
    await ask(`await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(${uri}), vscode.ViewColumn.One)`);
    found.status = await until('the count', async () => {
      const shown = (await page.locator('.statusbar-item', { hasText: '/ ' }).allInnerTexts()).join(' ');
      return shown.includes(`${names.length} / ${names.length}`) && shown;
    });
    found.problems = await ask(`return vscode.languages.getDiagnostics(${uri}).filter(d => d.source === 'coach').length`);
    await shot(`${lesson}-solved`);
    await ask(`await vscode.commands.executeCommand('workbench.action.closeAllEditors')`);
    await sleep(500);
  };
}

await visit(lessons.map(one => Object.defineProperty(walk(one), 'name', { value: one.lesson })), { apart: true });
