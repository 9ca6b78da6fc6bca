import { describe, expect, it } from 'vitest'
import { attachmentContentSchema, attachmentSchema } from '#shared/protocol/attachment.ts'
import { MAX_ATTACHMENT_BYTES } from '#shared/protocol/image-type.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const PATH = '/v1/attachments'
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const BODY = { mediaType: 'image/png', data: PNG.toString('base64') }

describe('attachments', () => {
  it('are kept, and the same one is kept once', async () => {
    const { call } = httpCaller()

    const first = attachmentSchema.parse((await call('POST', PATH, { body: BODY })).body)
    const again = attachmentSchema.parse((await call('POST', PATH, { body: BODY })).body)
    const content = attachmentContentSchema.parse((await call('GET', `${PATH}/${first.attachmentId}`)).body)

    expect(again).toEqual(first)
    expect(content).toEqual({ ...first, bytes: PNG.byteLength, data: BODY.data })
  })

  it.each([
    ['somebody else', 'acme', 'eve'],
    ['another tenant', 'globex', 'ada'],
  ])('are as unknown to %s as those that never were', async (_who, tenant, subject) => {
    const { call, tokenOf } = httpCaller()
    const { attachmentId } = attachmentSchema.parse((await call('POST', PATH, { body: BODY })).body)

    const answer = await call('GET', `${PATH}/${attachmentId}`, { token: await tokenOf(tenant, SCOPES, subject) })

    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it.each([
    ['another type than they say', { ...BODY, mediaType: 'image/jpeg' }],
    ['a page instead of a picture', { ...BODY, data: Buffer.from('<script>alert(1)</script>').toString('base64') }],
    ['a type that models do not look at', { ...BODY, mediaType: 'image/svg+xml' }],
    ['no base64', { ...BODY, data: '§§§§' }],
    ['nothing in them', { ...BODY, data: '' }],
    ['too many bytes', { ...BODY, data: Buffer.alloc(MAX_ATTACHMENT_BYTES + 3, PNG).toString('base64') }],
  ])('with %s are refused', async (_what, body) => {
    expect((await httpCaller().call('POST', PATH, { body })).body).toMatchObject({ code: 'validation_error' })
  })

  it('have ids that cannot lead elsewhere', async () => {
    const { call } = httpCaller()

    expect((await call('GET', `${PATH}/${encodeURIComponent('../../inputs/x')}`)).status).toBe(422)
  })
})
