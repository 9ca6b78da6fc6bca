import { describe, expect, it } from 'vitest'
import { fromAwsError, isTransientAwsError } from '#shared/platform/aws-errors.ts'

const status = (httpStatusCode: number) => ({ name: 'ServiceException', $metadata: { httpStatusCode } })

describe('isTransientAwsError', () => {
  it.each([
    ['what the SDK calls retryable', { name: 'Odd', $retryable: { throttling: false } }],
    ['throttling with status 400', { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }],
    ['a table over its capacity', { name: 'ProvisionedThroughputExceededException', $metadata: { httpStatusCode: 400 } }],
    ['a server error', status(500)],
    ['an overloaded server', status(503)],
    ['no answer in time', { name: 'TimeoutError' }],
    ['a closed connection', Object.assign(new Error('read'), { code: 'ECONNRESET' })],
  ])('is true for %s', (_what, error) => {
    expect(isTransientAwsError(error)).toBe(true)
  })

  it.each([
    ['a refused request', status(400)],
    ['a missing permission', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } }],
    ['a mistake of ours', new TypeError('x is not a function')],
    ['nothing', undefined],
  ])('is false for %s', (_what, error) => {
    expect(isTransientAwsError(error)).toBe(false)
  })
})

describe('fromAwsError', () => {
  it('says what is not available, and keeps the cause', () => {
    const cause = status(503)

    expect(fromAwsError(cause, 'the queue')).toMatchObject({
      code: 'unavailable',
      message: 'the queue is not available now',
      cause,
    })
  })

  it('leaves our mistakes as they are', () => {
    const error = status(400)

    expect(fromAwsError(error, 'the queue')).toBe(error)
  })
})
