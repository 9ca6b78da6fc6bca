import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import type { Answer, AnswerRequest } from './answerer.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { type RemoteTask, type RemoteTaskRequest, remoteTasks } from './remote-tasks.ts'

/** Pause before a task is asked for; each further one is twice as long, up to the longest. In milliseconds. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000

/** Type of a task that names none: services want one. */
const PLAIN_TASK = 'task'

/** What a checkpoint says: the service has the task, so whoever goes on asks for it, and does not have it done again. */
const SUBMITTED = { submitted: true }

/** What is needed of a request. */
type RemoteRequest = Pick<AnswerRequest, 'agent' | 'record' | 'checkpoints' | 'signal'> & { writer: Pick<StreamWriter, 'write'> }

/**
 * Answers for agents that are services elsewhere: gives the task away, asks for it until it has ended, and takes its result as the answer's
 * data and as its text. The task's id is the execution's, in every attempt: what was given away once is only asked for afterwards.
 *
 * @param options.allowPrivate - whether addresses of private networks are called; on the stage `local` alone
 * @throws SluiceError `provider_error` for a task that failed, which is final, and for a service that answers something else; what
 *   `guardedFetch` throws
 */
export function remoteAnswerer({ allowPrivate }: { allowPrivate: boolean }): (request: RemoteRequest) => Promise<Answer> {
  return async ({ agent, record, writer, checkpoints, signal }) => {
    if (agent.kind !== 'remote') throw new SluiceError('no_agent_available', `the agent "${agent.agentId}" has no endpoint`)
    const tasks = remoteTasks(agent.endpoint, { allowPrivate, signal })
    const { task_id, ...work } = taskOf(record)
    // Services forget what they had begun with when they start again.
    const known = checkpoints.state === undefined ? undefined : await tasks.look(task_id)
    if (!known) await tasks.submit({ task_id, ...work })

    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      // Also the place where a long task moves to another invocation.
      await checkpoints.save(SUBMITTED)
      await sleep(pauseMs, signal)
      const task = await tasks.look(task_id)
      if (!task) throw new SluiceError('provider_error', 'the service does not know the task any more')
      if (!task.ended) continue
      const result = resultOf(task)
      writer.write({ type: 'content_chunk', data: { text: typeof result === 'string' ? result : JSON.stringify(result) } })
      return { stopReason: 'end', data: result }
    }
  }
}

const taskOf = ({ executionId, type, input }: ExecutionRecord): RemoteTaskRequest => ({
  task_id: executionId,
  task_type: type ?? PLAIN_TASK,
  payload: isObject(input) ? input : { input },
})

const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input)

function resultOf({ failed, result, error }: RemoteTask): unknown {
  if (!failed) return result
  throw new SluiceError('provider_error', `the service says: ${error ?? 'the task failed'}`, { retryable: false })
}
