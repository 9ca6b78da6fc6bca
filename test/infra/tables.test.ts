import { expect, it } from 'vitest'
import { TABLE_DEFINITIONS, TTL_ATTRIBUTE } from '../helpers/tables.ts'
import { resourcesOf } from '../helpers/templates.ts'

it.each(['registry', 'executions', 'streams', 'audit'] as const)(
  'contract tests run on the table %s as it is deployed',
  (name) => {
    const tables = resourcesOf('local', 'AWS::DynamoDB::Table')
    const deployed = tables.find(({ id }) => id.toLowerCase().startsWith(name))?.properties

    const { AttributeDefinitions = [], ...definition } = TABLE_DEFINITIONS[name]
    expect(deployed).toMatchObject(definition)
    expect(deployed?.AttributeDefinitions).toHaveLength(AttributeDefinitions.length)
    expect(deployed?.AttributeDefinitions).toEqual(expect.arrayContaining(AttributeDefinitions))
    expect(deployed?.GlobalSecondaryIndexes).toEqual(TABLE_DEFINITIONS[name].GlobalSecondaryIndexes)
    expect(deployed?.TimeToLiveSpecification).toEqual({ AttributeName: TTL_ATTRIBUTE, Enabled: true })
  },
)
