import { describe, expect, it } from 'vitest'
import { requireKeys } from '#shared/executions/require-keys.ts'
import { readStageModel } from '#shared/models/default-model.ts'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import type { SecretState } from '#shared/platform/secret-states.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const present: SecretState = { status: 'present' }

/** The API of a stage with these secrets, and perhaps a model of its own. */
function caller(states: Record<string, SecretState> = {}, variables: Parameters<typeof readStageModel>[0] = {}) {
  const stageModel = { model: readStageModel(variables), secret: variables.LLM_API_KEY_SECRET_ARN }
  const knowledge = { secretStates: memorySecretStates(states), platform: 'sluice-test', stageModel }
  return httpCaller({ requireKeys: requireKeys(knowledge) })
}

const agent = (llm: Record<string, unknown>) => ({ agentId: 'writer', name: 'Writer', llm: { model: 'm', ...llm } })

async function start(world: ReturnType<typeof caller>, llm: Record<string, unknown>) {
  await world.call('POST', '/v1/agents', { body: agent(llm) })
  return world.call('POST', '/v1/agents/writer/start')
}

describe('starting an agent', () => {
  it.each([
    [{ provider: 'openai' }, 'sluice-test-openai-secret', 'npx sluice keys set openai'],
    [{ provider: 'anthropic' }, 'sluice-test-anthropic-secret', 'npx sluice keys set anthropic'],
    [{ provider: 'google', service: 'team-a' }, 'sluice-test-team-a-secret', 'npx sluice keys set team-a'],
    [{ provider: 'custom' }, 'sluice-test-custom-secret', 'npx sluice keys set custom'],
  ])('is refused where the secret of %j is missing, with its name and how it is made', async (llm, name, command) => {
    const world = caller()

    const answer = await start(world, llm)

    expect(answer).toMatchObject({ status: 502, body: { code: 'authentication_error', detail: expect.stringContaining(name) } })
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(command) })
    expect((await world.call('GET', '/v1/agents/writer')).body).toMatchObject({ status: 'created' })
  })

  it('is refused at registration where the agent starts at once, and nothing is registered', async () => {
    const world = caller()

    const answer = await world.call('POST', '/v1/agents', { body: { ...agent({ provider: 'openai' }), autoStart: true } })

    expect(answer).toMatchObject({ status: 502, body: { code: 'authentication_error' } })
    expect(await world.call('GET', '/v1/agents/writer')).toMatchObject({ status: 404 })
  })

  it.each([
    ['the secret is there', { provider: 'openai' }, { 'sluice-test-openai-secret': present }],
    ['nobody may look at it', { provider: 'openai' }, { 'sluice-test-openai-secret': { status: 'unreadable' } as const }],
    ['no key is needed', { provider: 'bedrock' }, {}],
    ['the server needs none', { provider: 'custom', baseUrl: 'http://127.0.0.1:8000/v1' }, {}],
    [
      'a fallback has its key',
      { provider: 'openai', fallbacks: [{ provider: 'anthropic', model: 'm' }] },
      { 'sluice-test-anthropic-secret': present },
    ],
  ])('works where %s', async (_, llm, states) => {
    expect(await start(caller(states), llm)).toMatchObject({ status: 200, body: { status: 'running' } })
  })

  it('looks at the secret that the stage names for its own model', async () => {
    const variables = {
      LLM_MODEL: 'gpt-4.1-mini',
      LLM_API_KEY_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ours-AbCdEf',
    }
    const llm = { provider: 'default', model: 'default' }

    expect(await start(caller({}, variables), llm)).toMatchObject({
      status: 502,
      body: { detail: expect.stringContaining('ours-AbCdEf') },
    })
    expect(await start(caller({ [variables.LLM_API_KEY_SECRET_ARN]: present }, variables), llm)).toMatchObject({ status: 200 })
    expect(await start(caller(), llm)).toMatchObject({ status: 422, body: { detail: expect.stringContaining('llmModel') } })
  })

  it('refuses a provider that nobody knows', async () => {
    expect(await caller().call('POST', '/v1/agents', { body: agent({ provider: 'skynet' }) })).toMatchObject({ status: 422 })
  })
})
