import type { PeerRow, PeersResult } from './peers/measure-peers.ts'

/** One small chart: a bar for each peer. */
type Chart = { title: string; value(peer: PeerRow): number; show(value: number): string }

const milliseconds = (value: number): string => `${Math.round(value)} ms`

const CHARTS: Chart[] = [
  { title: 'posts of a reply', value: (peer) => peer.postsPerReply, show: String },
  { title: 'price of 1,000 replies', value: (peer) => peer.costPerReplyUsd * 1_000, show: (value) => `$${value.toFixed(2)}` },
  { title: 'delay of a token, p50', value: (peer) => peer.tokenDelayMs.p50, show: milliseconds },
  { title: 'delay of a token, p99', value: (peer) => peer.tokenDelayMs.p99, show: milliseconds },
  { title: 'longest stall', value: (peer) => peer.longestStallMs, show: milliseconds },
]

const [WIDTH, LABELS, ROW, GAP, TOP] = [760, 190, 22, 34, 64]
const BAR = WIDTH - LABELS - 110

/** The peers' rows as an SVG picture that reads on light and on dark pages. */
export function peersPlot({ machine, measuredOn, peers }: PeersResult): string {
  const chartHeight = peers.length * ROW + GAP
  const height = TOP + CHARTS.length * chartHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="26" font-size="16" font-weight="600" fill="#1b1f24">A reply of 1,000 tokens in 10 s, brought to one reader</text>
<text x="12" y="46" fill="#57606a">${escaped(`${measuredOn}: ${machine.cpu}, ${machine.cores} cores, ${machine.emulator}, Node ${machine.node}`)}</text>
${CHARTS.map((chart, index) => chartOf(chart, peers, TOP + index * chartHeight)).join('\n')}
</svg>
`
}

function chartOf({ title, value, show }: Chart, peers: readonly PeerRow[], top: number): string {
  const most = Math.max(...peers.map(value), Number.MIN_VALUE)
  const bars = peers.map((peer, index) => {
    const y = top + 18 + index * ROW
    const width = Math.max(1, (value(peer) / most) * BAR)
    const fill = peer.name.startsWith('sluice') ? '#0969da' : '#afb8c1'
    return [
      `<text x="${LABELS - 8}" y="${y + 14}" text-anchor="end" fill="#1b1f24">${escaped(peer.name)}</text>`,
      `<rect x="${LABELS}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 7}" rx="2" fill="${fill}"/>`,
      `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 14}" fill="#57606a">${escaped(show(value(peer)))}</text>`,
    ].join('')
  })
  return [`<text x="12" y="${top + 10}" font-weight="600" fill="#1b1f24">${escaped(title)}</text>`, ...bars].join('\n')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
