import { describe, expect, it } from 'vitest'
import { AUDIT_RECORD_PREFIX, functionName } from '#shared/platform/names.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import { followedKey } from '#shared/streams/connection-keys.ts'
import { connectionKey } from '#shared/streams/stream-keys.ts'
import { resourcesOf } from '../helpers/templates.ts'

type Mapping = {
  FunctionName: { Ref: string }
  FilterCriteria: { Filters: { Pattern: string }[] }
  MaximumRecordAgeInSeconds: number
}

describe.each(['local', 'prod'] as const)('change streams of %s', (stage) => {
  const mappingsOf = (name: 'changes' | 'connections') => {
    const follower = resourcesOf(stage, 'AWS::Lambda::Function').find(
      ({ properties }) => properties.FunctionName === functionName(`sluice-${stage}`, name),
    )
    return resourcesOf(stage, 'AWS::Lambda::EventSourceMapping')
      .map(({ properties }) => properties as Mapping & Record<string, unknown>)
      .filter(({ FunctionName, StartingPosition }) => FunctionName.Ref === follower?.id && StartingPosition !== undefined)
  }
  const patternsOf = (name: 'changes' | 'connections') =>
    mappingsOf(name).flatMap(({ FilterCriteria }) => FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern)))

  it('show old and new items', () => {
    const tables = resourcesOf(stage, 'AWS::DynamoDB::Table')
    const streams = tables.map(({ id, properties }) => [id.replace(/Table.*/, ''), properties.StreamSpecification])

    expect(Object.fromEntries(streams)).toEqual({
      Registry: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Executions: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Streams: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Audit: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    })
  })

  it('are read from their beginning, in halves after a failure, and what fails too long is kept', () => {
    const mappings = [...mappingsOf('changes'), ...mappingsOf('connections')]
    expect(mappings).toHaveLength(4)
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      })
      // A stream keeps its changes for a day.
      expect(mapping.MaximumRecordAgeInSeconds).toBeLessThan(86_400)
      expect(mapping).not.toHaveProperty('MaximumRetryAttempts')
      expect(mapping).not.toHaveProperty('MaximumBatchingWindowInSeconds')
    }
  })

  it('wake nobody for mailboxes, and for gates only where somebody waits', () => {
    expect(patternsOf('changes')).toEqual([
      { dynamodb: { Keys: { sk: { S: ['EXEC'] } } } },
      { dynamodb: { Keys: { sk: { S: [{ prefix: 'AGENT#' }] } } } },
      {
        dynamodb: {
          Keys: { sk: { S: ['GATE'] } },
          NewImage: { open: { BOOL: [true] }, waiting: { N: [{ 'anything-but': ['0'] }] } },
        },
      },
      { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: AUDIT_RECORD_PREFIX }] } } } },
      { eventName: ['MODIFY', 'REMOVE'] },
    ])
  })

  it('wake nobody for streams, tickets and subscriptions: only for connections and their topics', () => {
    const patterns = patternsOf('connections')

    expect(patterns).toEqual([
      { dynamodb: { Keys: { sk: { S: [connectionKey('c1').sk] } } } },
      {
        dynamodb: {
          Keys: {
            pk: { S: [{ prefix: connectionKey('').pk }] },
            sk: { S: [{ prefix: followedKey('c1', { channel: topicChannel('') }).sk.replace(/#$/, '') }] },
          },
        },
      },
    ])
  })
})
