import type { IncomingMessage, ServerResponse } from 'node:http'
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { functionUrlEvent } from './function-url/event.ts'

const resultSchema = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()).optional() })

/** Answers `OPTIONS` in the place of the gateway. */
export type Preflight = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Asks the function itself: an HTTP API without a CORS configuration hands `OPTIONS` to the route that takes it, and the emulator's answers 403
 * before it looks for one. Both kinds of event have the payload format 2.0.
 */
export const askFunction =
  (lambda: LambdaClient, functionName: string): Preflight =>
  async (request, response) => {
    const event = functionUrlEvent(request, Buffer.alloc(0), Date.now())
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }))
    const { statusCode, headers } = resultSchema.parse(JSON.parse(Buffer.from(Payload ?? []).toString()))
    response.writeHead(statusCode, headers).end()
  }
