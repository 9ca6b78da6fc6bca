import * as z from 'zod'

/** Largest whole number in a query string. */
const MAX_INTEGER = 999_999_999_999_999

/** A whole number in a query string. An empty text is none, though `Number` would make it 0. */
const integerText = z
  .string()
  .regex(/^-?\d{1,15}$/, 'use a whole number')
  .transform(Number)

/** In a query string a number is a text, but nobody writes it down as one. */
const described = (schema: { minimum: number; maximum: number; default: number }) => ({
  override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void => {
    delete jsonSchema.pattern
    Object.assign(jsonSchema, { type: 'integer', ...schema })
  },
})

/** Size of a page, from 1 to `max`. */
export const limitQuery = (max: number, byDefault: number) =>
  integerText
    .pipe(z.int().min(1).max(max))
    .default(byDefault)
    .meta(described({ minimum: 1, maximum: max, default: byDefault }))

/** Largest page of most lists. */
const MAX_PAGE = 100

/** A page of a list, and the cursor of the one before. */
export const pageQuery = ({ byDefault = 50, max = MAX_PAGE }: { byDefault?: number; max?: number } = {}) => ({
  limit: limitQuery(max, byDefault),
  after: z.string().optional(),
})

/** Cursor of a stream: the last sequence that the caller has, -1 for none. */
export const cursorQuery = integerText
  .pipe(z.int().min(-1))
  .default(-1)
  .meta(described({ minimum: -1, maximum: MAX_INTEGER, default: -1 }))

/** Names of the fields that are wanted, separated by commas: `agentId,status`. OpenAPI writes that as a list that is not exploded. */
export const fieldsQuery = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)))
    .optional()
    .meta({
      param: { explode: false },
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void =>
        void Object.assign(jsonSchema, { type: 'array', items: { type: 'string', enum: names }, minItems: 1 }),
    })

/** What is wanted of a resource; all of it where nothing was asked for. */
export const pickFields = <Resource extends object>(
  resource: Resource,
  fields: readonly (keyof Resource)[] | undefined,
): Partial<Resource> =>
  fields === undefined
    ? resource
    : (Object.fromEntries(
        Object.entries(resource).filter(([name]) => fields.includes(name as keyof Resource)),
      ) as Partial<Resource>)
