import { describe, expect, it } from 'vitest'
import { multiAgent } from '#shared/reasoning/multi-agent.ts'
import { aReasoning, fakeToolbox, memoryCheckpoints, scriptedModel } from '../../helpers/reasoning.ts'

type Answers = Record<string, (question: string) => string>

function team(
  mode: 'router' | 'sequence' | 'parallel' | 'handover',
  answers: Answers,
  turns: Parameters<typeof scriptedModel>[0] = [],
) {
  const agents = Object.keys(answers)
  const toolbox = fakeToolbox(
    Object.fromEntries(
      agents.map((agent) => [
        agent,
        { run: ({ arguments: input }) => answers[agent]?.((input as { content: string }).content) ?? '' },
      ]),
    ),
  )
  const model = scriptedModel(turns)
  return { ...aReasoning({ model, toolbox, team: { mode, agents }, checkpoints: memoryCheckpoints() }), toolbox, model }
}

describe('a team', () => {
  it('has the model choose one, whose answer is the answer', async () => {
    const { reasoning, text, toolbox } = team('router', { a: () => 'by a', b: () => 'by b' }, [{ say: '{"agent":"b"}' }])

    await multiAgent(reasoning)

    expect(text()).toBe('by b')
    expect(toolbox.made).toMatchObject([{ key: 'e1:call-1', call: { toolName: 'b', arguments: { content: 'What is it?' } } }])
  })

  it('refuses a choice that is not of the team', async () => {
    const { reasoning, toolbox } = team('router', { a: () => '', b: () => '' }, [
      { say: '{"agent":"root"}' },
      { say: '{"agent":"root"}' },
    ])

    await expect(multiAgent(reasoning)).rejects.toMatchObject({ code: 'invalid_output' })
    expect(toolbox.made).toEqual([])
  })

  it('goes on from one to the next', async () => {
    const { reasoning, text } = team('sequence', {
      a: () => 'a draft',
      b: (question) => `better than ${question.split('\n').at(-1)}`,
    })

    await multiAgent(reasoning)

    expect(text()).toBe('better than a draft')
  })

  it('is asked at once, and the model sums up', async () => {
    const { reasoning, text, model } = team('parallel', { a: () => 'yes', b: () => 'no' }, [{ say: 'It depends.' }])

    await multiAgent(reasoning)

    expect(text()).toBe('It depends.')
    expect(model.asked[0]?.messages.at(-1)?.content).toMatch(/a answered:\nyes\n\nb answered:\nno/)
  })

  it('passes the question on, five times at most', async () => {
    const ping = JSON.stringify({ handover: 'b' })
    const pong = JSON.stringify({ handover: 'a' })
    const once = team('handover', { a: () => ping, b: () => 'I know it.' })
    const forever = team('handover', { a: () => ping, b: () => pong })

    await multiAgent(once.reasoning)
    await multiAgent(forever.reasoning)

    expect(once.text()).toBe('I know it.')
    expect(forever.toolbox.made).toHaveLength(6)
  })
})
