import * as z from 'zod'
import { generationSchema, LLM_PROVIDERS, modelChoiceSchema } from './llm.ts'

/** Vendors whose models can be described: those that are asked themselves. */
const VENDORS = LLM_PROVIDERS.filter((provider) => provider !== 'virtual' && provider !== 'default')
export const vendorSchema = z.enum(VENDORS)

const tokens = z.int().positive().max(100_000_000)
/** Millionths of a dollar for a million tokens: 150,000 is $0.15. */
const perMillion = z.int().nonnegative().max(1_000_000_000_000)

const PARAMETERS = generationSchema.keyof().options

/** What is known of a model. What is absent is not known, and then nothing is checked or counted. */
export const modelFactsSchema = z.strictObject({
  /** Most tokens of question and answer together. */
  contextTokens: tokens.optional(),
  /** Most tokens of an answer. */
  maxOutputTokens: tokens.optional(),
  /** Most texts that may end an answer; 0 where there are none. */
  maxStopSequences: z.int().nonnegative().max(16).optional(),
  /** Parameters that it does not take. */
  drops: z.array(z.enum(PARAMETERS)).max(PARAMETERS.length).optional(),
  /** Prices, in millionths of a dollar for a million tokens. What the vendor had in its own cache costs as other input where that price is absent. */
  price: z.strictObject({ input: perMillion, output: perMillion, cachedInput: perMillion.optional() }).optional(),
  abilities: z
    .strictObject({
      /** Looks at images. */
      images: z.boolean().optional(),
      /** Calls tools. */
      tools: z.boolean().optional(),
      /** Can be told a JSON Schema of the answer. */
      output: z.boolean().optional(),
      /** Thinks before it answers; takes `reasoningEffort`. */
      reasoning: z.boolean().optional(),
    })
    .optional(),
})

/** A name, or the beginning of names with `*` behind it; the longest one that fits counts. */
const namePatternSchema = modelChoiceSchema.shape.model

export const modelParamsSchema = z.object({
  provider: vendorSchema,
  // Gateways differ in whether they have decoded a path.
  model: z.string().transform(decoded).pipe(namePatternSchema),
})

function decoded(text: string, context: z.RefinementCtx): string {
  try {
    return decodeURIComponent(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not encoded as a part of a path' })
    return z.NEVER
  }
}

/** A model, or models whose names begin alike, as `GET /v1/models` shows it. */
export const modelEntrySchema = z.object({
  provider: vendorSchema,
  model: namePatternSchema,
  ...modelFactsSchema.shape,
  /** Day on which the facts were looked up, or an override was set; absent where nobody has compared them with the source. */
  asOf: z.iso.date().optional(),
  /** Where the vendor tells them, or `tenant` for an override. */
  source: z.string(),
})

export const modelListSchema = z.object({
  models: z.array(modelEntrySchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** Most overrides of one tenant: all of them are read with one query. */
export const MAX_MODEL_OVERRIDES = 200

/** What a request needs of its model. */
export const modelNeedsSchema = z.strictObject({
  images: z.boolean().optional(),
  tools: z.boolean().optional(),
  output: z.boolean().optional(),
  /** Question and answer together. */
  contextTokens: tokens.optional(),
})

/** Name of a virtual model. */
export const virtualNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'use lower-case letters, digits and "-"')

export const MAX_CANDIDATES = 10
/** Most virtual models of one tenant: all of them are read with one query. */
export const MAX_VIRTUAL_MODELS = 50

/** How one of several models is chosen; the others stand by, should it fail. */
export const virtualModelSchema = z.strictObject({
  /** `order`: as they stand. `cheapest`: by the catalogue's prices. `fastest`: by how they answered in the last hours. What is not known comes last. */
  strategy: z.enum(['order', 'cheapest', 'fastest']),
  candidates: z
    .array(z.strictObject({ ...modelChoiceSchema.shape, provider: vendorSchema }))
    .min(1)
    .max(MAX_CANDIDATES),
  /** Besides what the request needs; candidates that are known not to have it are left out. */
  needs: modelNeedsSchema.optional(),
})

export const virtualModelParamsSchema = z.object({ name: virtualNameSchema })
export const namedVirtualModelSchema = z.object({ name: virtualNameSchema, ...virtualModelSchema.shape })
export const shownVirtualModelSchema = z.object({
  ...namedVirtualModelSchema.shape,
  /** Comes with the platform: its candidates count that have a key. A rule of the same name takes its place. */
  builtIn: z
    .object({
      /** Which model it comes to at the moment. */
      now: modelChoiceSchema.optional(),
      /** Why it comes to none. */
      reason: z.string().optional(),
    })
    .optional(),
})
export const virtualModelListSchema = z.object({ virtualModels: z.array(shownVirtualModelSchema) })

export type Vendor = z.infer<typeof vendorSchema>
export type ModelFacts = z.infer<typeof modelFactsSchema>
export type ModelEntry = z.infer<typeof modelEntrySchema>
export type ModelNeeds = z.infer<typeof modelNeedsSchema>
export type VirtualModel = z.infer<typeof virtualModelSchema>
export type ShownVirtualModel = z.infer<typeof shownVirtualModelSchema>
export type NamedVirtualModel = z.infer<typeof namedVirtualModelSchema>
