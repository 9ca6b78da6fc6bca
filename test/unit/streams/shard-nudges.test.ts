import { describe, expect, it } from 'vitest'
import type { ConnectionTask } from '#shared/streams/connection-task-queue.ts'
import { shardNudges } from '#shared/streams/shard-nudges.ts'

const ref = { tenant: 'acme', channel: 'execution:e1' }

/** A queue whose every round waits to be let through, or to fail. */
function slowQueue() {
  const rounds: { shards: number[]; done: PromiseWithResolvers<void> }[] = []
  const send = (tasks: ConnectionTask[]): Promise<void> => {
    const done = Promise.withResolvers<void>()
    rounds.push({ shards: tasks.map((task) => (task.task === 'send' ? task.shard : -1)), done })
    return done.promise
  }
  return { rounds, nudges: shardNudges({ send }, ref) }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('shardNudges', () => {
  it('tells every shard, and nobody where there is none', async () => {
    const { rounds, nudges } = slowQueue()

    nudges.nudge(0)
    nudges.nudge(3)

    expect(rounds.map(({ shards }) => shards)).toEqual([[1, 2, 3]])
    rounds[0]?.done.resolve()
    await nudges.settled()
  })

  it('has one round on its way at a time, and one more for all that is asked for meanwhile', async () => {
    const { rounds, nudges } = slowQueue()
    for (const shards of [1, 2, 2]) nudges.nudge(shards)
    expect(rounds).toHaveLength(1)

    rounds[0]?.done.resolve()
    await turn()

    expect(rounds.map(({ shards }) => shards)).toEqual([[1], [1, 2]])
    const settled = nudges.settled()
    rounds[1]?.done.resolve()
    await settled
    expect(rounds).toHaveLength(2)
  })

  it('owes a round that fails until somebody is told', async () => {
    const { rounds, nudges } = slowQueue()
    nudges.nudge(2)
    rounds[0]?.done.reject(new Error('throttled'))
    await turn()

    const settled = nudges.settled()
    rounds[1]?.done.reject(new Error('throttled'))
    await expect(settled).rejects.toThrow('throttled')
    const again = nudges.settled()
    rounds[2]?.done.resolve()
    await again

    expect(rounds.map(({ shards }) => shards)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })
})
