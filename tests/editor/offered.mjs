// Opens a folder in a VS Code that has none of the course's extensions: the course's own is offered, and one click installs it.
import { ask, page, seen, shot, sleep, until, visit } from './page.mjs';

async function offered() {
  const toast = page.locator('.notification-toast', { hasText: 'deep-learning-fundamentals' }).or(
    page.locator('.notification-toast', { hasText: 'Deep learning fundamentals' }));
  seen.asked = await toast.first().waitFor({ timeout: 20000 }).then(() => toast.first().innerText(), () => '');
  await page.keyboard.press('Control+Shift+x');
  await page.waitForSelector('.extensions-viewlet');
  await page.keyboard.type('@recommended:workspace', { delay: 15 });
  const row = page.locator('.extensions-list .monaco-list-row, .extension-list-item', { hasText: 'Deep learning fundamentals' }).first();
  await row.waitFor();
  seen.row = await row.innerText();
  await sleep(500);
  await shot('course-offered');
  await page.locator('.extension-list-item', { hasText: 'Deep learning fundamentals' }).first()
    .locator('.action-label.install', { hasText: 'Install' }).first().click();
  seen.installed = await until('the extension', () => ask(`
    return vscode.extensions.all.some(one => one.id === 'deep-learning-fundamentals.course')`));
  await until('its commands', () => ask(`return (await vscode.commands.getCommands()).includes('course.check')`));
  await shot('course-installed');
}

await visit([offered]);
