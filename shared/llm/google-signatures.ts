import * as z from 'zod'
import type { LlmState } from './llm-provider.ts'

const signaturesSchema = z.object({ text: z.string().optional(), calls: z.record(z.string(), z.string()) })

/** Signatures of the thoughts of a turn, by the part that followed from them: the text, or a call by its id. */
export type GoogleSignatures = z.infer<typeof signaturesSchema>

/** @returns undefined when there is none */
export function googleState(signatures: GoogleSignatures): LlmState | undefined {
  if (signatures.text === undefined && Object.keys(signatures.calls).length === 0) return undefined
  return { provider: 'google', value: signatures }
}

/** What is to be sent back with a turn; nothing for the state of another vendor. */
export function googleSignatures(state: LlmState | undefined): GoogleSignatures {
  if (state?.provider !== 'google') return { calls: {} }
  return signaturesSchema.safeParse(state.value).data ?? { calls: {} }
}
