/** A text that comes in bursts, shown evenly. */
export interface PacedText {
  /** The part to show now. */
  readonly shown: string
  /** True when nothing waits to be shown. */
  readonly isWhole: boolean
  /** Sets the whole text so far. What was set before is shown at once, what is new bit by bit; a cut shows at once. */
  set(text: string): void
  stop(): void
}

export interface PacingOptions {
  /** Text that is shown from the start. */
  initial?: string
  /** False shows everything at once. */
  pacing?: boolean
}

/** Time that is taken for the first burst, and the most that is taken for any, in milliseconds. */
const FIRST_INTERVAL_MS = 120
const MAX_INTERVAL_MS = 600
/** Weight of the last interval in the running mean. */
const WEIGHT = 0.3

/**
 * Spreads each burst over the time until the next one is expected: the running mean of the intervals between them. So text flows whatever
 * the window of the sender is, and none is later than the burst after its own. Shows everything at once where motion is not wanted
 * (`prefers-reduced-motion`), where nobody looks (a hidden page), and where nothing is drawn (outside a page).
 *
 * @param onChange - called when there is more, or less, to show
 */
export function pacedText(onChange: () => void, { initial = '', pacing = true }: PacingOptions = {}): PacedText {
  let text = initial
  let length = initial.length
  let begin = length
  let arrivedAt = Number.NEGATIVE_INFINITY
  let interval = FIRST_INTERVAL_MS
  let frame: number | undefined

  function step(): void {
    frame = undefined
    const share = isWatched() ? Math.min(1, (performance.now() - arrivedAt) / interval) : 1
    const next = begin + Math.ceil((text.length - begin) * share)
    length = Math.max(length, isHighSurrogate(text.charCodeAt(next - 1)) ? next + 1 : next)
    onChange()
    if (length < text.length) frame = requestAnimationFrame(step)
  }

  return {
    get shown() {
      return text.slice(0, length)
    },
    get isWhole() {
      return length >= text.length
    },
    set(next) {
      if (next === text) return
      const now = performance.now()
      const sinceLast = Math.min(now - arrivedAt, MAX_INTERVAL_MS)
      if (arrivedAt > Number.NEGATIVE_INFINITY) interval += WEIGHT * (sinceLast - interval)
      arrivedAt = now
      begin = Math.min(text.length, next.length)
      // A character may have been completed by what is new.
      if (isHighSurrogate(next.charCodeAt(begin - 1))) begin -= 1
      const before = text.slice(0, length)
      text = next
      length = pacing && isWatched() ? begin : next.length
      if (text.slice(0, length) !== before) onChange()
      if (length < text.length) frame ??= requestAnimationFrame(step)
    },
    stop() {
      if (frame !== undefined) cancelAnimationFrame(frame)
      frame = undefined
    },
  }
}

function isWatched(): boolean {
  if (typeof document === 'undefined' || typeof requestAnimationFrame === 'undefined') return false
  return !document.hidden && !matchMedia('(prefers-reduced-motion: reduce)').matches
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
