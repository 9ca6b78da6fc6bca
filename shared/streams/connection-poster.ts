/** What became of a frame. `gone`: the socket is closed. `throttled`: too many posts, try again later. */
export type PostResult = { status: 'sent' } | { status: 'gone' } | { status: 'throttled' } | { status: 'failed'; error: unknown }

/** Posts frames to sockets. It never throws: a delivery error must not stop a model call. */
export type ConnectionPoster = {
  post(connectionId: string, frame: string): Promise<PostResult>
}
