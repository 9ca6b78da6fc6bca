import { inspect } from 'node:util'
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { parseKafkaSecret } from '#shared/llm/kafka-secret.ts'
import { secretsManagerPlatformSecrets } from '#shared/llm/secrets-manager-platform-secrets.ts'

const PASSWORD = 'planted-51c0de'
const USER = { username: 'ada', password: PASSWORD }
const bootstrapServers = 'broker-1.example:9096'

const parse = (secret: unknown) => parseKafkaSecret('ours-kafka-secret', JSON.stringify(secret))

describe('the secret of a broker', () => {
  it('says where it is and how to get in', () => {
    const { sasl, ...broker } = parse({
      bootstrapServers: 'broker-1.example:9096, 10.0.0.2:9096,[::1]:9092',
      schemaRegistryUrl: 'https://registry.example',
      securityProtocol: 'SASL_PLAINTEXT',
      saslMechanism: 'PLAIN',
      ...USER,
    })

    expect(broker).toEqual({
      bootstrapServers: ['broker-1.example:9096', '10.0.0.2:9096', '[::1]:9092'],
      schemaRegistryUrl: 'https://registry.example',
      securityProtocol: 'SASL_PLAINTEXT',
    })
    expect(sasl).toMatchObject({ mechanism: 'PLAIN', username: 'ada' })
    expect(sasl?.password.reveal()).toBe(PASSWORD)
  })

  it.each([
    [{ bootstrapServers: [bootstrapServers] }, 'SSL', undefined],
    [{ bootstrapServers, securityProtocol: 'PLAINTEXT' }, 'PLAINTEXT', undefined],
    [{ bootstrapServers, ...USER }, 'SASL_SSL', 'SCRAM-SHA-512'],
  ])('%j means %s', (secret, securityProtocol, mechanism) => {
    const settings = parse(secret)

    expect(settings).toMatchObject({ bootstrapServers: [bootstrapServers], securityProtocol })
    expect(settings.sasl?.mechanism).toBe(mechanism)
  })

  it.each([
    ['no servers', USER],
    ['an empty list', { bootstrapServers: [] }],
    ['an empty text', { bootstrapServers: '' }],
    ['a server without a port', { bootstrapServers: 'broker-1.example' }],
    ['an address in place of a server', { bootstrapServers: `https://${PASSWORD}@broker:9096` }],
    ['too many servers', { bootstrapServers: Array.from({ length: 21 }, () => bootstrapServers) }],
    ['a user without a password', { bootstrapServers, username: 'ada' }],
    ['a password without a user', { bootstrapServers, password: PASSWORD }],
    ['SASL without a user', { bootstrapServers, securityProtocol: 'SASL_SSL' }],
    ['a user that is not asked for', { bootstrapServers, securityProtocol: 'SSL', ...USER }],
    ['another mechanism', { bootstrapServers, saslMechanism: 'GSSAPI', ...USER }],
    ['a registry with a password', { bootstrapServers, schemaRegistryUrl: `https://ada:${PASSWORD}@registry.example` }],
    ['a field that nobody knows', { bootstrapServers, secret: PASSWORD }],
    ['no JSON', PASSWORD],
  ])('is refused with %s, and not quoted', (_, secret) => {
    const thrown = (() => {
      try {
        return parseKafkaSecret('ours-kafka-secret', typeof secret === 'string' ? secret : JSON.stringify(secret))
      } catch (error) {
        return error
      }
    })()

    expect(thrown).toMatchObject({ name: 'InvalidSecretError', message: expect.stringContaining('ours-kafka-secret') })
    expect(thrown).toHaveProperty('message', expect.stringContaining('bootstrapServers'))
    expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain(PASSWORD)
  })

  it('shows no password by mistake', () => {
    const settings = parse({ bootstrapServers, ...USER })

    expect(`${JSON.stringify(settings)}${inspect(settings, { depth: null })}`).not.toContain(PASSWORD)
  })
})

describe('loadKafkaSettings', () => {
  const service = mockClient(SecretsManagerClient)
  afterEach(() => service.reset())
  afterAll(() => service.restore())

  const load = () => secretsManagerPlatformSecrets(new SecretsManagerClient({ region: 'eu-central-1' })).loadKafkaSettings('ours')

  it('reads the secret of the platform', async () => {
    const SecretString = JSON.stringify({ bootstrapServers })
    service.on(GetSecretValueCommand, { SecretId: 'ours-kafka-secret' }).resolves({ SecretString })

    expect(await load()).toMatchObject({ bootstrapServers: [bootstrapServers], securityProtocol: 'SSL' })
  })

  it('finds none where there is none', async () => {
    service.on(GetSecretValueCommand).rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} }))

    expect(await load()).toBeUndefined()
  })

  it('names the secret that is malformed', async () => {
    service.on(GetSecretValueCommand).resolves({ SecretString: '{}' })

    await expect(load()).rejects.toThrow('ours-kafka-secret')
  })
})
