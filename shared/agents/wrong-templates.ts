import type { Prompts } from '#shared/protocol/agent-thought.ts'
import type { FieldError } from '#shared/protocol/problem.ts'

/** A part of one of the platform's variables that are texts and numbers, unless its brace is escaped. */
const PART_OF_NONE =
  /(?<!\\)\{(?<name>input_data|agent_name|now|workflow_id|token_id|current_place|history_count)\.(?<part>[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*)\}/gu

/**
 * What can never work in the prompts of a definition: a part of a variable that has none. Whether any other name is known is seen with an input, since
 * every key of one is a variable.
 *
 * @returns the field and what is wrong with it, for each such variable
 */
export const wrongTemplates = (prompts: Prompts): FieldError[] =>
  Object.entries(prompts).flatMap(([field, template = '']) =>
    [...template.matchAll(PART_OF_NONE)].map(([variable, name, part]) => {
      const hint = name === 'input_data' ? `; a key of the input is {${part}}` : ''
      return { path: `prompts.${field}`, message: `${variable} can never be known: {${name}} has no parts${hint}` }
    }),
  )
