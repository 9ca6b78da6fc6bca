import type { LocalCloud } from '../../../localstack/local-cloud.ts'
import type { Delivery } from './delivery.ts'
import type { TokenClock } from './token-clock.ts'

/** What all peers share: the emulator, the model, and what it is asked. */
export type PeerScene = {
  cloud: LocalCloud
  clock: TokenClock
  /** What the model is asked. */
  content: string
  /** Length of the answer. */
  tokens: number
}

/** One way of bringing a model's answer to a reader. */
export type Peer = {
  name: string
  /** Answers once; nobody disturbs. */
  answer(): Promise<Delivery>
  /** Answers once; in the middle the reader's connection breaks, and the reader comes back at once. Gives what they have in the end. */
  answerOverBreak(): Promise<{ text: string; whole: string }>
  /** Posts of one reply, and its price in US dollars. */
  count(): Promise<{ posts: number; costUsd: number }>
  close(): void
}
