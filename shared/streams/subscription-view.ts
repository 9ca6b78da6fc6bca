/**
 * How the events of a subscription are written, where it is not in frames of `sluice.v1`; each event is then a frame of its own.
 *
 * - `flat`: objects with `eventType`, for clients that were written for plain sockets; the frame kinds `topic_message` and
 *   `realtime_event` for the other channels
 * - `graphql`: `next` messages of `graphql-transport-ws`, with the selected fields of the flat event, and `complete` after the end
 */
export type SubscriptionView =
  | { kind: 'flat' }
  | {
      kind: 'graphql'
      /** Id that the client gave its operation. */
      id: string
      /** Key of the answer: name or alias of the subscribed field. */
      key: string
      /** What was selected, in its order: keys of the answer (names or aliases) and names of fields. */
      fields: [key: string, field: string][]
    }
