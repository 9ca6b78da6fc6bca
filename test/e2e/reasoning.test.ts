import { afterAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'

const LLM = { provider: 'openai', service: 'demo', model: 'scripted-1' }

describe('a deployed agent', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  it.each<[string, Record<string, unknown>]>([
    ['direct', {}],
    ['react', { tools: [{ type: 'builtin', name: 'current_time' }] }],
    ['reflection', { reasoningPattern: 'reflection' }],
    ['plan_and_execute', { reasoningPattern: 'plan_and_execute' }],
    ['a router', { team: { agents: ['assistant', 'echo'], mode: 'router' } }],
    ['a sequence', { team: { agents: ['echo', 'assistant'], mode: 'sequence' } }],
    ['a parallel team', { team: { agents: ['echo', 'assistant'], mode: 'parallel' } }],
    ['a hand-over', { team: { agents: ['assistant', 'echo'], mode: 'handover' } }],
  ])('thinks as %s', async (_, settings) => {
    const agentId = `reasoning-${newId()}`
    const body = { agentId, name: 'Reasoning', topics: [], llm: LLM, autoStart: true, ...settings }
    const { status } = await cloud.call('POST', '/v1/agents', { body })
    expect(status).toBe(201)

    const stream = await client.run(agentId, 'Say hello in one sentence.')
    const end = await stream.done

    expect(end).toMatchObject({ status: 'completed', verified: true })
    expect(end.text).not.toBe('')
  })
})
