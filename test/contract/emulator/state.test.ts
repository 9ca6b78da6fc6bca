import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { expect, it } from 'vitest'
import { startEmulator } from '../../../localstack/emulator/emulator.ts'
import { ensureVirtualEnvironment } from '../../../localstack/emulator/virtual-environment.ts'
import { freePort } from '../../../localstack/process/ports.ts'
import { deployStack, emulatorClientOptions, functionResource } from '../../helpers/emulator-stack.ts'
import { createInbox } from '../../helpers/inbox.ts'

/** An emulator that keeps its state, on a port of its own. */
async function keptEmulator() {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-state-'))
  // As the one of this project, in whose folder a local cloud keeps its state.
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  const [python, port] = [await ensureVirtualEnvironment(), await freePort()]
  return {
    start: () =>
      startEmulator({ python, port, region: 'us-east-1', stateDir: join(directory, 'state'), logFile: join(directory, 'log') }),
    files: () => readdir(directory),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const STARTS_TWICE = { timeout: 120_000 }

it('the emulator has its functions and its messages again after a restart, and leaves nothing else', STARTS_TWICE, async () => {
  const { start, files, remove } = await keptEmulator()
  try {
    const first = await start()
    const resources = { Function: functionResource(`exports.handler = async () => 'again'`), Queue: { Type: 'AWS::SQS::Queue' } }
    const outputs = await deployStack(first.url, resources, { FunctionName: { Ref: 'Function' }, QueueUrl: { Ref: 'Queue' } })
    const sqs = new SQSClient(emulatorClientOptions(first.url))
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs.QueueUrl, MessageBody: 'kept' }))
    await first.stop()

    const second = await start()
    const lambda = new LambdaClient(emulatorClientOptions(second.url))
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: outputs.FunctionName }))
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: outputs.QueueUrl, WaitTimeSeconds: 5 }))
    const asItRan = await files()
    await second.stop()

    expect({ asItRan: asItRan.sort(), afterwards: (await files()).sort() }).toEqual({
      asItRan: ['log', 'log.tmp', 'package.json', 'state'],
      afterwards: ['log', 'package.json', 'state'],
    })
    expect(Buffer.from(Payload ?? []).toString()).toBe('"again"')
    expect(Messages.map(({ Body }) => Body)).toEqual(['kept'])
  } finally {
    await remove()
  }
})

it('the emulator tells functions of changes after a restart, from the first one on', STARTS_TWICE, async () => {
  const { start, remove } = await keptEmulator()
  const told = createInbox<string>()
  const server = createServer(async (request, response) => {
    for (const record of ((await json(request)) as DynamoDBStreamEvent).Records) told.put(record.dynamodb?.Keys?.pk?.S ?? '')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tell = `exports.handler = async (event) => { await fetch('${url}', { method: 'POST', body: JSON.stringify(event) }) }`
  try {
    const first = await start()
    const { TableName } = await deployStack(first.url, changesTo(tell), { TableName: { Ref: 'Table' } })
    const put = async (endpoint: string, pk: string) =>
      new DynamoDBClient(emulatorClientOptions(endpoint)).send(new PutItemCommand({ TableName, Item: { pk: { S: pk } } }))
    const before: string[] = []
    // The second one comes when the first is behind the function.
    for (const pk of ['one', 'two']) {
      await put(first.url, pk)
      before.push(await told.take())
    }
    await first.stop()

    const second = await start()
    await put(second.url, 'after')
    const after = await told.take()
    await second.stop()

    expect([...before, after]).toEqual(['one', 'two', 'after'])
  } finally {
    server.close()
    await remove()
  }
})

/** A table, and a function that is told of its changes. */
const changesTo = (code: string) => ({
  Function: functionResource(code),
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      FunctionName: { Ref: 'Function' },
      StartingPosition: 'TRIM_HORIZON',
    },
  },
})
