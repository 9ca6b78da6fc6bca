import type { ProviderUnderTest } from './provider-under-test.ts'
import { anthropic } from './providers/anthropic.ts'
import { azure } from './providers/azure.ts'
import { bedrock } from './providers/bedrock.ts'
import { custom } from './providers/custom.ts'
import { google } from './providers/google.ts'
import { ollama } from './providers/ollama.ts'
import { openai } from './providers/openai.ts'
import { scripted } from './providers/scripted.ts'

/** The rows of the matrix. */
export const PROVIDERS: readonly ProviderUnderTest[] = [openai, azure, custom, anthropic, google, ollama, bedrock, scripted]
