import { describe, expect, it } from 'vitest'
import { systemClock } from '#shared/platform/clock.ts'
import { healthSchema, readinessSchema } from '#shared/protocol/health.ts'
import { checkReadiness, type Probe, readinessOf } from '../../../../functions/http/readiness.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const well: Probe = { name: 'registry table', check: async () => undefined }
const broken: Probe = {
  name: 'message bus',
  check: () => Promise.reject(Object.assign(new Error('arn:aws:… is not there'), { name: 'ResourceNotFoundException' })),
}
/** Never answers, and does not listen to its signal. */
const silent: Probe = { name: 'work queue', check: () => new Promise(() => undefined) }

describe('GET /health', () => {
  it('answers anybody', async () => {
    const { status, body } = await httpCaller().call('GET', '/health', { token: null })

    expect(status).toBe(200)
    expect(healthSchema.parse(body)).toEqual({ status: 'ok', stage: 'test', time: '2026-11-21T09:30:00.000Z' })
  })
})

describe('GET /ready', () => {
  it('names every dependency', async () => {
    const { status, body } = await httpCaller({ readiness: readinessOf([well], systemClock) }).call('GET', '/ready', {
      token: null,
    })

    expect(status).toBe(200)
    expect(readinessSchema.parse(body)).toMatchObject({ status: 'ok', dependencies: [{ name: 'registry table', status: 'ok' }] })
  })

  it('is 503 while one is missing, and says no more than the kind of its error', async () => {
    const { status, body } = await httpCaller({ readiness: readinessOf([well, broken], systemClock) }).call('GET', '/ready', {
      token: null,
    })

    expect(status).toBe(503)
    expect(body).toEqual({
      status: 'unavailable',
      dependencies: [
        { name: 'registry table', status: 'ok', detail: expect.stringMatching(/^\d+ ms$/) },
        { name: 'message bus', status: 'unavailable', detail: 'ResourceNotFoundException' },
      ],
    })
  })
})

describe('readinessOf', () => {
  it('asks once for all who want to know within five seconds', async () => {
    let [now, asked] = [0, 0]
    const readiness = readinessOf([{ name: 'work queue', check: async () => ++asked }], { now: () => now })

    const first = await Promise.all([readiness(), readiness()])
    now = 4_999
    expect([first[1], await readiness()]).toEqual([first[0], first[0]])
    expect(asked).toBe(1)

    now = 5_000
    await readiness()
    expect(asked).toBe(2)
  })
})

describe('checkReadiness', () => {
  it('does not wait for who never answers', async () => {
    expect(await checkReadiness([silent, well], 5)).toMatchObject({
      status: 'unavailable',
      dependencies: [{ detail: 'no answer within 5 ms' }, { status: 'ok' }],
    })
  })
})
