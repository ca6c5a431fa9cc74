// Makes the component: `node build.mjs OUTPUT.wasm`, which `tierwatch plugin build` runs. Nothing ambient is linked: no
// randomness, no standard streams, no clocks, no network.
import { componentize } from '@bytecodealliance/componentize-js';
import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';

const [output] = process.argv.slice(2);

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
  const { component } = await componentize({
    sourcePath: 'tierwatch-entry.js',
    witPath: 'wit/1.0.0',
    worldName: 'rule',
    disableFeatures: ['random', 'stdio', 'clocks', 'http', 'fetch-event'],
  });
  await writeFile(output, component);
} catch (error) {
  // It says what the rule threw and where; where the builder is of itself is nobody's concern.
  console.error(error.message);
  process.exit(1);
}
