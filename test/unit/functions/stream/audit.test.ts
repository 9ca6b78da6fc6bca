import { expect, it } from 'vitest'
import { streamDoor } from '../../../helpers/stream-door.ts'

const SECRET = 'sk-proj-9f8A7b6C5d4E3f2G1h0I'

it('an execution that runs in its answer is recorded before the answer begins', async () => {
  const door = await streamDoor()
  let headsAtRecord: number | undefined
  const { append } = door.auditLog
  door.auditLog.append = async (...args) => {
    headsAtRecord = door.heads.length
    await append(...args)
  }

  const { response, done } = await door.run({ agentId: 'assistant', input: { content: SECRET } })
  response.resume()
  await done

  expect(headsAtRecord).toBe(0)
  expect(door.auditLog.written).toMatchObject([
    {
      tenant: 'acme',
      record: { subject: 'ann', door: 'stream', action: 'runExecution', outcome: 'accepted', address: '127.0.0.1' },
    },
  ])
  expect(JSON.stringify(door.auditLog.written)).not.toContain(SECRET)
})

it('refused runs and refused streams are recorded, streams that open are not', async () => {
  const door = await streamDoor()
  await door.withExecution()
  await door.get({ query: { ticket: await door.ticket(), after: '0' }, ms: 5_001 })
  await door.get({ query: { ticket: SECRET } })
  await door.get({ query: { ticket: await door.ticket({ scopes: [] }) } })
  await door.get({ path: '/streams/executions/nobody', query: { ticket: await door.ticket() } })
  await door.get({ path: `/streams/${SECRET}` })
  const { response, done } = await door.run({ agentId: 'nobody', input: { content: 'Hi' } })
  response.resume()
  await done

  const records = door.auditLog.written.map(({ tenant, record: { action, code, resource } }) => [tenant, action, code, resource])
  expect(JSON.stringify(door.logger.lines)).not.toContain(SECRET)
  expect(records).toEqual([
    ['-', 'openStream', 'unauthorized', '/streams/executions/e1'],
    ['acme', 'openStream', 'forbidden', '/streams/executions/e1'],
    ['acme', 'runExecution', 'not_found', '/streams/executions'],
  ])
  expect(JSON.stringify(door.auditLog.written)).not.toContain(SECRET)
})

it('nothing is recorded of a tenant that is closed', async () => {
  const door = await streamDoor()
  await door.withExecution()
  const ticket = await door.ticket()
  await door.gate.close('acme')

  const { head } = await door.get({ query: { ticket } })
  const { done } = await door.run({ agentId: 'assistant', input: { content: 'Hi' } })
  await done

  expect(head?.statusCode).toBe(403)
  expect(door.auditLog.written).toEqual([])
})
