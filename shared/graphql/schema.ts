import { buildSchema } from 'graphql'
import { TYPE_DEFINITIONS } from './type-definitions.ts'

/** The schema, made when the first operation comes. Objects resolve themselves: fields that read something are functions on them. */
export const SCHEMA = buildSchema(TYPE_DEFINITIONS, { assumeValidSDL: true, assumeValid: true })
