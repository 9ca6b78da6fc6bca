import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseSecrets } from '#shared/agents/refuse-secrets.ts'
import { SluiceError } from '#shared/platform/errors.ts'

/** Made up here, piece by piece: nothing in this file looks like a key to whoever scans it. */
const join = (...parts: string[]): string => parts.join('')
const KEYS = {
  OpenAI: join('sk-', 'Abc123Def456Ghi789Jkl012'),
  'an OpenAI project': join('sk-', 'proj-', 'AbCdEfGhIjKlMnOp'),
  Anthropic: join('sk-', 'ant-', 'api03-AbCdEfGhIjKlMn'),
  AWS: join('AKIA', 'IOSFODNN7EXAMPLE'),
  Google: join('AIza', 'SyA1234567890abcdefghijklmnopqrstuv'),
  Slack: join('xoxb-', '123456789012-abcdefghijkl'),
  GitHub: join('ghp_', 'abcdefghijklmnopqrstuvwxyz0123456789'),
  'a JSON Web Token': join('eyJhbGciOiJIUzI1NiJ9', '.', 'eyJzdWIiOiJhZGEifQ', '.', 'c2lnbmF0dXJlLW9mLXRoaXM'),
  'a private key': join('-----BEGIN ', 'RSA PRIVATE KEY-----\nMIIEow'),
  'a header': join('Bearer ', 'abcdef0123456789abcdef'),
  'an address with a password': join('https://ada:', 'secret@example.com/path'),
}

function refusalOf(request: unknown): SluiceError | undefined {
  try {
    refuseSecrets(request)
    return undefined
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
}

describe('refuses', () => {
  const key = fc.constantFrom(...Object.values(KEYS))
  const around = fc.constantFrom('', ' ', '\n', '"', '=', ': ', '(', ', ')

  it.each(Object.entries(KEYS))('a key of %s, wherever it stands', (_of, value) => {
    const places = [
      { name: value },
      { description: `use ${value} for it` },
      { config: { deep: [{ deeper: { x: value } }] } },
      { config: { headers: [{ name: 'x', value }] } },
      { config: { [value]: 1 } },
      [value],
      value,
    ]
    for (const place of places) {
      const refusal = refusalOf(place)
      expect(refusal).toMatchObject({ code: 'secret_in_request', status: 422 })
      expect(JSON.stringify([refusal?.message, refusal?.fields])).not.toContain(value)
    }
  })

  it('a key inside any text at any depth, and names the path alone', () => {
    fc.assert(
      fc.property(
        key,
        around,
        around,
        fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 }),
        (value, before, after, path) => {
          const request = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), before + value + after)
          expect(refusalOf(request)?.fields).toEqual([{ path: path.join('.'), message: 'looks like a key or a password' }])
        },
      ),
    )
  })

  it.each([
    ['apiKey', '0123456789abcdef0123456789abcdef'],
    ['api_key', '6f1e8a9c-7b2d-4e3f-8a1b-2c3d4e5f6a7b'],
    ['X-Api-Key', 'AbcdEfghIjklMnop'],
    ['accessToken', 'abcdefghijklmno1'],
    ['client_secret', 'Zm9vYmFyYmF6cXV4MTIz'],
    ['authorization', 'abcdefghijklmno1'],
    ['password', 'hunter2'],
    ['db_password', 'correct horse battery'],
  ])('what is random under the name "%s"', (name, value) => {
    expect(refusalOf({ config: { [name]: value } })?.fields).toMatchObject([{ path: `config.${name}` }])
    expect(refusalOf({ config: { [name]: { value } } })).toBeDefined()
    expect(refusalOf({ config: { [name]: [value] } })).toBeDefined()
    expect(refusalOf({ config: { headers: [{ name, value }] } })).toBeDefined()
  })

  it('all of them at once', () => {
    const { fields } = refusalOf({ name: KEYS.OpenAI, config: { password: 'x', ok: 1 } }) ?? {}

    expect(fields?.map(({ path }) => path)).toEqual(['name', 'config.password'])
  })
})

describe('lets through', () => {
  it.each([
    ['a reference to a secret', { config: { apiKey: 'sluice-dev-openai-secret', token: 'sluice-local-token-key' } }],
    ['an ARN', { config: { secret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf' } }],
    ['a place for a value', { config: { password: '$DB_PASSWORD', apiKey: '{{ vault.key1234567890 }}' } }],
    ['a word for a key', { config: { apiKey: 'your-api-key-goes-here' } }],
    ['a sentence about one', { config: { token: 'the 2nd word that ends a line of the text' } }],
    ['names of models', { llm: { model: 'anthropic.claude-3-5-sonnet-20240620-v1:0' }, m: 'gpt-4.1-mini-2025-04-14' }],
    ['words with the same letters', { description: 'risk-management-2 and task-12345678901234, sk-learn, Basic understanding' }],
    ['numbers and flags', { config: { maxTokens: 4096, token: 1234567890123456, secret: true, password: null } }],
    ['a public key', { config: { pem: '-----BEGIN PUBLIC KEY-----\nMIIB' } }],
    ['an address with a port', { endpoint: 'https://example.com:8443/a@b' }],
  ])('%s', (_what, request) => {
    expect(refusalOf(request)).toBeUndefined()
  })

  it('ids, hashes, times and words', () => {
    const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
    const words = fc.array(fc.stringMatching(/^[a-zA-Z]{1,12}$/), { maxLength: 20 }).map((all) => all.join(' '))
    const harmless = fc.oneof(
      hash,
      fc.uuid(),
      words,
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constant(randomUUID()),
    )
    const name = fc.constantFrom(
      'description',
      'sha256',
      'agentId',
      'version',
      'model',
      'correlationId',
      'author',
      'keyword',
      'tokenizer',
    )
    fc.assert(fc.property(fc.dictionary(name, harmless), (config) => refusalOf({ config }) === undefined))
  })

  it('what is nested without a key in it, whatever it is', () => {
    const json = fc.jsonValue({ maxDepth: 5, stringUnit: fc.constantFrom('a', ' ', 'ä', '.', '/') })
    fc.assert(fc.property(json, (value) => refusalOf({ notes: value }) === undefined))
  })
})

it('takes a moment for the longest text that looks like the beginning of keys', () => {
  const longest = 200_000
  for (const beginning of ['sk-', 'eyJ', 'eyJa.', 'Bearer ', '://a:', '-----BEGIN A', 'AKIA', 'ghp_', 'xoxb-']) {
    const text = beginning.repeat(longest / beginning.length)
    const started = performance.now()
    refusalOf({ text })
    expect(performance.now() - started).toBeLessThan(10_000)
  }
})
