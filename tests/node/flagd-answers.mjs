// Answers, line by line, what the npm package @openfeature/flagd-core makes of a document, a flag and a context.
// In its interpreter mode: the compiled mode keeps the last value of all comparisons of a rule in one variable, so that there
// {"==": [{"var": "a"}, {"var": "b"}]} answers differently for 0 and a missing attribute than the interpreter of the same package.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { FlagdCore } from '@openfeature/flagd-core';

const require = createRequire(import.meta.url);

// imurmurhash takes each UTF-16 unit for a byte. flagd itself, and its Java, Go, Python and .NET providers, hash UTF-8. For ASCII
// this changes nothing; beyond it, the hash is flagd's.
const Murmur = require('imurmurhash');
const hash = Murmur.prototype.hash;
Murmur.prototype.hash = function (key) {
  return hash.call(this, Buffer.from(key, 'utf8').toString('latin1'));
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function answer({ document, key, type, context, now }) {
  Date.now = () => now * 1000;
  try {
    const core = new FlagdCore(undefined, silent, { disableDynamicCodeGeneration: true });
    core.setConfigurations(JSON.stringify(document));
    const { value, variant, reason, errorCode } = core.resolve(type, key, null, context);
    return { value, variant: variant ?? null, reason, error: errorCode ?? null };
  } catch (error) {
    return { refused: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
}
