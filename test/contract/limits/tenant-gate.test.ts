import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dynamoTenantGate } from '#shared/limits/dynamo-tenant-gate.ts'
import { memoryTenantGate } from '#shared/limits/memory-tenant-gate.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

describe('tenant gate in memory', () => gateContract(memoryTenantGate))

describe.each(dynamoBackends())('tenant gate on $name', ({ client, tables }) =>
  gateContract(() => dynamoTenantGate(client, tables.streams)),
)

function gateContract(makeGate: () => TenantGate): void {
  it('is open until it is closed, and closed until it is opened', async () => {
    const gate = makeGate()
    const tenant = randomUUID()
    const states: boolean[] = [await gate.isClosed(tenant)]

    await gate.close(tenant)
    await gate.close(tenant)
    states.push(await gate.isClosed(tenant))
    await gate.open(tenant)
    await gate.open(tenant)
    states.push(await gate.isClosed(tenant))

    expect(states).toEqual([false, true, false])
  })

  it('closes one tenant and no other', async () => {
    const gate = makeGate()
    const [tenant, other] = [randomUUID(), randomUUID()]

    await gate.close(tenant)

    expect(await gate.isClosed(other)).toBe(false)
  })
}
