/** The network of this process, whose open connections can be broken: a page notices as it does when its network changes. */
export function breakableNetwork(): { break(): void; restore(): void } {
  const { fetch, WebSocket } = globalThis
  const sockets = new Set<WebSocket>()
  const answers = new Set<AbortController>()

  class BreakableSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      sockets.add(this)
      this.addEventListener('close', () => sockets.delete(this))
    }
  }

  async function breakableFetch(...parameters: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(...parameters)
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response
    const broken = new AbortController()
    answers.add(broken)
    const { status, headers } = response
    return new Response(response.body.pipeThrough(new TransformStream(), { signal: broken.signal }), { status, headers })
  }

  Object.assign(globalThis, { fetch: breakableFetch, WebSocket: BreakableSocket })
  return {
    break() {
      for (const socket of sockets) socket.close()
      for (const answer of answers) answer.abort(new TypeError('the network broke'))
      answers.clear()
    },
    restore: () => void Object.assign(globalThis, { fetch, WebSocket }),
  }
}
