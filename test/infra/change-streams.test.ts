import { describe, expect, it } from 'vitest'
import { functionName } from '#shared/platform/names.ts'
import { resourcesOf } from '../helpers/templates.ts'

type Mapping = {
  FunctionName: { Ref: string }
  FilterCriteria: { Filters: { Pattern: string }[] }
  MaximumRecordAgeInSeconds: number
}

describe.each(['local', 'prod'] as const)('change streams of %s', (stage) => {
  const changes = resourcesOf(stage, 'AWS::Lambda::Function').find(
    ({ properties }) => properties.FunctionName === functionName(`sluice-${stage}`, 'changes'),
  )
  const mappings = resourcesOf(stage, 'AWS::Lambda::EventSourceMapping')
    .map(({ properties }) => properties as Mapping & Record<string, unknown>)
    .filter(({ FunctionName }) => FunctionName.Ref === changes?.id)

  it('show old and new items of what is kept, and nothing of what expires', () => {
    const tables = resourcesOf(stage, 'AWS::DynamoDB::Table')
    const streams = tables.map(({ id, properties }) => [id.replace(/Table.*/, ''), properties.StreamSpecification])

    expect(Object.fromEntries(streams)).toEqual({
      Registry: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Executions: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Streams: undefined,
    })
  })

  it('are read from their beginning, in halves after a failure, and what fails too long is kept', () => {
    expect(mappings).toHaveLength(2)
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
    const patterns = mappings.flatMap(({ FilterCriteria }) => FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern)))

    expect(patterns).toEqual([
      { dynamodb: { Keys: { sk: { S: ['EXEC'] } } } },
      { dynamodb: { Keys: { sk: { S: [{ prefix: 'AGENT#' }] } } } },
      {
        dynamodb: {
          Keys: { sk: { S: ['GATE'] } },
          NewImage: { open: { BOOL: [true] }, waiting: { N: [{ 'anything-but': ['0'] }] } },
        },
      },
    ])
  })
})
