// flows.js URL NODE_MODULES [CA FILE]: mqtt.js against the broker; prints "mqtt.js ok" when all went as it should.
'use strict';
const fs = require('fs');
const path = require('path');
const [url, modules, caFile] = process.argv.slice(2);
const mqtt = require(path.join(modules, 'mqtt'));

const PATIENCE_MS = 10000;

function fail(text) {
  console.error(text);
  process.exit(1);
}

function check(condition, text) {
  if (!condition) fail('wrong: ' + text);
}

function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(what + ': not in time')), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A client with the list of messages that it got, and a way to wait for more.
async function connected(version, more) {
  const options = {
    protocolVersion: version,
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    reconnectPeriod: 0,
    clean: true,
    ca: caFile ? fs.readFileSync(caFile) : undefined,
    ...more,
  };
  const client = mqtt.connect(url, options);
  const got = [];
  let waiting = () => {};
  client.on('message', (topic, payload, packet) => {
    got.push({ topic, payload: payload.toString(), packet });
    waiting();
  });
  client.on('error', (error) => fail('client error: ' + error));
  const connack = await inTime(new Promise((resolve) => client.once('connect', resolve)), 'CONNACK');
  const take = (count) =>
    inTime(
      new Promise((resolve) => {
        waiting = () => {
          if (got.length >= count) resolve(got.splice(0, count));
        };
        waiting();
      }),
      count + ' messages',
    );
  return { client, connack, take };
}

async function everyQos(version) {
  const { client, take } = await connected(version, { clientId: 'js-qos' });
  await inTime(client.subscribeAsync('js/#', { qos: 2 }), 'SUBACK');
  for (const qos of [0, 1, 2]) await inTime(client.publishAsync('js/' + qos, 'message ' + qos, { qos }), 'publish');
  (await take(3)).forEach((message, qos) => {
    check(message.topic === 'js/' + qos && message.payload === 'message ' + qos, 'message of QoS ' + qos);
    check(message.packet.qos === qos, 'QoS ' + qos + ' came as ' + message.packet.qos);
  });
  await inTime(client.publishAsync('js/large', 'x'.repeat(300000), { qos: 1 }), 'large publish');
  check((await take(1))[0].payload.length === 300000, 'a large message came cut');
  await inTime(client.endAsync(), 'end');
}

async function resumedSession(version) {
  const session = { clientId: 'js-sleeper', clean: false };
  if (version === 5) session.properties = { sessionExpiryInterval: 600 };
  const first = await connected(version, session);
  await inTime(first.client.subscribeAsync('sleep/#', { qos: 1 }), 'SUBACK');
  await inTime(first.client.endAsync(), 'end');
  const publisher = await connected(version, { clientId: 'js-publisher' });
  for (let number = 0; number < 10; ++number) {
    await inTime(publisher.client.publishAsync('sleep/a', String(number), { qos: 1 }), 'publish');
  }
  await inTime(publisher.client.endAsync(), 'end');
  const again = await connected(version, session);
  if (version !== 3) check(again.connack.sessionPresent, 'the session is gone');
  const payloads = (await again.take(10)).map((message) => message.payload);
  check(payloads.join() === '0,1,2,3,4,5,6,7,8,9', 'order after the sleep: ' + payloads);
  await inTime(again.client.endAsync(), 'end');
}

async function propertiesOfV5() {
  const { client, take } = await connected(5, { clientId: 'js-properties' });
  await inTime(client.subscribeAsync('properties', { qos: 1, properties: { subscriptionIdentifier: 9 } }), 'SUBACK');
  const properties = {
    contentType: 'text/plain',
    responseTopic: 'answer',
    correlationData: Buffer.from([0, 1]),
    userProperties: { a: ['1', '2'] },
  };
  await inTime(client.publishAsync('properties', 'p', { qos: 1, properties }), 'publish');
  const got = (await take(1))[0].packet.properties;
  check(got.contentType === 'text/plain' && got.responseTopic === 'answer', 'content type and response topic');
  check(got.correlationData.equals(Buffer.from([0, 1])), 'correlation data');
  check(JSON.stringify(got.userProperties.a) === '["1","2"]', 'user properties');
  check(got.subscriptionIdentifier === 9 || got.subscriptionIdentifier[0] === 9, 'subscription identifier');
  await inTime(client.endAsync(), 'end');
}

async function main() {
  for (const version of [3, 4, 5]) {
    await everyQos(version);
    await resumedSession(version);
  }
  await propertiesOfV5();
  console.log('mqtt.js ok');
  process.exit(0);
}

main().catch((error) => fail(String(error.stack || error)));
