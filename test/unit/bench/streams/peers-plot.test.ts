import { describe, expect, it } from 'vitest'
import type { PeerRow } from '../../../../bench/streams/peers/measure-peers.ts'
import { peersPlot } from '../../../../bench/streams/peers-plot.ts'

const peer = (name: string, postsPerReply: number): PeerRow => ({
  name,
  postsPerReply,
  costPerReplyUsd: postsPerReply / 1e6,
  firstTokenMs: 10,
  tokenDelayMs: { p50: 5, p99: 20 },
  longestStallMs: 40,
  afterReconnect: 'whole',
})

const machine = { cpu: 'A <fast> one', cores: 2, memoryGb: 8, system: 'linux x64', node: 'v24', emulator: 'MiniStack' }

describe('peersPlot', () => {
  it('draws a bar for each peer, in proportion', () => {
    const peers = [peer('one post per token', 1_000), peer('sluice, socket', 250)]

    const svg = peersPlot({ machine, measuredOn: '2026-11-21', samples: 1, peers, rendered: [] })

    const widths = [...svg.matchAll(/<rect x="190" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
    expect(widths).toHaveLength(10)
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(4, 1)
    expect(svg).toContain('A &lt;fast> one')
  })
})
