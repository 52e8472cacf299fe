// node server.mjs ofrep URL KEY · node server.mjs rpc|in-process HOST:PORT SELECTOR
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { answers, context, say, serveStandardInput } from './asking.mjs';

const [kind, address, keyOrSelector] = process.argv.slice(2);

function provider() {
  if (kind === 'ofrep') {
    return new OFREPProvider({ baseUrl: address, headers: [['X-API-Key', keyOrSelector]] });
  }
  const [host, port] = address.split(':');
  return new FlagdProvider({
    resolverType: kind,
    host,
    port: Number(port),
    deadlineMs: 30_000,
    ...(keyOrSelector ? { selector: keyOrSelector } : {}),
  });
}

OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, (event) => say({ event: 'changed', flags: event?.flagsChanged }));
await OpenFeature.setProviderAndWait(provider());
const client = OpenFeature.getClient();
const ask = () => answers((type, key, fallback) => client[`get${type}Details`](key, fallback, context));
say({ event: 'ready' });
await serveStandardInput(ask, async () => {
  await OpenFeature.close();
  process.exit(0);
});
