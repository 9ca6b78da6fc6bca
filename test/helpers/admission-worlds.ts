import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { expect } from 'vitest'
import { gateItem, gateKey } from '#shared/agents/dynamo-gate-item.ts'
import type { AgentKey, Gate } from '#shared/agents/gate.ts'
import type { AdmissionStore } from '#shared/executions/admission-store.ts'
import type { ApprovalStore } from '#shared/executions/approval-store.ts'
import { dynamoAdmissionStore } from '#shared/executions/dynamo-admission-store.ts'
import { dynamoApprovalStore } from '#shared/executions/dynamo-approval-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { type DynamoBackend, dynamoBackends } from './dynamo.ts'
import { memoryWorld } from './executions.ts'

/** Executions, admission and their log over one database, and a hand on the gates that agents have. */
export type AdmissionWorld = {
  log: StreamLog
  executions: ExecutionStore
  admission: AdmissionStore
  approvals: ApprovalStore
  putGate(agent: AgentKey, gate: Gate): Promise<void>
  setOpen(agent: AgentKey, open: boolean): Promise<void>
  removeGate(agent: AgentKey): Promise<void>
}

/** Every world that there is, by name. */
export const admissionWorlds = (): [string, (clock?: Clock) => AdmissionWorld][] => [
  ['memory', inMemory],
  ...dynamoBackends().map((backend): [string, (clock?: Clock) => AdmissionWorld] => [
    backend.name,
    (clock) => onDynamo(backend, clock),
  ]),
]

export function inMemory(clock: Clock = systemClock): AdmissionWorld {
  const { gates, ...stores } = memoryWorld(clock)
  return {
    ...stores,
    putGate: async (agent, gate) => gates.put(agent, gate),
    async setOpen(agent, open) {
      Object.assign(gates.find(agent) ?? {}, { open })
    },
    removeGate: async (agent) => gates.remove(agent),
  }
}

export function onDynamo(
  { client, tables }: Pick<DynamoBackend, 'client' | 'tables'>,
  clock: Clock = systemClock,
): AdmissionWorld {
  const TableName = tables.registry
  return {
    log: dynamoStreamLog(client, tables.streams),
    executions: dynamoExecutionStore(client, tables, { retentionDays: 30, clock }),
    admission: dynamoAdmissionStore(client, tables),
    approvals: dynamoApprovalStore(client, tables.executions, { retentionDays: 30, clock }),
    async putGate(agent, gate) {
      await client.send(new PutCommand({ TableName, Item: { ...gateKey(agent), ...gateItem(gate) } }))
    },
    async setOpen(agent, open) {
      const change = {
        UpdateExpression: 'SET #open = :open',
        ExpressionAttributeNames: { '#open': 'open' },
        ExpressionAttributeValues: { ':open': open },
      }
      await client.send(new UpdateCommand({ TableName, Key: gateKey(agent), ...change }))
    },
    async removeGate(agent) {
      await client.send(new DeleteCommand({ TableName, Key: gateKey(agent) }))
    },
  }
}

/**
 * Checks that nothing is lost or counted twice: slots within the limit, as many in the mailbox as the gate says, in their order, and each
 * execution in one place: queued ones in one at the most, running ones in a slot, ended and suspended ones in none.
 */
export async function expectConserved(
  { admission, executions }: AdmissionWorld,
  agent: AgentKey,
  records: ExecutionRecord[],
): Promise<void> {
  const gate = await admission.gate(agent)
  const waiting = await admission.listWaiting(agent, 1_000)
  const standing = await Promise.all(records.map((record) => executions.get(record)))

  const found = standing.filter((record) => record !== undefined)
  const idsOf = (chosen: (record: ExecutionRecord) => unknown): string[] =>
    found.filter(chosen).map(({ executionId }) => executionId)
  expect(gate?.active.length).toBeLessThanOrEqual(gate?.limit ?? 0)
  expect(gate?.waiting).toBe(waiting.length)
  expect(waiting.map(({ place }) => place)).toEqual(waiting.map(({ place }) => place).sort())
  expect(waiting.map(({ executionId }) => executionId).sort()).toEqual(idsOf(({ place }) => place !== undefined).sort())
  expect(idsOf(({ status, place }) => place !== undefined && status !== 'queued')).toEqual([])
  expect(gate?.active).toEqual(expect.arrayContaining(idsOf(({ status }) => status === 'running')))
  const slotless = idsOf(({ status, place, suspended }) => hasEnded(status) || place !== undefined || suspended)
  expect(slotless.filter((id) => gate?.active.includes(id))).toEqual([])
}
