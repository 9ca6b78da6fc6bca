import type { ClientFrame, ServerFrame } from './socket-frame.ts'

/**
 * Id of the ping that API Gateway answers by itself, so that keeping a connection open costs no function. It can answer with a fixed text
 * alone, so the id is fixed too: no other frame may have it. A ping of another id, or of none, is answered by the function.
 */
export const KEEP_ALIVE_ID = 'ping'

export const KEEP_ALIVE_PING = { message_type: 'ping', id: KEEP_ALIVE_ID } as const satisfies ClientFrame

export const KEEP_ALIVE_PONG = { message_type: 'pong', response_to: KEEP_ALIVE_ID, payload: {} } as const satisfies ServerFrame
