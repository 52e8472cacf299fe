// What the page of the web test runs: /page.html?server=URL&key=KEY
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';

const query = new URLSearchParams(location.search);
const context = { targetingKey: 'user-1', plan: 'gold' };
const say = (line) => window.say(JSON.stringify(line));

OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, (event) => say({ event: 'changed', flags: event?.flagsChanged }));
await OpenFeature.setContext(context);
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({ baseUrl: query.get('server'), headers: [['Authorization', `Bearer ${query.get('key')}`]] }),
);
const client = OpenFeature.getClient();
window.ask = (asked) =>
  asked.map(([type, key, fallback]) => {
    const { value, variant, reason, errorCode } = client[`get${type}Details`](key, fallback);
    return [key, { value, variant, reason, errorCode }];
  });
await say({ event: 'ready' });
