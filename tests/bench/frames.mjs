// From what a person does until it is painted: sweeps through a table, single keys and clicks, typing while the machine is busy.

export const FRAME = 16.7;

/** Scrolls from the first row to the last in 240 frames: frames' times, and what the main thread worked, in milliseconds. */
export async function sweep(page, context, selector) {
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const worked = async () => (await session.send('Performance.getMetrics')).metrics.find((it) => it.name === 'TaskDuration').value * 1000;
  const before = await worked();
  const frames = await page.evaluate(async (selector) => {
    // What scrolls is the element that can go furthest.
    const panes = [...document.querySelectorAll(selector)].filter((it) => /auto|scroll/.test(getComputedStyle(it).overflowY));
    const pane = panes.sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
    const frames = [];
    let last = await new Promise((done) => requestAnimationFrame(done));
    for (let at = 1; at <= 240; at += 1) {
      pane.scrollTop = (pane.scrollHeight - pane.clientHeight) * at / 240;
      const now = await new Promise((done) => requestAnimationFrame(done));
      frames.push(now - last);
      last = now;
    }
    return frames;
  }, selector);
  const cpu = await worked() - before;
  await session.detach();
  return { frames, cpu, worst: Math.max(...frames), slow: 100 * frames.filter((it) => it > 17.5).length / frames.length };
}

/** The shape of our table on screen, for a bare table of the same shape. */
export const shape = (page) => page.evaluate(() => {
  const rows = [...document.querySelectorAll('.grid-row')];
  const pane = document.querySelector('.grid-pane').getBoundingClientRect();
  return { rows: rows.length, cells: rows[0].querySelectorAll('.cell').length, height: rows[0].getBoundingClientRect().height, paneWidth: pane.width, paneHeight: pane.height };
});

/**
 * From an event until what it changes is painted; answers also how many rows there are then. A search or a condition has
 * come when the count is another, a sort when the rows are: the milliseconds in the status bar may be the same twice.
 */
export const painted = (page, act, argument) => page.evaluate(async ([act, argument]) => {
  const said = () => Number(document.querySelector('.status-end').textContent.split(' ')[0].replaceAll(',', ''));
  const rows = () => [...document.querySelectorAll('.grid-row:not([hidden])')].map((it) => it.textContent).join('\n');
  const waits = () => document.querySelector('.grid-row:not([hidden])[data-waiting]');
  const count = () => document.querySelector('.page-count').textContent;
  const field = { search: '#search', condition: '[role=combobox][aria-label=Condition]' }[act];
  const seen = { search: said, condition: count, sort: rows }[act];
  const before = seen();
  const changed = () => !(act === 'sort' && waits()) && seen() !== before;
  const start = performance.now();
  if (field) {
    const typed = document.querySelector(field);
    typed.value = argument;
    typed.dispatchEvent(new InputEvent('input', { bubbles: true }));
  } else {
    [...document.querySelectorAll('[role=columnheader] button')].find((it) => it.textContent.includes(argument)).click();
  }
  while (!changed()) {
    if (performance.now() - start > 30_000) throw new Error(`nothing changed by ${act} ${argument}`);
    await new Promise((done) => requestAnimationFrame(done));
  }
  // What comes after the frame that paints it.
  await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
  return [performance.now() - start, said()];
}, [act, argument]);

/**
 * Types one text after the other into the search, 150 ms apart, as long as a file is read for an import: from each input event until
 * its count of rows is painted. `texts` has each text with its count, no two in a row with the same. Answers the times,
 * how many keys never saw their count while the import ran (the last may be cut off), and the longest task.
 */
export const typeWhileImporting = (page, texts) => page.evaluate(async (texts) => {
  const runs = () => /Importing|Reading/.test(document.querySelector('.status-bar').textContent);
  const rows = () => Number(document.querySelector('.status-end').textContent.split(' ')[0].replaceAll(',', ''));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const field = document.querySelector('#search');
  const took = [];
  let lost = 0;
  let long = 0;
  const tasks = new PerformanceObserver((list) => { for (const it of list.getEntries()) long = Math.max(long, it.duration); });
  tasks.observe({ type: 'longtask' });
  const waited = performance.now();
  while (!runs() && performance.now() - waited < 5000) await frame();
  for (let at = 0; runs(); at += 1) {
    const [text, count] = texts[at % texts.length];
    const start = performance.now();
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    while (rows() !== count && runs()) await frame();
    if (rows() === count) {
      await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
      took.push(performance.now() - start);
    } else {
      lost += 1;
    }
    await new Promise((done) => setTimeout(done, Math.max(0, 150 - (performance.now() - start))));
  }
  tasks.disconnect();
  return { took, lost, long };
}, texts);
