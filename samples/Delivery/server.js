// Says when an order arrives. Whether it is today is the flag `same-day-delivery`, asked of Teal by the published OpenFeature SDK over
// OFREP; how each answer ended is reported. Without FLAGS_URL and FLAGS_KEY, and while the server is away, the code's own default holds.
import { createServer } from 'node:http';
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { Outcomes } from './outcomes.js';

const { PORT = '8080', TEAL_VERSION: version = 'dev', FLAGS_URL: flagsUrl, FLAGS_KEY: flagsKey } = process.env;

if (flagsUrl) {
  // A flag that takes longer is not worth the user's time.
  const fetchSoon = (request) => fetch(request, { signal: AbortSignal.timeout(500) });
  await OpenFeature.setProviderAndWait(
    new OFREPProvider({ baseUrl: flagsUrl, headers: [['X-API-Key', flagsKey]], fetchImplementation: fetchSoon }),
  );
}
const flags = OpenFeature.getClient();
const outcomes = flagsUrl ? new Outcomes(flagsUrl, flagsKey) : null;

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') {
    return answer(response, 200, { healthy: true });
  }
  const { pathname } = new URL(request.url, 'http://delivery');
  if (request.method !== 'GET' || pathname !== '/delivery') {
    return answer(response, 404, { error: 'only GET /delivery is here' });
  }
  const user = customerOf(request);
  const began = performance.now();
  let failed = true;
  try {
    const isToday = await flags.getBooleanValue('same-day-delivery', false, user ? { targetingKey: user } : {});
    answer(response, 200, { arrives: isToday ? 'today' : 'in 3 days', version });
    failed = false;
  } catch (error) {
    console.error('delivery:', error);
    answer(response, 500, { error: 'nobody knows' });
  } finally {
    if (user) {
      outcomes?.add({ unit: user, at: new Date().toISOString(), failed, ms: performance.now() - began });
    }
  }
});

// Longer than Teal keeps a connection that rests: it must not be closed under a request that is on its way.
server.keepAliveTimeout = 300_000;
server.listen(Number(PORT), '127.0.0.1', () => console.log(`delivery ${version} listens on ${PORT}`));

// Teal asks to stop when no user is sent here any more: end what has begun, send what is known, go.
process.once('SIGTERM', () => {
  server.close(async () => {
    await outcomes?.close();
    await OpenFeature.close();
    console.log(`delivery ${version} has ended`);
  });
});

function answer(response, status, body) {
  // A server that closes ends each kept connection with its next answer.
  response.shouldKeepAlive &&= server.listening;
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

// Teal's proxy gives every browser this cookie; an app of your own knows who has signed in.
function customerOf(request) {
  return /(?:^|; )teal-cohort=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
}
