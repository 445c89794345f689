// Makes provider.wasm of provider.js. Every feature that needs WASI is off: wildcert offers none.
import { writeFile } from 'node:fs/promises';

import { componentize } from '@bytecodealliance/componentize-js';

const { component } = await componentize({
  sourcePath: 'provider.js',
  witPath: 'wit',
  worldName: 'dns-provider',
  disableFeatures: ['stdio', 'random', 'clocks', 'http', 'fetch-event'],
});
await writeFile('provider.wasm', component);
