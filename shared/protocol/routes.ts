/** Paths of the one origin that every door hangs under; CloudFront and the local front door are both made from it. */
export const FRONT_DOOR = {
  /** HTTP API. */
  http: ['/v1/*', '/graphql', '/realtime/*', '/health', '/ready'],
  /** WebSocket API; its stage is called `socket`, so the path needs no rewriting. */
  socket: ['/socket', '/ws', '/ws/*'],
  /** SSE function URL. */
  streams: ['/streams/*', '/stream/*', '/agent-stream/*'],
  /** Static files of the console: everything else. */
  console: ['/*'],
} as const

/** Stage of the WebSocket API. */
export const SOCKET_STAGE = 'socket'
