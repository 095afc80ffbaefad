// Drives a real VS Code through what a learner does; prints as JSON what was seen. See page.mjs.
import { PROOF_ANSWERS, PROOF_LINE, ask, command, explorer, open, page, seen, shot, sleep, until, visit } from './page.mjs';

// --- VS Code's own verdict on the JSON files ---------------------------------------------------------------------------
const FILES = { settings: ['Mode": "basic"', 'Mode": "basics"'], launch: ['"launch"', '"lunch"'], tasks: ['"process"', '"proces"'],
  extensions: ['"ms-python.python"', '"python"'] };
// A clean file publishes nothing to wait for, and the settings' schema is a megabyte: a verdict may come seconds after the
// first one. So each is opened, then mistyped in memory till that is reported, then put right till that is gone.
const EDIT = (name, old, fresh) => `
  const uri = vscode.Uri.file(root + '/.vscode/${name}.json');
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: false });
  const at = document.getText().indexOf(${JSON.stringify(old)});
  const range = new vscode.Range(document.positionAt(at), document.positionAt(at + ${old.length}));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, range, ${JSON.stringify(fresh)});
  return at >= 0 && vscode.workspace.applyEdit(edit);`;
const VERDICT = name => ask(`
  const uri = vscode.Uri.file(root + '/.vscode/${name}.json');
  return vscode.languages.getDiagnostics(uri).map(d => (d.range.start.line + 1) + ': ' + d.message);`);

async function json() {
  seen.json = {};
  seen.mistyped = {};
  for (const [name, [old, fresh]] of Object.entries(FILES)) {
    const before = await VERDICT(name);
    if (!await ask(EDIT(name, old, fresh))) throw new Error(`${old} is not in ${name}.json`);
    seen.mistyped[name] = await until(`the mistake in ${name}.json`, async () => {
      const found = await VERDICT(name);
      return found.length > before.length && found;
    });
    await ask(EDIT(name, fresh, old));
  }
  await sleep(6000);
  for (const name of Object.keys(FILES)) seen.json[name] = await VERDICT(name);
  await shot('settings');
  seen.explorer = await explorer();
  await ask(`for (const d of vscode.workspace.textDocuments) if (d.isDirty) await d.save();`);
  await ask(`await vscode.commands.executeCommand('workbench.action.closeAllEditors')`);
}

// --- the tasks, and a wrong answer's mark ------------------------------------------------------------------------------
async function tasks() {
  seen.tasks = await ask(`return (await vscode.tasks.fetchTasks()).filter(t => t.source === 'Workspace').map(t => t.name)`);
  await open(PROOF_ANSWERS);
  seen.day = await until("the lesson's folder in the explorer", async () => {
    const rows = await explorer();
    return rows.includes('answers.py') && rows;
  });
  await command('Tasks: Run Test Task');
  const uri = `vscode.Uri.file(root + '/' + ${JSON.stringify(PROOF_ANSWERS)})`;
  seen.marks = await until('a mark from the task', async () => {
    const found = await ask(`return vscode.languages.getDiagnostics(${uri}).filter(d => d.source === 'coach')
      .map(d => [d.range.start.line + 1, d.severity, d.message])`);
    return found.length && found;
  });
  await page.keyboard.press('Control+Shift+m');
  await page.waitForSelector('.markers-panel .monaco-list-row:has-text("make_rays_1d")');
  seen.problems = await page.locator('.markers-panel .monaco-list-row').allInnerTexts();
  await shot('problems');
}

// --- F5 ----------------------------------------------------------------------------------------------------------------
async function debug() {
  await open(PROOF_ANSWERS);
  await page.keyboard.press('Control+g');
  await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
  await page.keyboard.type(PROOF_LINE, { delay: 15 });
  await page.keyboard.press('Enter');
  await page.waitForSelector('.quick-input-widget', { state: 'hidden' });
  await page.keyboard.press('F9');
  await until('the breakpoint', () => ask('return vscode.debug.breakpoints.length'));
  await page.keyboard.press('F5');
  const locals = page.locator('.debug-variables .monaco-list-row', { hasText: 'Locals' });
  await locals.waitFor({ timeout: 60000 });
  await sleep(1000);  // VS Code opens the scope by itself, unless another view has just taken the focus
  if (await locals.getAttribute('aria-expanded') === 'false') await locals.click();
  await page.waitForSelector('.debug-variables .monaco-list-row:has-text("rays")');
  seen.locals = await page.locator('.debug-variables .monaco-list-row').allInnerTexts();
  seen.stopped = await ask(`
    const item = vscode.debug.activeStackItem, session = vscode.debug.activeDebugSession;
    const { stackFrames } = await session.customRequest('stackTrace', { threadId: item.threadId });
    const shape = await session.customRequest('evaluate', { expression: 'tuple(rays.shape)', frameId: stackFrames[0].id });
    return { configuration: session.configuration.name, line: stackFrames[0].line, path: vscode.Uri.parse(stackFrames[0].source.path).path,
      shape: shape.result };`);
  await shot('breakpoint');
  await page.keyboard.press('Shift+F5');
  await until('the end of the session', async () => !await ask('return Boolean(vscode.debug.activeDebugSession)'));
}

// --- types -------------------------------------------------------------------------------------------------------------
async function types() {
  await open(PROOF_ANSWERS.replace('answers.py', 'solutions.py'));
  const edit = (from, text) => ask(`
    const editor = vscode.window.activeTextEditor, end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    const uri = editor.document.uri, edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(${from}, end), ${JSON.stringify(text)});
    await vscode.workspace.applyEdit(edit);`);
  const problems = () => ask(`
    const found = vscode.languages.getDiagnostics(vscode.window.activeTextEditor.document.uri);
    return found.filter(d => d.severity < 3).map(d => (d.range.start.line + 1) + ': ' + d.message);`);
  await edit('end', 'no_such_name_anywhere\n');
  seen.undefined = await until('the undefined name', async () => {
    const found = await problems();
    return found.some(line => line.includes('no_such_name_anywhere')) && found;
  });
  await edit('end.translate(-1).with(undefined, 0)', '');
  await until('the end of that', async () => !(await problems()).some(line => line.includes('no_such_name_anywhere')));
  seen.types = await problems();
  await shot('lesson');
}

await visit([json, tasks, debug, types]);
