import {
  DescribeRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BusEvent } from '../../../src/local/events/bus-event.ts';
import { type EventServerOptions, startEventServer } from '../../../src/local/servers/event-server.ts';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import { TRY_ONCE } from '../../builders/try-once.ts';

/** A server with a client, closed when the test ends, and the events that its buses have taken. */
async function startEvents(options: EventServerOptions = {}) {
  const server = await startEventServer(options);
  const client = new EventBridgeClient({
    endpoint: server.endpoint,
    ...TRY_ONCE,
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  const taken: { readonly bus: string; readonly event: BusEvent }[] = [];
  server.onEvent((bus, event) => taken.push({ bus, event }));
  const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
  return { server, client, taken, put };
}

const entry = (overrides: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: 'upload-ledger',
  DetailType: 'UploadRecorded',
  Detail: '{"id":"1"}',
  EventBusName: 'ledger',
  ...overrides,
});

describe('the event server', () => {
  it('takes events for a bus, by its name or its ARN, and names each in its answer', async () => {
    const { put, taken } = await startEvents();
    const arn = 'arn:aws:events:us-east-1:000000000000:event-bus/other';
    const { Entries, FailedEntryCount } = await put(
      entry({ Time: new Date('2026-11-30T08:00:00.900Z'), Resources: ['r'] }),
      entry({ EventBusName: arn }),
      entry({ EventBusName: undefined }),
    );
    expect(FailedEntryCount).toBe(0);
    expect(taken.map(({ bus }) => bus)).toEqual(['ledger', 'other', 'default']);
    expect(taken.map(({ event }) => event.id)).toEqual(Entries?.map(({ EventId }) => EventId));
    expect(taken[0]?.event).toMatchObject({
      version: '0',
      'detail-type': 'UploadRecorded',
      source: 'upload-ledger',
      time: '2026-11-30T08:00:00Z',
      resources: ['r'],
      detail: { id: '1' },
    });
  });

  it.each([
    ['that is no JSON', { Detail: '{' }, 'MalformedDetail'],
    ['that is no object', { Detail: '[]' }, 'MalformedDetail'],
    ['without a detail', { Detail: undefined }, 'MalformedDetail'],
    ['without a source', { Source: '' }, 'InvalidArgument'],
    ['without a type', { DetailType: '' }, 'InvalidArgument'],
  ])('refuses an entry %s, and takes the others', async (_, overrides, ErrorCode) => {
    const { put, taken } = await startEvents();
    const answer = await put(entry(overrides), entry());
    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode }, { EventId: taken[0]?.event.id }] });
    expect(taken).toHaveLength(1);
  });

  it.each([
    ['no entry', []],
    ['more than ten entries', Array.from({ length: 11 }, () => entry())],
    ['more than 256 KB', [entry({ Detail: JSON.stringify({ text: 'x'.repeat(256 * 1024) }) })]],
  ])('refuses a call with %s', async (_, entries) => {
    const { put, taken } = await startEvents();
    await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(taken).toEqual([]);
  });

  it.each([
    ['null', 'ValidationException'],
    ['{"Entries":null}', 'ValidationException'],
    ['{', 'SerializationException'],
    ['[]', 'SerializationException'],
    ['{"Entries":{}}', 'SerializationException'],
    ['{"Entries":[1]}', 'SerializationException'],
    ['{"Entries":[{"Source":"a","DetailType":"b","Detail":{}}]}', 'SerializationException'],
    ['{"Entries":[{"Source":["a"],"DetailType":"b","Detail":"{}"}]}', 'SerializationException'],
    ['{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}","Resources":"c"}]}', 'SerializationException'],
    ['{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}","Time":"now"}]}', 'SerializationException'],
    ['{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}","Time":1e300}]}', 'SerializationException'],
  ])('answers %s with an error, and takes nothing of it', async (body, __type) => {
    const { server, taken } = await startEvents();
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
    const answer = await fetch(server.endpoint, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type });
    expect(taken).toEqual([]);
  });

  it('takes a field that is null for one that is not there', async () => {
    const { server, taken } = await startEvents();
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
    const body = JSON.stringify({ Entries: [{ ...entry(), Time: null, Resources: null }] });
    const answer = await fetch(server.endpoint, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    expect(taken).toHaveLength(1);
  });

  it('refuses calls and single entries on request', async () => {
    const { server, put, taken } = await startEvents();
    server.setFaults(() => ({ error: { status: 500, type: 'InternalException' } }));
    await expect(put(entry())).rejects.toMatchObject({ name: 'InternalException' });
    server.setFaults(() => ({ refused: [0] }));
    const answer = await put(entry(), entry({ DetailType: 'DeleteRecorded' }));
    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }, {}] });
    server.setFaults();
    await put(entry());
    expect(taken.map(({ event }) => event['detail-type'])).toEqual(['DeleteRecorded', 'UploadRecorded']);
  });

  it('reports who calls, and for which buses', async () => {
    const calls: ServiceCall[] = [];
    const { put, client } = await startEvents({ onCall: (call) => calls.push(call) });
    await put(entry(), entry());
    await expect(client.send(new DescribeRuleCommand({ Name: 'none' }))).rejects.toThrow('does not exist');
    expect(calls).toEqual([
      {
        caller: 'key',
        action: 'events:PutEvents',
        resources: ['arn:aws:events:us-east-1:000000000000:event-bus/ledger'],
        context: {},
      },
      { caller: 'key', action: 'events:DescribeRule', resources: ['*'], context: {} },
    ]);
  });

  it('describes a rule of a bus, and no other', async () => {
    const { server, client } = await startEvents();
    const arn = 'arn:aws:events:us-east-1:000000000000:rule/ledger/orders';
    const rule = { logicalId: 'Rule', arn, bus: 'ledger', enabled: true, pattern: { source: ['a'] }, targets: [] };
    server.setRules([rule, { ...rule, arn: arn.replace('ledger/orders', 'off'), bus: 'default', enabled: false }]);
    const described = (Name: string, EventBusName?: string) =>
      client.send(new DescribeRuleCommand({ Name, EventBusName }));
    const busArn = 'arn:aws:events:us-east-1:000000000000:event-bus/ledger';
    for (const bus of ['ledger', busArn]) {
      expect(await described('orders', bus)).toMatchObject({
        Arn: arn,
        State: 'ENABLED',
        EventPattern: '{"source":["a"]}',
      });
    }
    expect(await described('off')).toMatchObject({ State: 'DISABLED' });
    for (const [name = '', bus] of [['orders'], ['off', 'ledger'], ['ders', 'ledger']])
      await expect(described(name, bus)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('tests a pattern with an event, of which it expects the fields that EventBridge expects', async () => {
    const { client } = await startEvents();
    const event = {
      id: '1',
      account: '000000000000',
      source: 'upload-ledger',
      time: '2026-11-30T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      'detail-type': 'UploadRecorded',
    };
    const tested = (pattern: object, Event: object = event) =>
      client.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(Event) }));
    expect(await tested({ source: ['upload-ledger'] })).toMatchObject({ Result: true });
    expect(await tested({ source: ['other'] })).toMatchObject({ Result: false });
    await expect(tested({ source: 'text' })).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
    for (const field of Object.keys(event))
      await expect(tested({}, { ...event, [field]: undefined })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each(['DescribeRule', 'TestEventPattern'])(
    'answers a body of %s that is none with an error',
    async (operation) => {
      const { server } = await startEvents();
      const headers = { 'x-amz-target': `AWSEvents.${operation}` };
      for (const body of ['{', 'null', '{}']) {
        const answer = await fetch(server.endpoint, { method: 'POST', headers, body });
        expect([answer.status, await answer.json()]).toMatchObject([400, { __type: 'ValidationException' }]);
      }
    },
  );

  it('says what it does not implement', async () => {
    const { server } = await startEvents();
    const headers = { 'x-amz-target': 'AWSEvents.ListRules' };
    const answer = await fetch(server.endpoint, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });

  it('takes nothing of a page of another site', async () => {
    const { server, taken } = await startEvents();
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents', origin: 'https://evil.example' };
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify({ Entries: [entry()] }),
    });
    expect(answer.status).toBe(403);
    expect(taken).toEqual([]);
  });
});
