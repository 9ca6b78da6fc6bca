import type { Chaos } from './faults.ts'

/** The way between one user and the front door, as it is for a while. */
export type Network = {
  /** Every way takes up to more than two seconds. */
  slow: boolean
  /** Time of one frame or one request, one way, in milliseconds. */
  way(): number
  /** What becomes of a handshake: it may be answered, refused, or never answered. */
  handshake(): 'open' | 'refused' | 'hangs'
  /** How and when an open connection ends by itself; undefined when it lives for ever. */
  end(): { how: 'cut' | 'silent'; afterMs: number } | undefined
  /** Whether an event stream can be opened at all. */
  streams(): boolean
}

const BAD_CHARACTERS = ['slow', 'flaky', 'mute', 'no sockets', 'sockets come and go'] as const

/** How long a network of each character lets a connection live, in milliseconds; 0 is for ever. */
const LIFE: Record<'good' | (typeof BAD_CHARACTERS)[number], number> = {
  good: 0,
  slow: 20_000,
  flaky: 2_500,
  mute: 4_000,
  'no sockets': 3_000,
  'sockets come and go': 1_500,
}

/** Draws what kind of network a user has. Half-open connections: frames vanish in both directions, and nobody is told. */
export function drawNetwork({ random, odds, faults }: Chaos): Network {
  const character = random.chance(odds.badNetwork) ? random.pick(BAD_CHARACTERS) : 'good'
  const slow = character === 'slow'
  if (slow) faults.slow_client += 1
  const refused = { 'no sockets': 1, 'sockets come and go': 0.6 }[character as string] ?? odds.doorClosed
  return {
    slow,
    way: () => (slow ? 300 + random.below(2_000) : 5 + random.below(60)),
    handshake: () => (random.chance(refused) ? random.pick(['refused', 'refused', 'hangs']) : 'open'),
    end() {
      const life = LIFE[character]
      if (life === 0) return undefined
      const silent = random.chance(character === 'mute' ? 0.7 : 0.15)
      return { how: silent ? 'silent' : 'cut', afterMs: Math.round(-Math.log(1 - random.next()) * life) }
    },
    streams: () => !random.chance(character === 'no sockets' ? 0.3 : odds.doorClosed),
  }
}
