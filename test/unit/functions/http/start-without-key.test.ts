import { describe, expect, it } from 'vitest'
import { registerDeclaredAgent } from '#shared/agents/register-declared-agent.ts'
import { requireKeys } from '#shared/executions/require-keys.ts'
import { requireModelHosts } from '#shared/executions/require-model-hosts.ts'
import { readStageModel } from '#shared/models/default-model.ts'
import { memoryModelSettings } from '#shared/models/memory-model-settings.ts'
import { memorySecretStates } from '#shared/platform/memory-secret-states.ts'
import type { SecretState } from '#shared/platform/secret-states.ts'
import { declarationOf } from '#shared/runtime/define-agent.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const present: SecretState = { status: 'present' }

/** The API of a stage with these secrets, and perhaps a model of its own. */
function caller(states: Record<string, SecretState> = {}, variables: Parameters<typeof readStageModel>[0] = {}) {
  const stageModel = { model: readStageModel(variables), secret: variables.LLM_API_KEY_SECRET_ARN }
  const secretStates = memorySecretStates(states)
  const settings = memoryModelSettings()
  const knowledge = { ...settings, secretStates, platform: 'sluice-test', stageModel }
  const requireModels = requireModelHosts(['127.0.0.1', 'models.example:8443'], requireKeys(knowledge))
  return httpCaller({ ...settings, secretStates, stageModel, platform: 'sluice-test', requireKeys: requireModels })
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
    [
      { provider: 'custom', baseUrl: 'http://127.0.0.1:8000/v1', headers: { 'x-team': 'red', 'x-token': { secret: 'gateway' } } },
      'sluice-test-gateway-secret',
      'npx sluice keys set gateway',
    ],
  ])('is refused where the secret of %j is missing, with its name and how it is made', async (llm, name, command) => {
    const world = caller()

    const answer = await start(world, llm)

    expect(answer).toMatchObject({ status: 502, body: { code: 'authentication_error', detail: expect.stringContaining(name) } })
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(command) })
    expect((await world.call('GET', '/v1/agents/writer')).body).toMatchObject({ status: 'created' })
  })

  it.each([
    [{ provider: 'custom', baseUrl: 'https://evil.example/v1' }, 'evil.example'],
    [{ provider: 'custom', baseUrl: 'https://models.example/v1' }, 'models.example'],
    [{ provider: 'ollama', baseUrl: 'http://169.254.169.254' }, '169.254.169.254'],
  ])('is refused where the host of %j is not on the list', async (llm, host) => {
    const answer = await start(caller(), llm)

    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'validation_error', detail: expect.stringContaining(`"${host}"`) },
    })
  })

  it.each([
    { provider: 'custom', baseUrl: 'https://models.example:8443/v1' },
    { provider: 'ollama' },
    { provider: 'ollama', baseUrl: 'http://127.0.0.1:11434' },
  ])('works at a host of the list: %j', async (llm) => {
    expect(await start(caller(), llm)).toMatchObject({ status: 200 })
  })

  it('leaves an address that goes with a key to whoever reads the key', async () => {
    const llm = { provider: 'custom', service: 'gateway', baseUrl: 'https://gateway.example/v1' }

    expect(await start(caller({ 'sluice-test-gateway-secret': present }), llm)).toMatchObject({ status: 200 })
  })

  it('is refused at registration where the agent starts at once at a foreign host', async () => {
    const llm = { provider: 'custom', baseUrl: 'https://evil.example/v1' }
    const world = caller()

    expect(await world.call('POST', '/v1/agents', { body: { ...agent(llm), autoStart: true } })).toMatchObject({ status: 422 })
    expect(await world.call('GET', '/v1/agents/writer')).toMatchObject({ status: 404 })
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
    [
      'the secret of a header is there',
      { provider: 'custom', baseUrl: 'http://127.0.0.1:8000/v1', headers: { 'x-token': { secret: 'gateway' } } },
      { 'sluice-test-gateway-secret': present },
    ],
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

  describe('with a model that is a rule', () => {
    const virtual = (model: string) => ({ provider: 'virtual', model })
    const rule = {
      strategy: 'order',
      candidates: [
        { provider: 'openai', model: 'a' },
        { provider: 'google', model: 'b', service: 'team-a' },
      ],
    }
    async function withRule(states: Record<string, SecretState> = {}) {
      const world = caller(states)
      await world.call('PUT', '/v1/virtual-models/quick', { body: rule })
      return world
    }

    it('is refused where the rule does not exist, with what makes one', async () => {
      const answer = await start(await withRule(), virtual('quikc'))

      expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/"quikc" does not exist.*quick/) } })
      expect(answer.body).toMatchObject({ detail: expect.stringContaining('PUT /v1/virtual-models/{name}') })
      expect(answer.body).toMatchObject({ detail: expect.stringContaining('npx sluice virtual-models set quikc') })
    })

    it('is refused where no candidate has its key, and the first secret is named', async () => {
      expect(await start(await withRule(), virtual('quick'))).toMatchObject({
        status: 502,
        body: { detail: expect.stringContaining('sluice-test-openai-secret') },
      })
    })

    it('works where one candidate has its key', async () => {
      const world = await withRule({ 'sluice-test-team-a-secret': present })

      expect(await start(world, virtual('quick'))).toMatchObject({ status: 200 })
    })

    it.each(['fast', 'smart', 'cheap'])(
      'knows the built-in "%s": any key of its vendors will do, or a model of the stage',
      async (name) => {
        expect(await start(caller(), virtual(name))).toMatchObject({ status: 502 })
        expect(await start(caller({ 'sluice-test-google-secret': present }), virtual(name))).toMatchObject({ status: 200 })
        expect(await start(caller({}, { LLM_MODEL: 'ollama/llama3' }), virtual(name))).toMatchObject({ status: 200 })
      },
    )

    it('looks at the rule that stands in for another model', async () => {
      const llm = { provider: 'openai', fallbacks: [virtual('nobody')] }

      expect(await start(caller(), llm)).toMatchObject({ status: 422, body: { detail: expect.stringContaining('"nobody"') } })
    })
  })

  it('is refused for an agent in code that names a model without a key', async () => {
    const world = caller()
    const { agents, clock } = world.dependencies
    const declaration = declarationOf({ id: 'coded', llm: { provider: 'openai', model: 'm' }, handle: () => undefined })
    await registerDeclaredAgent({ agents, clock }, 'acme', declaration, 'build-1')
    await world.call('POST', '/v1/agents/coded/stop')

    expect(await world.call('POST', '/v1/agents/coded/start')).toMatchObject({
      status: 502,
      body: { detail: expect.stringContaining('sluice-test-openai-secret') },
    })
    expect((await world.call('GET', '/v1/secrets')).body).toMatchObject({
      secrets: expect.arrayContaining([
        { name: 'sluice-test-openai-secret', usedBy: 'agents', agents: ['coded'], status: 'missing' },
      ]),
    })
  })

  it('refuses a provider that nobody knows', async () => {
    expect(await caller().call('POST', '/v1/agents', { body: agent({ provider: 'skynet' }) })).toMatchObject({ status: 422 })
  })
})
