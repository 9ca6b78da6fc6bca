/** Paths of the one origin that every door hangs under; CloudFront and the local front door are both made from it. */
export const FRONT_DOOR = {
  /** HTTP API, and the paths of other control planes that it answers as well. */
  http: [
    '/v1/*',
    '/graphql',
    '/realtime/*',
    '/health',
    '/ready',
    '/metrics',
    '/orchestrator/*',
    '/agents',
    '/agents/*',
    '/tasks/*',
  ],
  /** WebSocket API; its stage is called `socket`, so the path needs no rewriting. */
  socket: ['/socket', '/ws', '/ws/*'],
  /** SSE function URL. */
  streams: ['/streams/*', '/stream/*', '/agent-stream/*'],
  /** The same function, for clients that were made for OpenAI's API. They show their key as `Authorization`, and sign no bodies: no origin is signed for. */
  openai: ['/openai/*'],
  /** Static files of the console: everything else. */
  console: ['/*'],
} as const

/** Base of the paths that clients of OpenAI's API are pointed at. */
export const OPENAI_BASE = '/openai/v1'

/** Stage of the WebSocket API. */
export const SOCKET_STAGE = 'socket'

/** Where the local front door signs a developer in; no deployed stage has it. */
export const LOCAL_SIGN_IN_PATH = '/local/sign-in'
