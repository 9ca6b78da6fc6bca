import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { Log } from '#shared/platform/log.ts'
import type { RetryPolicy } from '#shared/protocol/retry-policy.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { ChannelSender, ChannelSenderDependencies } from '#shared/streams/channel-sender.ts'
import type { StreamTap, StreamWriter } from '#shared/streams/stream-writer.ts'
import type { AdmissionDependencies } from './admission.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { Answerer, Wait } from './answerer.ts'
import type { ApprovalStore } from './approval-store.ts'
import type { Checkpoint, ExecutionRecord } from './execution-record.ts'
import type { WriterState } from './execution-store.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { StopSwitch } from './stop-switch.ts'

export type RunDependencies = ChannelSenderDependencies &
  AdmissionDependencies & {
    agents: AgentStore
    answerer: Answerer
    /** Loaded with the first call that a person is to decide on. */
    approvals(): Promise<ApprovalStore>
    logger: Log
    /** Conversations that executions speak in; absent where none does. */
    memory?: Pick<AnswerMemory, 'leave'> | undefined
    /** Longest time of an execution for which neither request nor agent says another, in milliseconds. */
    executionTimeoutMs: number
    /** Reads the input of an execution that was too large to travel. */
    loadInput?: ((record: ExecutionRecord) => Promise<unknown>) | undefined
    /**
     * With less time left in the invocation, a checkpoint hands the execution over to another one, in milliseconds.
     * @default 30 s, or a third of the time that the invocation has
     */
    handOverMarginMs?: number | undefined
  }

/** The invocation that a run has. */
export type Invocation = {
  /** Milliseconds until the platform ends it. */
  remainingMs(): number
  /** Somebody in this very invocation reads along. */
  tap?: StreamTap | undefined
}

/** An execution that this worker runs: its lease, the writer of its stream with the sender behind it, and how far it is. */
export type Run = {
  record: ExecutionRecord
  policy: RetryPolicy
  /** Number of the try that is under way. */
  attempt: number
  /** Of all attempts so far. */
  usage: Usage | undefined
  checkpoint: Checkpoint | undefined
  /** What it is suspended for, once it is. */
  wait: Wait | undefined
  /** When it must have ended, in milliseconds since the epoch. */
  deadline: number
  /** Milliseconds that this invocation has left for answers: what comes later is handed over. */
  timeLeft(): number
  writer: StreamWriter
  sender: ChannelSender
  lease: LeaseKeeper
  stop: StopSwitch
}

/** How far a run is, for its next write. */
export const stateOf = ({ attempt, usage, sender }: Pick<Run, 'attempt' | 'usage' | 'sender'>): WriterState => ({
  attempt,
  usage,
  postedThrough: sender.postedThrough(),
})

/** What log lines say of a run. */
export const runFields = ({ record: { tenant, executionId }, attempt }: Run) => ({ tenant, executionId, attempt })

/** Stops everything of a run that lasts: nothing of it may outlive the invocation, or follow what another one writes. Repeatable. */
export async function letGo({ lease, stop, writer, sender }: Run): Promise<void> {
  lease.stop()
  stop.clear()
  await writer.close()
  await sender.halt()
}
