import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_NOTES } from './note-store.ts'

/** An agent remembers as much of somebody as it may. */
export class TooManyNotesError extends SluiceError {
  override readonly name = 'TooManyNotesError'
  constructor() {
    super('quota_exceeded', `there are ${MAX_NOTES} notes, as many as an agent may keep about one caller: delete one first`, {
      retryable: false,
    })
  }
}
