import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const preview = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ],
  variables: { known: ['input_data', 'now'], used: ['input_data'] },
  tokens: 12,
  warnings: ['topP: left out'],
}

function door() {
  const calls: { path: string; call: HttpCall }[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, call })
    return preview as Answer
  }
  return { calls, context: cliContext({ http }) }
}

it('shows what the model of an agent would be told of a text, sent as chat sends it', async () => {
  const { calls, context } = door()

  expect(await main(['prompts', 'preview', 'a/1', '--text', 'Hi'], context)).toBe(0)

  expect(calls).toEqual([
    { path: '/v1/agents/a%2F1/prompt-preview', call: { method: 'POST', body: { input: { content: 'Hi' } } } },
  ])
  expect(context.out()).toBe('system\nBe brief.\n\nuser\nHi\n\n')
  expect(context.err()).toContain('warning: topP: left out')
  expect(context.err()).toContain('about 12 tokens; variables used: input_data; known: input_data, now')
})

it('shows the context instructions, and the schema that no message has', async () => {
  const shown = { ...preview, contextInstructions: 'Mind it.', output: { schema: { type: 'object' }, inWords: false } }
  const context = cliContext({ http: async <Answer>(): Promise<Answer> => shown as Answer })

  await main(['prompts', 'preview', 'a', '--text', 'Hi'], context)

  expect(context.out()).toMatch(/context instructions.*\nMind it\.\n\nschema of the answer.*\n\{\n {2}"type": "object"\n\}\n/)
})

it('takes prompts of no agent, and answers in JSON', async () => {
  const { calls, context } = door()

  expect(await main(['prompts', 'preview', '--template', '-', '--input', '{"a":1}', '--json'], context)).toBe(0)

  expect(calls).toEqual([
    { path: '/v1/prompts/preview', call: { method: 'POST', body: { input: { a: 1 }, prompts: { userTemplate: '' } } } },
  ])
  expect(JSON.parse(context.out())).toEqual(preview)
})

it.each([
  [['prompts'], 'what about prompts?'],
  [['prompts', 'show'], 'does not exist'],
  [['prompts', 'preview'], 'of which agent?'],
  [['prompts', 'preview', '--template', 'no-such-file.txt'], 'a file with the text in it'],
  [['prompts', 'preview', 'a', 'b'], 'b'],
  [['prompts', 'preview', '--input', '1', '--text', 'x'], 'the same thing'],
])('refuses %j', async (line, words) => {
  const { context } = door()

  expect(await main(line, context)).toBe(2)
  expect(context.err()).toContain(words)
})
