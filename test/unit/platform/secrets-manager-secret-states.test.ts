import { DescribeSecretCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { secretsManagerSecretStates } from '#shared/platform/secrets-manager-secret-states.ts'

describe('secretsManagerSecretStates', () => {
  const service = mockClient(SecretsManagerClient)
  afterEach(() => service.reset())
  afterAll(() => service.restore())

  const changed = new Date('2026-11-01T00:00:00Z')
  const current = { v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] }

  it.each([
    ['present', { LastChangedDate: changed, VersionIdsToStages: current }, '2026-11-01T00:00:00.000Z'],
    ['empty', { LastChangedDate: changed, VersionIdsToStages: { v1: ['AWSPREVIOUS'] } }, '2026-11-01T00:00:00.000Z'],
    ['empty', {}, undefined],
    ['missing', { DeletedDate: changed, VersionIdsToStages: current }, undefined],
  ])('says %s of %j', async (status, answer, lastChanged) => {
    service.on(DescribeSecretCommand, { SecretId: 'key' }).resolves(answer)

    expect(await secretsManagerSecretStates().describe('key')).toEqual({
      status,
      ...(lastChanged !== undefined && { lastChanged }),
    })
  })

  it('tells what is not there from what may not be seen, and asks for nothing else', async () => {
    service
      .on(DescribeSecretCommand, { SecretId: 'absent' })
      .rejects(new ResourceNotFoundException({ message: '', $metadata: {} }))
    service
      .on(DescribeSecretCommand, { SecretId: 'foreign' })
      .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }))
    const states = secretsManagerSecretStates()

    expect(await states.describe('absent')).toEqual({ status: 'missing' })
    expect(await states.describe('foreign')).toEqual({ status: 'unreadable' })
    expect(service.calls().map(({ firstArg }) => firstArg)).toEqual(
      expect.arrayContaining([expect.any(DescribeSecretCommand), expect.any(DescribeSecretCommand)]),
    )
    expect(service.calls()).toHaveLength(2)
  })
})
