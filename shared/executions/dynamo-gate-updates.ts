import { GATE_CONDITION, GATE_NAMES, gateDue, gateKey } from '#shared/agents/dynamo-gate-item.ts'
import { type AgentKey, GATE_LOOK_MS } from '#shared/agents/gate.ts'

/**
 * What each move does to the gate of an agent, alone or within a transaction; all of them fail when the gate is gone. An execution's name
 * is added to and deleted from a set, so taking a slot and giving it back can be repeated.
 */
export type GateUpdate = {
  TableName: string
  Key: { pk: string; sk: string }
  UpdateExpression: string
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues: Record<string, unknown>
}

const { stands, hasFree, hasNoneFor, hasSlot } = GATE_CONDITION
const OPEN = { '#open': GATE_NAMES['#open'] }

/** Puts the gate into the index of what is due, if it is not there. */
const SET_LOOK = 'dueShard = :shard, dueAt = if_not_exists(dueAt, :look)'

/** Takes a slot when there is a free one and nobody waits. `now` is in milliseconds since the epoch. */
export const takeSlot = (table: string, agent: AgentKey, executionId: string, now: number): GateUpdate => ({
  TableName: table,
  Key: gateKey(agent),
  UpdateExpression: `SET ${SET_LOOK} ADD active :slot`,
  ConditionExpression: `${hasSlot} OR (waiting = :none AND ${hasFree})`,
  ExpressionAttributeNames: GATE_NAMES,
  ExpressionAttributeValues: { ...slot(executionId), ...look(agent, now), ':id': executionId, ':none': 0, ':true': true },
})

/** Gives a slot back. */
export const releaseSlot = (table: string, agent: AgentKey, executionId: string): GateUpdate => ({
  TableName: table,
  Key: gateKey(agent),
  UpdateExpression: 'DELETE active :slot',
  ConditionExpression: stands,
  ExpressionAttributeNames: OPEN,
  ExpressionAttributeValues: slot(executionId),
})

/** One more waits, and its slot is given back. `onlyIfFull`: the gate is closed, or full without a slot for this execution. */
export function enterMailbox(table: string, agent: AgentKey, executionId: string, onlyIfFull: boolean): GateUpdate {
  return {
    TableName: table,
    Key: gateKey(agent),
    UpdateExpression: 'SET waiting = waiting + :one DELETE active :slot',
    ConditionExpression: onlyIfFull ? hasNoneFor : stands,
    ExpressionAttributeNames: onlyIfFull ? GATE_NAMES : OPEN,
    ExpressionAttributeValues: {
      ...slot(executionId),
      ':one': 1,
      ...(onlyIfFull && { ':id': executionId, ':false': false }),
    },
  }
}

/** One that waits takes a free slot. `now` is in milliseconds since the epoch. */
export const admitFromMailbox = (table: string, agent: AgentKey, executionId: string, now: number): GateUpdate => ({
  TableName: table,
  Key: gateKey(agent),
  UpdateExpression: `SET waiting = waiting - :one, ${SET_LOOK} ADD active :slot`,
  ConditionExpression: hasFree,
  ExpressionAttributeNames: GATE_NAMES,
  ExpressionAttributeValues: { ...slot(executionId), ...look(agent, now), ':one': 1, ':true': true },
})

/** One that waits goes without having had a slot. */
export const leaveMailbox = (table: string, agent: AgentKey): GateUpdate => ({
  TableName: table,
  Key: gateKey(agent),
  UpdateExpression: 'SET waiting = waiting - :one',
  ConditionExpression: stands,
  ExpressionAttributeNames: OPEN,
  ExpressionAttributeValues: { ':one': 1 },
})

const slot = (executionId: string) => ({ ':slot': new Set([executionId]) })

function look(agent: AgentKey, now: number) {
  const { dueShard, dueAt } = gateDue(agent, now + GATE_LOOK_MS)
  return { ':shard': dueShard, ':look': dueAt }
}
