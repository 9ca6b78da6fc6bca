/**
 * What became of a frame. `gone`: the socket is closed. `refused`: this frame is never accepted, it is too large. `throttled`: too
 * many posts, try again later.
 */
export type PostResult =
  | { status: 'sent' }
  | { status: 'gone' }
  | { status: 'refused' }
  | { status: 'throttled' }
  | { status: 'failed'; error: unknown }

/** Posts frames to sockets. Nothing here throws: a delivery error must not stop a model call. */
export type ConnectionPoster = {
  post(connectionId: string, frame: string): Promise<PostResult>
  /** Closes a socket that cannot be served, so that its client comes back with its cursor. */
  close(connectionId: string): Promise<void>
}
