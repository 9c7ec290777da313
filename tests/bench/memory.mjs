// What a browser's renderer processes take of the machine's memory (Linux: the proportional set size of /proc).
import { readdir, readFile } from 'node:fs/promises';

/** What they take now, in bytes. */
export async function taken(browser) {
  let bytes = 0;
  for (const pid of (await readdir('/proc')).filter((it) => /^[0-9]+$/.test(it))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('--type=renderer')) continue;
    // A renderer does not name its profile; its browser, which is its parent or that one's, does.
    let owner = pid;
    for (let up = 0; up < 3; up += 1) {
      const stat = await readFile(`/proc/${owner}/stat`, 'utf8').catch(() => '');
      owner = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '0';
      if ((await readFile(`/proc/${owner}/cmdline`, 'utf8').catch(() => '')).includes(browser.profile)) {
        bytes += 1024 * Number(/^Pss: +([0-9]+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => ''))?.[1] ?? 0);
        break;
      }
    }
  }
  return bytes;
}

/** The same after a collection. */
export async function memory(browser) {
  const page = browser.context.pages()[0];
  const session = await browser.context.newCDPSession(page);
  for (let at = 0; at < 2; at += 1) await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return taken(browser);
}

/** The most they take while something is done. */
export async function mostWhile(browser, work) {
  let most = 0;
  let done = false;
  const watching = (async () => {
    while (!done) {
      most = Math.max(most, await taken(browser()).catch(() => 0));
      await new Promise((it) => setTimeout(it, 250));
    }
  })();
  try { return [await work(), most]; } finally { done = true; await watching; }
}
