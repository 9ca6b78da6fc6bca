import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What the calls since the last look consumed. */
export type Consumed = { calls: number; readUnits: number; writeUnits: number }

export type MeteringProxy = {
  url: string
  /** What was consumed since the last call of this. */
  take(): Consumed
  stop(): Promise<void>
}

type Capacity = { ReadCapacityUnits?: number; WriteCapacityUnits?: number; CapacityUnits?: number }

const READS = new Set(['GetItem', 'Query', 'BatchGetItem', 'TransactGetItems', 'Scan'])

/** Stands before DynamoDB, asks with each call for the capacity that it consumes, and adds it up: the code that is measured stays as it is. */
export async function startMeteringProxy(target: string): Promise<MeteringProxy> {
  let consumed: Consumed = { calls: 0, readUnits: 0, writeUnits: 0 }

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? ''
    const body = JSON.parse((await buffer(incoming)).toString())
    const text = JSON.stringify({ ...body, ReturnConsumedCapacity: 'TOTAL' })
    const headers = { ...incoming.headers, 'content-length': Buffer.byteLength(text), host: new URL(target).host }
    const outgoing = request(target, { method: 'POST', headers }).end(text)
    const [answer]: IncomingMessage[] = await once(outgoing, 'response')
    if (!answer) throw new Error('DynamoDB did not answer')
    const content = await buffer(answer)
    count(operation, JSON.parse(content.toString()).ConsumedCapacity)
    // The SDK checks the checksum of the body as it came.
    response.writeHead(answer.statusCode ?? 500, answer.headers).end(content)
  }

  function count(operation: string, capacity: Capacity | Capacity[] | undefined): void {
    const units = [capacity ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
    const kind = READS.has(operation) ? 'readUnits' : 'writeUnits'
    consumed = { ...consumed, calls: consumed.calls + 1, [kind]: consumed[kind] + units }
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = consumed
      consumed = { calls: 0, readUnits: 0, writeUnits: 0 }
      return taken
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
