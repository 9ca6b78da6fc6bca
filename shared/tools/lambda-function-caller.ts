import { InvokeCommand, type InvokeCommandOutput, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { lazy } from '#shared/platform/lazy.ts'
import { toolFunctionName } from '#shared/platform/names.ts'
import type { FunctionCaller } from './function-caller.ts'

/** Errors of Lambda for a lack of capacity. Source: API reference of Invoke. */
const BUSY = new Set(['TooManyRequestsException', 'EC2ThrottledException', 'ResourceNotReadyException'])
/** IAM allows the functions of this stage only, and answers for all others with AccessDenied. */
const UNKNOWN = new Set(['ResourceNotFoundException', 'AccessDeniedException'])

const answerSchema = z.union([
  z.object({ result: z.json() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])

/**
 * Calls functions of this deployment, each once: the SDK's own retries are off, since a call without an answer may have been made.
 *
 * @param platform - prefix of the functions' names
 * @param config - of the client, beyond what is usual
 */
export function lambdaFunctionCaller(platform: string, config: LambdaClientConfig = {}): FunctionCaller {
  // No timeout here: the signal ends calls when the time of their tool is up.
  const requestHandler = { ...AWS_CLIENT_CONFIG.requestHandler, requestTimeout: 0 }
  const client = lazy(async () => new LambdaClient({ maxAttempts: 1, requestHandler, ...config }))
  return async (name, call, signal) => {
    const command = new InvokeCommand({ FunctionName: toolFunctionName(platform, name), Payload: JSON.stringify(call) })
    try {
      return answerOf(name, await (await client()).send(command, { abortSignal: signal }))
    } catch (error) {
      signal.throwIfAborted()
      throw fromLambdaError(name, error)
    }
  }
}

function answerOf(name: string, { FunctionError, Payload }: InvokeCommandOutput) {
  // The payload is dropped: it contains file names and the stack.
  if (FunctionError !== undefined) throw new SluiceError('provider_error', `the function "${name}" broke down`)
  const answer = answerSchema.safeParse(jsonOrUndefined(Payload?.transformToString() ?? ''))
  if (answer.success) return answer.data
  throw new SluiceError('provider_error', `the function "${name}" answered something else than a tool does`, { retryable: false })
}

function fromLambdaError(name: string, error: unknown): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error
  if (UNKNOWN.has(error.name)) return new SluiceError('not_found', `this stage has no function "${name}"`, { cause: error })
  if (BUSY.has(error.name)) return new SluiceError('rate_limit', `the function "${name}" is busy`, { cause: error })
  return new SluiceError('network_error', `the function "${name}" cannot be reached`, { cause: error })
}
