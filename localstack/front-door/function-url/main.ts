/**
 * Process that serves one streaming function over HTTP, as its function URL would. The front door starts it with the deployed
 * function's environment, and learns its port by a message.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Context } from 'aws-lambda'
import { toSluiceError } from '#shared/platform/errors.ts'
import { sendProblem } from '../problem.ts'
import { functionUrlEvent } from './event.ts'
import { ResponseStream } from './response-stream.ts'
import { installRuntime, loadHandler } from './runtime.ts'

const [file = '', functionName = '', timeoutSeconds = '900'] = process.argv.slice(2)
const timeoutMs = Number(timeoutSeconds) * 1_000

installRuntime()
const handler = await loadHandler(file)

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const stream = new ResponseStream(response)
  stream.on('error', () => response.destroy())
  const deadline = setTimeout(() => stream.destroy(), timeoutMs)
  try {
    const event = functionUrlEvent(request, await buffer(request), Date.now())
    await handler(event, stream, invocationContext(event.requestContext.requestId))
    if (!stream.writableEnded) stream.end()
  } catch (error) {
    console.error(error)
    sendProblem(response, toSluiceError(error))
  } finally {
    clearTimeout(deadline)
  }
}

function invocationContext(awsRequestId: string): Context {
  const end = Date.now() + timeoutMs
  return {
    awsRequestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: randomUUID(),
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  }
}

const server = createServer((request, response) => void serve(request, response))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = server.address() as AddressInfo
process.send?.({ port: address.port })
// The front door is gone: nobody can ask any more.
process.once('disconnect', () => process.exit())
