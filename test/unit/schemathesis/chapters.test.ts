import { describe, expect, it } from 'vitest'
import { openApi } from '../../../scripts/openapi/document.ts'
import { chaptersOf, type DescribedOperations } from '../../schemathesis/chapters.ts'

const DOCUMENT: DescribedOperations = JSON.parse(JSON.stringify(openApi()))
const EVERY = Object.values(DOCUMENT.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))

describe('chaptersOf', () => {
  it('has every operation in one chapter', () => {
    const chapters = chaptersOf(DOCUMENT, {})

    expect(chapters.flatMap(({ operations }) => operations).toSorted()).toEqual(EVERY.toSorted())
    expect(chapters.map(({ name }) => name)).toContain('Models')
  })

  it.each([
    [{ only: 'getAgent, deleteAgent' }, [{ name: 'Agents', operations: ['getAgent', 'deleteAgent'] }]],
    [{ path: '/v1/attachments' }, [{ name: 'Executions', operations: ['createAttachment', 'getAttachment'] }]],
    [{ chapter: 'Approvals' }, [{ name: 'Approvals', operations: ['listApprovals', 'getApproval', 'decideApproval'] }]],
    [{ chapter: 'Approvals', only: 'getApproval' }, [{ name: 'Approvals', operations: ['getApproval'] }]],
  ])('has those alone that are meant: %j', (filter, chapters) => {
    expect(chaptersOf(DOCUMENT, filter)).toEqual(chapters)
  })

  it.each([[{ only: 'getAgent,nobody' }], [{ path: '/v2' }], [{ chapter: 'Poems' }], [{ chapter: 'Models', only: 'getAgent' }]])(
    'refuses to test nothing: %j',
    (filter) => {
      expect(() => chaptersOf(DOCUMENT, filter)).toThrow(/no operation/)
    },
  )
})
