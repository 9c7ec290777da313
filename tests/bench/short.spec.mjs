// A short run of the benchmark, so that a regression shows: ratios with generous bounds, never an absolute time.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

test('beside the peers no ratio is worse than its bound, and both sides agree on every result', () => {
  const run = spawnSync(process.execPath, [fileURLToPath(new URL('run.mjs', import.meta.url)), '--short'], { encoding: 'utf8', timeout: 400_000 });
  assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
});
