import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Defect } from './defects.ts'
import { answerHttp } from './http-door.ts'
import { chosenProtocol, refusedHandshake, serveSocket } from './socket-door.ts'
import { modelWorld } from './world.ts'

export type ModelFrontDoor = { url: string; stop(): Promise<void> }

/** A small front door in memory that keeps the protocol, but for its defects. Its one token is `good`, its one agent `assistant`. */
export async function startModelFrontDoor(...broken: Defect[]): Promise<ModelFrontDoor> {
  const defects: ReadonlySet<Defect> = new Set(broken)
  const world = modelWorld(defects)
  const server = createServer((request, response) => void answerHttp(world, defects, request, response))
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (protocols) => chosenProtocol(protocols, defects),
    verifyClient: ({ req }, done) => {
      const status = refusedHandshake(world, defects, req)
      done(status === undefined, status)
    },
  })
  sockets.on('connection', (socket, request) => serveSocket(world, defects, socket, request))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
