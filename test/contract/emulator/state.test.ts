import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, it } from 'vitest'
import { startEmulator } from '../../../localstack/emulator/emulator.ts'
import { ensureVirtualEnvironment } from '../../../localstack/emulator/virtual-environment.ts'
import { freePort } from '../../../localstack/process/ports.ts'
import { deployStack, emulatorClientOptions, functionResource } from '../../helpers/emulator-stack.ts'

it('the emulator has its functions and its messages again after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-state-'))
  const [python, port] = [await ensureVirtualEnvironment(), await freePort()]
  const start = () =>
    startEmulator({ python, port, region: 'us-east-1', stateDir: join(directory, 'state'), logFile: join(directory, 'log') })
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
    await second.stop()

    expect(Buffer.from(Payload ?? []).toString()).toBe('"again"')
    expect(Messages.map(({ Body }) => Body)).toEqual(['kept'])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
