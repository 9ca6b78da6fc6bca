export interface TextPacer {
  /** The part to show now. */
  readonly shown: string
  /** Sets the whole text so far; it is shown bit by bit, a cut at once. */
  set(text: string): void
  stop(): void
}

/** Part of the backlog that appears with each animation frame: the text keeps flowing between frames of the network. */
const SHARE_PER_FRAME = 1 / 10

/**
 * Spreads text that comes in bursts over animation frames. Shows it at once where motion is not wanted or the page is not seen.
 * @param initial - text that is shown from the start
 */
export function createTextPacer(initial: string, onChange: () => void): TextPacer {
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  let text = initial
  let length = initial.length
  let frame = 0

  function step(): void {
    frame = 0
    length += Math.max(1, Math.ceil((text.length - length) * SHARE_PER_FRAME))
    if (isHighSurrogate(text.charCodeAt(length - 1))) length += 1
    onChange()
    if (length < text.length) frame = requestAnimationFrame(step)
  }

  return {
    get shown() {
      return text.slice(0, length)
    },
    set(next) {
      text = next
      length = still.matches || document.hidden ? next.length : Math.min(length, next.length)
      if (length < next.length && frame === 0) frame = requestAnimationFrame(step)
    },
    stop() {
      cancelAnimationFrame(frame)
    },
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
