import { deepStrictEqual } from 'node:assert/strict'
import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from '#shared/llm/llm-timeouts.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import type { ReplayServer } from '../helpers/replay-server.ts'
import { type Delivery, deliveriesOf, type Splits } from './deliveries.ts'
import type { ExpectedError, ProviderUnderTest, ReplayedCell, SentRequest } from './provider-under-test.ts'
import { REQUESTS, type Scenario } from './scenarios.ts'

export type Verdict = {
  provider: string
  scenario: Scenario
  outcome: 'passed' | 'failed' | 'inapplicable'
  /** Why it does not apply, or what was not as expected. */
  reason?: string
  /** In how many ways the answer was delivered. */
  deliveries: number
  /** Whether it came from a server, as a vendor's does. */
  wire: boolean
}

/** Silence that no cell but one waits for. */
const PATIENT: LlmTimeouts = { ...LLM_TIMEOUTS, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 20_000 }
/** Long enough for the question to arrive, also on a busy machine. */
const IMPATIENT: LlmTimeouts = { ...PATIENT, firstTokenMs: 500 }
const CLOSE_LIMIT_MS = 5_000

/** Asks one provider in one scenario, once for each way in which the answer may arrive. */
export async function runCell(
  provider: ProviderUnderTest,
  scenario: Scenario,
  server: ReplayServer,
  splits: Splits,
): Promise<Verdict> {
  const cell = provider.cells[scenario]
  const verdict = { provider: provider.name, scenario, wire: 'reply' in cell && cell.reply !== undefined }
  if ('inapplicable' in cell) return { ...verdict, outcome: 'inapplicable', reason: cell.inapplicable, deliveries: 0 }

  const timeouts = scenario === 'slow-first-token' ? IMPATIENT : PATIENT
  const llm = provider.open({ rootUrl: server.rootUrl, timeouts })
  const request: LlmRequest = { model: provider.model ?? 'answer', ...REQUESTS[scenario], ...cell.request }
  const deliveries = cell.reply ? deliveriesOf(cell.reply.body, splits) : [{ name: 'in process', chunks: [] }]
  for (const [position, delivery] of deliveries.entries()) {
    const reason = await faultOf(() => play({ cell, llm, request, server, delivery }))
    if (reason !== undefined) {
      return { ...verdict, outcome: 'failed', reason: `${delivery.name}: ${reason}`, deliveries: position + 1 }
    }
  }
  return { ...verdict, outcome: 'passed', deliveries: deliveries.length }
}

async function faultOf(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type Play = { cell: ReplayedCell; llm: LlmProvider; request: LlmRequest; server: ReplayServer; delivery: Delivery }

async function play({ cell, llm, request, server, delivery }: Play): Promise<void> {
  const { status, headers, ending } = cell.reply ?? {}
  // A client drops what it has not read when its connection breaks: the line is cut when it has read all.
  const cuts = ending === 'cut'
  server.reply({
    chunks: delivery.chunks,
    ...(status !== undefined && { status }),
    ...(headers && { headers }),
    ...(ending && { ending: cuts ? 'silence' : ending }),
  })
  const before = server.requests.length
  const events: LlmEvent[] = []
  let failure: unknown
  try {
    for await (const event of llm.stream(request, new AbortController().signal)) {
      events.push(event)
      if (cuts && events.length === cell.events.length) server.cut()
    }
  } catch (error) {
    failure = error
  }

  deepStrictEqual({ events: withNumberedIds(events), error: errorFields(failure, cell.error) }, outcomeOf(cell))
  if (!cell.reply) return
  deepStrictEqual(server.requests.length - before, 1, 'the SDK asked more than once')
  if (cell.sent) checkSent(server, cell.sent)
  if (ending === 'silence') await closedInTime(server)
}

const outcomeOf = ({ events, error }: ReplayedCell) => ({ events, error: error && { name: 'ProviderError', ...error } })

/** The fields that are compared; undefined ones are left out, so that an expectation need not list them. */
function errorFields(error: unknown, expected: ExpectedError | undefined): object | undefined {
  if (error === undefined) return undefined
  if (!(error instanceof ProviderError)) throw error
  const { name, code, retryable, provider, providerStatus, providerRequestId, retryAfterSeconds, message } = error
  const fields = { name, code, retryable, provider, providerStatus, providerRequestId, retryAfterSeconds }
  const all = { ...fields, ...(expected?.message !== undefined && { message }) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Ids that are ours are new each time. */
function withNumberedIds(events: LlmEvent[]): LlmEvent[] {
  let number = 0
  return events.map((event) => {
    if (event.type !== 'tool_call' || !/^call_[0-9a-f-]{36}$/.test(event.call.callId)) return event
    number += 1
    return { ...event, call: { ...event.call, callId: `call_#${number}` } }
  })
}

function checkSent(server: ReplayServer, expected: SentRequest): void {
  const request = server.requests.at(-1)
  const names = Object.keys(expected.headers ?? {})
  const headers = Object.fromEntries(names.map((name) => [name, request?.headers[name]]))
  deepStrictEqual(
    { method: request?.method, path: request?.path, headers, body: request?.body },
    { method: 'POST', headers: {}, ...expected },
  )
}

/** Who gives up leaves the connection. */
async function closedInTime(server: ReplayServer): Promise<void> {
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('the connection was kept open')), CLOSE_LIMIT_MS).unref()
  })
  await Promise.race([server.closed(), limit])
}
