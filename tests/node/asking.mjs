// What every client in these tests does: it asks for flags, says each answer on one line of JSON, and says when its provider
// tells of a change. "ask" on standard input asks again; the end of standard input ends it.
import { createInterface } from 'node:readline';

export const asked = [
  ['Boolean', 'new-checkout', false],
  ['String', 'headline', 'none'],
  ['Number', 'page-size', -1],
  ['Number', 'price-factor', -1],
  ['Object', 'theme', { none: true }],
  ['Boolean', 'sleeping', true],
  ['Boolean', 'nothing-here', true],
];

export const context = { targetingKey: 'user-1', plan: 'gold' };

export const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** @param details (type, key, fallback) => evaluation details, or a promise of them */
export async function answers(details) {
  const all = {};
  for (const [type, key, fallback] of asked) {
    const { value, variant, reason, errorCode } = await details(type, key, fallback);
    all[key] = { value, variant, reason, errorCode };
  }
  return { event: 'answers', answers: all };
}

export async function serveStandardInput(ask, end) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'ask') {
      say(await ask());
    }
  }
  await end();
}
