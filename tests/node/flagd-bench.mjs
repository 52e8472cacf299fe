// Nanoseconds that @openfeature/flagd-core takes for one evaluation, as it runs by default: compiled.
// Input: one line of { document, context, flags: [key…] }. Output: one line of { key: nanoseconds }.
import { readFileSync } from 'node:fs';
import { FlagdCore } from '@openfeature/flagd-core';

const rounds = 7;
const evaluations = 200_000;
const { document, context, flags } = JSON.parse(readFileSync(0, 'utf8'));
const core = new FlagdCore(undefined, { debug() {}, info() {}, warn() {}, error() {} });
core.setConfigurations(JSON.stringify(document));
const best = {};
for (let round = 0; round < rounds; round++) {
  for (const key of flags) {
    const start = process.hrtime.bigint();
    let on = 0;
    for (let i = 0; i < evaluations; i++) {
      on += core.resolveBooleanEvaluation(key, false, context).value ? 1 : 0;
    }
    const nanoseconds = Number(process.hrtime.bigint() - start) / evaluations;
    best[key] = Math.min(best[key] ?? Infinity, nanoseconds);
  }
}
console.log(JSON.stringify(best));
