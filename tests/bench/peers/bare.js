// A table with nothing around it: rows that are used again, cells that are one text node each, data that is there.
// What it cannot scroll without slow frames, no table in a page can on this machine; nor can one answer a key or a click
// sooner than this one does, whose rows stand ready and whose worker does nothing but what it is asked.
import { staying } from './staying.js';

window.bare = (shape, total) => {
  const LONGEST = 8_000_000;
  const columns = Array.from({ length: shape.cells }, (_, at) => at);
  // Enough different rows that no text is drawn twice in a row.
  const data = Array.from({ length: 20_000 }, (_, at) => columns.map((column) => `maria.garcia${at * 50}@example${column}.com`));
  const pane = document.querySelector('#pane');
  pane.style.cssText = `width:${shape.paneWidth}px;height:${shape.paneHeight}px;overflow:auto;contain:strict;position:relative;font:13px sans-serif`;
  const spacer = pane.appendChild(document.createElement('div'));
  const height = Math.min(total * shape.height, LONGEST);
  spacer.style.cssText = `height:${height}px;position:relative;contain:strict`;
  const rows = Array.from({ length: shape.rows }, () => {
    const row = spacer.appendChild(document.createElement('div'));
    row.style.cssText = `position:absolute;left:0;top:0;height:${shape.height}px;width:100%;display:flex;contain:strict`;
    const texts = columns.map(() => {
      const cell = row.appendChild(document.createElement('div'));
      cell.style.cssText = 'flex:1;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;border-bottom:1px solid #ddd';
      return cell.appendChild(document.createTextNode(''));
    });
    return { row, texts };
  });
  const fill = (first) => rows.forEach(({ texts }, at) => {
    const cells = data[(first + at) % data.length];
    texts.forEach((text, column) => { text.data = cells[column]; });
  });
  const draw = () => {
    const top = pane.scrollTop;
    const part = height > shape.paneHeight ? top / (height - shape.paneHeight) : 0;
    const first = Math.floor(part * Math.max(0, total - Math.floor(shape.paneHeight / shape.height)));
    rows.forEach(({ row }, at) => { row.style.transform = `translateY(${top + at * shape.height}px)`; });
    fill(first);
  };
  let asked = false;
  pane.addEventListener('scroll', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  });
  draw();
  window.bareFill = fill;
};

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** Gives the table a worker with the searched columns. */
window.bareOpen = async (columns) => {
  window.searcher = staying('floors.js');
  await window.searcher('open');
  await window.searcher('texts', columns);
};

/** From a key in a field, or from a click where there is no word, to the answer's rows in the table, painted: as `painted` of `frames.mjs` measures it. */
window.barePainted = async (word) => {
  let there = false;
  const start = performance.now();
  document.querySelector('#field').value = word;
  window.searcher('once', word).then(({ said }) => { window.bareFill(said + (window.turn = (window.turn ?? 0) + 997)); there = true; });
  while (!there) await frame();
  await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
  return performance.now() - start;
};

/** The same every 150 ms, as long as another worker reads and scans the file. */
window.bareWhileScanning = async (words) => {
  const scanner = staying('floors.js');
  await scanner('open');
  let runs = true;
  const scan = scanner('scan').then(() => { runs = false; });
  const took = [];
  for (let at = 0; runs; at += 1) {
    const start = performance.now();
    const ms = await window.barePainted(words[at % words.length]);
    if (runs) took.push(ms);
    await new Promise((done) => setTimeout(done, Math.max(0, 150 - (performance.now() - start))));
  }
  await scan;
  return took;
};
