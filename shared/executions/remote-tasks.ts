import * as z from 'zod'
import { SluiceError } from '#shared/platform/errors.ts'
import { type GuardedFetchOptions, guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'

/** Longest call of a service, in milliseconds. */
const CALL_MS = 15_000

/** Room for a status and what else a service tells besides the result, in bytes. */
const ENVELOPE_BYTES = 16 * 1024

/** Longest words of a service that are shown as an error. */
const MAX_ERROR_LENGTH = 1_000

/** Statuses of a task, of simple services (`processing`) and of those that queue. */
const RUNNING = ['accepted', 'pending', 'queued', 'processing', 'running'] as const
const FAILED = ['failed', 'cancelled'] as const

const taskSchema = z.looseObject({
  status: z.enum([...RUNNING, ...FAILED, 'completed']),
  result: z.json().default(null),
  error: z.json().default(null),
})

/** A task as a service takes it. */
export type RemoteTaskRequest = { task_id: string; task_type: string; payload: Record<string, unknown> }

/** How a task is. */
export type RemoteTask = { ended: boolean; failed: boolean; result: unknown; error: string | undefined }

/** The tasks of a service: `POST /tasks/submit` takes one, `GET /tasks/<id>` tells how it is. */
export type RemoteTasks = {
  submit(task: RemoteTaskRequest): Promise<void>
  /** @returns undefined for a task that the service does not know */
  look(taskId: string): Promise<RemoteTask | undefined>
}

/**
 * @param endpoint - address of the service; the paths follow it
 * @throws SluiceError `provider_error` for an answer that is none, `authentication_error` where the service lets nobody in; what `guardedFetch` throws
 */
export function remoteTasks(endpoint: string, options: Pick<GuardedFetchOptions, 'allowPrivate' | 'signal'>): RemoteTasks {
  const fetchOptions = { ...options, timeoutMs: CALL_MS }
  return {
    async submit(task) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(task) } as const
      const { ok, status } = await guardedFetch(remoteUrl(endpoint, 'tasks', 'submit'), init, fetchOptions)
      if (!ok) throw refusal(status)
    },
    async look(taskId) {
      const url = remoteUrl(endpoint, 'tasks', taskId)
      const response = await guardedFetch(url, {}, { ...fetchOptions, maxBytes: MAX_ANSWER_BYTES + ENVELOPE_BYTES })
      if (response.status === 404) return undefined
      if (!response.ok) throw refusal(response.status)
      const { status, result, error } = readTask(await response.text())
      return { ended: !isOneOf(RUNNING, status), failed: isOneOf(FAILED, status), result, error: shown(error) }
    },
  }
}

/** Address below an endpoint. */
export function remoteUrl(endpoint: string, ...segments: string[]): string {
  const url = new URL(endpoint)
  url.pathname = [url.pathname.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/')
  return url.href
}

/** What a status that is no success says. A service that has no time, or fails itself, may do better later. */
function refusal(status: number): SluiceError {
  if (status === 401 || status === 403)
    return new SluiceError('authentication_error', `the service answered ${status}`, { retryable: false })
  const retryable = status === 408 || status === 429 || status >= 500
  return new SluiceError('provider_error', `the service answered ${status}`, { retryable })
}

function readTask(text: string): z.infer<typeof taskSchema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new SluiceError('provider_error', 'the service answered something that is not JSON', { cause, retryable: false })
  }
  const parsed = taskSchema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new SluiceError('provider_error', 'the service answered something that is not a task', {
    cause: parsed.error,
    retryable: false,
  })
}

function shown(error: unknown): string | undefined {
  if (error === null) return undefined
  return (typeof error === 'string' ? error : JSON.stringify(error)).slice(0, MAX_ERROR_LENGTH)
}

const isOneOf = (values: readonly string[], value: string): boolean => values.includes(value)
