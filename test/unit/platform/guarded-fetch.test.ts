import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { type GuardedFetchOptions, guardedFetch } from '#shared/platform/guarded-fetch.ts'

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const options = (over: Partial<GuardedFetchOptions> = {}): GuardedFetchOptions => ({
  allowPrivate: true,
  timeoutMs: 5_000,
  maxBytes: 1_000,
  ...over,
})

/** An HTTP server on this machine. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A port on every address of this machine, IPv4 and IPv6, that counts who comes. */
async function listen(): Promise<{ port: number; connections(): number }> {
  let count = 0
  const server = createTcpServer((socket) => {
    count += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  stops.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, connections: () => count }
}

/** What was thrown. */
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new Error('nothing was thrown')
    },
    (error: unknown) => error,
  )

describe('guardedFetch: addresses', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '127.255.255.254',
    'localhost',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])('never connects to %s', async (host) => {
    const { port, connections } = await listen()

    const error = await failure(guardedFetch(`https://${host}:${port}/`, {}, options({ allowPrivate: false })))

    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ retryable: false })
    expect(connections()).toBe(0)
  })

  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '224.0.0.1',
    '255.255.255.255',
  ])('refuses %s before any packet leaves', async (host) => {
    const error = await failure(guardedFetch(`https://${host}/`, {}, options({ allowPrivate: false })))

    expect(error).toBeInstanceOf(ValidationError)
  })

  it('connects to the same port where private addresses are allowed: what was blocked above could be reached', async () => {
    const { port, connections } = await listen()

    const error = await failure(guardedFetch(`https://127.0.0.1:${port}/`, {}, options()))

    expect(error).toMatchObject({ code: 'network_error', retryable: true })
    expect(connections()).toBe(1)
  })

  it.each([
    ['http in the cloud', 'http://example.com/', false],
    ['files', 'file:///etc/passwd', true],
    ['other schemes', 'gopher://example.com/', true],
    ['a user', 'https://admin@example.com/', false],
    ['a password', 'https://:secret@example.com/', false],
    ['what is no URL', 'example.com', false],
    ['an impossible host', 'https://256.256.256.256/', false],
  ])('refuses %s', async (_what, url, allowPrivate) => {
    expect(await failure(guardedFetch(url, {}, options({ allowPrivate })))).toBeInstanceOf(ValidationError)
  })
})

describe('guardedFetch: answers', () => {
  it('sends method, headers and body, and gives the whole answer', async () => {
    const url = await serve((request, response) => {
      request.setEncoding('utf8')
      request.on('data', (body) => {
        response.writeHead(201, {
          'x-got': `${request.method} ${request.headers['x-sent']} ${body}`,
          'set-cookie': ['a=1', 'b=2'],
        })
        response.end('done')
      })
    })

    const response = await guardedFetch(`${url}/x`, { method: 'POST', headers: { 'x-sent': 'yes' }, body: 'hello' }, options())

    expect(response.status).toBe(201)
    expect(response.headers.get('x-got')).toBe('POST yes hello')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toBe('done')
  })

  it('does not follow a redirect', async () => {
    const { port, connections } = await listen()
    const url = await serve((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/inside` }).end()
    })

    const response = await guardedFetch(url, {}, options())

    expect(response.status).toBe(307)
    expect(connections()).toBe(0)
  })

  it.each([204, 304])('takes %i, which has no body', async (status) => {
    const url = await serve((_request, response) => response.writeHead(status).end())

    expect((await guardedFetch(url, {}, options())).status).toBe(status)
  })

  it('asks for an answer as it is, and refuses one that is compressed all the same', async () => {
    const asked: unknown[] = []
    const url = await serve((request, response) => {
      asked.push(request.headers['accept-encoding'])
      response.setHeader('content-encoding', 'gzip').end(gzipSync('a'.repeat(100_000)))
    })

    const error = await failure(guardedFetch(url, {}, options()))

    expect(error).toMatchObject({ code: 'unsupported' })
    expect(asked).toEqual(['identity'])
  })

  it('stops reading an answer without end', async () => {
    let closed: () => void = () => {}
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve
    })
    const url = await serve((_request, response) => {
      response.on('close', closed)
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(500)));
      }
      response.on('drain', write)
      write()
    })

    const error = await failure(guardedFetch(url, {}, options()))

    expect(error).toMatchObject({ code: 'payload_too_large', retryable: false })
    await hungUp
  })

  it('reads nothing of a body that nobody wants', async () => {
    const url = await serve((_request, response) => response.writeHead(202).write('the rest never comes'))
    const { maxBytes: _none, ...withoutBody } = options()

    const response = await guardedFetch(url, {}, withoutBody)

    expect(response.status).toBe(202)
    expect(response.body).toBeNull()
  })

  it.each([
    ['never answers', () => {}],
    ['never ends its answer', (_request, response) => response.write('a')],
  ] satisfies [string, RequestListener][])('gives up on a server that %s', async (_what, listener) => {
    const url = await serve(listener)

    expect(await failure(guardedFetch(url, {}, options({ timeoutMs: 100 })))).toMatchObject({ code: 'timeout', retryable: true })
  })

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const reason = new SluiceError('cancelled', 'enough')
    const url = await serve(() => controller.abort(reason))

    expect(await failure(guardedFetch(url, {}, options({ signal: controller.signal })))).toBe(reason)
  })

  it.each([
    ['hangs up', (_request, response) => response.destroy()],
    [
      'hangs up in the middle',
      (_request, response) => response.writeHead(200, { 'content-length': 9 }).write('a', () => response.destroy()),
    ],
    ['has no proper status', (_request, response) => response.writeHead(999).end()],
  ] satisfies [string, RequestListener][])('is a network error when the server %s', async (_what, listener) => {
    const url = await serve(listener)

    expect(await failure(guardedFetch(url, {}, options()))).toMatchObject({ code: 'network_error', retryable: true })
  })
})
