// flows.js URL MQTT_PORT NODE_MODULES [CA FILE]: stompjs and mosquitto's clients; prints "stompjs ok" when all went well.
'use strict';
const { execFileSync, spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const [url, mqttPort, modules, caFile] = process.argv.slice(2);
const { createRequire } = require('module');
const installed = createRequire(path.join(modules, 'flows.js'));
const { Client } = installed('@stomp/stompjs');
const WebSocket = installed('ws');

const PATIENCE_MS = 10000;

function check(condition, text) {
  if (condition) return;
  console.error('wrong: ' + text);
  process.exit(1);
}

function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(what + ': not in time')), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function mosquittoPub(topic, payload, ...more) {
  execFileSync('mosquitto_pub', ['-V', '5', '-p', mqttPort, '-t', topic, '-m', payload, '-q', '1', ...more]);
}

// mosquitto_sub for one message: resolves, when it has subscribed, to a promise of its line.
function mosquittoSub(topic, form) {
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', '-V', '5', '-p', mqttPort, '-t', topic, '-q', '1', '-C', '1', '-W', '10', '-F', form, '-d']);
  let text = '';
  const line = new Promise((resolve) =>
    child.on('close', () => resolve(text.split('\n').filter((each) => each.startsWith('>')).join('|'))),
  );
  return inTime(
    new Promise((resolve) =>
      child.stdout.on('data', (bytes) => {
        text += bytes;
        if (text.includes('Subscribed')) resolve({ line });
      }),
    ),
    'mosquitto_sub',
  );
}

async function connected(more) {
  let socket;
  const client = new Client({
    webSocketFactory: () => {
      socket = new WebSocket(url, ['v12.stomp', 'v11.stomp', 'v10.stomp'], caFile ? { ca: fs.readFileSync(caFile) } : {});
      return socket;
    },
    connectHeaders: { login: 'ann', passcode: 'secret', 'client-id': 'js' },
    reconnectDelay: 0,
    heartbeatIncoming: 500,
    heartbeatOutgoing: 500,
    ...more,
  });
  client.onStompError = (frame) => check(false, 'an ERROR: ' + frame.headers.message);
  await inTime(
    new Promise((resolve) => {
      client.onConnect = resolve;
      client.activate();
    }),
    'CONNECTED',
  );
  check(socket.protocol === 'v12.stomp', 'the subprotocol: ' + socket.protocol);
  check(client.connectedVersion === '1.2', 'the version: ' + client.connectedVersion);
  return client;
}

function receipt(client, act, name) {
  return inTime(
    new Promise((resolve) => {
      client.watchForReceipt(name, resolve);
      act({ receipt: name });
    }),
    'the receipt ' + name,
  );
}

// Subscribes, and gives a function that takes the next message.
async function subscribed(client, destination, headers) {
  const got = [];
  let waiting = () => {};
  await receipt(client, (more) => {
    client.subscribe(
      destination,
      (message) => {
        got.push(message);
        waiting();
      },
      { ...headers, ...more },
    );
  }, 'sub ' + destination);
  return () =>
    inTime(
      new Promise((resolve) => {
        waiting = () => got.length > 0 && resolve(got.shift());
        waiting();
      }),
      'a message of ' + destination,
    );
}

async function bothWays(client) {
  const take = await subscribed(client, '/topic/js.down', {});
  mosquittoPub('js/down', 'grüße', '-D', 'publish', 'user-property', 'name', 'v:a\\lue');
  const message = await take();
  check(message.body === 'grüße', 'the body: ' + message.body);
  check(message.headers['name'] === 'v:a\\lue', 'the user property: ' + JSON.stringify(message.headers));
  const watcher = await mosquittoSub('js/up', '>%p %P');
  await receipt(client, (more) => client.publish({ destination: '/topic/js.up', body: 'zurück', headers: { colour: 'blue', ...more } }), 'send');
  const line = await inTime(watcher.line, 'what mosquitto_sub got');
  check(line === '>zurück colour:blue', 'what mosquitto_sub got: ' + line);
  const binary = new Uint8Array([0, 255, 10, 0]);
  const echo = await subscribed(client, '/topic/js.binary', {});
  client.publish({ destination: '/topic/js.binary', binaryBody: binary });
  check(Buffer.compare(Buffer.from((await echo()).binaryBody), Buffer.from(binary)) === 0, 'the binary body');
  const large = 'ä'.repeat(100000);
  client.publish({ destination: '/topic/js.binary', body: large });
  check((await echo()).body === large, 'the large body');
}

async function acknowledged(client) {
  const take = await subscribed(client, '/queue/js.work', { ack: 'client-individual', 'prefetch-count': '1' });
  const transaction = client.begin();
  for (const body of ['1', '2']) client.publish({ destination: '/queue/js.work', body, headers: { transaction: transaction.id } });
  transaction.commit();
  for (const body of ['1', '2']) {
    const message = await take();
    check(message.body === body, 'the order of the queue');
    message.ack();
  }
}

async function main() {
  const client = await connected({});
  await bothWays(client);
  await acknowledged(client);
  await client.deactivate();
  console.log('stompjs ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
