import pLimit from 'p-limit'
import { type AgentKey, freeSlots } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { ALL_CHANNEL, agentChannel } from '#shared/protocol/channel.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelPublisher } from '#shared/streams/channel-publisher.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import type { UnnumberedEvent } from '#shared/streams/stream-log.ts'
import { type AgentChange, type Change, endsBy, type GateChange } from './change.ts'
import type { Fact } from './fact.ts'
import type { LifecycleBus } from './lifecycle-bus.ts'
import { lifecycleEventsOf, type Sampling } from './lifecycle-events-of.ts'

export type ChangesDependencies = {
  bus: LifecycleBus
  channels: ChannelPublisher
  /** Gives the free slots of an agent to those who wait. Repeatable. */
  admitNext(agent: AgentKey): Promise<unknown>
  /** What else follows from the end of an execution; each is repeatable. */
  onEnded: readonly ((record: ExecutionRecord) => Promise<void>)[]
  /** Notes an agent as it is now; absent when it is gone. Repeatable. */
  noteAgent(agent: AgentKey, state: Agent | undefined): Promise<void>
  /** What else follows from a fact; each is repeatable. */
  onFact: readonly ((fact: Fact) => Promise<void>)[]
  sampling: Sampling
  clock: Clock
}

/** A change, by its place in the batch, from which not everything has followed. */
export type FailedChange = { index: number; error: SluiceError }

type Told = { index: number; fact: Fact }
type Attempt = (indexes: number[], act: () => Promise<unknown>) => Promise<FailedChange[]>

/** Writes and calls of one batch that are made at once. */
const AT_ONCE = 20

/**
 * Does what follows from a batch of changes: tells the facts on the bus and on their channels, lets the next in line begin, and does what is
 * owed when an execution has ended. All of it is repeatable, so a change may come again: facts keep their ids, and a channel shows each id
 * once.
 *
 * @param changes - as the stream gave them; undefined where nothing follows
 * @returns the changes that must come again
 */
export async function handleChanges(
  dependencies: ChangesDependencies,
  changes: readonly (Change | undefined)[],
): Promise<FailedChange[]> {
  const limit = pLimit(AT_ONCE)
  const attempt: Attempt = (indexes, act) =>
    limit(act).then(
      () => [],
      (error) => indexes.map((index) => ({ index, error: toSluiceError(error) })),
    )
  const told = changes.flatMap((change, index) =>
    change ? lifecycleEventsOf(change, dependencies.sampling).map((fact) => ({ index, fact })) : [],
  )
  const results = await Promise.all([
    publish(dependencies, told),
    ...showOnChannels(dependencies, told, attempt),
    ...admitThoseWhoWait(dependencies, changes, attempt),
    ...settle(dependencies, changes, attempt),
    ...noteAgents(dependencies, changes, attempt),
    ...told.flatMap(({ index, fact }) => dependencies.onFact.map((step) => attempt([index], () => step(fact)))),
  ])
  return results.flat()
}

async function publish({ bus }: ChangesDependencies, told: Told[]): Promise<FailedChange[]> {
  const refused = await bus.publish(told.map(({ fact }) => fact))
  return refused.flatMap(({ fact, reason }) => {
    const error = new SluiceError('unavailable', `the bus did not accept ${fact.event.type}: ${reason}`)
    return told.filter((each) => each.fact === fact).map(({ index }) => ({ index, error }))
  })
}

/** Every fact on `all`, those of an agent on its channel too; the facts of a channel are written together, in their order. */
function showOnChannels({ channels, clock }: ChangesDependencies, told: Told[], attempt: Attempt): Promise<FailedChange[]>[] {
  const byChannel = new Map<string, { ref: ChannelRef; told: Told[] }>()
  for (const one of told) {
    const { tenant, event } = one.fact
    const names = [ALL_CHANNEL, ...(event.data.agentId === undefined ? [] : [agentChannel(event.data.agentId)])]
    for (const channel of names) {
      const key = JSON.stringify([tenant, channel])
      const group = byChannel.get(key) ?? { ref: { tenant, channel }, told: [] }
      byChannel.set(key, { ...group, told: [...group.told, one] })
    }
  }
  const time = timestamp(clock)
  return [...byChannel.values()].map(({ ref, told }) =>
    attempt(
      told.map(({ index }) => index),
      () =>
        channels.publish(
          ref,
          told.map(({ fact }) => onChannel(fact, time)),
        ),
    ),
  )
}

/** A fact as its channels show it. */
export const onChannel = ({ event }: Fact, time: string): UnnumberedEvent => ({
  id: event.id,
  numbered: (sequence): StreamEvent => ({ type: 'lifecycle', sequence, time, data: event }),
})

/** Looks at each gate as it stood last: before that it was somebody else's to see. */
function admitThoseWhoWait(
  { admitNext }: ChangesDependencies,
  changes: readonly (Change | undefined)[],
  attempt: Attempt,
): Promise<FailedChange[]>[] {
  const last = new Map<string, { index: number; change: GateChange }>()
  for (const [index, change] of changes.entries()) {
    if (change?.kind === 'gate') last.set(JSON.stringify(change.agent), { index, change })
  }
  return [...last.values()]
    .filter(({ change: { gate } }) => freeSlots(gate) > 0 && gate.waiting > 0)
    .map(({ index, change: { agent } }) => attempt([index], () => admitNext(agent)))
}

/** Each agent as it stood last: what it was before that is nobody's to count any more. */
function noteAgents(
  { noteAgent }: ChangesDependencies,
  changes: readonly (Change | undefined)[],
  attempt: Attempt,
): Promise<FailedChange[]>[] {
  const last = new Map<string, { index: number; agent: AgentKey; change: AgentChange }>()
  for (const [index, change] of changes.entries()) {
    const agentId = change?.kind === 'agent' ? (change.after ?? change.before)?.agentId : undefined
    if (change?.kind !== 'agent' || agentId === undefined) continue
    const agent = { tenant: change.tenant, agentId }
    last.set(JSON.stringify(agent), { index, agent, change })
  }
  return [...last.values()].map(({ index, agent, change }) => attempt([index], () => noteAgent(agent, change.after)))
}

/** What is owed when an execution has ended. */
function settle(
  { onEnded }: ChangesDependencies,
  changes: readonly (Change | undefined)[],
  attempt: Attempt,
): Promise<FailedChange[]>[] {
  return changes.flatMap((change, index) => {
    if (change?.kind !== 'execution' || !endsBy(change)) return []
    return onEnded.map((step) => attempt([index], () => step(change.after)))
  })
}
