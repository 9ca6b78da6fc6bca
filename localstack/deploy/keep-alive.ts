import * as z from 'zod'
import { OUTPUT } from '#shared/platform/names.ts'
import { KEEP_ALIVE_ID, KEEP_ALIVE_PONG } from '#shared/protocol/keep-alive.ts'
import { LocalCloudError } from '../local-cloud-error.ts'
import type { Target } from './cdk.ts'
import { type Outputs, output } from './outputs.ts'

/** An emulator answers at once, unless it is starting functions on a busy machine. */
const TIMEOUT_MS = 60_000

const routesSchema = z.object({ items: z.array(z.object({ routeKey: z.string(), target: z.string() })) })
const responsesSchema = z.object({ items: z.array(z.object({ integrationResponseId: z.string() })) })

/**
 * Tells the emulator what to answer to the ping that keeps a connection open: the template of the app says it, in a resource that the
 * emulator's CloudFormation does not know. Repeatable.
 */
export async function answerKeepAlive(outputs: Outputs, { endpointUrl }: Pick<Target, 'endpointUrl'>): Promise<void> {
  const api = `${endpointUrl}/v2/apis/${output(outputs, OUTPUT.socketApiId)}`
  const { items } = routesSchema.parse(await call('GET', `${api}/routes`))
  const target = items.find(({ routeKey }) => routeKey === KEEP_ALIVE_ID)?.target
  if (target === undefined) throw new LocalCloudError('the socket has no route for pings', 'begin anew: npm start -- --reset')
  const responses = `${api}/${target}/integrationresponses`
  const [known] = responsesSchema.parse(await call('GET', responses)).items
  const response = {
    integrationResponseKey: '$default',
    responseTemplates: { $default: JSON.stringify(KEEP_ALIVE_PONG) },
  }
  if (known) await call('PATCH', `${responses}/${known.integrationResponseId}`, response)
  else await call('POST', responses, response)
}

async function call(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body && { body: JSON.stringify(body) }),
  })
  if (response.ok) return response.json()
  throw new LocalCloudError(`the emulator answered ${response.status} to ${method} ${url}`, 'begin anew: npm start -- --reset')
}
