import { describe, expect, it, vi } from 'vitest'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'

const named = (name: string) => Object.assign(new Error(name), { name })

describe('retryOnConflict', () => {
  it('repeats a transaction that met another one', async () => {
    const transaction = vi.fn(async () => 'done').mockRejectedValueOnce(named('TransactionConflictException'))

    await expect(retryOnConflict(transaction)).resolves.toBe('done')
    expect(transaction).toHaveBeenCalledTimes(2)
  })

  it('lets every other error pass at once', async () => {
    const refused = named('ConditionalCheckFailedException')
    const transaction = vi.fn(() => Promise.reject(refused))

    await expect(retryOnConflict(transaction)).rejects.toBe(refused)
    expect(transaction).toHaveBeenCalledTimes(1)
  })

  it('gives up with the conflict', async () => {
    const conflict = named('TransactionConflictException')
    const transaction = vi.fn(() => Promise.reject(conflict))

    await expect(retryOnConflict(transaction)).rejects.toBe(conflict)
    expect(transaction).toHaveBeenCalledTimes(6)
  })
})
