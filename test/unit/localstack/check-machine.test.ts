import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkEndpoint, checkNode, checkPorts } from '../../../localstack/check-machine.ts'
import { freePort } from '../../../localstack/process/ports.ts'

describe('the checks before the start', () => {
  it('want the Node of the functions', () => {
    expect(() => checkNode('22.18.0')).toThrow('this is Node 22.18.0')
    expect(() => checkNode('24.0.0')).not.toThrow()
    expect(() => checkNode()).not.toThrow()
  })

  it('want every port free, and name the option that moves it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      await expect(checkPorts({ '--port': await freePort(), '--llm-port': port })).rejects.toMatchObject({
        message: `port ${port} is taken by another program`,
        advice: expect.stringContaining('--llm-port'),
      })
    } finally {
      server.close()
    }
    await expect(checkPorts({ '--llm-port': port })).resolves.toBeUndefined()
  })

  it('want an answer from an endpoint that somebody else runs', async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(checkEndpoint(url)).resolves.toBeUndefined()
    server.close()
    server.closeAllConnections()

    await expect(checkEndpoint(url)).rejects.toThrow(`nothing answers at AWS_ENDPOINT_URL ${url}`)
  })
})
