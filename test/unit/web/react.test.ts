import { Window } from 'happy-dom'
import { createElement, StrictMode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, createClient } from '../../../web/client/index.ts'
import { type UseExecution, useExecution } from '../../../web/client/react.ts'
import { answer } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

// A page to draw on; the network stays that of Node.
const window = new Window()
vi.stubGlobal('window', window)
vi.stubGlobal('document', window.document)
afterAll(async () => {
  // React looks at the page once more when it has nothing left to do.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  vi.unstubAllGlobals()
})

type Target = Parameters<typeof useExecution>[1]

let door: ScriptedFrontDoor
let client: Client
let root: Root
let shown: UseExecution | undefined

function Answer({ target }: { target: Target }) {
  shown = useExecution(client, target, { pacing: false })
  return createElement('p', null, shown.text)
}

const render = (target: Target): void => root.render(createElement(StrictMode, null, createElement(Answer, { target })))
/** Waits until the component shows what is expected. */
const showing = (expected: Partial<UseExecution>) => expect.poll(() => shown).toMatchObject(expected)

beforeEach(async () => {
  shown = undefined
  door = await startScriptedFrontDoor()
  client = createClient({ baseUrl: door.url, token: 'token', shareTabs: false, timing: { backoffMs: 1, backoffCapMs: 5 } })
  root = createRoot(document.body.appendChild(document.createElement('div')))
})
afterEach(async () => {
  flushSync(() => root.unmount())
  client.close()
  await door.stop()
})

describe('useExecution', () => {
  it('shows an answer as it comes, with three states', async () => {
    render('e1')
    await showing({ loading: true, data: undefined, error: undefined, text: '', executionId: 'e1' })
    const socket = await door.connection()
    await socket.confirm('s1')
    const events = answer(['Hel', 'lo'])
    socket.events('s1', events.slice(0, 2))
    await showing({ text: 'Hel', status: 'live', loading: true })
    await expect.poll(() => document.querySelector('p')?.textContent).toBe('Hel')
    socket.events('s1', events.slice(2))

    await showing({ loading: false, status: 'ended' })
    expect(shown?.data).toMatchObject({ text: 'Hello', verified: true })
  })

  it('asks once, though it is mounted twice', async () => {
    const keys = new Set<unknown>()
    door.on('POST /v1/executions', ({ headers }) => {
      keys.add(headers['idempotency-key'])
      return { status: 202, body: { executionId: 'e1', status: 'queued' } }
    })
    render({ agentId: 'assistant', content: 'Hi' })
    const socket = await door.connection()
    await socket.confirm('s1')
    socket.events('s1', answer(['ok']))

    await showing({ loading: false, text: 'ok', executionId: 'e1' })
    expect(keys.size).toBe(1)
  })

  it('follows another execution in the place of the first', async () => {
    render('e1')
    const socket = await door.connection()
    await socket.confirm('s1')
    render('e2')
    await showing({ executionId: 'e2', text: '' })
    await socket.take('unsubscribe')
    await socket.confirm('s2')
    socket.events('s2', answer(['two'], 'e2'))

    await showing({ text: 'two' })
  })

  it('shows the error', async () => {
    door.on('POST /v1/executions', () => problem('not_found', 'no such agent'))
    render({ agentId: 'nobody', content: 'Hi' })

    await showing({ loading: false })
    expect(shown?.error).toMatchObject({ code: 'not_found' })
  })

  it('cancels the execution, and shows how it ended', async () => {
    door.on('POST /v1/executions/e1/cancel', () => ({ status: 202, body: { status: 'running' } }))
    render('e1')
    const socket = await door.connection()
    await socket.confirm('s1')
    await shown?.cancel()

    expect(door.requests.map(({ path }) => path)).toEqual(['/v1/executions/e1/cancel'])
    socket.events('s1', answer(['kept']))
    await showing({ loading: false, text: 'kept' })
  })

  it('detaches without an error', async () => {
    render('e1')
    const socket = await door.connection()
    await socket.confirm('s1')
    shown?.detach()

    await showing({ loading: false, error: undefined, status: 'idle' })
    await socket.take('unsubscribe')
  })

  it('follows nothing while there is nothing to follow', async () => {
    render(undefined)
    await showing({ loading: false, status: 'idle', executionId: undefined })
  })
})
