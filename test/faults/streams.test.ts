import { describe, expect, it } from 'vitest'
import type { RealtimeEventFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { brokenPromises, type CampaignOptions, campaign } from '../../bench/streams/campaign/campaign.ts'
import { CALM } from '../../bench/streams/campaign/faults.ts'
import { createNaiveClient } from './streams/naive-client.ts'

type Post = (frame: RealtimeEventFrame) => Promise<unknown>

/** A sender that does something to the second frame with events that it posts to a connection. */
const tampering =
  (tamper: (post: Post, frame: RealtimeEventFrame) => Promise<unknown>) =>
  (poster: ConnectionPoster): ConnectionPoster => {
    const frames = new Map<string, number>()
    return {
      ...poster,
      async post(connectionId, text) {
        const frame: ServerFrame = JSON.parse(text)
        if (frame.message_type !== 'realtime_event') return poster.post(connectionId, text)
        const count = (frames.get(connectionId) ?? 0) + 1
        frames.set(connectionId, count)
        if (count !== 2) return poster.post(connectionId, text)
        await tamper((tampered) => poster.post(connectionId, JSON.stringify(tampered)), frame)
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
    expect(result.resumeMs?.samples).toBeGreaterThan(50)
    expect(result.stopMs?.samples).toBeGreaterThan(5)
  })

  it('is the same again for the same seed', async () => {
    const [first, second] = [await campaign({ replies: 20, seed: 3 }), await campaign({ replies: 20, seed: 3 })]

    expect(second).toEqual(first)
  })
})

/** A client that heals nothing, on a day on which nothing else breaks. */
const unhealed = (sabotage?: CampaignOptions['sabotage']) =>
  campaign({ replies: 20, seed: 7, odds: CALM, createClient: createNaiveClient, ...(sabotage && { sabotage }) })

describe('what the campaign would find', () => {
  it('is nothing with a sender in order, even when nobody heals anything', async () => {
    expect(brokenPromises(await unhealed())).toEqual([])
  })

  it('is a frame that was left out', async () => {
    const { lost, wire } = await unhealed(tampering(async () => undefined))

    expect(lost).toBeGreaterThan(0)
    expect(wire.gaps).toBeGreaterThan(0)
  })

  it('is a frame that came twice', async () => {
    const { duplicated, wire } = await unhealed(
      tampering(async (post, frame) => {
        await post(frame)
        await post(frame)
      }),
    )

    expect(duplicated).toBeGreaterThan(0)
    expect(wire.repeats).toBeGreaterThan(0)
  })

  it('is an event that came behind a later one', async () => {
    const { reordered } = await unhealed(
      tampering((post, frame) => post({ ...frame, payload: { ...frame.payload, events: frame.payload.events.toReversed() } })),
    )

    expect(reordered).toBeGreaterThan(0)
  })

  it('is a text that is not the one of the log, though the client says that it is verified', async () => {
    const { wrongTexts } = await unhealed(
      tampering((post, frame) => {
        const events = frame.payload.events.map((event) =>
          event.type === 'content_chunk' ? { ...event, data: { text: event.data.text.toUpperCase() } } : event,
        )
        return post({ ...frame, payload: { ...frame.payload, events } })
      }),
    )

    expect(wrongTexts).toBeGreaterThan(0)
  })
})
