// Everything the extension knows it asks of the course's own tool: `coach … --json`, one object a line.
const { execFile, spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const vscode = require('vscode');

/** The folder of the workspace that holds the course. */
function root() {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(folder => folder.uri.fsPath);
  return folders.find(folder => fs.existsSync(path.join(folder, 'coach', '__main__.py'))) ?? folders[0];
}

/** The selected interpreter; without the Python extension, an environment in the folder, else whatever is called python. */
async function python() {
  const chosen = await Promise.resolve(vscode.commands.executeCommand('python.interpreterPath')).catch(() => undefined);
  const own = process.platform === 'win32' ? ['.venv', 'Scripts', 'python.exe'] : ['.venv', 'bin', 'python'];
  const inside = path.join(root(), ...own);
  return chosen || (fs.existsSync(inside) ? inside : process.platform === 'win32' ? 'python' : 'python3');
}

const environment = () => ({ ...process.env, COACH_NO_EDITOR: '1', NO_COLOR: '1', PYTHONUTF8: '1', PYTHONIOENCODING: 'utf-8' });
const command = words => ['-P', '-m', 'coach.cli', ...words, '--json'];

/** The objects in what was printed; what is no object (a warning, say) is left out. */
function objects(printed) {
  return printed.split('\n').flatMap(line => {
    try {
      const found = JSON.parse(line);
      return found && found.kind ? [found] : [];
    } catch {
      return [];
    }
  });
}

/** Runs `coach WORDS --json` to its end and gives its objects; what went wrong is thrown, as a sentence. */
async function ask(...words) {
  const program = await python();
  return new Promise((done, fail) => {
    execFile(program, command(words), { cwd: root(), env: environment(), maxBuffer: 1 << 26 }, (error, out, err) => {
      const found = objects(out);
      const trouble = found.find(one => one.kind === 'error');
      if (trouble) fail(new Error(trouble.why));
      else if (error && !found.length) fail(new Error(unable(program, error, err)));
      else done(found);
    });
  });
}

function unable(program, error, err) {
  const last = err.trim().split('\n').pop();
  if (error.code === 'ENOENT' || /No module named/.test(err)) {
    return `${program}: ${last || 'not found'} · 选择装有课程的解释器，或按 README 安装 · select the interpreter that has the course, or install it as the README says`;
  }
  return last || String(error.message);
}

/** `coach watch --json FILE`, kept running: each object goes to `hear`, its end to `ended`. */
class Watch {
  constructor(file, hear, ended) {
    this.file = file;
    this.ready = python().then(program => {
      if (this.stopped) return;
      const child = spawn(program, command(['watch', file]), { cwd: root(), env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
      this.child = child;
      let rest = '', errors = '';
      child.stdout.setEncoding('utf8').on('data', part => {
        const lines = (rest + part).split('\n');
        rest = lines.pop();
        for (const found of objects(lines.join('\n'))) hear(found);
      });
      child.stderr.setEncoding('utf8').on('data', part => { errors = (errors + part).slice(-2000); });
      child.on('error', error => ended(this, error.message));
      child.on('exit', () => ended(this, errors.trim().split('\n').pop() ?? ''));
    });
  }

  stop() {
    this.stopped = true;
    this.child?.kill(process.platform === 'win32' ? undefined : 'SIGINT');
  }
}

module.exports = { Watch, ask, objects, python, root };
