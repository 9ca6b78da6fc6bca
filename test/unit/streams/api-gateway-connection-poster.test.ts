import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiGatewayConnectionPoster } from '#shared/streams/api-gateway-connection-poster.ts'

describe('apiGatewayConnectionPoster', () => {
  let server: Server
  let answer: { status: number; error?: string }
  let requests: string[]

  beforeEach(async () => {
    requests = []
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        requests.push(`${request.method} ${request.url} ${body}`)
        response.writeHead(answer.status, answer.error === undefined ? {} : { 'x-amzn-errortype': answer.error })
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  const poster = () => apiGatewayConnectionPoster(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)

  it.each([
    ['sent', { status: 200 }],
    ['gone', { status: 410, error: 'GoneException' }],
    ['refused', { status: 413, error: 'PayloadTooLargeException' }],
    ['throttled', { status: 429, error: 'LimitExceededException' }],
    ['failed', { status: 500 }],
  ])('says that a frame was %s, after one try', async (status, answered) => {
    answer = answered

    expect(await poster().post('c1', 'frame')).toMatchObject({ status })

    expect(requests).toEqual(['POST /@connections/c1 frame'])
  })

  it('closes a socket, and does not mind one that is gone', async () => {
    answer = { status: 410, error: 'GoneException' }

    await poster().close('c1')

    expect(requests).toEqual(['DELETE /@connections/c1 '])
  })

  it('has no more than fifty posts on their way at once', async () => {
    let [open, most] = [0, 0]
    server.removeAllListeners('request').on('request', (request, response) => {
      open += 1
      most = Math.max(most, open)
      request.resume()
      setTimeout(() => {
        open -= 1
        response.end('{}')
      }, 20)
    })
    const crowd = poster()

    const results = await Promise.all(Array.from({ length: 300 }, (_, viewer) => crowd.post(`c${viewer}`, 'frame')))

    expect(results).toEqual(results.map(() => ({ status: 'sent' })))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(50)
  })
})
