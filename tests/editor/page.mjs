// A real VS Code in headless Chromium: what every drive of it needs.
// Environment: PROOF_URL, PROOF_MODULES, PROOF_SOCKET, PROOF_CHROMIUM, PROOF_SHOTS; PROOF_ANSWERS, PROOF_LINE: the
// learner's file, relative to the folder, and the line to stop at; PROOF_AGENT: how the browser names itself, if not by default.
import http from 'node:http';
import { createRequire } from 'node:module';

export const { PROOF_ANSWERS, PROOF_LINE } = process.env;
const { PROOF_URL, PROOF_MODULES, PROOF_SOCKET, PROOF_CHROMIUM, PROOF_SHOTS, PROOF_AGENT } = process.env;
const { chromium } = createRequire(PROOF_MODULES + '/x.js')('playwright-core');
export const seen = {};
export let page;
export const sleep = ms => new Promise(done => setTimeout(done, ms));

/** Runs `code` in the extension host, with (vscode, sleep, root). */
export function ask(code) {
  return new Promise((done, fail) => {
    const request = http.request({ socketPath: PROOF_SOCKET, method: 'POST' }, response => {
      let body = '';
      response.on('data', part => { body += part; });
      response.on('end', () => {
        const { value, error } = JSON.parse(body);
        error ? fail(new Error(error)) : done(value);
      });
    });
    request.on('error', fail);
    request.setTimeout(90000, () => request.destroy(new Error(`no answer from the extension host: ${code}`)));
    request.end(code);
  });
}

export async function until(what, test, seconds = 60) {
  for (let i = 0; i < seconds * 5; i++) {
    const found = await test();
    if (found) return found;
    await sleep(200);
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

export const shot = name => page.screenshot({ path: `${PROOF_SHOTS}/${name}.png` });

/** The explorer's rows that are in sight. Not before a first step has ended: nesting comes with the folder's settings,
 *  which are read after the first rows are drawn. */
export const explorer = async () => (await page.locator('.explorer-folders-view .monaco-list-row').allInnerTexts()).map(row => row.trim());

export async function command(name) {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
  await page.keyboard.type(name, { delay: 15 });
  await page.waitForSelector(`.quick-input-widget .monaco-list-row.focused:has-text("${name}")`);
  await page.keyboard.press('Enter');
}

export async function open(path) {
  await page.keyboard.press('Control+p');
  await page.waitForSelector('.quick-input-widget input', { state: 'visible' });
  await page.keyboard.type(path, { delay: 15 });
  await page.waitForSelector(`.quick-input-widget .monaco-list-row.focused:has-text("${path.split('/').pop()}")`);
  await page.keyboard.press('Enter');
  await until(path, () => ask(`return vscode.window.activeTextEditor?.document.uri.path.endsWith(${JSON.stringify(path)})`));
}

/** Opens the editor, does `steps` one after the other, and prints what was `seen`, or the error and a picture of it.
 *  Steps that are `apart` don't need each other: one that fails is told under `failed`, and the next one is done. */
export async function visit(steps, { apart = false } = {}) {
  const browser = await chromium.launch({
    executablePath: PROOF_CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  page = await browser.newPage({ viewport: { width: 1500, height: 950 }, userAgent: PROOF_AGENT });
  page.setDefaultTimeout(30000);
  try {
    await page.goto(PROOF_URL);
    await page.waitForSelector('.explorer-folders-view .monaco-list-row', { timeout: 90000 });
    await until('the extension host', () => ask('return true').catch(() => false));
    seen.failed = {};
    for (const step of steps) {
      const began = Date.now();
      await step().catch(async error => {
        if (!apart) throw error;
        seen.failed[step.name] = String(error.stack || error);
        await shot(`failed-${step.name}`).catch(() => {});
        await page.keyboard.press('Escape');
      });
      seen[`${step.name} took`] = (Date.now() - began) / 1000;
    }
  } catch (error) {
    seen.error = String(error.stack || error);
    await shot('error').catch(() => {});
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(seen, null, 1) + '\n');
}
