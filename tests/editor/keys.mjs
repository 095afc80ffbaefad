// The editor's default keys, as "Open Default Keyboard Shortcuts (JSON)" lists them; PROOF_AGENT names the system. See page.mjs.
import { ask, seen, until, visit } from './page.mjs';

async function keys() {
  await ask(`await vscode.commands.executeCommand('workbench.action.openDefaultKeybindingsFile')`);
  const text = await until('the list of keys', () => ask(`
    const found = vscode.workspace.textDocuments.find(d => d.uri.path.endsWith('/keybindings.json'));
    return found && found.getText();`));
  const list = text.split('\n').filter(line => !line.trim().startsWith('//')).join('\n');
  seen.bindings = JSON.parse(list).map(({ key, command }) => ({ key, command }));
}

await visit([keys]);
