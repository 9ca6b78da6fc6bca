import { createHash } from 'node:crypto'
import { ForbiddenError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { largeText, requireText } from './message-data.ts'

/** The part of an execution that says what its input is. */
export type InputHolder = { tenant: string; executionId: string; input: unknown; inputRef?: string | undefined }

/**
 * Stores an input that is too large for a record. The same input of the same execution has the same key.
 *
 * @returns the key
 * @throws SluiceError `payload_too_large`, or `unavailable` when it could not be stored
 */
export async function storeInput(artifacts: ArtifactStore, { tenant, executionId, input }: InputHolder): Promise<string> {
  const text = largeText(input, 'input')
  const digest = createHash('sha256').update(text).digest('hex')
  const key = `T/${tenant}/inputs/${derivedId('input', tenant, executionId, digest)}`
  await artifacts.put(key, text)
  return key
}

/**
 * Loads the input of an execution, wherever it is.
 *
 * @returns a function that throws NotFoundError when it is no longer kept, ForbiddenError when it is another tenant's, SluiceError
 *   `unavailable`
 */
export function artifactInput(artifacts: ArtifactStore): (record: InputHolder) => Promise<unknown> {
  return async ({ tenant, executionId, input, inputRef }) => {
    if (inputRef === undefined) return input
    if (!inputRef.startsWith(`T/${tenant}/`)) throw new ForbiddenError('the input belongs to somebody else')
    return JSON.parse(await requireText(artifacts, inputRef, 'input of the execution', executionId))
  }
}
