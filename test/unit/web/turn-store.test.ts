// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { loadTurns, saveTurns } from '../../../web/console/turn-store.ts'

afterEach(() => sessionStorage.clear())

describe('turns of a page', () => {
  it('come back with the ids of their images, and without the images', () => {
    const turn = { agentId: 'assistant', key: 'k-1', content: 'What is this?' }
    const image = { attachmentId: 'a-1', name: 'plan.png' }

    saveTurns('assistant', [{ ...turn, images: [{ ...image, address: 'data:image/png;base64,iVBORw0KGgo=' }] }, turn])

    expect(loadTurns('assistant')).toEqual([{ ...turn, images: [image] }, turn])
  })
})
