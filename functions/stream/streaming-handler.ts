import type { Writable } from 'node:stream'
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda'

/** Head of a streamed answer. */
export type ResponseHead = { statusCode: number; headers: Record<string, string> }

/** Puts the head before an answer, and returns what the body is written to. Lambda's is `awslambda.HttpResponseStream.from`. */
export type StartResponse = (response: Writable, head: ResponseHead) => Writable

/**
 * A function that streams its answer, for `awslambda.streamifyResponse`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export type StreamingHandler = (
  event: LambdaFunctionURLEvent,
  response: Writable,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis' | 'invokedFunctionArn'>,
) => Promise<void>
