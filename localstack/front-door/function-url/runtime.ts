import type { Context, LambdaFunctionURLEvent } from 'aws-lambda'
import type { ResponseMetadata, ResponseStream } from './response-stream.ts'

export type StreamingHandler = (
  event: LambdaFunctionURLEvent,
  responseStream: ResponseStream,
  context: Context,
) => Promise<unknown>

const STREAMING = Symbol('streaming handler')

/**
 * Puts the global `awslambda` of Lambda's Node runtime in place.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export function installRuntime(): void {
  const awslambda = {
    streamifyResponse: (handler: StreamingHandler) => Object.assign(handler, { [STREAMING]: true }),
    HttpResponseStream: {
      from(stream: ResponseStream, metadata: ResponseMetadata): ResponseStream {
        stream.setMetadata(metadata)
        return stream
      },
    },
  }
  Object.assign(globalThis, { awslambda })
}

/**
 * Loads the handler of a bundle; {@link installRuntime} comes first.
 *
 * @throws TypeError when the bundle has no streaming handler
 */
export async function loadHandler(file: string): Promise<StreamingHandler> {
  const { handler }: { handler?: StreamingHandler } = await import(file)
  if (typeof handler !== 'function' || !(STREAMING in handler)) throw new TypeError(`${file} does not export a streaming handler`)
  return handler
}
