import type { ProviderUnderTest } from './provider-under-test.ts'
import { openai } from './providers/openai.ts'

/** The rows of the matrix. */
export const PROVIDERS: readonly ProviderUnderTest[] = [openai]
