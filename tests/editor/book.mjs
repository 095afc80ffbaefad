// Every page of the book in headless Chromium, from the disk and with the network cut; prints what was found wrong.
// Environment: BOOK_SITE, the finished site; BOOK_MODULES, where playwright-core and axe-core are; BOOK_CHROMIUM;
// BOOK_SHOTS, a folder for pictures; BOOK_PLAY, a page whose figure has a slider; BOOK_WORDS: {zh: […], en: […]} to search for;
// BOOK_PAGES: a regular expression, if not all pages are to be read.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { BOOK_SITE, BOOK_MODULES, BOOK_CHROMIUM, BOOK_SHOTS, BOOK_PLAY, BOOK_WORDS } = process.env;
const need = createRequire(BOOK_MODULES + '/x.js');
const { chromium } = need('playwright-core');
const axe = fs.readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
const LANGUAGES = ['zh', 'en'];
const address = name => pathToFileURL(path.join(BOOK_SITE, name)).href;
const site = pathToFileURL(BOOK_SITE).href;
const wrong = [], took = [], seen = { pages: 0, figures: 0, formulas: 0 };

const browser = await chromium.launch({
  executablePath: BOOK_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

/** A page of this width that may reach nothing but the site's files, and tells what goes wrong on it. */
async function opened(name, width, scheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, offline: true });
  const page = await context.newPage();
  const say = what => {
    wrong.push(`${name} at ${width}: ${what}`);
    process.stderr.write(`  ${what}\n`);
  };
  page.on('console', message => message.type() === 'error' && say(`console: ${message.text()}`));
  page.on('pageerror', error => say(`error: ${error}`));
  page.on('request', request => {
    const to = request.url();
    if (!to.startsWith(site) && !/^(data|blob):/.test(to)) say(`asks for ${to}`);
  });
  page.on('requestfailed', request => {
    const why = request.failure().errorText; // a page that is left aborts what it still asks for
    if (why !== 'net::ERR_ABORTED') say(`not there: ${request.url()} (${why})`);
  });
  await page.goto(address(name));
  await page.locator('.laid-out').waitFor({ state: 'attached', timeout: 10000 }).catch(() => say('the page is never laid out whole'));
  return { page, say, close: () => context.close() };
}

/** How many milliseconds until the page is up: parsed, its styles and scripts run, its text on the screen. */
const speed = page => page.evaluate(() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
  return Math.max(paint, performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
});

/** The best of three: what else the machine does is not the page's. */
async function clock(page, name) {
  const tries = [];
  for (let i = 0; i < 3 && !(tries.at(-1) < 150); i++) {
    if (i) await page.reload();
    await page.waitForLoadState('load');
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length);
    tries.push(Math.round(await speed(page)));
  }
  took.push([Math.min(...tries), name]);
}

async function look(name, width, scheme) {
  const { page, say, close } = await opened(name, width, scheme);
  if (width > 1000) await clock(page, name);
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) say('the page is wider than the window');
  for (const figure of await page.locator('.plot').all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator('xpath=self::*[@data-drawn]').waitFor({ state: 'attached', timeout: 30000 }).catch(() => say('a figure is not drawn'));
    seen.figures++;
  }
  const formulas = await page.evaluate(() => {
    // What is folded has no size: unfold everything, as a reader may.
    document.querySelectorAll('details').forEach(one => { one.open = true; });
    const all = [...document.querySelectorAll('math')];
    return { all: all.length, flat: all.filter(one => !one.getBoundingClientRect().height || one.querySelector('merror')).length,
      bare: /\$\$|\\(frac|begin|mathbb)\b/.test(document.querySelector('article').innerText) };
  });
  if (formulas.flat) say(`${formulas.flat} formulas are not typeset`);
  if (formulas.bare) say('there is TeX in plain sight');
  seen.formulas += formulas.all;
  await page.waitForTimeout(150);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], preload: false }));
  for (const { id, impact, nodes } of violations) {
    if (['serious', 'critical'].includes(impact)) say(`axe: ${id} (${impact}) ${nodes.length} ×: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary.slice(0, 200)}`);
  }
  seen.pages++;
  await close();
}

/** A slider answers to the keyboard: another value is told, and the figure shows something else. */
async function slide(lang) {
  const { page, say, close } = await opened(`${lang}/${BOOK_PLAY}.html`, 1440, 'light');
  await page.locator('.plot').first().scrollIntoViewIfNeeded();
  await page.locator('.plot[data-drawn]').first().waitFor();
  const slider = page.locator('.plot [role=slider]').first();
  const picture = () => page.locator('.plot .main-svg').first().innerHTML();
  const before = [await slider.getAttribute('aria-valuenow'), await picture()];
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(600);
  const after = [await slider.getAttribute('aria-valuenow'), await picture()];
  if (Number(after[0]) !== Number(before[0]) + 1) say(`the slider went from ${before[0]} to ${after[0]}`);
  if (after[1] === before[1]) say('the figure is the same wherever the slider is');
  const focused = await page.evaluate(() => document.activeElement.getAttribute('role'));
  if (focused !== 'slider') say('the slider lost the focus');
  await page.screenshot({ path: `${BOOK_SHOTS}/slider-${lang}.png` });
  await close();
}

/** A word is found, and what is found opens. */
async function search(lang, word) {
  const { page, say, close } = await opened(`${lang}/index.html`, 1440, 'light');
  await page.locator('.sidebar-search').fill(word);
  await page.keyboard.press('Enter');
  await page.locator('#search-results li a').first().waitFor({ timeout: 15000 }).catch(() => say(`nothing is found for ${word}`));
  await page.screenshot({ path: `${BOOK_SHOTS}/search-${lang}-${word}.png` });
  const links = await page.locator('#search-results li a').count();
  if (links) {
    await page.locator('#search-results li a').first().click();
    await page.waitForLoadState('load');
    const text = (await page.locator('article').textContent()).toLowerCase();
    if (!text.includes(word.toLowerCase())) say(`${page.url()} was found for ${word}, and has it not`);
  }
  seen[`found ${word}`] = links;
  await close();
}

/** The other language shows the same place. */
async function change(name, anchor) {
  const { page, say, close } = await opened(`zh/${name}.html`, 1440, 'light');
  await page.evaluate(id => document.getElementById(id).scrollIntoView({ behavior: 'instant' }), anchor);
  await page.locator('.sidebar-drawer a.language').click();
  await page.waitForURL(/\/en\//);
  await page.waitForLoadState('load');
  await page.waitForTimeout(1500); // the theme scrolls smoothly
  if (!page.url().endsWith(`en/${name}.html#${anchor}`)) say(`the other language is at ${page.url()}`);
  const top = await page.evaluate(id => document.getElementById(id).getBoundingClientRect().top, anchor);
  if (Math.abs(top) > 120) say(`the place is ${top} pixels away`);
  await close();
}

try {
  const names = LANGUAGES.flatMap(lang => fs.readdirSync(path.join(BOOK_SITE, lang)).filter(name => name.endsWith('.html')).map(name => `${lang}/${name}`));
  for (const name of names.filter(one => new RegExp(process.env.BOOK_PAGES ?? '').test(one))) {
    process.stderr.write(`${name}\n`);
    await look(name, 1440, 'light');
    await look(name, 360, 'dark');
  }
  for (const lang of LANGUAGES) {
    await slide(lang);
    for (const word of JSON.parse(BOOK_WORDS)[lang]) await search(lang, word);
  }
  const [name, anchor] = process.env.BOOK_PLACE.split('#');
  await change(name, anchor);
} catch (error) {
  wrong.push(String(error.stack || error));
} finally {
  await browser.close();
}
took.sort((a, b) => a[0] - b[0]);
seen.median = took[took.length >> 1]?.[0];
seen.slowest = took.slice(-3);
process.stdout.write(JSON.stringify({ wrong, seen }, null, 1) + '\n');
