import { GATE_CONDITION, GATE_NAMES, gateDue, gateKey } from '#shared/agents/dynamo-gate-item.ts'
import { type AgentKey, GATE_LOOK_MS } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { SlotKey } from './execution-store.ts'

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

const { stands, hasFree, hasNoneFor, hasSlot, mayBegin } = GATE_CONDITION
const OPEN = { '#open': GATE_NAMES['#open'] }

/** Puts the gate into the index of what is due, if it is not there. */
const SET_LOOK = 'dueShard = :shard, dueAt = if_not_exists(dueAt, :look)'

/** What is asked of whoever wants to begin. */
type Candidate = SlotKey & Pick<ExecutionRecord, 'createdAt'>

/** Takes a slot when there is a free one and nobody waits. `now` is in milliseconds since the epoch. */
export const takeSlot = (table: string, candidate: Candidate, now: number): GateUpdate => ({
  TableName: table,
  Key: gateKey(candidate),
  UpdateExpression: `SET ${SET_LOOK} ADD active :slot`,
  ConditionExpression: `${mayBegin} AND (${hasSlot} OR (waiting = :none AND ${hasFree}))`,
  ExpressionAttributeNames: GATE_NAMES,
  ExpressionAttributeValues: { ...who(candidate), ...look(candidate, now), ':none': 0, ':true': true },
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
export function enterMailbox(table: string, candidate: Candidate, onlyIfFull: boolean): GateUpdate {
  return {
    TableName: table,
    Key: gateKey(candidate),
    UpdateExpression: 'SET waiting = waiting + :one DELETE active :slot',
    ConditionExpression: onlyIfFull ? `${mayBegin} AND (${hasNoneFor})` : stands,
    ExpressionAttributeNames: onlyIfFull ? GATE_NAMES : OPEN,
    ExpressionAttributeValues: {
      ...(onlyIfFull ? { ...who(candidate), ':false': false } : slot(candidate.executionId)),
      ':one': 1,
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

const who = ({ executionId, createdAt }: Candidate) => ({
  ...slot(executionId),
  ':id': executionId,
  ':madeAt': Date.parse(createdAt),
})

function look(agent: AgentKey, now: number) {
  const { dueShard, dueAt } = gateDue(agent, now + GATE_LOOK_MS)
  return { ':shard': dueShard, ':look': dueAt }
}
