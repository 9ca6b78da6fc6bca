import pLimit from 'p-limit'
import type { Principal } from '#shared/access/principal.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { ConflictError, SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { BatchItemError, CreateBatch } from '#shared/protocol/batch.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { type BatchRecord, batchExecutionId } from './batch-record.ts'
import type { BatchStore } from './batch-store.ts'
import type { BatchPlace } from './execution-record.ts'
import { shownError } from './shown-error.ts'
import { requireTaker } from './start-directly.ts'
import { requestOf, type SubmitDependencies, submitExecution } from './submit-execution.ts'

export type BatchDependencies = SubmitDependencies & { batches: BatchStore }

/** Executions that are stored at once. */
const AT_ONCE = 10

/**
 * Takes on many executions. In parallel each is taken or refused by itself. In order they are taken as a whole or not at all: the first,
 * which alone may begin, is stored last; each of the others begins when the one before has ended. Repeatable: ids follow from the batch's.
 *
 * @param idempotencyKey - the same key of the same caller gives the same batch
 * @returns the batch, with what was refused of it
 * @throws ConflictError for another request under a known key; in order, what submitExecution throws for the first that is refused
 */
export async function submitBatch(
  dependencies: BatchDependencies,
  principal: Principal,
  asked: CreateBatch,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<BatchRecord> {
  const { batches, clock } = dependencies
  const { tenant, subject } = principal
  const { mode, stopOnError, executions } = asked
  const record: BatchRecord = {
    tenant,
    batchId: idempotencyKey === undefined ? newId() : derivedId('batch-request', tenant, subject, idempotencyKey),
    mode,
    stopOnError,
    agentIds: executions.map(({ agentId }) => agentId),
    requestHash: sha256(JSON.stringify(asked)),
    createdAt: timestamp(clock),
  }
  const known = idempotencyKey === undefined ? undefined : await batches.get(record)
  if (!known && mode === 'sequential') await requireAllTaken(dependencies, principal, record, executions)
  const standing = known ?? (await batches.create(record))
  if (standing.requestHash !== record.requestHash) throw new ConflictError('another batch was made with the same idempotency key')
  // Whoever asks again gets the first answer, and what a crash left undone is done.
  if (standing.refused) return standing
  const refused = await takeOn(dependencies, principal, standing, executions)
  return { ...standing, refused: await batches.settle(standing, refused) }
}

type Refused = Record<string, BatchItemError>

async function takeOn(
  dependencies: BatchDependencies,
  principal: Principal,
  batch: BatchRecord,
  executions: readonly CreateExecution[],
): Promise<Refused> {
  const limit = pLimit(AT_ONCE)
  const submit = (asked: CreateExecution, index: number) =>
    submitExecution(dependencies, principal, asked, {
      executionId: batchExecutionId(batch, index),
      batch: placeIn(batch, index),
    })
  if (batch.mode === 'sequential') {
    const [first, ...rest] = executions
    // Nobody begins before all of them are there.
    await settled(rest.map((asked, index) => limit(submit, asked, index + 1)))
    if (first) await submit(first, 0)
    return {}
  }
  const refusals = executions.map((asked, index) =>
    limit(submit, asked, index).then(
      () => [],
      (error: unknown): [string, BatchItemError][] => [[String(index), itemError(toSluiceError(error))]],
    ),
  )
  return Object.fromEntries((await Promise.all(refusals)).flat())
}

/** Waits for all of them, so that nothing goes on behind the caller's back, and throws the first failure. */
async function settled(tasks: Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(tasks)) if (result.status === 'rejected') throw result.reason
}

function placeIn({ batchId, mode, stopOnError }: BatchRecord, index: number): BatchPlace {
  if (mode === 'parallel') return { batchId, batchIndex: index }
  const batchOrder = stopOnError ? 'stop_on_error' : 'go_on'
  return { batchId, batchIndex: index, batchOrder, ...(index > 0 && { awaitsTurn: true }) }
}

/** @throws the refusal of the first that its agent does not take, naming its place */
async function requireAllTaken(
  dependencies: BatchDependencies,
  principal: Principal,
  batch: BatchRecord,
  executions: readonly CreateExecution[],
): Promise<void> {
  const limit = pLimit(AT_ONCE)
  const check = async (asked: CreateExecution, index: number): Promise<void> => {
    try {
      await requireTaker(dependencies, requestOf(principal, asked, batchExecutionId(batch, index)), principal)
    } catch (thrown) {
      throw atPlace(toSluiceError(thrown), `executions.${index}`)
    }
  }
  await settled(executions.map((asked, index) => limit(check, asked, index)))
}

function atPlace({ code, message, fields, ...error }: SluiceError, place: string): SluiceError {
  const { retryAfterSeconds } = error
  return new SluiceError(code, `${place}: ${message}`, {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    fields: fields?.map(({ path, message }) => ({ path: `${place}.${path}`, message })) ?? [{ path: place, message }],
  })
}

const itemError = (error: SluiceError): BatchItemError => ({
  ...shownError(error),
  ...(error.fields && { errors: error.fields }),
})
