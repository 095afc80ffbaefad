// Drives the course's own extension in a real VS Code: lenses, marks, the lesson beside the code, the tree. See page.mjs.
import { PROOF_ANSWERS, ask, command, open, page, seen, shot, sleep, until, visit } from './page.mjs';

const { PROOF_WRONG, PROOF_RIGHT } = process.env;
const URI = `vscode.Uri.file(root + '/' + ${JSON.stringify(PROOF_ANSWERS)})`;
const lenses = () => ask(`
  const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', ${URI}, 1000);
  return found.filter(one => one.command?.command.startsWith('course.')).map(one => [one.range.start.line + 1, one.command.title]);`);
const marks = () => ask(`
  return vscode.languages.getDiagnostics(${URI}).filter(d => d.source === 'coach')
    .map(d => [d.range.start.line + 1, d.code?.value ?? d.code, d.message]);`);
const text = () => ask(`return (await vscode.workspace.openTextDocument(${URI})).getText()`);
const run = (id, ...given) => ask(`void vscode.commands.executeCommand('course.${id}', ...${JSON.stringify(given)})`);

/** Puts `fresh` in the place of `old` in the learner's file, without saving. */
const replace = (old, fresh) => ask(`
  const document = await vscode.workspace.openTextDocument(${URI}), at = document.getText().indexOf(${JSON.stringify(old)});
  const edit = new vscode.WorkspaceEdit();
  edit.replace(${URI}, new vscode.Range(document.positionAt(at), document.positionAt(at + ${old.length})), ${JSON.stringify(fresh)});
  return at >= 0 && vscode.workspace.applyEdit(edit);`);
const save = () => ask(`await (await vscode.workspace.openTextDocument(${URI})).save()`);

/** Saves, and gives the milliseconds from there to the diagnostics that `test` wants, as the extension host sees them. */
const marked = wanted => ask(`
  const uri = ${URI}, document = await vscode.workspace.openTextDocument(uri);
  const holds = () => vscode.languages.getDiagnostics(uri).some(d => d.source === 'coach' && d.code === 'make_rays_1d') === ${wanted};
  return new Promise((done, fail) => {
    const until = setTimeout(() => fail(new Error('no mark')), 30000), began = Date.now();
    const listener = vscode.languages.onDidChangeDiagnostics(() => {
      if (!holds()) return;
      listener.dispose();
      clearTimeout(until);
      done(Date.now() - began);
    });
    document.save();
  });`);

/** The preview's page, once it holds what `selector` says. */
async function pane(selector) {
  return until(`${selector} in the pane`, async () => {
    for (const frame of page.frames()) {
      if (await frame.locator(selector).count().catch(() => 0)) return frame;
    }
    return false;
  });
}
const goTo = (line, column = 0) => ask(`
  const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(${URI}), vscode.ViewColumn.One);
  const place = new vscode.Position(${line}, ${column});
  editor.selection = new vscode.Selection(place, place);
  editor.revealRange(new vscode.Range(place, place));`);

async function above() {
  await open(PROOF_ANSWERS);
  await until('the lenses', async () => (await lenses()).length);
  seen.lenses = (await lenses()).slice(0, 4);
  seen.stubs = await until('the first round', async () => {
    const found = await ask(`return vscode.window.activeTextEditor && vscode.extensions.getExtension('deep-learning-fundamentals.course').exports
      .marks.mark(${URI}.fsPath, 'make_rays_1d')`);
    return found;
  });
}

async function saves() {
  await replace('raise NotImplementedError', PROOF_WRONG);
  await save();
  seen.mark = (await until('a mark', async () => { const found = await marks(); return found.length && found; }))[0];
  seen.lensWrong = (await lenses())[0];
  const line = seen.lensWrong[0] - 1;
  seen.hover = await ask(`
    const found = await vscode.commands.executeCommand('vscode.executeHoverProvider', ${URI}, new vscode.Position(${line}, 8));
    return found.flatMap(one => one.contents.map(c => c.value ?? String(c)));`);
  await goTo(line);
  await shot('course-wrong');
  seen.times = [];
  for (let i = 0; i < 20; i++) {
    await replace(...(i % 2 ? [PROOF_RIGHT, PROOF_WRONG] : [PROOF_WRONG, PROOF_RIGHT]));
    seen.times.push(await marked(i % 2 === 1));
    await sleep(300);
  }
  await replace(PROOF_WRONG, PROOF_RIGHT);
  seen.times.push(await marked(false));
  seen.lensRight = (await until('✓', async () => { const found = await lenses(); return found[0][1].startsWith('✓') && found; }))[0];
  seen.status = await page.locator('.statusbar-item', { hasText: '/ ' }).allInnerTexts();
}

/** What the lenses do when they are clicked: a check saves and judges; a solution before the exercise is right asks first. */
async function clicked() {
  await replace(PROOF_RIGHT, PROOF_WRONG);
  const click = async index => {
    const found = await ask(`
      const found = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', ${URI}, 1000);
      return found.filter(one => one.command?.command.startsWith('course.')).map(one => [one.command.command, one.command.arguments]);`);
    const [id, given] = found[index];
    return ask(`void vscode.commands.executeCommand(${JSON.stringify(id)}, ...${JSON.stringify(given)})`);
  };
  await click(0);
  seen.checked = (await until('the verdict of the check', async () => { const found = await marks(); return found.length && found; }))[0];
  // The file may be judged before the editor has noticed that it is written.
  seen.saved = await until('the file to be saved', () => ask(`return !(await vscode.workspace.openTextDocument(${URI})).isDirty`));
  await click(2);
  const anyway = page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Show it anyway' });
  await anyway.waitFor();
  await anyway.click();
  seen.diff = await until('the solution beside it', () => ask(`
    return vscode.window.visibleTextEditors.find(one => one.document.languageId === 'diff')?.document.getText()`));
  await shot('course-solution');
  await ask(`
    const tab = vscode.window.tabGroups.all.flatMap(one => one.tabs).find(one => one.input?.uri?.scheme === 'course-solution');
    if (!await vscode.window.tabGroups.close(tab)) throw new Error('it did not close')`);
  await replace(PROOF_WRONG, PROOF_RIGHT);
  await marked(false);
}

async function beside() {
  const lines = (await text()).split('\n');
  const formula = lines.findIndex(line => line.includes('$'));
  await goTo(formula);
  await run('read');
  const frame = await pane('.katex');
  seen.formulas = await frame.locator('.katex').count();
  seen.paneText = await frame.locator('body').innerText();
  await sleep(1000);
  await shot('course-pane');
  const other = lines.findIndex(line => line.includes('exercise="intersect_ray_1d"'));
  await goTo(other + 1);
  seen.followed = await until('the pane to follow', async () => {
    const now = await frame.locator('body').innerText().catch(() => '');
    return now && now !== seen.paneText && now;
  });
}

async function hints() {
  await run('hint');
  seen.hint = await (await pane('blockquote')).locator('blockquote').allInnerTexts();
  await shot('course-hint');
}

async function question() {
  await goTo(0);
  await run('question');
  const frame = await pane('details');
  seen.folded = await frame.locator('details').evaluate(one => !one.open);
  await frame.locator('summary').click();
  seen.answer = await frame.locator('details').innerText();
  await shot('course-question');
  await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'I knew it' }).click();
  await until('the mark to be kept', async () => (await ask(`
    const data = await vscode.workspace.fs.readFile(vscode.Uri.file(root + '/.coach/state.json'));
    return Buffer.from(data).toString()`).catch(() => '')).includes('yes'));
  seen.questionMarked = true;
}

async function reset() {
  await page.keyboard.press('Escape');
  const before = await text();
  const line = before.split('\n').findIndex(one => one.startsWith('def make_rays_1d'));
  await goTo(line);
  await run('reset');
  const button = page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Reset' });
  await button.waitFor();
  await shot('course-reset');
  await button.click();
  await until('the stub', async () => !(await text()).includes(PROOF_RIGHT));
  seen.reset = true;
  await run('undo');
  await until('the answer to be back', async () => await text() === before);
  seen.undone = true;
  await run('next');
  await sleep(500);
  seen.next = await ask(`const e = vscode.window.activeTextEditor; return e.document.lineAt(e.selection.active.line).text`);
}

async function tree() {
  await page.locator('.activitybar .action-item', { has: page.locator('[aria-label^="Course"]') }).click();
  const row = name => page.locator('.pane-body .monaco-list-row', { hasText: name });
  await row('Day 2').first().waitFor();
  await run('refresh');
  await sleep(1500);
  await row('Day 2').first().click();
  await sleep(1000);
  seen.tree = await page.locator('[id*="course.tree"] .monaco-list-row, .custom-tree .monaco-list-row, .tree-explorer-viewlet-tree-view .monaco-list-row').allInnerTexts();
  await shot('course-tree');
  await row('strides').last().click();
  seen.begun = await until('the file that the tree began', () => ask(`
    const file = vscode.window.activeTextEditor?.document.fileName ?? '';
    return file.endsWith('part2_strides/answers.py') && file`));
}

async function language() {
  await goTo(0);
  await run('language');
  await page.waitForSelector('.quick-input-widget .monaco-list-row:has-text("中文")');
  await page.keyboard.press('Enter');
  await until('the Chinese text', async () => (await text()).includes('lang="zh"'));
  const now = await text();
  seen.code = now.includes(PROOF_RIGHT);
  seen.lensesZh = await until('the lenses in Chinese', async () => {
    const found = await lenses();
    return found.some(one => one[1].includes('检查')) && found.slice(0, 4);
  });
  await shot('course-zh');
}

await visit([above, saves, clicked, beside, hints, question, reset, tree, language], { apart: true });
