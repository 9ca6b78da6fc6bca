import { ValidationError } from '#shared/platform/errors.ts'
import { type LlmSettings, serviceSchema } from '#shared/protocol/llm.ts'
