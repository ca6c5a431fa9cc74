// Makes the component: `node build.mjs OUTPUT.wasm PRELOADED`, which `tierwatch plugin build` runs. Nothing ambient is linked:
// no randomness, no standard streams, no clocks, no network.
import { componentize } from '@bytecodealliance/componentize-js';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';

// A component is a picture of the engine that has loaded the rule. What the builder draws, the time that it looks up and the
// folder that it works in are in that picture too: they are the same each time, so that the component is. The engine itself runs
// with the libraries of PRELOADED before the C library's.
const [output, preloaded] = process.argv.slice(2);
const work = 'building.partial';
Math.random = () => 0.5;
Date.now = () => 0;
process.env.TMPDIR = work;
const here = '/proc/self/cwd';
if (existsSync(here)) process.cwd = () => here;

// The builder says that a file does not parse, but not where.
for (const file of await readdir('.')) {
  if (!file.endsWith('.js')) continue;
  const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  if (status !== 0) {
    console.error(stderr.split('\n    at ')[0].trim());
    process.exit(1);
  }
}

try {
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  const { component } = await componentize({
    sourcePath: 'tierwatch-entry.js',
    witPath: 'wit/1.0.0',
    worldName: 'rule',
    env: preloaded ? { LD_PRELOAD: preloaded } : {},
    disableFeatures: ['random', 'stdio', 'clocks', 'http', 'fetch-event'],
  });
  await writeFile(output, component);
} catch (error) {
  // It says what the rule threw and where; where the builder is of itself is nobody's concern.
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
