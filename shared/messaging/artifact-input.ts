import { ForbiddenError, SluiceError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { MAX_MESSAGE_BYTES, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { requireText } from './message-data.ts'

/** The part of an execution that says what its input is. */
export type InputHolder = { tenant: string; executionId: string; input: unknown; inputRef?: string | undefined }

/**
 * An input as a record holds it: what is too large for one is stored first. The same input of the same execution has the same key.
 *
 * @param artifacts - undefined where no large input comes in
 * @throws SluiceError `payload_too_large`, or `unavailable` when it could not be stored
 */
export async function recordedInput(
  artifacts: ArtifactStore | undefined,
  { tenant, executionId, input, inputRef }: InputHolder,
): Promise<Pick<InputHolder, 'input' | 'inputRef'>> {
  const text = JSON.stringify(input) ?? ''
  if (Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) return { input, inputRef }
  if (!artifacts || Buffer.byteLength(text) > MAX_REFERENCED_BYTES)
    throw new SluiceError('payload_too_large', 'the input is too large')
  const key = `T/${tenant}/inputs/${derivedId('input', tenant, executionId, sha256(text))}`
  await artifacts.put(key, text)
  return { input: null, inputRef: key }
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
