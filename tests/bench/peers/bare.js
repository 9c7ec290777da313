// A table with nothing around it: rows that are used again, cells that are one text node each, data that is there.
// What it cannot scroll without slow frames, no table in a page can on this machine.
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
  const draw = () => {
    const top = pane.scrollTop;
    const part = height > shape.paneHeight ? top / (height - shape.paneHeight) : 0;
    const first = Math.floor(part * Math.max(0, total - Math.floor(shape.paneHeight / shape.height)));
    rows.forEach(({ row, texts }, at) => {
      row.style.transform = `translateY(${top + at * shape.height}px)`;
      const cells = data[(first + at) % data.length];
      texts.forEach((text, column) => { text.data = cells[column]; });
    });
  };
  let asked = false;
  pane.addEventListener('scroll', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  });
  draw();
};
