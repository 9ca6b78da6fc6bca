import { expect } from 'vitest'
import type { AnswerRequest } from '#shared/executions/answerer.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { LEASE_MS } from '#shared/executions/lease-keeper.ts'
import type { RunDependencies } from '#shared/executions/run.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import { anAgent } from './executions.ts'
import { expectWholeAnswer } from './stream-proof.ts'
import { byCode, providerError, say, workerScene } from './worker.ts'

const CHAPTERS = ['One. ', 'Two. ', 'Three. ', 'Four. ', 'Five. ', 'Six. ']
/** More rounds than any fault here needs. */
const ROUNDS = 12

/**
 * An execution that meets everything on its way: it fails once for half a minute and gives up its only slot to another one, fails once for
 * no time, is handed over once, and completes.
 */
export async function longLife(options?: Parameters<typeof workerScene>[1]) {
  const scene = await workerScene(anAgent({ maxConcurrency: 1 }), options)
  const { submit, work, sent, later, sweep, stored, gate, follow, seenBy, events, expectEnd } = scene
  const record = await submit({ retry: { maxAttempts: 20, backoffSeconds: 0 }, timeoutSeconds: 43_200 })
  const other = await submit()
  await follow(record, 'c1')
  const met = new Set<string>()
  const first = (what: string): boolean => !met.has(what) && met.add(what).has(what)
  let left = 300_000

  async function write(request: AnswerRequest): Promise<void> {
    const { state } = request.checkpoints
    for (let chapter = typeof state === 'number' ? state : 0; chapter < CHAPTERS.length; chapter++) {
      say(request, CHAPTERS[chapter] ?? '')
      if (chapter === 1 && first('a long pause')) throw providerError('rate_limit', 30)
      if (chapter === 2 && first('no pause')) throw providerError('provider_error')
      if (chapter === 3 && first('the end of an invocation')) left = 1_000
      await request.checkpoints.save(chapter + 1)
    }
  }
  const answerer = byCode(async (request) => {
    if (request.record.executionId === record.executionId) await write(request)
    else say(request, 'The other one.')
  })

  async function take(item: WorkItem, faults: Partial<RunDependencies>): Promise<void> {
    left = 300_000
    await work(answerer, item, { remainingMs: () => left, ...faults })
  }

  const isOver = async (): Promise<boolean> => {
    const records: ExecutionRecord[] = [await stored(record), await stored(other)]
    return records.every(({ status }) => hasEnded(status))
  }

  return {
    ...scene,
    /** Works off the queue with ports that fail, until it is empty or one failed for good. Messages that failed come again behind it. */
    async live(faults: Partial<RunDependencies>): Promise<void> {
      for (let next = sent.shift(); next; next = sent.shift()) {
        later((next.delaySeconds ?? 0) * 1_000)
        try {
          await take(next.item, faults)
        } catch (error) {
          sent.push(next)
          throw error
        }
      }
    },
    /** Works off the queue with ports that work, and looks after both executions as the sweeper does, until they have ended. */
    async recover(): Promise<void> {
      for (let round = 0; round < ROUNDS && !(sent.length === 0 && (await isOver())); round++) {
        for (const { item } of sent.splice(0)) await take(item, {})
        later(round % 2 === 0 ? LEASE_MS + 1 : 6 * 60_000)
        await sweep()
      }
    },
    /** Both have ended well, each in one whole stream, and no slot is lost. */
    async expectGoodEnd(): Promise<ExecutionRecord> {
      const ended = await expectEnd(record, 'completed')
      expect(ended.output?.text).toBe(CHAPTERS.join(''))
      expect(expectWholeAnswer(seenBy('c1'))).toBe(CHAPTERS.join(''))
      expect(seenBy('c1')).toEqual(await events(record))
      await expectEnd(other, 'completed')
      expect(await gate()).toMatchObject({ active: [], waiting: 0 })
      return ended
    },
  }
}
