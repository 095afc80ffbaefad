// The course in the editor. It knows nothing that it does not ask of `coach … --json`; nothing is sent anywhere.
const vscode = require('vscode');
const { exerciseAt, exercises, language } = require('./cells');
const { Watch, ask, root } = require('./coach');
const { ANSWERS, Marks, SIGNS, fileOf, isAnswers } = require('./marks');
const { Pane, SCHEME } = require('./pane');
const { Tree } = require('./tree');

const SOLUTION = 'course-solution';
const RESTART = [1000, 5000, 30000];  // ms after which a watch that ended by itself is begun again

/** In the language of the file in front, else of the editor. */
function say(zh, en) {
  const document = vscode.window.activeTextEditor?.document;
  const lang = (document && isAnswers(document) && language(document.getText())) || (vscode.env.language.startsWith('zh') ? 'zh' : 'en');
  return lang === 'zh' ? zh : en;
}

exports.activate = context => {
  const marks = new Marks(), pane = new Pane(), tree = new Tree(ask, marks);
  const watches = new Map();  // file -> its watch
  const failures = new Map();
  const solutions = new Map();  // number -> the difference shown

  // --- one `coach watch` for each answers.py that is open ---------------------------------------------------------------
  function hear(file, found) {
    if (found.kind === 'begin') marks.forget(file, found.exercises);
    if (found.kind === 'verdict') marks.hear(file, found);
    if (found.kind === 'end') failures.delete(file);
    if (found.kind === 'error') vscode.window.showErrorMessage(found.why);
  }
  const textOf = file => vscode.workspace.textDocuments.find(one => one.fileName === file)?.getText() ?? '';

  function watch(document) {
    if (!isAnswers(document) || document.uri.scheme !== 'file' || watches.has(document.fileName)) return;
    const file = document.fileName;
    watches.set(file, new Watch(file, found => hear(file, found), (which, why) => ended(file, which, why)));
  }
  function ended(file, which, why) {
    if (watches.get(file) !== which) return;
    watches.delete(file);
    const times = failures.get(file) ?? 0;
    failures.set(file, times + 1);
    if (times >= RESTART.length) return void vscode.window.showErrorMessage(`coach watch: ${why}`);
    setTimeout(() => vscode.workspace.textDocuments.filter(one => one.fileName === file && !one.isClosed).forEach(watch), RESTART[times]);
  }
  function unwatch(document) {
    watches.get(document.fileName)?.stop();
    watches.delete(document.fileName);
  }

  // --- what a learner asks for ------------------------------------------------------------------------------------------
  async function document(file) {
    return vscode.workspace.openTextDocument(vscode.Uri.file(file));
  }
  async function saved(file) {
    const open = await document(file);
    if (open.isDirty) await open.save();
    return open;
  }
  async function allSaved() {
    for (const open of vscode.workspace.textDocuments.filter(one => isAnswers(one) && one.isDirty)) await open.save();
  }
  async function goTo(file, name) {
    const text = await document(file), at = exercises(text.getText()).find(one => one.name === name);
    const column = vscode.window.visibleTextEditors.find(one => one.document === text)?.viewColumn ?? vscode.ViewColumn.One;
    const editor = await vscode.window.showTextDocument(text, { viewColumn: column, preview: false });
    const place = new vscode.Position(at?.line ?? 0, 0);
    editor.selection = new vscode.Selection(place, place);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenter);
  }
  const place = (file, name) => `${file}:${(exercises(textOf(file)).find(one => one.name === name)?.line ?? 0) + 1}`;
  const busy = (title, run) => vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, run);

  async function check(file, name) {
    await saved(file);
    const where = name ? [place(file, name)] : [file];
    const found = await busy(`coach check ${name ?? ''}`, () => ask('check', ...where));
    const verdicts = found.filter(one => one.kind === 'verdict');
    marks.forget(file, verdicts.flatMap(one => one.exercises));
    for (const verdict of verdicts) marks.hear(file, verdict);
    const worst = verdicts.find(one => one.mark === 'wrong');
    if (name && worst?.line) await reveal(file, worst.line);
  }
  async function reveal(file, line) {
    const editor = vscode.window.visibleTextEditors.find(one => one.document.fileName === file);
    editor?.revealRange(new vscode.Range(line - 1, 0, line - 1, 0), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
  async function hint(file, name) {
    await saved(file);
    const found = (await ask('hint', place(file, name))).filter(one => one.kind === 'hint');
    const known = pane.hints.get(`${file}/${name}`) ?? [];
    const all = [...known.filter(one => !found.some(new_ => new_.number === one.number)), ...found].sort((a, b) => a.number - b.number);
    await goTo(file, name);
    pane.ask(file, undefined);
    pane.hint(file, name, all);
    await pane.open(file);
  }
  async function solution(file, name, reveal = false) {
    await saved(file);
    const [found] = await busy(`coach solution ${name}`, () => ask('solution', place(file, name), ...(reveal ? ['--reveal'] : [])));
    if (found.diff === null) {
      const anyway = say('还是要看', 'Show it anyway');
      const detail = say('先看提示，再试一次，会学到更多。', 'A hint and another try teach more.');
      const chosen = await vscode.window.showInformationMessage(found.why, { modal: true, detail }, anyway);
      return chosen === anyway ? solution(file, name, true) : undefined;
    }
    // A document of a scheme of ours: unlike an untitled one it asks nobody to save it.
    const uri = vscode.Uri.from({ scheme: SOLUTION, path: `/${name}.diff`, query: String(solutions.size) });
    solutions.set(uri.query, found.diff || say('与参考答案相同。', "It is the course's own answer."));
    const shown = await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(uri), 'diff');
    await vscode.window.showTextDocument(shown, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
  async function reset(file, name) {
    const yes = say('恢复', 'Reset');
    const question = say(`把 ${name} 恢复成未写的样子？`, `Put ${name} back to its stub?`);
    const detail = say('你写的会留一份快照；“撤销”可以拿回来。', 'What you wrote is kept as a snapshot; Undo brings it back.');
    if (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes) !== yes) return;
    await saved(file);
    told(await ask('reset', place(file, name)));
  }
  /** What a command printed for people, at the foot of the window. */
  function told(found) {
    const text = found.filter(one => one.kind === 'said').map(one => one.text).join(' ').trim();
    if (text) vscode.window.setStatusBarMessage(text.split('\n')[0], 8000);
  }
  function next(file) {
    const all = exercises(textOf(file));
    const name = (all.find(one => marks.mark(file, one.name) !== 'right') ?? all[0])?.name;
    return name && goTo(file, name);
  }
  async function start(lesson) {
    const known = (await ask('contents')).filter(one => one.kind === 'contents');
    const chosen = lesson ?? (await vscode.window.showQuickPick(known.map(one => ({
      label: one.title, description: one.begun ? say('已开始', 'begun') : '', lesson: one.lesson })),
    { placeHolder: say('开始哪一课？', 'Begin which lesson?') }))?.lesson;
    if (!chosen) return;
    told(await ask('start', chosen));
    await tree.refresh();
    const begun = tree.lessons.find(one => one.lesson === chosen);
    await goTo(fileOf(begun.path), begun.exercises[0]?.name);
    await pane.open(fileOf(begun.path));
  }
  async function question(file) {
    const found = (await ask('questions', file)).filter(one => one.kind === 'question');
    const open = found.find(one => one.mark === '') ?? found.find(one => one.mark !== 'yes') ?? found[0];
    if (!open) return void vscode.window.showInformationMessage(say('这一课没有自测题。', 'This lesson has no questions.'));
    pane.ask(file, { ...open, of: found.length });
    await pane.open(file);
    const marks_ = [['yes', '会', 'I knew it'], ['partly', '部分会', 'partly'], ['no', '不会', "I didn't"]];
    const chosen = await vscode.window.showQuickPick(marks_.map(([mark, zh, en]) => ({ label: say(zh, en), mark })),
      { placeHolder: say('先想，再在右边展开答案；然后给自己打分', 'Think first, then unfold the answer on the right; then mark yourself'), ignoreFocusOut: true });
    if (!chosen) return;
    await ask('questions', file, '--mark', `${open.number}=${chosen.mark}`);
    pane.ask(file, undefined);
    const again = say('下一题', 'Next question');
    if (await vscode.window.showInformationMessage(say(`第 ${open.number} 题：${chosen.label}`, `Question ${open.number}: ${chosen.label}`), again) === again) await question(file);
  }
  async function speak() {
    const chosen = await vscode.window.showQuickPick([{ label: '中文', lang: 'zh' }, { label: 'English', lang: 'en' }],
      { placeHolder: '正文与提示的语言 · the language of text and hints' });
    if (!chosen) return;
    await allSaved();
    told(await busy(`coach language ${chosen.lang}`, () => ask('language', chosen.lang)));
    await tree.refresh();
  }
  async function whole(words) {
    await allSaved();
    told(await busy(`coach ${words.join(' ')}`, () => ask(...words)));
    await tree.refresh();
  }
  async function progress() {
    const found = await busy('coach progress', () => ask('progress'));
    for (const lesson of found.filter(one => one.kind === 'lesson')) {
      const file = fileOf(lesson.path);
      for (const { name, mark } of lesson.exercises) {
        if (!marks.of(file, name)) marks.hear(file, { mark, exercises: [name], text: `${SIGNS[mark]} ${name}`, line: 0, column: 0, output: '' });
      }
    }
    await tree.refresh();
    await vscode.commands.executeCommand('course.tree.focus');
  }
  function inTerminal(words) {
    return vscode.tasks.fetchTasks().then(all => {
      const task = all.find(one => one.source === 'Workspace' && one.name.startsWith(`coach: ${words}`));
      return task && vscode.tasks.executeTask(task);
    });
  }

  // --- commands ---------------------------------------------------------------------------------------------------------
  const command = (id, run) => context.subscriptions.push(vscode.commands.registerCommand(`course.${id}`, async (...given) => {
    try {
      return await run(...given);
    } catch (error) {
      vscode.window.showErrorMessage(error.message);
    }
  }));
  /** A command on the exercise named, else on the one at the cursor. */
  const onExercise = (id, run) => command(id, (file, name) => {
    const editor = vscode.window.activeTextEditor;
    if (typeof file === 'string' && name) return run(file, name);
    if (!editor || !isAnswers(editor.document)) return inAnswers();
    return run(editor.document.fileName, exerciseAt(editor.document.getText(), editor.selection.active.line));
  });
  /** A command on the learner's file that is in front. */
  const onFile = (id, run) => command(id, () => {
    const editor = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors].find(one => one && isAnswers(one.document));
    return editor ? run(editor.document.fileName) : inAnswers();
  });
  const inAnswers = () => void vscode.window.showInformationMessage(
    say('先打开一课的 answers.py（在“课程”里点一课）。', 'Open the answers.py of a lesson first (click one under Course).'));

  onExercise('check', check);
  onExercise('hint', hint);
  onExercise('solution', (file, name) => solution(file, name));
  onExercise('reset', reset);
  onFile('checkFile', file => check(file));
  onFile('next', next);
  onFile('read', file => pane.open(file));
  onFile('question', question);
  command('goTo', goTo);
  command('start', node => start(typeof node === 'string' ? node : node?.lesson?.lesson));
  command('undo', () => whole(['undo']));
  command('update', () => whole(['update']));
  command('language', speak);
  command('progress', progress);
  command('doctor', () => inTerminal('doctor'));
  command('refresh', () => tree.refresh());

  // --- where it shows ---------------------------------------------------------------------------------------------------
  context.subscriptions.push(marks, pane, tree,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, pane),
    vscode.workspace.registerTextDocumentContentProvider(SOLUTION, { provideTextDocumentContent: uri => solutions.get(uri.query) }),
    vscode.languages.registerCodeLensProvider(ANSWERS, marks),
    vscode.languages.registerHoverProvider(ANSWERS, marks),
    vscode.window.registerTreeDataProvider('course.tree', tree),
    vscode.window.onDidChangeTextEditorSelection(event => pane.follow(event)),
    vscode.window.onDidChangeActiveTextEditor(() => marks.paint()),
    vscode.window.onDidChangeVisibleTextEditors(() => marks.paint()),
    vscode.workspace.onDidOpenTextDocument(watch),
    vscode.workspace.onDidCloseTextDocument(unwatch),
    vscode.workspace.onDidChangeTextDocument(event => isAnswers(event.document) && marks.paint()),
    { dispose: () => watches.forEach(one => one.stop()) });
  vscode.workspace.textDocuments.forEach(watch);
  marks.paint();
  return { marks, pane, tree, root };  // for the proofs
};
