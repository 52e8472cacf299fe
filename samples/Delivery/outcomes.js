// Tells Teal how what users did has ended, a batch every second: a guarded rollout is judged by it. Never waited for, and never in the way:
// what finds no room is dropped and counted. Exposures are not told: over OFREP the server knows what it answered.
import { hostname } from 'node:os';

const mostWaiting = 1_000;

export class Outcomes {
  #url;
  #key;
  #client = `delivery-${hostname()}-${process.pid}-${Date.now()}`;
  #sequence = 0;
  #waiting = [];
  #dropped = 0;
  #batch = null;
  #sending = Promise.resolve();
  #timer;

  constructor(url, key) {
    this.#url = new URL('/client/v1/events', url);
    this.#key = key;
    this.#timer = setInterval(() => this.#send(), 1_000);
  }

  add(outcome) {
    if (this.#waiting.length < mostWaiting) {
      this.#waiting.push(outcome);
    } else {
      this.#dropped++;
    }
  }

  /** Sends what still waits, once. */
  async close() {
    clearInterval(this.#timer);
    await this.#send();
  }

  /** One after the other: a batch has to be taken before the next. */
  #send() {
    this.#sending = this.#sending.then(() => this.#sendBatch());
    return this.#sending;
  }

  async #sendBatch() {
    if (!this.#batch && this.#waiting.length === 0) {
      return;
    }
    // 500 events stay below the 128 KiB that a batch may have.
    this.#batch ??= {
      client: this.#client,
      sequence: ++this.#sequence,
      exposures: [],
      outcomes: this.#waiting.splice(0, 500),
      dropped: this.#dropped,
    };
    try {
      const { status } = await fetch(this.#url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': this.#key },
        body: JSON.stringify(this.#batch),
        signal: AbortSignal.timeout(5_000),
      });
      if (status === 429 || status >= 500) {
        return;
      }
      if (status >= 400) {
        console.error(`delivery: a batch of outcomes was refused with ${status}`);
      }
      this.#dropped -= this.#batch.dropped;
      this.#batch = null;
    } catch {
      // Without an answer it goes again under its number, and counts once.
    }
  }
}
