import { beforeAll, describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import type { Execution } from '#shared/protocol/execution.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { runCli } from '../helpers/run-cli.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

const cloud = deployedCloud()

/** Sends a message to one agent, on the ingress queue, in a tenant of its own. */
async function sendTo(agentId: string, tenant: string) {
  const envelope = { specversion: '1.0', id: newId(), type: 'question', source: '/tests', to: agentId, data: { content: 'Hi' } }
  await cloud.sendToIngress(JSON.stringify(envelope), { tenant })
  return { messageId: envelope.id, executionId: messageExecutionId(tenant, envelope, agentId) }
}

async function listOf(tenant: string, query = ''): Promise<DeadLetter[]> {
  const { status, body } = await cloud.call('GET', `/v1/dead-letters${query}`, { caller: { tenant } })
  expect(status).toBe(200)
  return body.deadLetters as DeadLetter[]
}

/** The letter of a message, once it is there. */
const letterOf = (tenant: string, messageId: string): Promise<DeadLetter> =>
  eventually(async () => (await listOf(tenant)).find((letter) => letter.messageId === messageId))

async function createAgent(tenant: string, agentId: string): Promise<void> {
  const body = { agentId, name: agentId, llm: LLM, autoStart: true }
  const { status } = await cloud.call('POST', '/v1/agents', { caller: { tenant }, body })
  expect(status).toBe(201)
}

const executionsOf = async (tenant: string, agentId: string): Promise<Execution[]> => {
  const { body } = await cloud.call('GET', `/v1/executions?agentId=${agentId}`, { caller: { tenant } })
  return body.executions as Execution[]
}

describe('a message for an agent that does not exist', () => {
  let tenant: string
  beforeAll(() => {
    tenant = `dead-${newId()}`
  })

  it('is listed with its reason, and runs once, under its own id, when it is sent back', async () => {
    const agentId = 'late'
    const { messageId, executionId } = await sendTo(agentId, tenant)
    const letter = await letterOf(tenant, messageId)
    expect(letter).toMatchObject({ queue: 'ingress', code: 'not_found', detail: expect.stringContaining(agentId), agentId })

    await createAgent(tenant, agentId)
    const body = { ids: [letter.id] }
    const { body: result } = await cloud.call('POST', '/v1/dead-letters/redrive', { caller: { tenant }, body })

    expect(result).toEqual({ redriven: 1, failed: 0, more: false })
    const execution = await eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/executions/${executionId}`, { caller: { tenant } })
      return body.status === 'completed' ? body : undefined
    })
    expect(execution).toMatchObject({ messageId, agentId, attempt: 1 })
    expect(await listOf(tenant)).toEqual([])
  })

  it('runs once, though it was sent back and then sent once more', async () => {
    const agentId = 'twice'
    const { messageId, executionId } = await sendTo(agentId, tenant)
    const letter = await letterOf(tenant, messageId)
    await createAgent(tenant, agentId)

    // As after a crash between sending and deleting: the same message is on the queue twice.
    await cloud.sendToIngress(letter.body, { tenant })
    await cloud.call('POST', '/v1/dead-letters/redrive', { caller: { tenant }, body: { filter: { agentId } } })

    await eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/executions/${executionId}`, { caller: { tenant } })
      return body.status === 'completed' ? body : undefined
    })
    await eventually(async () => ((await cloud.depth(OUTPUT.ingressQueueUrl)) === 0 ? true : undefined))
    expect(await executionsOf(tenant, agentId)).toMatchObject([{ executionId, attempt: 1 }])
  })

  it('is out of reach for other tenants', async () => {
    const { messageId } = await sendTo('nobody', tenant)
    const letter = await letterOf(tenant, messageId)
    const stranger = { tenant: `other-${newId()}` }

    const shown = await cloud.call('GET', `/v1/dead-letters/ingress/${letter.id}`, { caller: stranger })
    const discarded = await cloud.call('POST', '/v1/dead-letters/discard', { caller: stranger, body: { ids: [letter.id] } })
    const all = await cloud.call('POST', '/v1/dead-letters/discard', { caller: stranger, body: { filter: {} } })

    expect(shown.status).toBe(404)
    expect([discarded.body, all.body]).toEqual([
      { discarded: 0, failed: 0, more: false },
      { discarded: 0, failed: 0, more: false },
    ])
    expect((await letterOf(tenant, messageId)).id).toBe(letter.id)
  })
})

describe('what is no message at all', () => {
  it('is shown and thrown away from the command line', async () => {
    const tenant = `dead-${newId()}`
    await cloud.sendToIngress('{"broken', { tenant })
    const [letter] = await eventually(async () => {
      const letters = await listOf(tenant, '?code=validation_error')
      return letters.length > 0 ? letters : undefined
    })
    const env = { SLUICE_URL: cloud.frontDoorUrl, SLUICE_TOKEN: await cloud.token({ tenant }) }

    const shown = await runCli(['dead-letters', 'show', 'ingress', String(letter?.id)], { env })
    const discarded = await runCli(['dead-letters', 'discard', String(letter?.id)], { env })
    const listed = await runCli(['dead-letters'], { env })

    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/not JSON[\s\S]*\{"broken\n$/) })
    expect(discarded).toMatchObject({ code: 0, stdout: '1 discarded\n' })
    expect(listed).toMatchObject({ code: 0, stdout: '', stderr: 'there are no dead letters\n' })
  })
})
