// What the pages do by themselves: draw a figure when it comes into view, stay on the same place in the other language.
// Everything is loaded from beside the page; a page opened from the disk may load scripts, and nothing else.
'use strict';

(() => {
  const root = document.documentElement;
  const chinese = root.lang.startsWith('zh');
  const say = (zh, en) => (chinese ? zh : en);
  const here = new URL('.', document.currentScript.src); // …/_static/
  const waiting = new Map(); // figures whose data is on its way

  const idle = window.requestIdleCallback ?? (job => setTimeout(job, 200));
  const layOut = () => root.classList.add('laid-out');
  if (location.hash) layOut();
  else addEventListener('load', () => requestAnimationFrame(() => idle(layOut, { timeout: 500 })));

  const script = address => new Promise((done, fail) => {
    const tag = document.createElement('script');
    tag.src = address;
    tag.onload = done;
    tag.onerror = () => fail(new Error(`${address} is not there`));
    document.head.append(tag);
  });

  let plotly;
  const withPlotly = () => (plotly ??= script(new URL('../../_shared/plotly.min.js', here)));

  /** Called by a figure's script. */
  window.bookFigure = (name, data) => waiting.get(name)?.(data);

  const dataOf = name => new Promise((done, fail) => {
    waiting.set(name, done);
    script(new URL(`../_figures/${name}.js`, here)).catch(fail);
  });

  async function draw(figure) {
    const area = figure.querySelector('.plot-area');
    const [data] = await Promise.all([dataOf(figure.dataset.figure), withPlotly()]);
    const { Plotly } = window;
    const { layout } = data; // as wide as the page, if it is not much too wide for it
    if (layout.width) layout.width = Math.min(layout.width, Math.max(area.clientWidth, 0.85 * layout.width));
    await Plotly.newPlot(area, { ...data, config: { displaylogo: false, responsive: false, locale: 'en' } });
    const reachable = () => sliders(area);
    area.on('plotly_afterplot', reachable);
    reachable();
    if (area.scrollWidth > area.clientWidth) area.tabIndex = 0;
    figure.dataset.drawn = 'yes';
  }

  /** Plotly's sliders answer to the mouse only: here they answer to the keyboard, too, and say what they are. */
  function sliders(area) {
    const groups = area.querySelectorAll('.slider-group');
    area.layout.sliders?.forEach((slider, number) => {
      const group = groups[number];
      if (!group) return;
      const { steps, currentvalue } = slider;
      const active = slider.active ?? 0;
      group.setAttribute('role', 'slider');
      group.setAttribute('tabindex', '0');
      group.setAttribute('aria-label', (currentvalue?.prefix || say('滑块', 'slider')).replace(/[\s:：=]+$/, ''));
      group.setAttribute('aria-valuemin', 0);
      group.setAttribute('aria-valuemax', steps.length - 1);
      group.setAttribute('aria-valuenow', active);
      group.setAttribute('aria-valuetext', steps[active]?.label ?? '');
      if (group.dataset.keys) return;
      group.dataset.keys = 'yes';
      group.addEventListener('keydown', event => {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -1e9, End: 1e9 }[event.key];
        if (!by) return;
        event.preventDefault();
        move(area, number, by);
      });
    });
  }

  async function move(area, number, by) {
    const slider = area.layout.sliders[number];
    const to = Math.max(0, Math.min(slider.steps.length - 1, (slider.active ?? 0) + by));
    const { method, args } = slider.steps[to];
    await window.Plotly.relayout(area, { [`sliders[${number}].active`]: to });
    if (method !== 'skip') await window.Plotly[method](area, ...args);
    sliders(area);
    area.querySelectorAll('.slider-group')[number]?.focus();
  }

  const seen = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target).catch(error => {
        target.querySelector('.plot-area').textContent = say('图没有画出来：', 'The figure could not be drawn: ') + error.message;
      });
    }
  }, { rootMargin: '300px' });
  document.querySelectorAll('.plot').forEach(figure => seen.observe(figure));

  /** The last heading above the middle of the window. */
  function place() {
    const sections = [...document.querySelectorAll('article section[id]')];
    const above = sections.filter(section => section.getBoundingClientRect().top < innerHeight / 3);
    return above.length > 1 ? above.at(-1).id : '';
  }

  document.querySelectorAll('a.language').forEach(link => link.addEventListener('click', () => {
    try { localStorage.setItem('book-language', chinese ? 'en' : 'zh'); } catch { /* a browser that keeps nothing */ }
    link.hash = place();
    if (location.search) link.search = location.search;
  }));

  // Details that hold the place asked for are opened.
  function unfold() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  }
  addEventListener('hashchange', unfold);
  unfold();

  // What is wider than the page is moved by the keyboard, too.
  const reach = () => document.querySelectorAll('pre, .formula, .table-wrapper').forEach(wide => {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  });
  idle(reach);
  document.addEventListener('toggle', () => idle(reach), true);

  // What the theme says in English only.
  if (chinese) {
    const labels = {
      '#__navigation': '展开或收起导航', '#__toc': '展开或收起本页目录', '.theme-toggle': '切换浅色、深色、自动',
      '.toctree-checkbox': '展开或收起这一节',
    };
    for (const [what, label] of Object.entries(labels)) {
      document.querySelectorAll(what).forEach(one => one.setAttribute('aria-label', label));
    }
  }
})();
