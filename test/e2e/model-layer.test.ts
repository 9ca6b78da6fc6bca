import { afterAll, describe, expect, inject, it } from 'vitest'
import * as z from 'zod'
import { newId } from '#shared/platform/ids.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { type Execution, executionSchema } from '#shared/protocol/execution.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { openSocket, ticketOffer } from '../helpers/raw-socket.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64')
const ORDER = {
  type: 'object',
  properties: { orderId: { type: 'string' } },
  required: ['orderId'],
}
const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

describe('the model layer', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  async function anAgent(settings: Record<string, unknown> = {}): Promise<string> {
    const agentId = `models-${newId()}`
    const body = { agentId, name: 'Models', topics: [], llm: LLM, autoStart: true, ...settings }
    const { status, body: answer } = await cloud.call('POST', '/v1/agents', { body })
    expect(answer).toMatchObject({ agentId })
    expect(status).toBe(201)
    return agentId
  }

  const withTools = () =>
    anAgent({
      tools: [
        { type: 'lambda', name: 'order_status', description: 'Where an order is.', parameters: ORDER, function: 'order-status' },
        { type: 'lambda', name: 'weather', description: 'The weather.', parameters: CITY, function: 'weather' },
        { type: 'mcp', name: 'docs', url: new URL('/mcp', inject('scriptedLlmUrl')).href, allow: ['search_docs', 'word_count'] },
      ],
    })

  const withApproval = () =>
    anAgent({ tools: [{ type: 'builtin', name: 'current_time', approval: 'always' }], memory: { doubleTexting: 'queue' } })

  async function ask(agentId: string, input: unknown, more: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await cloud.call('POST', '/v1/executions', {
      body: { agentId, input: typeof input === 'string' ? { content: input } : input, ...more },
    })
    expect(body).toHaveProperty('executionId')
    expect(status).toBe(202)
    return String(body.executionId)
  }

  const find = async (executionId: string): Promise<Execution> =>
    executionSchema.parse((await cloud.call('GET', `/v1/executions/${executionId}`)).body)

  /** The execution when it has ended, its events, and whether its stream is whole. */
  async function endOf(executionId: string) {
    const { verified } = await client.execution(executionId).done
    expect(verified).toBe(true)
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}/events?after=-1&limit=1000`)
    const events = body.events as ExecutionEvent[]
    const results = events.flatMap((event) => (event.type === 'tool_result' ? [event.data] : []))
    const warnings = events.flatMap(({ type, data }) => (type === 'thinking' && 'status' in data ? [data] : []))
    return { ...(await find(executionId)), results, warnings }
  }

  const approvalOf = (executionId: string): Promise<Approval> =>
    eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/approvals?executionId=${executionId}&status=pending`)
      return (body.approvals as Approval[])[0]
    })

  it('has functions and servers of tools answer the model, side by side', async () => {
    const calls = [
      'call order_status {"orderId":"A-1001"}',
      'call weather {"city":"Oslo"}',
      'call docs_word_count {"text":"one two three"}',
      'call order_status {"orderId":"B-7"}',
    ]

    const { status, results, usage, output } = await endOf(await ask(await withTools(), `At once: ${calls.join(', ')}`))

    expect(status).toBe('completed')
    // The stream has them as they came.
    const inOrder = [...results].sort((one, next) => (one.callId < next.callId ? -1 : 1))
    const said = inOrder.map(({ result, isError = false }) => ({ isError, result }))
    expect(said.map(({ isError }) => isError)).toEqual([false, false, false, true])
    expect(said[0]?.result).toContain('"status":"packed"')
    expect(said[1]?.result).toContain('Oslo')
    expect(said[2]?.result).toContain('3')
    expect(said[3]?.result).toContain('B-7')
    expect(output?.text).toContain('packed')
    expect(usage?.models).toMatchObject([{ provider: 'openai', model: 'scripted-1', calls: 2 }])
  })

  it('waits for a person, who decides over REST or on a socket, and goes on with the same attempt', async () => {
    const agentId = await withApproval()
    const [approved, denied] = [await ask(agentId, 'call current_time'), await ask(agentId, 'call current_time')]
    const [one, other] = [await approvalOf(approved), await approvalOf(denied)]
    await eventually(async () => ((await find(approved)).status === 'waiting_input' ? true : undefined))
    const body = { decision: 'approve' }
    const reader = { caller: { scopes: SCOPES.filter((scope) => scope !== 'approvals:write') } }
    const refused = await cloud.call('POST', `/v1/approvals/${one.approvalId}`, { ...reader, body })
    const foreign = await cloud.call('POST', `/v1/approvals/${one.approvalId}`, { caller: { tenant: 'other' }, body })
    expect([refused.status, foreign.status]).toEqual([403, 404])

    expect((await cloud.call('POST', `/v1/approvals/${one.approvalId}`, { body })).body).toMatchObject({ status: 'approved' })
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket()))
    const payload = { approvalId: other.approvalId, decision: 'deny', reason: 'not today' }
    socket.send({ message_type: 'approval_decision', id: '7', payload })
    await socket.next('approval_decided')

    const [first, second] = [await endOf(approved), await endOf(denied)]
    expect(first).toMatchObject({ status: 'completed', attempt: 1, results: [{ toolName: 'current_time' }] })
    expect(second).toMatchObject({ status: 'completed', attempt: 1, results: [{ isError: true }] })
    expect(second.output?.text).toContain('not today')
    const late = await cloud.call('POST', `/v1/approvals/${one.approvalId}`, { body: { decision: 'deny' } })
    expect(late.body).toMatchObject({ code: 'conflict' })
  })

  it('ends at once when it is cancelled while it waits, and the next question of the conversation is answered', async () => {
    const agentId = await withApproval()
    const conversationId = newId()
    const held = await ask(agentId, 'call current_time', { conversationId })
    const { approvalId } = await approvalOf(held)
    const next = await ask(agentId, 'Are you there?', { conversationId })
    await eventually(async () => ((await find(next)).startedAt ? true : undefined))

    expect((await cloud.call('POST', `/v1/executions/${held}/cancel`)).status).toBe(202)

    expect((await endOf(held)).status).toBe('cancelled')
    // Long before anybody would look by himself.
    expect(await eventually(async () => ((await find(next)).endedAt ? find(next) : undefined), 30)).toMatchObject({
      ...{ status: 'completed', attempt: 1 },
    })
    const late = await cloud.call('POST', `/v1/approvals/${approvalId}`, { body: { decision: 'approve' } })
    expect(late.status).toBe(409)
  })

  it('remembers what was said in a conversation, and looks at images of the caller alone', async () => {
    const agentId = await anAgent({ memory: {} })
    const conversationId = newId()
    const image = { mediaType: 'image/png', data: PNG }
    const { status, body } = await cloud.call('POST', '/v1/attachments', { body: image })
    expect(status).toBe(201)
    const input = { content: 'What is this?', attachments: [body.attachmentId] }

    const first = await endOf(await ask(agentId, input, { conversationId }))
    const second = await endOf(await ask(agentId, 'And what is a sluice?', { conversationId }))
    const alone = await endOf(await ask(agentId, 'And what is a sluice?', { conversationId: newId() }))

    expect(first.output?.text).toContain('image/png')
    expect(second.usage?.inputTokens).toBeGreaterThan(alone.usage?.inputTokens ?? 0)
    const foreign = await cloud.call('GET', `/v1/attachments/${body.attachmentId}`, { caller: { subject: 'eve' } })
    expect(foreign.status).toBe(404)
  })

  it('has the model mend an answer that does not fit, once', async () => {
    const schema = {
      type: 'object',
      properties: { verdict: { type: 'string' } },
      required: ['verdict'],
      additionalProperties: false,
    }
    const agentId = await anAgent({ llm: { ...LLM, model: 'bad-json' }, output: { schema } })

    const { status, output, warnings, attempt } = await endOf(await ask(agentId, 'Is this good?'))

    expect({ status, attempt }).toEqual({ status: 'completed', attempt: 1 })
    expect(output?.data).toEqual({ verdict: expect.any(String) })
    expect(JSON.parse(output?.text ?? '')).toEqual(output?.data)
    expect(warnings).toHaveLength(1)
  })

  it('takes parameters of a call from everybody, and another model from those who may change the agent', async () => {
    const agentId = await anAgent()
    const body = (llm: unknown) => ({ body: { agentId, input: { content: '[[tokens=40]] hello' }, llm } })
    const other = { provider: 'openai', model: 'multi-byte' }
    const user = { scopes: SCOPES.filter((scope) => scope !== 'agents:write') }

    const refused = await cloud.call('POST', '/v1/executions', { caller: user, ...body(other) })
    const limited = await cloud.call('POST', '/v1/executions', { caller: user, ...body({ temperature: 0.1 }) })
    const changed = await cloud.call('POST', '/v1/executions', body(other))

    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 403, code: 'forbidden' })
    expect((await endOf(String(limited.body.executionId))).usage?.models).toMatchObject([{ model: 'scripted-1' }])
    expect((await endOf(String(changed.body.executionId))).usage?.models).toMatchObject([{ model: 'multi-byte' }])
  })

  it('waits for another agent without a worker and without a slot, however long that takes', async () => {
    const expert = await withApproval()
    const tools = [{ type: 'agent', name: 'expert', description: 'Asks.', agentId: expert }]
    const desk = await anAgent({ maxConcurrency: 1, tools })

    const asked = await ask(desk, `call expert ${JSON.stringify({ content: 'call current_time' })}`)

    const waiting = await eventually(async () => {
      const execution = await find(asked)
      return execution.waitingFor === 'agents' ? execution : undefined
    })
    expect(waiting).toMatchObject({ status: 'queued', held: true, attempt: 1 })
    // Its only slot is free.
    expect((await endOf(await ask(desk, 'hello'))).status).toBe('completed')
    const child = await eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/executions?agentId=${expert}`)
      return z
        .array(executionSchema)
        .parse(body.executions)
        .find(({ status }) => status === 'waiting_input')
    })
    expect(child).toMatchObject({ parentId: asked })
    const { approvalId } = await approvalOf(child.executionId)
    await cloud.call('POST', `/v1/approvals/${approvalId}`, { body: { decision: 'approve' } })
    const { status, attempt, results, waitingFor } = await endOf(asked)
    expect({ status, attempt, waitingFor }).toEqual({ status: 'completed', attempt: 1 })
    expect(results).toMatchObject([
      { callId: 'call-1', toolName: 'expert', result: (await find(child.executionId)).output?.text },
    ])
  }, 180_000)

  it('makes no call for which a budget has no room', async () => {
    const model = `priced-${newId()}`
    const agentId = await anAgent({ llm: { ...LLM, model, maxTokens: 1_000 } })
    const price = { input: 1_000_000, output: 2_000_000 }
    expect((await cloud.call('PUT', `/v1/models/openai/${model}`, { body: { price } })).status).toBeLessThan(300)
    const budgetId = `b-${newId()}`
    const budget = { period: 'day', limitMicroUsd: 100, scope: { agentId } }
    expect((await cloud.call('PUT', `/v1/budgets/${budgetId}`, { body: budget })).status).toBeLessThan(300)

    // A warm function may have read the budgets a minute ago.
    await cloud.redirect('execute', undefined)
    const { status, error, attempt } = await endOf(await ask(agentId, 'hello'))

    expect({ status, attempt }).toEqual({ status: 'failed', attempt: 1 })
    expect(error).toMatchObject({ code: 'budget_exceeded', detail: expect.stringContaining(budgetId) })
  })

  it('counts what agents ask of each other for the caller who asked first, and for nobody else', async () => {
    const model = `priced-${newId()}`
    const price = { input: 1_000_000, output: 2_000_000 }
    expect((await cloud.call('PUT', `/v1/models/openai/${model}`, { body: { price } })).status).toBeLessThan(300)
    const clerk = await anAgent({ llm: { ...LLM, model, maxTokens: 1_000 } })
    const expert = await anAgent({ tools: [{ type: 'agent', name: 'clerk', description: 'Knows.', agentId: clerk }] })
    const desk = await anAgent({ tools: [{ type: 'agent', name: 'expert', description: 'Asks.', agentId: expert }] })
    const [poor, rich] = [`poor-${newId()}`, `rich-${newId()}`]
    const budgetId = `b-${newId()}`
    const budget = { period: 'day', limitMicroUsd: 100, scope: { source: `/principals/${poor}` } }
    expect((await cloud.call('PUT', `/v1/budgets/${budgetId}`, { body: budget })).status).toBeLessThan(300)
    await cloud.redirect('execute', undefined)
    const content = `call expert ${JSON.stringify({ content: 'call clerk {"content":"hello"}' })}`
    const askedBy = async (subject: string): Promise<void> => {
      const body = { agentId: desk, input: { content } }
      const { body: asked } = await cloud.call('POST', '/v1/executions', { caller: { subject }, body })
      await endOf(String(asked.executionId))
    }

    await askedBy(poor)
    await askedBy(rich)

    const { body } = await cloud.call('GET', `/v1/executions?agentId=${clerk}`)
    const asked = z.array(executionSchema).parse(body.executions)
    // The latest first.
    expect(asked).toMatchObject([
      { depth: 2, status: 'completed' },
      { depth: 2, status: 'failed', error: { code: 'budget_exceeded', detail: expect.stringContaining(budgetId) } },
    ])
  })
})
