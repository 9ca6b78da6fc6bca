import { describe, expect, it } from 'vitest'
import {
  connectionsQueueName,
  deadLetterQueueName,
  deliveryQueueName,
  erasureQueueName,
  ingressQueueName,
  workQueueName,
} from '#shared/platform/names.ts'
import { resourcesOf } from '../helpers/templates.ts'

type QueueProperties = {
  QueueName: string
  VisibilityTimeout?: number
  MessageRetentionPeriod: number
  RedrivePolicy?: { maxReceiveCount: number }
}

const isQueueOfAgent = ({ QueueName }: QueueProperties): boolean => /^sluice-[a-z]+-agent-/.test(QueueName)
const isDeadLetterQueue = ({ QueueName }: QueueProperties): boolean => QueueName.endsWith(deadLetterQueueName(''))

describe.each(['local', 'prod'] as const)('queues of %s', (stage) => {
  const queues = resourcesOf(stage, 'AWS::SQS::Queue').map(({ properties }) => properties as QueueProperties)

  it('have a dead-letter queue after five deliveries', () => {
    const working = queues.filter((queue) => !isDeadLetterQueue(queue) && !isQueueOfAgent(queue))

    expect(working.map((queue) => queue.QueueName).toSorted()).toEqual([
      connectionsQueueName(`sluice-${stage}`),
      deliveryQueueName(`sluice-${stage}`),
      erasureQueueName(`sluice-${stage}`),
      ingressQueueName(`sluice-${stage}`),
      workQueueName(`sluice-${stage}`),
    ])
    expect(working.map((queue) => queue.RedrivePolicy?.maxReceiveCount)).toEqual([8, 8, 8, 8, 8])
  })

  it('keep dead letters for 14 days', () => {
    const retention = queues.filter(isDeadLetterQueue).map((queue) => queue.MessageRetentionPeriod)

    expect(retention.length).toBeGreaterThanOrEqual(5)
    expect(new Set(retention)).toEqual(new Set([1_209_600]))
  })

  it('refuse requests without TLS', () => {
    const policies = resourcesOf(stage, 'AWS::SQS::QueuePolicy').map(({ properties }) => JSON.stringify(properties))

    expect(policies).toHaveLength(queues.length)
    expect(policies.every((policy) => policy.includes('"aws:SecureTransport":"false"'))).toBe(true)
  })

  it('show a message again only when its function is surely over', () => {
    const functions = resourcesOf(stage, 'AWS::Lambda::Function').map(({ properties }) => properties)
    const timeoutOf = (name: string) => Number(functions.find((each) => each.FunctionName === `sluice-${stage}-${name}`)?.Timeout)
    const visibilityOf = (name: string) =>
      Number(queues.find((each) => each.QueueName === `sluice-${stage}-${name}`)?.VisibilityTimeout)

    expect(visibilityOf('ingress')).toBeGreaterThanOrEqual(timeoutOf('dispatch') * 6)
    expect(visibilityOf('deliveries')).toBeGreaterThanOrEqual(timeoutOf('deliver') * 6)
    expect(visibilityOf('connections')).toBeGreaterThanOrEqual(timeoutOf('connections') * 6)
    expect(visibilityOf('work')).toBeGreaterThan(timeoutOf('execute'))
  })
})
