// Delivers events with the bulk helper of an Elasticsearch client.
//
//   node bulk.mjs MODULES VERSION URL EVENTS ID      VERSION: 7, 8 or 9; ID: `create`, `index`, `none`
//
// Prints what the helper counted, as JSON. Fields of an event: n, from 1 to EVENTS, and a message.
import { createRequire } from 'node:module';

const [modules, version, node, events, id] = process.argv.slice(2);
const { Client } = createRequire(`${modules}/`)(`elasticsearch${version}`);
// Enough for a restart; without answers the client waits longer from try to try, up to 4 s.
const client = new Client({ node, maxRetries: 100, requestTimeout: 10000, retryOnTimeout: true });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// What applications do before they deliver.
await client.ping();
const info = await client.info();
const product = (info.body ?? info).version.number;
await client.cluster.health();

// About 50,000 events a second, so that there is time to interrupt the delivery.
async function* made() {
  for (let n = 1; n <= Number(events); n += 1) {
    yield { n, message: `this is event ${n} of ${events}` };
    if (n % 500 === 0) await sleep(10);
  }
}
const dropped = {};
const stats = await client.helpers.bulk({
  datasource: made(),
  flushBytes: 50000,
  concurrency: 4,
  retries: 100,
  wait: 500,
  refreshOnCompletion: 'app',
  onDocument: ({ n }) =>
    id === 'none' ? { create: { _index: 'app' } } : { [id]: { _index: 'app', _id: `event-${n}` } },
  onDrop: ({ status }) => {
    dropped[status] = (dropped[status] ?? 0) + 1;
  },
});
console.log(JSON.stringify({ product, version, dropped, ...stats }));
// 409 says that the event is there: its first answer got lost.
if (Object.keys(dropped).some((status) => status !== '409')) process.exit(1);
