import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ALARM_EMAIL, type Variant } from '../helpers/stage-variants.ts'
import { resourcesOf } from '../helpers/templates.ts'

type FilterProperties = { FilterPattern: string; LogGroupName: { Ref: string }; MetricTransformations: unknown[] }
type AlarmProperties = { AlarmName: string; AlarmDescription: string; AlarmActions?: unknown[] }

const alarmsOf = (variant: Variant): AlarmProperties[] =>
  resourcesOf(variant, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties as AlarmProperties)

const headings = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8').matchAll(/^#+ (.+)$/gm)
const anchors = [...headings].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-'),
)

describe('alarms', () => {
  it('say how bad it is and link to a section of the runbook', () => {
    const alarms = alarmsOf('prod')

    expect(alarms.length).toBeGreaterThan(0)
    for (const { AlarmDescription } of alarms) {
      const [, anchor] = /^\[(?:high|low)\] .+ Runbook: docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription) ?? []
      expect(anchors).toContain(anchor)
    }
  })

  it('watch every dead-letter queue', () => {
    const watched = alarmsOf('prod').map(({ AlarmName }) => AlarmName)

    expect(watched).toEqual(
      expect.arrayContaining([
        'sluice-prod-ingress-dead-letters',
        'sluice-prod-work-dead-letters',
        'sluice-prod-delivery-dead-letters',
        'sluice-prod-sweep-dead-letters',
        'sluice-prod-changes-dead-letters',
        'sluice-prod-connections-dead-letters',
        'sluice-prod-erasure-dead-letters',
      ]),
    )
  })

  it.each<[Variant, string[]]>([
    ['prod', ['execute', 'stream']],
    ['local', ['agent-chat', 'agent-documents', 'agent-health', 'agent-support', 'execute', 'stream']],
  ])('tell of spent budgets in %s, whichever function called the model', (stage, callers) => {
    const groups = new Map(resourcesOf(stage, 'AWS::Logs::LogGroup').map(({ id, properties }) => [id, properties.LogGroupName]))
    const filters = resourcesOf(stage, 'AWS::Logs::MetricFilter').map(({ properties }) => properties as FilterProperties)
    const spent = filters.filter(({ FilterPattern }) => FilterPattern === '{ $.message = "budget_exceeded" }')

    const metric = { MetricNamespace: `sluice-${stage}`, MetricName: 'budget_exceeded' }
    expect(spent.map(({ LogGroupName: { Ref } }) => groups.get(Ref)).toSorted()).toEqual(
      callers.map((name) => `/aws/lambda/sluice-${stage}-${name}`),
    )
    for (const { MetricTransformations } of spent) expect(MetricTransformations).toMatchObject([metric])
    expect(alarmsOf(stage)).toContainEqual(
      expect.objectContaining({ AlarmName: `sluice-${stage}-budget-exceeded`, Namespace: `sluice-${stage}`, Threshold: 0 }),
    )
  })

  it('are mailed when the stage has an address', () => {
    const subscriptions = resourcesOf('staging', 'AWS::SNS::Subscription').map(({ properties }) => properties)

    expect(subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: ALARM_EMAIL }])
    expect(alarmsOf('staging').every(({ AlarmActions }) => AlarmActions?.length === 1)).toBe(true)
    expect(alarmsOf('prod').every(({ AlarmActions }) => AlarmActions === undefined)).toBe(true)
  })
})
