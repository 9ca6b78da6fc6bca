import { PassThrough, Readable } from 'node:stream'
import type { ExecutionEvent, StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import type { CliClient } from '../../cli/connect.ts'
import type { CliContext } from '../../cli/context.ts'
import { type CliEnvironment, readEnvironment } from '../../cli/environment.ts'
import { createOutput } from '../../cli/output.ts'
import type { KeyVault } from '../../cli/provider-keys/key-vault.ts'
import { createChannelStream } from '../../web/client/channel-stream.ts'
import { createExecutionStream, type ExecutionStream } from '../../web/client/execution-stream.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import type { ChannelOptions, TopicStream } from '../../web/client/index.ts'
import { NO_STATS } from '../../web/client/stream-status.ts'

export interface CapturedContext extends CliContext {
  /** What went to stdout so far. */
  out(): string
  err(): string
  interrupt: AbortController
}

export interface ContextOptions {
  client?: Partial<CliClient>
  /** Answers single calls. */
  http?: HttpCaller
  stdin?: string
  /** The secrets of the stage that is asked for. */
  vault?: (stage: string) => KeyVault
  environment?: Partial<CliEnvironment>
  /** Whether a person sits there; without colours. */
  isTTY?: boolean
}

/** Everything a command touches, with outputs that can be read and a client of the test. */
export function cliContext({
  client = {},
  http = missing,
  stdin = '',
  vault = () => missingVault(),
  environment = {},
  isTTY = false,
}: ContextOptions = {}): CapturedContext {
  const interrupt = new AbortController()
  const [stdout, stderr] = [capture(isTTY), capture(isTTY)]
  return {
    stdin: Readable.from([stdin]),
    stdout: stdout.output,
    stderr: stderr.output,
    environment: { ...readEnvironment({ SLUICE_STATE_DIR: '/nowhere' }), ...environment },
    signal: interrupt.signal,
    connect: async () => fakeClient(client),
    http: async () => http,
    vault: async (stage) => vault(stage),
    out: stdout.text,
    err: stderr.text,
    interrupt,
  }
}

function missingVault(): never {
  throw new Error('this test has no secrets')
}

function capture(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY })
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { output: createOutput(stream, false), text: () => text }
}

const missing = (): never => {
  throw new Error('the command called what the test did not expect')
}

function fakeClient(client: Partial<CliClient>): CliClient {
  return {
    state: 'closed',
    onState: () => () => undefined,
    connection: { state: 'closed', transport: 'none', since: 0, reconnects: 0, onChange: () => () => undefined },
    connect: missing,
    agents: missing,
    agent: missing,
    createAgent: missing,
    patchAgent: missing,
    agentConfiguration: missing,
    agentTemplates: missing,
    agentTemplate: missing,
    putAgentTemplate: missing,
    deleteAgentTemplate: missing,
    changeAgent: missing,
    agentHealth: missing,
    run: missing,
    execution: missing,
    getExecution: missing,
    executions: missing,
    cancelExecution: missing,
    executionResult: missing,
    runBatch: missing,
    batch: missing,
    cancelBatch: missing,
    retryExecution: missing,
    changePriority: missing,
    topic: missing,
    events: missing,
    publish: missing,
    publishBatch: missing,
    send: missing,
    deadLetters: missing,
    deadLetter: missing,
    redrive: missing,
    discard: missing,
    agentMetrics: missing,
    usage: missing,
    overview: missing,
    queues: missing,
    close: () => undefined,
    ...client,
  }
}

const NOTHING_FOLLOWED = { stats: NO_STATS, leave: () => undefined }

/** The client's own stream, with events that are there at once; without a terminal event it stays open. */
export function executionStream(events: readonly ExecutionEvent[], signal?: AbortSignal): ExecutionStream {
  const source = {
    subscribe: (subscriber: { deliver(news: readonly ExecutionEvent[]): void }) => {
      queueMicrotask(() => subscriber.deliver(events))
      return NOTHING_FOLLOWED
    },
    async *readEvents() {
      yield events
    },
    cancel: missing,
  }
  return createExecutionStream('e1', source, signal ? { signal } : {})
}

export function topicStream(topic: string, events: readonly TopicEvent[], options: ChannelOptions = {}): TopicStream {
  const subscribe = (subscriber: { deliver(news: readonly TopicEvent[]): void }) => {
    queueMicrotask(() => subscriber.deliver(events))
    return NOTHING_FOLLOWED
  }
  const isMessage = (event: StreamEvent): event is TopicEvent => event.type === 'message'
  return createChannelStream(`topic:${topic}`, subscribe, isMessage, options)
}
