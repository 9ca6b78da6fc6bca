import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { Connection, ConnectionState } from './connection.ts'
import type { SharedConnectionOptions } from './shared-connection.ts'
import { createTabDesk, type TabDesk } from './tab-desk.ts'

type TabMessage =
  | { kind: 'hello' }
  | { kind: 'lead'; from: string; state: ConnectionState }
  | { kind: 'frame'; from: string; frame: ClientFrame }
  | { kind: 'answer'; to: string; frame: ServerFrame }

interface Leadership {
  connection: Connection
  desk: TabDesk
  state: ConnectionState
  resign(): void
}

/**
 * One socket for all tabs: the tab that holds a Web Lock leads, the others send it their frames over a `BroadcastChannel`. When it
 * goes, the browser gives the lock to another, and everybody asks that one from the cursor. A leader that does not answer is frozen:
 * its lock is taken away.
 *
 * @param name - the same for tabs that may share
 */
export function createTabConnection(name: string, { dial, callbacks, follow, timing }: SharedConnectionOptions): Connection {
  const me = crypto.randomUUID()
  const wire = new BroadcastChannel(name)
  const closing = new AbortController()
  let isStarted = false
  let leader: string | undefined
  let own: Leadership | undefined
  let candidacy = new AbortController()
  let probe: ReturnType<typeof setTimeout> | undefined

  const post = (message: TabMessage): void => {
    if (!closing.signal.aborted) wire.postMessage(message)
  }
  const tabLock = (tab: string): string => `${name}.${tab}`

  /** Holds a lock of its own as long as the tab lives: so the leader learns when it has gone. */
  function start(): void {
    isStarted = true
    wire.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => receive(data))
    const { promise, resolve } = Promise.withResolvers<void>()
    closing.signal.addEventListener('abort', () => resolve())
    void navigator.locks.request(tabLock(me), () => promise)
    callbacks.onState('connecting')
    post({ kind: 'hello' })
    void stand()
  }

  /** Waits for the lock, leads while it has it, and waits again. */
  async function stand(steal = false): Promise<void> {
    candidacy.abort()
    candidacy = new AbortController()
    const { signal } = candidacy
    const options = steal ? { steal } : { signal }
    // Rejected means: withdrawn, or taken away by a tab that got no answer.
    await navigator.locks.request(name, options, lead).catch(() => undefined)
    // What came after an older candidacy is not its own.
    if (signal.aborted) return
    if (own) stepDown()
    await stand()
  }

  function lead(): Promise<void> {
    if (closing.signal.aborted) return Promise.resolve()
    disown()
    const { promise, resolve } = Promise.withResolvers<void>()
    const connection = dial({
      ...callbacks,
      onState(state) {
        if (own) own.state = state
        callbacks.onState(state)
        announce()
      },
      onRefused(error) {
        callbacks.onRefused(error)
        // Another tab may have a better token.
        resolve()
      },
    })
    const desk = createTabDesk(follow, (to, frame) => post({ kind: 'answer', to, frame }))
    own = { connection, desk, state: 'closed', resign: resolve }
    announce()
    connection.open()
    return promise
  }

  function stepDown(): void {
    own?.desk.stop()
    own?.connection.close()
    own = undefined
    callbacks.onLost()
    post({ kind: 'hello' })
  }

  function announce(): void {
    if (own) post({ kind: 'lead', from: me, state: own.state })
  }

  function disown(): void {
    clearTimeout(probe)
    probe = undefined
    if (leader === undefined) return
    leader = undefined
    callbacks.onLost()
  }

  function receive(message: TabMessage): void {
    if (closing.signal.aborted) return
    if (message.kind === 'hello') announce()
    else if (message.kind === 'lead') obey(message.from, message.state)
    else if (message.kind === 'frame' && own) serve(own.desk, message.from, message.frame)
    else if (message.kind === 'answer' && message.to === me) take(message.frame)
  }

  function obey(tab: string, state: ConnectionState): void {
    if (own) return
    callbacks.onState(state)
    if (tab === leader) return
    disown()
    leader = tab
    callbacks.onOpen()
  }

  const known = new Set<string>()

  function serve(desk: TabDesk, tab: string, frame: ClientFrame): void {
    desk.handle(tab, frame)
    if (known.has(tab)) return
    known.add(tab)
    const gone = (): void => {
      known.delete(tab)
      own?.desk.forget(tab)
    }
    // Withdrawn when this tab goes itself.
    void navigator.locks.request(tabLock(tab), { signal: closing.signal }, gone).catch(() => undefined)
  }

  function take(frame: ServerFrame): void {
    if (frame.message_type !== 'pong') callbacks.onFrame(frame)
    else if (probe !== undefined) onProven()
  }

  function onProven(): void {
    // It lives, so what was not answered is asked again.
    clearTimeout(probe)
    probe = undefined
    callbacks.onLost()
    callbacks.onOpen()
  }

  function send(frame: ClientFrame): boolean {
    if (own) return own.connection.send(frame)
    if (leader !== undefined) post({ kind: 'frame', from: me, frame })
    return leader !== undefined
  }

  return {
    get transport() {
      return own ? 'socket' : 'tabs'
    },
    open() {
      if (!isStarted) start()
      else own?.connection.open()
    },
    send,
    renew() {
      if (own) return own.connection.renew()
      if (probe !== undefined || !send({ message_type: 'ping' })) return
      probe = setTimeout(() => {
        disown()
        void stand(true)
      }, timing.pongMs)
    },
    close() {
      own?.desk.stop()
      own?.connection.close()
      own?.resign()
      own = undefined
      candidacy.abort()
      clearTimeout(probe)
      closing.abort()
      wire.close()
      callbacks.onState('closed')
    },
  }
}
