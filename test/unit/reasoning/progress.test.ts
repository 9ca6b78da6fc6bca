import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { firstThread, progressOf } from '#shared/reasoning/progress.ts'
import { react } from '#shared/reasoning/react.ts'
import { newThread, threadSchema } from '#shared/reasoning/thread.ts'
import { aReasoning, fakeToolbox, memoryCheckpoints, type SaidTurn, scriptedModel, thoughtsOf } from '../../helpers/reasoning.ts'

const shape = { schema: z.object({ thread: threadSchema }), first: firstThread }
const SEARCH: SaidTurn = { calls: [{ tool: 'search' }] }
const ANSWER: SaidTurn = { say: 'It is seven.' }
const BEGINS_ANEW = { status: 'warning', text: expect.stringContaining('it begins anew') }

const from = (state: unknown) => aReasoning({ checkpoints: memoryCheckpoints(JSON.stringify(state)) })

describe('progressOf', () => {
  it('begins without a checkpoint, and says nothing of it', async () => {
    const { reasoning, events } = aReasoning()

    const progress = await progressOf(reasoning, 'react', shape)

    expect(progress.state).toEqual(firstThread())
    expect(progress.nextCallId()).toBe('call-1')
    expect(events).toEqual([])
  })

  it('goes on from a checkpoint of its own, and says nothing of it', async () => {
    const thread = { ...newThread(2), messages: [{ role: 'assistant', content: 'so far' }] }
    const { reasoning, events } = from({ pattern: 'react', calls: 7, state: { thread } })

    const progress = await progressOf(reasoning, 'react', shape)

    expect(progress.state).toEqual({ thread })
    expect(progress.nextCallId()).toBe('call-8')
    expect(events).toEqual([])
  })

  it.each<[string, unknown]>([
    ['of another pattern', { pattern: 'reflection', calls: 7, state: {} }],
    ['of a version whose state was another one', { pattern: 'react', calls: 7, state: { turns: [] } }],
    ['without a state', { pattern: 'react', calls: 7 }],
    [
      'in which a message has another form',
      { pattern: 'react', calls: 7, state: { thread: { ...newThread(), messages: ['hi'] } } },
    ],
    [
      'in which an open call has another form',
      { pattern: 'react', calls: 7, state: { thread: { ...newThread(), open: [{ id: 1 }] } } },
    ],
  ])('begins anew from a checkpoint %s, tells it, and numbers its calls on', async (_what, saved) => {
    const { reasoning, events } = from(saved)

    const progress = await progressOf(reasoning, 'react', shape)

    expect(progress.state).toEqual(firstThread())
    expect(progress.nextCallId()).toBe('call-8')
    expect(thoughtsOf(events)).toMatchObject([BEGINS_ANEW])
  })

  it('begins from whatever JSON code of the same agent has left there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (saved) => {
        const { reasoning, events } = from(saved)

        const progress = await progressOf(reasoning, 'react', shape)

        expect(progress.state).toEqual(firstThread())
        expect(thoughtsOf(events)).toMatchObject([BEGINS_ANEW])
      }),
    )
  })
})

it('an answer whose checkpoint nobody can read any more is made, and no call takes the key of another one', async () => {
  const checkpoints = memoryCheckpoints()
  const toolbox = fakeToolbox({ search: {} })
  await react(aReasoning({ model: scriptedModel([SEARCH, SEARCH, ANSWER]), toolbox, checkpoints }).reasoning)
  const saved = checkpoints.saves.at(-1)?.replaceAll('"steps"', '"turns"')
  const later = aReasoning({ model: scriptedModel([SEARCH, ANSWER]), toolbox, checkpoints: memoryCheckpoints(saved) })

  await react(later.reasoning)

  expect(later.text()).toContain('It is seven.')
  expect(toolbox.made.map(({ key }) => key)).toEqual(['e1:call-1', 'e1:call-2', 'e1:call-3'])
})
