import { EventStreamCodec } from '@smithy/eventstream-codec'
import * as z from 'zod'
import { fixture } from './fixture.ts'
import type { CellReply } from './provider-under-test.ts'

/** A frame: an event or an exception with its payload; a payload that is a text goes out as it is, JSON or not. */
const framesSchema = z.array(
  z.object({ event: z.string().optional(), exception: z.string().optional(), payload: z.union([z.string(), z.json()]) }),
)

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes instanceof Uint8Array ? bytes : String(bytes)).toString(),
  (text) => Buffer.from(text),
)

const header = (value: string) => ({ type: 'string' as const, value })

/** The binary event stream that a fixture `bedrock-<name>.frames.json` spells, as the service encodes it. */
export function bedrockFrames(name: string): Uint8Array {
  const frames = framesSchema.parse(JSON.parse(Buffer.from(fixture(`bedrock-${name}.frames.json`)).toString()))
  return Buffer.concat(
    frames.map(({ event, exception, payload }) =>
      codec.encode({
        headers: {
          ...(event !== undefined && { ':event-type': header(event) }),
          ...(exception !== undefined && { ':exception-type': header(exception) }),
          ':content-type': header('application/json'),
          ':message-type': header(exception === undefined ? 'event' : 'exception'),
        },
        body: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      }),
    ),
  )
}

export const BEDROCK_REQUEST_ID = '7b2f5c1e-1d0a-4a57-8f3e-2c9d1e6b7a01'

/** A streamed answer of Bedrock. */
export const bedrockStream = (name: string): CellReply => ({
  headers: { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': BEDROCK_REQUEST_ID },
  body: bedrockFrames(name),
})
