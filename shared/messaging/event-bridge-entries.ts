import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import pLimit from 'p-limit'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'

/** Most entries of one call, and most bytes of them together (EventBridge quotas). */
const MAX_ENTRIES = 10
const MAX_BYTES = 1024 * 1024
const CALLS_AT_ONCE = 5
/** Calls for the same entries, each for those that the one before left over. */
const MAX_TRIES = 4
/** Longest pause before the second try, in milliseconds; doubles with every further one. */
const FIRST_PAUSE_MS = 100

/** Codes of a refused entry that may go away. Source: API reference, PutEventsResultEntry. */
const TRANSIENT_CODES: ReadonlySet<string | undefined> = new Set(['ThrottlingException', 'InternalFailure', 'InternalException'])

/**
 * Puts entries on a bus, in as few calls as they fit. Entries that were refused for a passing reason are put again, and no others: what was
 * accepted would be there twice.
 *
 * @returns for each entry, in their order, why it was not accepted; undefined when it was
 */
export async function putEntries(client: EventBridgeClient, entries: readonly PutEventsRequestEntry[]): Promise<unknown[]> {
  const limit = pLimit(CALLS_AT_ONCE)
  return (await Promise.all(calls(entries).map((call) => limit(putPatiently, client, call)))).flat()
}

/** The entries in the shares of one call each. */
function calls(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const shares: PutEventsRequestEntry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const size = sizeOf(entry)
    const share = shares.at(-1)
    if (share && share.length < MAX_ENTRIES && bytes + size <= MAX_BYTES) {
      share.push(entry)
      bytes += size
    } else {
      shares.push([entry])
      bytes = size
    }
  }
  return shares
}

/** As EventBridge counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const sizeOf = ({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail)

async function putPatiently(client: EventBridgeClient, entries: readonly PutEventsRequestEntry[]): Promise<unknown[]> {
  const errors = new Map<PutEventsRequestEntry, unknown>()
  let left = [...entries]
  for (let tries = 0; left.length > 0 && tries < MAX_TRIES; tries++) {
    if (tries > 0) await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (tries - 1))
    const answer = await put(client, left)
    left.forEach((entry, index) => {
      errors.set(entry, answer.errors[index])
    })
    left = answer.result === 'answered' ? left.filter((entry) => isPassing(errors.get(entry))) : []
  }
  return entries.map((entry) => errors.get(entry))
}

/** `failed`: the call as a whole, which the SDK has repeated already. */
async function put(client: EventBridgeClient, entries: PutEventsRequestEntry[]) {
  try {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries }))
    // PutEvents answers 200 for refused entries too; an entry without an id was refused.
    const errors = entries.map((_, index) => (Entries[index]?.EventId ? undefined : refusal(Entries[index]?.ErrorCode)))
    return { result: 'answered' as const, errors }
  } catch (thrown) {
    const error = fromAwsError(thrown, 'the bus')
    return { result: 'failed' as const, errors: entries.map(() => error) }
  }
}

const refusal = (code: string | undefined): SluiceError =>
  new SluiceError(TRANSIENT_CODES.has(code) ? 'unavailable' : 'internal', `the bus refused it: ${code}`)

const isPassing = (error: unknown): boolean => error instanceof SluiceError && error.retryable
