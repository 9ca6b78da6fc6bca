import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FunctionHost, startFunctionHost } from '../../../localstack/front-door/function-url/function-host.ts'

describe('the host of a streaming function', () => {
  let directory = ''
  const hosts: FunctionHost[] = []
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-function-'))
  })
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()))
    await rm(directory, { recursive: true })
  })

  /** Serves a handler whose body is this JavaScript. */
  async function serve(body: string, { timeoutSeconds = 30 } = {}): Promise<FunctionHost> {
    const file = join(directory, 'handler.mjs')
    await writeFile(
      file,
      `export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => { ${body} })`,
    )
    const env = { GREETING: 'hello', PATH: process.env.PATH }
    const host = await startFunctionHost({ file, functionName: 'greeter', timeoutSeconds, env, logFile: join(directory, 'log') })
    hosts.push(host)
    return host
  }

  it('gives the handler its environment, the event and the context', async () => {
    const { url } = await serve(`
      responseStream.write(JSON.stringify([process.env.GREETING, event.rawPath, context.functionName, context.getRemainingTimeInMillis() > 0]))
      responseStream.end()`)

    expect(await (await fetch(`${url}/streams/x`)).json()).toEqual(['hello', '/streams/x', 'greeter', true])
  })

  it('sends status, headers and cookies with the first write, and each chunk as it comes', async () => {
    const { url } = await serve(`
      const stream = awslambda.HttpResponseStream.from(responseStream, {
        statusCode: 201, headers: { 'content-type': 'text/event-stream' }, cookies: ['a=1'],
      })
      stream.write('one')
      if (event.queryStringParameters?.wait) await new Promise(() => {})
      stream.end()`)

    const response = await fetch(`${url}/?wait=1`)
    const first = await response.body?.getReader().read()

    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.getSetCookie()).toEqual(['a=1'])
    expect(Buffer.from(first?.value ?? []).toString()).toBe('one')
  })

  it('destroys the stream when the caller goes away', async () => {
    const { url } = await serve(`
      if (event.rawPath === '/seen') { responseStream.end(String(globalThis.closed)); return }
      globalThis.closed = new Promise((resolve) => responseStream.once('close', () => resolve('closed')))
        .then((text) => { globalThis.closed = text })
      responseStream.write('one')
      await globalThis.closed`)
    const caller = new AbortController()
    const response = await fetch(url, { signal: caller.signal })
    await response.body?.getReader().read()

    caller.abort()
    await expect.poll(async () => (await fetch(`${url}/seen`)).text()).toBe('closed')
  })

  it('cuts an answer at the function’s timeout', async () => {
    const { url } = await serve(`responseStream.write('one'); await new Promise(() => {})`, { timeoutSeconds: 0.1 })
    const response = await fetch(url)

    await expect(response.text()).rejects.toThrow()
  })

  it('answers a handler that throws with a problem, and logs the reason', async () => {
    const { url } = await serve(`throw new Error('no such table')`)
    const response = await fetch(url)

    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ code: 'internal' })
    expect(await readFile(join(directory, 'log'), 'utf8')).toContain('no such table')
  })

  it('refuses a bundle whose handler does not stream', async () => {
    const file = join(directory, 'plain.mjs')
    await writeFile(file, 'export const handler = async () => ({})')
    const started = startFunctionHost({
      file,
      functionName: 'plain',
      timeoutSeconds: 1,
      env: {},
      logFile: join(directory, 'log'),
    })

    await expect(started).rejects.toThrow('the function plain could not be loaded')
  })
})
