// node web.mjs PAGE: opens the page in Chromium and speaks for it.
import { chromium } from 'playwright-core';
import { asked, say, serveStandardInput } from './asking.mjs';

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const page = await browser.newPage();
page.on('console', (message) => process.stderr.write(`page: ${message.text()}\n`));
page.on('pageerror', (error) => process.stderr.write(`page: ${error.stack ?? error}\n`));
await page.exposeFunction('say', (line) => say(JSON.parse(line)));
await page.goto(process.argv[2]);
const ask = async () => ({ event: 'answers', answers: Object.fromEntries(await page.evaluate((flags) => window.ask(flags), asked)) });
await serveStandardInput(ask, async () => {
  await browser.close();
  process.exit(0);
});
