import { describe, expect, it } from 'vitest'
import { countedQuotas, type QuotaDependencies } from '#shared/limits/quotas.ts'
import { memoryLog } from '#shared/platform/log.ts'

function world(overrides: Partial<QuotaDependencies> = {}) {
  const time = { now: Date.parse('2026-11-21T23:59:50Z') }
  const asked: number[] = []
  const used = { sockets: 0, executions: 0 }
  const log = memoryLog()
  const quotas = countedQuotas({
    clock: { now: () => time.now },
    log,
    countSockets: async () => used.sockets,
    async countExecutions(_tenant, since) {
      asked.push(since)
      return used.executions
    },
    maxSockets: 10,
    maxExecutionsPerDay: 100,
    ...overrides,
  })
  return { quotas, time, used, asked, log }
}

describe('countedQuotas', () => {
  it('lets the last one in, and refuses the next', async () => {
    const { quotas, time, used } = world()
    used.sockets = 9
    used.executions = 99
    await quotas.requireSocket('acme')
    await quotas.requireExecution('acme')
    used.sockets = 10
    used.executions = 100
    time.now += 5_000

    await expect(quotas.requireSocket('acme')).rejects.toMatchObject({ code: 'quota_exceeded' })
    await expect(quotas.requireExecution('acme')).rejects.toMatchObject({ code: 'quota_exceeded', retryAfterSeconds: 5 })
  })

  it('begins anew at midnight UTC', async () => {
    const { quotas, time, used, asked } = world()
    used.executions = 100
    await expect(quotas.requireExecution('acme')).rejects.toMatchObject({ retryAfterSeconds: 10 })

    used.executions = 0
    time.now += 10_000
    await quotas.requireExecution('acme')

    expect(asked.map((since) => new Date(since).toISOString())).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'])
  })

  it('counts once in five seconds, for each tenant', async () => {
    const { quotas, asked } = world()

    for (const tenant of ['acme', 'acme', 'globex', 'acme']) await quotas.requireExecution(tenant)

    expect(asked).toHaveLength(2)
  })

  it('refuses nobody without a count, says so, and counts again with the next', async () => {
    let tries = 0
    const { quotas, log } = world({
      async countExecutions() {
        if (tries++ === 0) throw new Error('no table')
        return 100
      },
    })

    await quotas.requireExecution('acme')

    expect(log.lines).toMatchObject([{ level: 'warn', code: 'quota_open', fields: { tenant: 'acme' } }])
    await expect(quotas.requireExecution('acme')).rejects.toMatchObject({ code: 'quota_exceeded' })
  })
})
