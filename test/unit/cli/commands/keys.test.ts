import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { keyFingerprint } from '#shared/llm/provider-key.ts'
import { main } from '../../../../cli/main.ts'
import type { KeyVault } from '../../../../cli/provider-keys/key-vault.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { startReplayServer } from '../../../helpers/replay-server.ts'

const PLANTED = 'sk-planted-7c0ffee-DO-NOT-SHOW'

/** Secrets in memory, and everything that a command printed. */
function world({ secrets = {}, stdin = '' }: { secrets?: Record<string, string>; stdin?: string } = {}) {
  const stages: string[] = []
  const vault: KeyVault = {
    platform: 'sluice-test',
    read: async (service) => secrets[service],
    write: async (service, value) => void Object.assign(secrets, { [service]: value }),
    list: async () => [{ service: 'openai', name: 'sluice-test-openai-secret', keys: 2, versions: 1, lastChanged: 'then' }],
    close: () => undefined,
  }
  const context = cliContext({
    stdin,
    vault: (stage) => {
      stages.push(stage)
      return vault
    },
  })
  return { context, secrets, stages, printed: () => context.out() + context.err() }
}

it('stores a key that is piped in, and shows nothing of it', async () => {
  const { context, secrets, stages, printed } = world({ stdin: `${PLANTED}\n` })

  expect(await main(['keys', 'set', 'openai'], context)).toBe(0)
  expect(secrets).toEqual({ openai: JSON.stringify({ apiKey: PLANTED }) })
  expect(stages).toEqual(['local'])
  expect(context.out()).toBe('openai: 1 key; in use from now on\n')
  expect(printed()).not.toContain('planted')
})

it('adds a key with its limits to those that are there', async () => {
  const { context, secrets } = world({
    secrets: { openai: '{"apiKey":"first","baseUrl":"https://llm.example.com/v1"}' },
    stdin: PLANTED,
  })

  expect(
    await main(['keys', 'set', 'openai', '--add', '--requests-per-minute', '60', '--weight', '2', '--stage', 'prod'], context),
  ).toBe(0)
  expect(JSON.parse(secrets.openai ?? '')).toEqual({
    keys: [{ apiKey: 'first' }, { apiKey: PLANTED, requestsPerMinute: 60, weight: 2 }],
    baseUrl: 'https://llm.example.com/v1',
  })
})

it('replaces the keys, and keeps the address', async () => {
  const { context, secrets } = world({
    secrets: { openai: '{"apiKey":"first","baseUrl":"https://llm.example.com/v1"}' },
    stdin: PLANTED,
  })

  expect(await main(['keys', 'set', 'openai', '--replace'], context)).toBe(0)
  expect(JSON.parse(secrets.openai ?? '')).toEqual({ apiKey: PLANTED, baseUrl: 'https://llm.example.com/v1' })
})

it('takes a whole secret as JSON', async () => {
  const secret = { keys: [{ apiKey: PLANTED }, { apiKey: `${PLANTED}-2` }], baseUrl: 'https://llm.example.com/v1' }
  const { context, secrets } = world({ stdin: JSON.stringify(secret) })

  expect(await main(['keys', 'set', 'our-gateway', '--json'], context)).toBe(0)
  expect(JSON.parse(secrets['our-gateway'] ?? '')).toEqual(secret)
  expect(JSON.parse(context.out())).toEqual({ service: 'our-gateway', keys: 2, created: true })
})

it.each([
  [['set', 'openai'], 'say --add or --replace', '{"apiKey":"x"}', PLANTED],
  [['set', 'openai', '--add', '--base-url', 'https://other.example'], 'for one address', '{"apiKey":"x"}', PLANTED],
  [['set', 'openai', '--add', '--replace'], 'contradict', undefined, PLANTED],
  [['set', 'openai', PLANTED], 'a key is no argument', undefined, ''],
  [['set', PLANTED.toLowerCase()], 'no name of a service', undefined, ''],
  [['set', 'openai', '--requests-per-minute', PLANTED], 'needs a number', undefined, PLANTED],
  [['set', 'openai', '--base-url', PLANTED], 'no key that can be used', undefined, PLANTED],
  [['set', 'openai'], 'no key that can be used', undefined, `{"apiKey":"${PLANTED}"`],
  [['set', 'openai'], 'no key that can be used', undefined, `two words ${PLANTED}`],
  [['set', 'openai'], 'there is no key', undefined, ' \n'],
  [['set', 'openai', '--add'], 'is malformed', `{"key":"${PLANTED}"}`, PLANTED],
  [['set'], 'of which service?', undefined, ''],
  [['list', PLANTED], 'takes no service', undefined, ''],
  [['list', '--weight', '2'], 'does not belong here', undefined, ''],
  [[PLANTED], 'has the verbs', undefined, ''],
  [['create', 'ci'], 'api-keys', undefined, ''],
  [['check', 'openai', '--provider', PLANTED], 'no provider', undefined, ''],
  [['check', 'azure'], 'which model of azure?', '{"apiKey":"x","baseUrl":"https://a.example"}', ''],
  [['check', 'anthropic'], 'has no keys', undefined, ''],
  [['check', 'openai'], 'must be a key', `{"key":"${PLANTED}"}`, ''],
  [['--stage', `${PLANTED}`], 'this is no stage', undefined, ''],
])('refuses %j and quotes nothing', async (args, message, before, stdin) => {
  const service = args[1] ?? 'openai'
  const { context, secrets, printed } = world({ secrets: before === undefined ? {} : { [service]: before }, stdin })

  expect(await main(['keys', ...args], context)).not.toBe(0)
  expect(context.err()).toContain(message)
  expect(printed().toLowerCase()).not.toContain('planted')
  expect(Object.values(secrets)).toEqual(before === undefined ? [] : [before])
})

it('lists what there is without reading it out', async () => {
  const { context } = world()

  expect(await main(['keys'], context)).toBe(0)
  expect(context.out()).toMatch(/^SERVICE .+\nopenai +sluice-test-openai-secret +2 +1 +then\n$/)
})

it('reads a key from a terminal without an echo', async () => {
  const { context, secrets, printed } = world()
  const modes: boolean[] = []
  const terminal = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => void modes.push(mode) })
  context.stdin = terminal as never
  terminal.write(`${PLANTED}x\x7f\r`)

  expect(await main(['keys', 'set', 'openai'], context)).toBe(0)
  expect(JSON.parse(secrets.openai ?? '')).toEqual({ apiKey: PLANTED })
  expect(modes).toEqual([true, false])
  expect(printed()).not.toContain('planted')
})

it.each([
  [200, 'text', 'ok', 0],
  [401, 'unauthorized', 'refused', 1],
  [429, 'limited', 'limited', 1],
  [404, 'no model', 'answered', 1],
  [503, 'out of order', 'unreachable', 1],
])('asks the provider once with each key: %i is %s', async (status, _, state, exitCode) => {
  const server = await startReplayServer()
  server.reply(
    status === 200
      ? { chunks: ['data: {"choices":[{"delta":{"content":"ok"}}]}\n\n'] }
      : {
          status,
          headers: { 'content-type': 'application/json' },
          chunks: [JSON.stringify({ error: { message: `bad key ${PLANTED}` } })],
        },
  )
  const { context, printed } = world({ secrets: { openai: JSON.stringify({ apiKey: PLANTED, baseUrl: server.url }) } })

  expect(await main(['keys', 'check', 'openai'], context)).toBe(exitCode)
  await server.close()

  expect(context.out()).toContain(`${keyFingerprint('openai', PLANTED)}  ${state}`)
  expect(printed()).not.toContain('planted')
})
