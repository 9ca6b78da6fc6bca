import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ExecutionAccepted } from '#shared/protocol/execution.ts'
import type { ExecutionEvent, StreamEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import type { Defect } from './defects.ts'
import { Log } from './log.ts'

export class Refused extends Error {
  readonly code: ErrorCode
  readonly path: string | undefined

  constructor(code: ErrorCode, detail = code as string, path?: string) {
    super(detail)
    this.code = code
    this.path = path
  }
}

export type Run = {
  executionId: string
  log: Log
  status: 'running' | 'completed' | 'cancelled'
  text: string
  stop: AbortController
}

const AGENT = 'assistant'
const TICK_MS = 4
/** Is answered for about a second. */
export const LONG_QUESTION = 'And then?'
const TIME = '2026-11-21T09:30:00.000Z'
const WORDS = ['A lock ', 'lifts ', 'boats ', 'on ', 'wätér ', 'slowly.']

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What the model of a front door holds: one agent, its executions, topics, and who may come in. */
export function modelWorld(defects: ReadonlySet<Defect>) {
  const runs = new Map<string, Run>()
  const topics = new Map<string, Log>()
  const facts = new Log()
  const keys = new Map<string, { body: string; executionId: string }>()
  const messages = new Set<string>()
  const tickets = new Map<string, string | undefined>()
  const listeners = new Set<(data: unknown) => void>()
  let issued = 0

  function emit(run: Run, body: StreamEventBody): void {
    const place = { executionId: run.executionId, agentId: AGENT, attempt: 1, sequence: run.log.events.length, time: TIME }
    run.log.append({ ...place, ...body } as ExecutionEvent)
  }

  function proof(run: Run) {
    const events = run.log.events.length + (defects.has('a wrong count') ? 2 : 1)
    return { events, sha256: sha256(defects.has('a wrong hash') ? `${run.text}!` : run.text) }
  }

  /** @param times - how often it says its words */
  async function play(run: Run, times: number): Promise<void> {
    tell(run.executionId, 'execution.started')
    emit(run, { type: 'started', data: { provider: 'model', model: 'model-1' } })
    emit(run, { type: 'content_chunk', data: { text: 'taken back' } })
    emit(run, {
      type: 'retrying',
      data: { code: 'provider_error', detail: '', attempt: 2, resumeFrom: 0, delayMs: 0 },
    })
    for (const text of Array.from({ length: times }, () => WORDS).flat()) {
      await pause(TICK_MS)
      if (run.stop.signal.aborted) break
      run.text += text
      emit(run, { type: 'content_chunk', data: { text } })
    }
    emit(run, { type: 'usage', data: { inputTokens: 1, outputTokens: WORDS.length } })
    const cancelled = run.stop.signal.aborted
    run.status = cancelled ? 'cancelled' : 'completed'
    if (cancelled) emit(run, { type: 'cancelled', data: { code: 'cancelled', detail: '', ...proof(run) } })
    else emit(run, { type: 'completed', data: { stopReason: 'end', ...proof(run) } })
    if (defects.has('two terminal events')) emit(run, { type: 'completed', data: { stopReason: 'end', ...proof(run) } })
    tell(run.executionId, 'execution.completed')
  }

  function tell(executionId: string, type: 'execution.started' | 'execution.completed'): void {
    if (defects.has('no facts')) return
    const data = {
      specversion: '1.0',
      id: randomUUID(),
      type,
      source: '/',
      time: TIME,
      data: { executionId },
    } as const
    facts.append({ type: 'lifecycle', sequence: facts.events.length, time: TIME, data })
  }

  return {
    facts,
    /** Everybody who hears broadcasts. */
    listeners,

    broadcast(data: unknown): void {
      for (const hear of listeners) hear(data)
    },

    start(body: { agentId: string; input: unknown }, key?: string): Run {
      if (body.agentId !== AGENT && !defects.has('anything exists')) throw new Refused('not_found')
      const text = JSON.stringify(body)
      const known = key === undefined || defects.has('every request is new') ? undefined : keys.get(key)
      if (known && known.body !== text && !defects.has('conflicts pass')) throw new Refused('conflict')
      if (known) return this.find(known.executionId)
      const run: Run = { executionId: randomUUID(), log: new Log(), status: 'running', text: '', stop: new AbortController() }
      runs.set(run.executionId, run)
      if (key !== undefined) keys.set(key, { body: text, executionId: run.executionId })
      void play(run, text.includes(LONG_QUESTION) ? 40 : 1)
      return run
    },

    find(executionId: string): Run {
      const run =
        runs.get(executionId) ?? (defects.has('anything exists') ? this.start({ agentId: AGENT, input: '' }) : undefined)
      if (!run) throw new Refused('not_found')
      return run
    },

    cancel(executionId: string): Run {
      const run = this.find(executionId)
      if (!defects.has('cancel does nothing')) run.stop.abort()
      return run
    },

    topic(name: string): Log {
      const log = topics.get(name) ?? new Log()
      topics.set(name, log)
      return log
    },

    publish(topic: string, { id = randomUUID(), type = 'message', data }: { id?: string; type?: string; data: never }): string {
      if (messages.has(`${topic} ${id}`) && !defects.has('messages come twice')) return id
      messages.add(`${topic} ${id}`)
      const log = this.topic(topic)
      const sequence = log.events.length + (defects.has('topics have other numbers') ? 1 : 0)
      const envelope = { specversion: '1.0', id, type, source: 'model', time: TIME, topic, data } as const
      log.append({ type: 'message', sequence, time: TIME, data: envelope })
      return id
    },

    issue(): string {
      const ticket = `${++issued}`.padStart(43, 't')
      tickets.set(ticket, undefined)
      return ticket
    },

    /** @param path - the one path of a stream that a ticket opens again; a socket has none */
    redeem(ticket: string, path?: string): void {
      if (defects.has('everybody gets in')) return
      if (!tickets.has(ticket)) throw new Refused('unauthorized')
      const bound = tickets.get(ticket)
      const reused = path !== undefined && bound === path
      const open = defects.has(path === undefined ? 'tickets opened twice' : 'streams open twice anywhere')
      if (bound !== undefined && !reused && !open) throw new Refused('unauthorized')
      tickets.set(ticket, path ?? 'socket')
    },
  }
}

export type ModelWorld = ReturnType<typeof modelWorld>

export const accepted = ({ executionId, status }: Run): ExecutionAccepted => ({
  executionId,
  status,
  links: { self: '/', events: '/', stream: '/', socket: '/' },
})

/** Runs of chunks as one event each. */
export function packed(events: readonly StreamEvent[], defects: ReadonlySet<Defect>): StreamEvent[] {
  const result: StreamEvent[] = []
  for (const event of events) {
    const last = result.at(-1)
    if (last?.type === 'content_chunk' && event.type === 'content_chunk') {
      const text = defects.has('packed text is lost') ? event.data.text : last.data.text + event.data.text
      result[result.length - 1] = { ...event, from: last.from ?? last.sequence, data: { text } }
    } else result.push(event)
  }
  return defects.has('nothing is packed') ? [...events] : result
}
