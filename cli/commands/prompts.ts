import type { PromptPreview } from '#shared/protocol/prompt.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonArgument, readTextArgument } from '../input.ts'
import type { Output } from '../output.ts'

export const prompts = defineCommand({
  name: 'prompts',
  summary: 'Shows what a model would be told, without asking it.',
  usage: ['preview [agent]'],
  description: "Without an agent the prompts are those of the files alone; with one they take the place of the agent's.",
  options: {
    input: { type: 'string', placeholder: 'json | @file | -', help: 'the input of the execution; its keys are variables' },
    text: { type: 'string', placeholder: 'text', help: 'the text of a question, sent as chat sends it: {"content": …}' },
    system: { type: 'string', placeholder: 'file', help: 'system prompt' },
    template: { type: 'string', placeholder: 'file', help: 'user template' },
    context: { type: 'string', placeholder: 'file', help: 'context instructions' },
  },
  examples: [
    "npx sluice prompts preview assistant --text 'Where is my order?'",
    'npx sluice prompts preview --template review.txt --input \'{"document_type":"report"}\'',
  ],
  async run(values, [verb, agentId, ...more], context) {
    if (verb === undefined) throw new UsageError('what about prompts?', 'npx sluice prompts preview --help shows what there is')
    if (verb !== 'preview') throw new UsageError(`"prompts ${verb}" does not exist`, 'use: npx sluice prompts preview')
    expectNoMore(more, 'prompts preview')
    if (values.input !== undefined && values.text !== undefined)
      throw new UsageError('--input and --text are the same thing', 'leave one of them out')
    if (agentId === undefined && [values.system, values.template, values.context].every((file) => file === undefined))
      throw new UsageError('the prompts of which agent?', 'npx sluice prompts preview assistant, or files: --template review.txt')
    const texts = { system: values.system, userTemplate: values.template, contextInstructions: values.context }
    const read = await Promise.all(
      Object.entries(texts).map(async ([name, file]) =>
        file === undefined ? [] : [[name, await readTextArgument(file, context)]],
      ),
    )
    const given = Object.fromEntries(read.flat())
    // What chat sends of a text.
    const input = values.input === undefined ? { content: values.text ?? '' } : await readJsonArgument(values.input, context)
    const isPlain = agentId === undefined || Object.keys(given).length > 0
    const path = agentId === undefined ? '/v1/prompts/preview' : `/v1/agents/${encodeURIComponent(agentId)}/prompt-preview`
    const http = await context.http(values)
    const preview = await http<PromptPreview>(path, {
      method: 'POST',
      body: { input, ...(isPlain && { prompts: given }) },
      signal: context.signal,
    })
    if (values.json) context.stdout.line(JSON.stringify(preview))
    else show(preview, context)
    return EXIT_CODE.ok
  },
})

function show(
  { messages, contextInstructions, output, variables, tokens, warnings }: PromptPreview,
  { stdout, stderr }: { stdout: Output; stderr: Output },
): void {
  const part = (title: string, text: string): void => {
    stdout.line(stdout.style('bold', title))
    stdout.line(text)
    stdout.line('')
  }
  for (const { role, content } of messages) part(role, content)
  if (contextInstructions !== undefined) part('context instructions, said with earlier turns or notes', contextInstructions)
  if (output && !output.inWords) part('schema of the answer, told to the provider', JSON.stringify(output.schema, undefined, 2))
  for (const warning of warnings) stderr.line(`warning: ${warning}`)
  stderr.line(
    `about ${tokens} tokens; variables used: ${variables.used.join(', ') || 'none'}; known: ${variables.known.join(', ')}`,
  )
}
