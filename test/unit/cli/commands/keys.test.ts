import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { keyFingerprint } from '#shared/llm/provider-key.ts'
import { Interruption } from '../../../../cli/errors.ts'
import { main } from '../../../../cli/main.ts'
import type { KeyVault } from '../../../../cli/provider-keys/key-vault.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { startReplayServer } from '../../../helpers/replay-server.ts'

const PLANTED = 'sk-planted-7c0ffee-DO-NOT-SHOW'
const FINGERPRINT = keyFingerprint('openai', PLANTED)
const STAYS = { apiKey: `${PLANTED}-stays`, weight: 2 }
const TWO_KEYS = JSON.stringify({ keys: [{ apiKey: PLANTED }, STAYS], baseUrl: 'https://llm.example.com/v1' })

const CLIENT = JSON.stringify({
  ...{ baseUrl: 'https://docs.example.com', tokenUrl: 'https://login.example.com/token' },
  ...{ clientId: 'sluice', clientSecret: PLANTED },
})

/** Somebody at a terminal who says this when asked, after something else happened. */
function says(answer: string, before: () => void = () => undefined) {
  async function* typed() {
    before()
    yield answer
  }
  return Object.assign(Readable.from(typed()), { isTTY: true })
}

/** Secrets in memory, and everything that a command printed. */
function world({ secrets = {}, stdin = '' }: { secrets?: Record<string, string>; stdin?: string } = {}) {
  const stages: string[] = []
  const vault: KeyVault = {
    platform: 'sluice-test',
    read: async (service) => secrets[service],
    write: async (service, value) => void Object.assign(secrets, { [service]: value }),
    retract: async (service, value) => void Object.assign(secrets, { [service]: value }),
    remove: async (service) => void delete secrets[service],
    list: async () => [
      {
        service: 'openai',
        name: 'sluice-test-openai-secret',
        keys: 1,
        fingerprints: ['0123456789ab'],
        versions: 1,
        lastChanged: 'then',
      },
    ],
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

it('takes a client of OAuth, which stands alone in its secret', async () => {
  const { context, secrets, printed } = world({ stdin: CLIENT })

  expect(await main(['keys', 'set', 'docs'], context)).toBe(0)
  expect(secrets).toEqual({ docs: CLIENT })
  expect(printed()).not.toContain('planted')
})

it.each([
  ['azure', ['--base-url', 'https://ours.openai.azure.com'], {}],
  ['custom', ['--replace'], { custom: '{"apiKey":"first","baseUrl":"https://ours.openai.azure.com"}' }],
])('stores a key of %s for the address that is named, or that was', async (service, options, secrets) => {
  const { context, secrets: stored } = world({ secrets, stdin: PLANTED })

  expect(await main(['keys', 'set', service, ...options], context)).toBe(0)
  expect(Object.values(stored)).toEqual([JSON.stringify({ apiKey: PLANTED, baseUrl: 'https://ours.openai.azure.com' })])
})

it.each([
  [['set', 'azure'], 'add --base-url https://<resource>.openai.azure.com', undefined, PLANTED],
  [['set', 'azure', '--replace'], 'for no address yet', '{"apiKey":"x"}', PLANTED],
  [['set', 'custom'], 'add --base-url', undefined, PLANTED],
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
  [['set', 'openai'], 'longer than 64000 characters', undefined, 'a'.repeat(64_001)],
  [['set', 'openai', '--add'], 'is malformed', `{"key":"${PLANTED}"}`, PLANTED],
  [['set', 'docs', '--add'], 'stands alone', '{"apiKey":"x"}', CLIENT],
  [['set', 'docs', '--weight', '2'], 'says all there is to say', undefined, CLIENT],
  [['set'], 'of which service?', undefined, ''],
  [['list', PLANTED], 'takes no service', undefined, ''],
  [['list', '--weight', '2'], 'does not belong here', undefined, ''],
  [[PLANTED], 'has the verbs', undefined, ''],
  [['create', 'ci'], 'api-keys', undefined, ''],
  [['check', 'openai', '--provider', PLANTED], 'no provider', undefined, ''],
  [['check', 'azure'], 'which model of azure?', '{"apiKey":"x","baseUrl":"https://a.example"}', ''],
  [['check', 'anthropic'], 'has no keys', undefined, ''],
  [['check', 'openai'], 'must be a key', `{"key":"${PLANTED}"}`, ''],
  [['remove'], 'of which service?', undefined, ''],
  [['remove', PLANTED.toLowerCase(), '--all'], 'no name of a service', undefined, ''],
  [['remove', 'openai', PLANTED], 'a key is no argument', `{"apiKey":"${PLANTED}"}`, ''],
  [['remove', 'openai'], 'which key?', `{"apiKey":"${PLANTED}"}`, 'y\n'],
  [['remove', 'openai', '--all', '--fingerprint', FINGERPRINT], 'which key?', `{"apiKey":"${PLANTED}"}`, 'y\n'],
  [['remove', 'openai', '--fingerprint', PLANTED, '--yes'], 'this is no fingerprint', `{"apiKey":"${PLANTED}"}`, ''],
  [['remove', 'openai', '--fingerprint', '', '--yes'], 'this is no fingerprint', `{"apiKey":"${PLANTED}"}`, ''],
  [['remove', 'openai', '--fingerprint', '000000000000', '--yes'], 'no key with this fingerprint', `{"apiKey":"${PLANTED}"}`, ''],
  [['remove', 'openai', '--fingerprint', FINGERPRINT], 'the last key', `{"apiKey":"${PLANTED}"}`, 'y\n'],
  [['remove', 'openai', '--fingerprint', FINGERPRINT], 'the last key', PLANTED, 'y\n'],
  [['remove', 'openai', '--fingerprint', FINGERPRINT], 'nobody is there to be asked', TWO_KEYS, 'y\n'],
  [['remove', 'openai', '--fingerprint', FINGERPRINT, '--yes'], 'is malformed', `{"key":"${PLANTED}"}`, ''],
  [['remove', 'openai', '--all'], 'nobody is there to be asked', `{"key":"${PLANTED}"}`, 'y\n'],
  [['remove', 'anthropic', '--all', '--yes'], 'has no keys', undefined, ''],
  [['remove', 'openai', '--all', '--replace'], '--replace does not belong here', `{"apiKey":"${PLANTED}"}`, ''],
  [['set', 'openai', '--yes'], '--yes does not belong here', undefined, PLANTED],
  [['list', '--fingerprint', PLANTED], '--fingerprint does not belong here', undefined, ''],
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
  expect(context.out()).toMatch(/^SERVICE .+\nopenai +sluice-test-openai-secret +1 +1 +then +0123456789ab\n$/)
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

it('removes one key, and keeps the others with their limits and their address', async () => {
  const { context, secrets, stages, printed } = world({ secrets: { openai: TWO_KEYS } })
  context.stdin = says('y\n')

  expect(await main(['keys', 'remove', 'openai', '--fingerprint', FINGERPRINT, '--stage', 'prod'], context)).toBe(0)
  expect(JSON.parse(secrets.openai ?? '')).toEqual({ ...STAYS, baseUrl: 'https://llm.example.com/v1' })
  expect(stages).toEqual(['prod'])
  expect(context.err()).toContain(`Remove the key ${FINGERPRINT} of sluice-test-openai-secret for good? 1 key left then. [y/N]`)
  expect(context.err()).toContain('revoke it at the provider')
  expect(context.out()).toBe(`openai: the key ${FINGERPRINT} removed; 1 key left\n`)
  expect(printed()).not.toContain('planted')
})

it.each([
  ['by its fingerprint', ['--fingerprint', FINGERPRINT], PLANTED],
  ['with all of them', ['--all'], TWO_KEYS],
  ['of a malformed secret', ['--all'], `{"key":"${PLANTED}"}`],
])('removes the secret with the last key, %s', async (_, options, before) => {
  const { context, secrets, printed } = world({ secrets: { openai: before, anthropic: 'stays' } })

  expect(await main(['keys', 'remove', 'openai', ...options, '--yes', '--json'], context)).toBe(0)
  expect(secrets).toEqual({ anthropic: 'stays' })
  expect(JSON.parse(context.out())).toEqual({ service: 'openai', keys: 0 })
  expect(printed()).not.toContain('planted')
})

it.each(['n\n', '\n', '', 'yesterday\n', `${PLANTED}\n`])('removes nothing when the answer is %j', async (answer) => {
  const { context, secrets, printed } = world({ secrets: { openai: TWO_KEYS } })
  context.stdin = says(answer)

  expect(await main(['keys', 'remove', 'openai', '--all'], context)).toBe(1)
  expect(context.err()).toContain('nothing was changed')
  expect(secrets).toEqual({ openai: TWO_KEYS })
  expect(printed()).not.toContain('planted')
})

it('removes nothing when somebody else changed the keys while the question waited', async () => {
  const { context, secrets } = world({ secrets: { openai: TWO_KEYS } })
  context.stdin = says('yes\n', () => {
    secrets.openai = 'newer'
  })

  expect(await main(['keys', 'remove', 'openai', '--all'], context)).toBe(1)
  expect(context.err()).toContain('have changed meanwhile')
  expect(secrets).toEqual({ openai: 'newer' })
})

it('removes nothing when Ctrl-C breaks the question off', async () => {
  const { context, secrets } = world({ secrets: { openai: TWO_KEYS } })
  context.stdin = says('y\n', () => context.interrupt.abort(new Interruption('SIGINT')))

  expect(await main(['keys', 'remove', 'openai', '--all'], context)).toBe(130)
  expect(secrets).toEqual({ openai: TWO_KEYS })
})
