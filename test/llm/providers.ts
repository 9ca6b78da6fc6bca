import type { ProviderUnderTest } from './provider-under-test.ts'
import { azure } from './providers/azure.ts'
import { custom } from './providers/custom.ts'
import { ollama } from './providers/ollama.ts'
import { openai } from './providers/openai.ts'

/** The rows of the matrix. */
export const PROVIDERS: readonly ProviderUnderTest[] = [openai, azure, custom, ollama]
