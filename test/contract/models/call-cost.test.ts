import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cachedAgentStore } from '#shared/agents/cached-agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { AnswerMemory } from '#shared/executions/answer-memory.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoApprovalStore } from '#shared/executions/dynamo-approval-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { dynamoModelProviders } from '#shared/models/dynamo-model-providers.ts'
import { dynamoModelSettings } from '#shared/models/dynamo-model-settings.ts'
import { newId } from '#shared/platform/ids.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { lazyMemory } from '../../../functions/lazy-memory.ts'
import { startScriptedLlm } from '../../../localstack/scripted-llm/server.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { anAgent } from '../../helpers/executions.ts'
import { workerScene } from '../../helpers/worker.ts'

/** Calls of DynamoDB; a transaction is one. */
type Cost = { reads: number; writes: number }

type Costs = Record<'cold' | 'warm' | 'inSeconds' | 'inMinutes', Cost>

const LLM = { provider: 'openai', service: 'cost', model: 'gpt-4o-mini' } as const
const RETENTION = { retentionDays: 30 }
const TOOLS = ['one', 'two', 'three'].map((name) => ({
  ...{ type: 'lambda' as const, name, description: name, function: name, parameters: { type: 'object', properties: {} } },
}))

const AT_ONCE = 'call one, call two, call three at once'
const HOUR_MS = 3_600_000
const NOTHING: Cost = { reads: 0, writes: 0 }

/** Answers are one word long: a second one would wait for the window of the writer, and a busy machine would make a write of it. */
const oneWord: LlmScript = async function* () {
  yield { type: 'text', text: 'Yes.' }
  yield { type: 'usage', inputTokens: 5, outputTokens: 1 }
  yield { type: 'stop', reason: 'end' }
}

type Case = {
  agent?: Partial<LlmAgent>
  record?: Partial<ExecutionRecord>
  content?: string
  withBudget?: boolean
  /** Without: words that come from nowhere. @default true */
  withModel?: boolean
}

const beyond = (one: Cost, plain: Cost): Cost => ({ reads: one.reads - plain.reads, writes: one.writes - plain.writes })

const [backend] = dynamoBackends()

describe('what a call of a model costs', () => {
  let model: Awaited<ReturnType<typeof startScriptedLlm>>
  beforeAll(async () => {
    model = await startScriptedLlm({ port: 0, switches: { rate: 0, tokens: 1 } })
  })
  afterAll(() => model.close())

  it.each<[string, Case, { cold: Cost; warm: Cost }]>([
    ['a direct answer', {}, { cold: { reads: 4, writes: 2 }, warm: NOTHING }],
    ['a budget', { withBudget: true }, { cold: { reads: 4, writes: 4 }, warm: { reads: 0, writes: 2 } }],
    [
      'a cache, asked the same again',
      { agent: { llm: { ...LLM, cache: { ttlSeconds: 60 } } } },
      { cold: { reads: 5, writes: 3 }, warm: { reads: 1, writes: 0 } },
    ],
    [
      'a conversation',
      { record: { conversationId: 'holidays' } },
      { cold: { reads: 7, writes: 4 }, warm: { reads: 3, writes: 2 } },
    ],
    [
      'react with three tools at once',
      { agent: { tools: TOOLS } },
      { cold: { reads: 6, writes: 6 }, warm: { reads: 2, writes: 4 } },
    ],
    [
      'react with three tools, one after the other',
      { agent: { tools: TOOLS }, content: 'call one, call two, call three' },
      { cold: { reads: 12, writes: 16 }, warm: { reads: 8, writes: 14 } },
    ],
  ])('costs beyond the model: %s', async (_name, asked, expected) => {
    const plain = await costs({ withModel: false })
    const { cold, warm } = await costs(asked)

    expect({ cold: beyond(cold, plain.cold), warm: beyond(warm, plain.warm) }).toEqual(expected)
  })

  it('costs a warm container a look at the keys and the breaker in five seconds, and one at the tenant in a minute', async () => {
    const plain = await costs({ withModel: false })
    const { inSeconds, inMinutes } = await costs({})

    expect(beyond(inSeconds, plain.inSeconds)).toEqual({ reads: 2, writes: 0 })
    expect(beyond(inMinutes, plain.inMinutes)).toEqual({ reads: 4, writes: 1 })
  })

  /** The least of three containers: while an execution lasts, its worker looks at its stream now and then, and a busy machine makes it last. */
  async function costs(asked: Case): Promise<Costs> {
    const tries = [await costsOfContainer(asked), await costsOfContainer(asked), await costsOfContainer(asked)]
    const least = (moment: keyof Costs): Cost => ({
      reads: Math.min(...tries.map((one) => one[moment].reads)),
      writes: Math.min(...tries.map((one) => one[moment].writes)),
    })
    return { cold: least('cold'), warm: least('warm'), inSeconds: least('inSeconds'), inMinutes: least('inMinutes') }
  }

  /** What executions of one container cost: the first, the one right behind it, one some seconds and one a minute later. */
  async function costsOfContainer({
    agent,
    record,
    content = AT_ONCE,
    withBudget = false,
    withModel = true,
  }: Case): Promise<Costs> {
    const { connect, tables } = backend as DynamoBackend
    const { client, taken } = countingClient(connect())
    const tenant = `t-${newId()}`
    const scene = await workerScene(anAgent({ llm: LLM, ...agent }), {
      tenant,
      stores: (clock) => ({
        log: dynamoStreamLog(client, tables.streams),
        executions: dynamoExecutionStore(client, tables, RETENTION),
        agents: cachedAgentStore(dynamoAgentStore(client, tables.registry), clock),
        admission: dynamoAdmissionStore(client, tables),
        subscriptions: dynamoSubscriptionStore(client, tables.streams),
        approvals: async () => dynamoApprovalStore(client, tables.executions, RETENTION),
      }),
    })
    // What calls took is noted by the hour: all of this happens in one.
    scene.later(HOUR_MS - (scene.clock.now() % HOUR_MS))
    if (withBudget) {
      const budget = { budgetId: 'b', scope: {}, period: 'day', warnAtPercent: 80, action: 'stop', limitMicroUsd: 1e9 } as const
      await dynamoModelSettings(client, tables).budgetDefinitions.put(tenant, 'b', budget)
    }
    const providers = withModel
      ? dynamoModelProviders({
          ...{ client, registryTable: tables.registry, streamsTable: tables.streams },
          secrets: memorySecretStore({ 'sluice-test-cost-secret': JSON.stringify({ apiKey: newId(), baseUrl: model.url }) }),
          platform: 'sluice-test',
          ...{ modelHosts: [], stageModel: {}, clock: scene.clock, log: scene.logger },
        })
      : memoryLlmProviders(oneWord)
    const config = { EXECUTIONS_TABLE: tables.executions, CONVERSATION_RETENTION_DAYS: 30, ARTIFACTS_BUCKET: 'none' }
    const memory: AnswerMemory = lazyMemory(client, config, { ...scene.dependencies, providers })
    const answerer = llmAnswerer({
      ...{ providers, memory, agents: scene.agents },
      toolboxes: toolboxes({
        callFunction: async () => ({ result: 'done' }),
        askAgent: () => Promise.reject(new Error('nobody is asked')),
        leaveAgent: () => Promise.reject(new Error('nobody was asked')),
        secretFor: () => Promise.reject(new Error('no secret is needed')),
        oauthClientFor: () => Promise.reject(new Error('no secret is needed')),
        conversations: memoryConversationStore(),
        notes: memoryNoteStore(),
        ...{ allowPrivate: false, clock: scene.clock, logger: scene.logger },
      }),
    })
    const costOfOne = async (): Promise<Cost> => {
      const submitted = await scene.submit({ input: { content }, source: '/p/ada', ...record })
      taken()
      expect(await scene.work(answerer, submitted)).toBe('ended')
      const cost = taken()
      expect((await scene.stored(submitted)).status).toBe('completed')
      return cost
    }
    const [cold, warm] = [await costOfOne(), await costOfOne()]
    scene.later(6_000)
    const inSeconds = await costOfOne()
    scene.later(61_000)
    return { cold, warm, inSeconds, inMinutes: await costOfOne() }
  }
})

/** A client that counts; `taken` tells what it did since it was asked last. */
function countingClient(client: DynamoDBDocumentClient) {
  let cost: Cost = { reads: 0, writes: 0 }
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        cost[/^(Get|Query|BatchGet|TransactGet)/.test(commandName) ? 'reads' : 'writes'] += 1
        return next(args)
      },
    { step: 'initialize', name: 'count' },
  )
  const taken = (): Cost => {
    const before = cost
    cost = { reads: 0, writes: 0 }
    return before
  }
  return { client, taken }
}
