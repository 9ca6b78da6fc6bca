import { randomUUID } from 'node:crypto'
import { mkdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SLUICE_DIR } from '../../../localstack/paths.ts'
import { oneAtATime } from '../../../localstack/process/one-at-a-time.ts'

const nameOfOurs = (): string => `test-${randomUUID()}`

it('does work of one name one after the other, also when one of them fails', async () => {
  const name = nameOfOurs()
  const history: string[] = []
  const work = (who: string) =>
    oneAtATime(name, async () => {
      history.push(`${who} begins`)
      await new Promise(setImmediate)
      history.push(`${who} ends`)
      if (who === 'second') throw new Error('it broke')
      return who
    })

  const results = await Promise.allSettled(['first', 'second', 'third'].map(work))

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(history).toHaveLength(6)
  for (const [index, entry] of history.entries()) {
    if (entry.endsWith('begins')) expect(history[index + 1]).toBe(entry.replace('begins', 'ends'))
  }
})

it('does work of other names meanwhile', async () => {
  let end = (): void => undefined
  const held = oneAtATime(nameOfOurs(), () => new Promise<void>((resolve) => (end = resolve)))

  expect(await oneAtATime(nameOfOurs(), async () => 'done')).toBe('done')
  end()
  await held
})

it('does not wait for a process that was killed', async () => {
  const name = nameOfOurs()
  const left = join(SLUICE_DIR, 'locks', `${name}.lock`)
  await mkdir(left, { recursive: true })
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(left, longAgo, longAgo)

  expect(await oneAtATime(name, async () => 'done')).toBe('done')
})
