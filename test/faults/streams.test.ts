import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { brokenPromises, campaign } from '../../bench/streams/campaign/campaign.ts'

/** A sender that does something to the frames with events, every so many of them. */
const tampering =
  (every: number, tamper: (post: (frame: ServerFrame) => Promise<unknown>, frame: ServerFrame) => Promise<unknown>) =>
  (poster: ConnectionPoster): ConnectionPoster => {
    let frames = 0
    return {
      ...poster,
      async post(connectionId, text) {
        const frame: ServerFrame = JSON.parse(text)
        if (frame.message_type !== 'realtime_event' || ++frames % every !== 0) return poster.post(connectionId, text)
        await tamper((next) => poster.post(connectionId, JSON.stringify(next)), frame)
        return { status: 'sent' }
      },
    }
  }

describe('campaign', () => {
  it('keeps every promise while everything breaks', async () => {
    const result = await campaign({ replies: 300, seed: 7 })

    expect(result.problems).toEqual([])
    expect(brokenPromises(result)).toEqual([])
    // What nobody follows, and what never breaks, proves nothing.
    expect(result.views).toBeGreaterThan(600)
    for (const kind of ['post_410', 'socket_cut', 'socket_half_open', 'page_reloaded', 'writer_killed', 'frame_twice'] as const)
      expect(result.faults[kind]).toBeGreaterThan(5)
  })

  it('is the same again for the same seed', async () => {
    const [first, second] = [await campaign({ replies: 20, seed: 3 }), await campaign({ replies: 20, seed: 3 })]

    expect(second).toEqual(first)
  })
})

describe('a campaign against a broken sender', () => {
  it('finds frames that are left out, before the client heals them', async () => {
    const { wire } = await campaign({ replies: 20, seed: 7, sabotage: tampering(10, async () => undefined) })

    expect(wire.gaps).toBeGreaterThan(0)
  })
})
