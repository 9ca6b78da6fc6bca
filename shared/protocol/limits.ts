/** Limits of the wire, shared by handlers and clients. API Gateway accepts 32 KB a frame; we stay well below. */
export const MAX_FRAME_BYTES = 24 * 1024
/** Largest body of a REST request and largest message on a queue, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 200 * 1024
/** Longest query of an HTTP request, in characters of its names and values: cursors are the longest that there is in one. */
export const MAX_QUERY_LENGTH = 4_096
/** Largest answer, in bytes of UTF-8: with the largest input it fits one record of DynamoDB (400 KB). */
export const MAX_ANSWER_BYTES = 128 * 1024
/** Largest text one content chunk carries, in UTF-16 code units. One takes six bytes of JSON at the most, so a chunk always fits a frame. */
export const MAX_CHUNK_LENGTH = 4_000
/** Largest page of `GET /v1/executions/{id}/events`. */
export const MAX_EVENTS_PAGE = 1_000
/** Largest page of `GET /v1/topics/{topic}/events`: a message may be {@link MAX_MESSAGE_BYTES} large. */
export const MAX_TOPIC_EVENTS_PAGE = 100
/** WebSocket subprotocol of the frames in `docs/protocol.md`. */
export const SOCKET_SUBPROTOCOL = 'sluice.v1'
/** A ticket is offered as a second subprotocol with this prefix; it is never echoed. */
export const TICKET_SUBPROTOCOL_PREFIX = 'ticket.'
/** Largest message whose data travels by reference, in bytes of UTF-8: Lambda takes 6 MB of request. */
export const MAX_REFERENCED_BYTES = 5 * 1024 * 1024
/** Longest chain of executions that send to each other; a loop ends here. */
export const MAX_DEPTH = 16
/** Most executions that one execution brings about, itself or by those that it brought about: agents that ask each other end here. */
export const MAX_DESCENDANTS = 1_000
/** Priority of work that names none; 1 is the lowest, 10 the highest. */
export const DEFAULT_PRIORITY = 5
/** Largest state of a checkpoint, in bytes of JSON. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024
/** Largest JSON Schema of a topic, in bytes of JSON. */
export const MAX_TOPIC_SCHEMA_BYTES = 32 * 1024
/** Longest text of a lifecycle event, in UTF-16 code units: facts fit every frame, so nothing of any length that a caller chose stands in them. */
export const MAX_FACT_TEXT = 1_000
/** Subprotocol of GraphQL over WebSocket, https://github.com/graphql/graphql-over-http and `graphql-ws`. */
export const GRAPHQL_SUBPROTOCOL = 'graphql-transport-ws'
/** Time that a connection has to say who it is, when it was opened without a ticket, in milliseconds. */
export const AUTHENTICATION_DEADLINE_MS = 5_000
/** Viewers of a channel that its writer posts to itself; those beyond are served in groups of this size by the fan-out queue. */
export const VIEWERS_PER_SHARD = 200
/** Largest frame of a client, in bytes of UTF-8: API Gateway closes the connection at a larger one. */
export const MAX_CLIENT_FRAME_BYTES = 32 * 1024
