import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What lies between a browser and the front door: passes bytes on until the test breaks it. */
export interface FlakyNetwork {
  /** Address of the front door as the browser sees it. */
  readonly url: string
  /** Cuts every connection and accepts none, until {@link restore}. */
  cut(): void
  /** Connections stay open and carry nothing any more in either direction: those that are there, for good; new ones pass. */
  freeze(): void
  restore(): void
  stop(): Promise<void>
}

/** A relay in front of `target`, on a port of its own. */
export async function startFlakyNetwork(target: string): Promise<FlakyNetwork> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let down = false

  const server = createServer((near) => {
    if (down) return near.destroy()
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut() {
      down = true
      for (const socket of open) socket.destroy()
    },
    freeze() {
      for (const socket of open) {
        socket.unpipe()
        socket.pause()
      }
    },
    restore() {
      down = false
    },
    async stop() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
