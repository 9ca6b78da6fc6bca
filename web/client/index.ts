export type { LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
export type { ExecutionEvent, FactEvent, StreamEvent, TopicEvent, Usage } from '#shared/protocol/stream-event.ts'
export type { TokenRequest, TokenSource } from './access-token.ts'
export type {
  CallOptions,
  Calls,
  ExecutionQuery,
  LookOptions,
  RepeatableOptions,
  VerbOptions,
} from './calls.ts'
export type { ChannelOptions, ChannelStream, FactStream, TopicStream } from './channel-stream.ts'
export { type Client, type ClientOptions, createClient, type FactOptions, type RunOptions } from './client.ts'
export type { ConnectionState } from './connection.ts'
export type { ConnectionInfo, ConnectionMonitor } from './connection-info.ts'
export type { DeadLetterCalls, DeadLetterQuery } from './dead-letters.ts'
export { type ClientErrorCode, SluiceClientError } from './errors.ts'
export type { ExecutionOptions, ExecutionResult, ExecutionStats, ExecutionStream } from './execution-stream.ts'
export type { StreamListeners } from './listeners.ts'
export { type PacedText, type PacingOptions, pacedText } from './paced-text.ts'
export type { StreamStats } from './stream-core.ts'
export { applyEvent, type ExecutionState, INITIAL_STATE } from './stream-reducer.ts'
export type { StreamStatus, Transport } from './stream-status.ts'
export type { Timing } from './timing.ts'
