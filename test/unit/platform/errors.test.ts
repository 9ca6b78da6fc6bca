import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  SluiceError,
  toSluiceError,
  UnauthorizedError,
  ValidationError,
} from '#shared/platform/errors.ts'

describe('SluiceError', () => {
  it('takes its status and whether a retry helps from its code', () => {
    expect(new SluiceError('rate_limit', 'slow down')).toMatchObject({ status: 429, retryable: true, expose: true })
    expect(new SluiceError('conflict', 'taken')).toMatchObject({ status: 409, retryable: false, expose: true })
  })

  it('hides what is internal', () => {
    expect(new SluiceError('internal', 'table is on fire').expose).toBe(false)
  })

  it('lets whoever throws it know better', () => {
    const cause = new Error('socket closed')
    const error = new SluiceError('provider_error', 'gone', { cause, retryable: false, expose: false, retryAfterSeconds: 3 })

    expect(error).toMatchObject({ cause, retryable: false, expose: false, retryAfterSeconds: 3 })
  })

  it.each([
    [new ValidationError('no', [{ path: 'a', message: 'b' }]), 'ValidationError', 'validation_error', 422],
    [new UnauthorizedError('no'), 'UnauthorizedError', 'unauthorized', 401],
    [new ForbiddenError('no'), 'ForbiddenError', 'forbidden', 403],
    [new NotFoundError('agent', 'x'), 'NotFoundError', 'not_found', 404],
    [new ConflictError('no'), 'ConflictError', 'conflict', 409],
    [new ConfigError('no'), 'ConfigError', 'internal', 500],
  ])('%s has its own name and code', (error, name, code, status) => {
    expect(error).toMatchObject({ name, code, status })
  })
})

describe('toSluiceError', () => {
  it('keeps ours', () => {
    const error = new ConflictError('taken')

    expect(toSluiceError(error)).toBe(error)
  })

  it.each([[new TypeError('x is not a function')], ['a text'], [null]])('hides what is not ours: %s', (thrown) => {
    expect(toSluiceError(thrown)).toMatchObject({ code: 'internal', expose: false, cause: thrown })
  })
})
