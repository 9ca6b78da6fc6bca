import { describe, expect, it } from 'vitest'
import { artifactInput, recordedInput } from '#shared/messaging/artifact-input.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { anExecution } from '../../helpers/executions.ts'
import { LARGE_DATA } from '../../helpers/messaging.ts'

describe('recordedInput', () => {
  it('keeps an input that fits', async () => {
    const artifacts = memoryArtifactStore()

    expect(await recordedInput(artifacts, anExecution({ input: [1] }))).toEqual({ input: [1], inputRef: undefined })
    expect(artifacts.objects.size).toBe(0)
  })

  it('stores one that does not, and gives it back', async () => {
    const artifacts = memoryArtifactStore()
    const record = anExecution({ input: LARGE_DATA })

    const recorded = await recordedInput(artifacts, record)

    expect(recorded).toEqual({ input: null, inputRef: expect.stringMatching(/^T\/acme\/inputs\/[0-9a-f-]{36}$/) })
    expect(await artifactInput(artifacts)({ ...record, ...recorded })).toEqual(LARGE_DATA)
  })

  it('has one key for the same input, and another one for another input under the same id', async () => {
    const artifacts = memoryArtifactStore()
    const record = anExecution({ input: LARGE_DATA })

    const first = await recordedInput(artifacts, record)
    const other = { ...LARGE_DATA, more: true }

    expect(await recordedInput(artifacts, record)).toEqual(first)
    expect((await recordedInput(artifacts, { ...record, input: other })).inputRef).not.toBe(first.inputRef)
  })

  it('refuses a large one where none comes in, and one that is too large anywhere', async () => {
    const tooLarge = anExecution({ input: 'x'.repeat(MAX_REFERENCED_BYTES) })

    await expect(recordedInput(undefined, anExecution({ input: LARGE_DATA }))).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    await expect(recordedInput(memoryArtifactStore(), tooLarge)).rejects.toMatchObject({ code: 'payload_too_large' })
  })
})

describe('artifactInput', () => {
  it('gives the input of the record itself', async () => {
    expect(await artifactInput(memoryArtifactStore())(anExecution({ input: 'x' }))).toBe('x')
  })

  it.each(['T/globex/inputs/1', 'T/acme2/inputs/1', '../T/acme/inputs/1', 'https://example.com/x', ''])(
    'reads nothing of another tenant: "%s"',
    async (inputRef) => {
      const artifacts = memoryArtifactStore()
      await artifacts.put(inputRef, '"a secret"')

      await expect(artifactInput(artifacts)(anExecution({ input: null, inputRef }))).rejects.toMatchObject({ code: 'forbidden' })
    },
  )

  it('says when an input is no longer kept', async () => {
    const record = anExecution({ input: null, inputRef: 'T/acme/inputs/1' })

    await expect(artifactInput(memoryArtifactStore())(record)).rejects.toMatchObject({ code: 'not_found', retryable: false })
  })
})
