import { CreateEventBusCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, inject, it } from 'vitest'
import { eventBridgeLifecycleBus } from '#shared/events/event-bridge-lifecycle-bus.ts'
import { newId } from '#shared/platform/ids.ts'
import { EVENT_SOURCE } from '#shared/platform/names.ts'
import { aFact } from '../../helpers/facts.ts'
import '../../helpers/provided-context.ts'
import { receiveFrom } from '../../helpers/receive-from.ts'

it('lifecycle events on EventBridge are matched by the rule that docs/events.md shows', async () => {
  const sqs = new SQSClient({ endpoint: inject('emulatorUrl') })
  const eventBridge = new EventBridgeClient({ endpoint: inject('emulatorUrl') })
  const name = `bus-${newId()}`
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  await eventBridge.send(new CreateEventBusCommand({ Name: name }))
  const pattern = {
    source: [EVENT_SOURCE],
    'detail-type': ['execution.failed'],
    detail: { tenant: ['acme'], data: { agentId: ['assistant'] } },
  }
  await eventBridge.send(new PutRuleCommand({ Name: 'failed', EventBusName: name, EventPattern: JSON.stringify(pattern) }))
  await eventBridge.send(
    new PutTargetsCommand({ Rule: 'failed', EventBusName: name, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }),
  )
  const failed = aFact({ id: 'f-2', type: 'execution.failed' })

  const refused = await eventBridgeLifecycleBus(eventBridge, name).publish([
    aFact({ id: 'f-1' }),
    aFact({ id: 'f-3', type: 'execution.failed' }, 'globex'),
    failed,
  ])

  expect(refused).toEqual([])
  const [message] = await receiveFrom(sqs, String(QueueUrl))
  expect(JSON.parse(String(message?.Body))).toMatchObject({
    source: EVENT_SOURCE,
    'detail-type': 'execution.failed',
    detail: { tenant: 'acme', ...failed.event },
  })
})
