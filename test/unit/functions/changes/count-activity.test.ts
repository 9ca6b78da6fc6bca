import { expect, it } from 'vitest'
import { memoryActivityStore } from '#shared/streams/memory-activity-store.ts'
import { countActivity } from '../../../../functions/changes/count-activity.ts'
import { anEvent } from '../../../helpers/webhooks.ts'

it('counts what was taken on and what went wrong, for the tenant of the fact', async () => {
  const activity = memoryActivityStore()
  const count = countActivity(activity)

  for (const type of ['execution.queued', 'execution.started', 'execution.completed', 'execution.failed'] as const) {
    await count({ tenant: 'acme', event: anEvent({ type }) })
  }
  await count({ tenant: 'other', event: anEvent({ type: 'execution.timed_out' }) })

  expect(await activity.of('acme')).toEqual({ messages: 1, errors: 1 })
  expect(await activity.of('other')).toEqual({ messages: 0, errors: 1 })
})

it('holds up no change when it cannot be counted', async () => {
  const activity = memoryActivityStore()
  activity.add = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }))

  await expect(countActivity(activity)({ tenant: 'acme', event: anEvent({ type: 'execution.failed' }) })).resolves.toBeUndefined()
})
