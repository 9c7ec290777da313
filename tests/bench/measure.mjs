// Statistics: samples, pairs, the canary beside them, intervals, and the table that all of it ends in.
import { readFile } from 'node:fs/promises';

/** Every sample, by name. */
export const samples = {};
/** Every pair, with what the machine did meanwhile. */
export const log = [];
/** The rows of the table. */
export const table = [];

export const median = (all) => {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
};
export const percentile = (all, part) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.ceil(part * all.length) - 1)];
export const keep = (name, ms) => { (samples[name] ??= []).push(ms); return ms; };

/** From where to where the median lies, in 95 of 100 cases: 10,000 times as many ratios drawn from these. Seeded, so that the same ratios say the same. */
export function interval(ratios) {
  let state = 1;
  const below = (limit) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 2 ** 32 * limit); };
  const medians = Array.from({ length: 10_000 }, () => median(ratios.map(() => ratios[below(ratios.length)]))).sort((a, b) => a - b);
  return [medians[250], medians[9749]];
}

/**
 * A row of the table. `ratio` is how many times as long the peer takes (or, of a floor, how many times as long as it we take).
 * `must` is the goal, `bound` what a short run fails at, `proof` the floor that shows whether a missed goal can be reached
 * here at all; it may be given later to the row that is answered.
 */
export function line(what, peer, ratios, { must, bound, floor = false, proof = '' } = {}) {
  const middle = median(ratios);
  // Fewer than five say no more than their ends.
  const enough = ratios.length >= 5;
  const [low, high] = enough ? interval(ratios) : [Math.min(...ratios), Math.max(...ratios)];
  const reached = (ratio) => (floor ? ratio <= must : ratio >= must);
  const met = must === undefined ? '' : !reached(middle) ? 'missed' : reached(floor ? high : low) ? 'met' : 'met by the median only';
  const spread = ratios.length === 1 ? 'one sample' : `${low.toFixed(2)} to ${high.toFixed(2)}${enough ? '' : ', ends'}`;
  const row = { what, peer, middle, spread, ratios, must, floor, met, bound, proof };
  table.push(row);
  console.log(`${what.padEnd(66)} ${peer.padEnd(44)} ${middle.toFixed(2).padStart(8)}x  (${spread})  ${must === undefined ? '' : `${floor ? '≤' : '≥'} ${must}: ${met}`}${proof && met !== 'met' ? `; ${proof}` : ''}`);
  return row;
}

/** What the machine is busy with besides: load, time stolen by other machines on this host, waiting for a processor. */
export async function machine() {
  const text = (name) => readFile(name, 'utf8').catch(() => '');
  const times = (await text('/proc/stat')).split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  return {
    load: Number((await text('/proc/loadavg')).split(' ')[0]),
    steal: times[7] ?? 0,
    ticks: times.slice(0, 8).reduce((sum, it) => sum + it, 0),
    pressure: Number(/^some avg10=([0-9.]+)/m.exec(await text('/proc/pressure/cpu'))?.[1] ?? 0),
  };
}

let canary = async () => 1;
/** Names the kernel that takes as long each time on a machine that is as fast each time. */
export const setCanary = (kernel) => { canary = kernel; };

const MOVED = 0.1;

/** One pair, in the order in which its turn wants it, with the canary before and after. */
async function pair(name, a, b, swapped) {
  const [before, from] = [await canary(), await machine()];
  const [first, second] = swapped ? [b, a] : [a, b];
  const took = [await first(), await second()];
  const [ours, theirs] = swapped ? [took[1], took[0]] : took;
  const [after, to] = [await canary(), await machine()];
  const moved = Math.abs(after / before - 1) > MOVED;
  const it = { name, ours, theirs, swapped, canary: [before, after], moved, load: to.load, pressure: to.pressure, steal: (to.steal - from.steal) / Math.max(1, to.ticks - from.ticks) };
  log.push(it);
  return it;
}

/**
 * Samples of both sides, A B B A; answers the pairs' ratios b / a. A pair during which the machine changed its speed is
 * kept, marked, and measured once more; the second counts.
 */
export async function pairs(name, a, b, count) {
  const ratios = [];
  for (let at = 0; at < count; at += 1) {
    let it = await pair(name, a, b, at % 2 === 1);
    if (it.moved) it = await pair(name, a, b, at % 2 === 1);
    keep(`${name}: ours`, it.ours);
    keep(`${name}: theirs`, it.theirs);
    ratios.push(it.theirs / it.ours);
  }
  return ratios;
}

/** The table and the samples, to be read. */
export function markdown(title, sentence) {
  const goal = (it) => (it.must === undefined ? '' : `${it.floor ? '≤' : '≥'} ${it.must}`);
  const moved = log.filter((it) => it.moved).length;
  const count = (met) => table.filter((it) => it.met === met).length;
  return [
    `# ${title}`, '', sentence, '',
    `${count('met')} goals are met, ${count('met by the median only')} by the median but not by the whole interval, ${count('missed')} are missed. During ${moved} of ${log.length} pairs the speed of the machine changed by more than 10 %; they are marked in the JSON and were measured once more.`, '',
    '| operation | beside | ratio | 95 % interval of the median | goal | | floor, where it was missed |', '|---|---|---|---|---|---|---|',
    ...table.map((it) => `| ${it.what} | ${it.peer} | ${it.middle.toFixed(2)} | ${it.spread} | ${goal(it)} | ${it.met} | ${it.met === 'met' ? '' : it.proof} |`), '',
    '| sample | median | of |', '|---|---|---|',
    ...Object.entries(samples).map(([name, all]) => `| ${name} | ${median(all).toPrecision(3)} | ${all.length} |`), '',
  ].join('\n');
}
