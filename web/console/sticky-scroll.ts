export interface StickyScroll {
  toEnd(): void
  /** What grows now is to be read from where it begins. */
  stay(): void
  stop(): void
}

/** Distance from the end that still counts as "at the end", in CSS pixels. */
const SLACK = 48

/** Keeps a growing content scrolled to its end, unless the user scrolled up to read; tells when that changes. */
export function keepAtEnd(container: HTMLElement, content: HTMLElement, onChange: (atEnd: boolean) => void): StickyScroll {
  const stopping = new AbortController()
  let atEnd = true
  let lastTop = 0

  function set(next: boolean): void {
    if (next === atEnd) return
    atEnd = next
    onChange(next)
  }
  function toEnd(): void {
    set(true)
    container.scrollTop = container.scrollHeight
  }

  /** Only a move upwards leaves the end: the content may have grown since the scroll that this event reports. */
  function onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = container
    if (scrollHeight - scrollTop - clientHeight < SLACK) set(true)
    else if (scrollTop < lastTop) set(false)
    lastTop = scrollTop
  }

  container.addEventListener('scroll', onScroll, { signal: stopping.signal, passive: true })
  const observer = new ResizeObserver(() => {
    if (atEnd) toEnd()
  })
  observer.observe(content)
  observer.observe(container)

  return {
    toEnd,
    stay: () => set(false),
    stop() {
      stopping.abort()
      observer.disconnect()
    },
  }
}
