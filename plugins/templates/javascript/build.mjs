// Makes the component: `node build.mjs OUTPUT.wasm`, which `tierwatch plugin build` runs. Nothing ambient is linked: no
// randomness, no standard streams, no clocks, no network.
import { componentize } from '@bytecodealliance/componentize-js';
import { writeFile } from 'node:fs/promises';

const [output] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: 'rule.js',
  witPath: 'wit/1.0.0',
  worldName: 'rule',
  disableFeatures: ['random', 'stdio', 'clocks', 'http', 'fetch-event'],
});
await writeFile(output, component);
