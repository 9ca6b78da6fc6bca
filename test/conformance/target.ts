/** The server that is examined, and what it is asked with. */
export type Target = {
  baseUrl: string
  /** An access token with every scope that the rules use. */
  token: () => Promise<string>
  /** An agent that answers `{content}` with text. */
  agentId: string
  /** A question whose answer takes a second or longer. */
  question: string
  /** One whose answer takes several seconds, for what is undone on the way. */
  longQuestion: string
  /** Longest time that one rule takes, in milliseconds. */
  deadlineMs: number
  /** Longest silence on a stream of Server-Sent Events, in milliseconds. */
  silenceMs: number
}

/** What a target is examined with unless it says otherwise. The scripted model reads what stands in brackets, any other ignores it. */
export const DEFAULTS = {
  agentId: 'assistant',
  question: '[[tokens=60 rate=40 utf8=1]] Tell in about sixty words what a canal lock is.',
  longQuestion: '[[tokens=240 rate=40 utf8=1]] Tell in about two hundred and forty words what a canal lock is.',
  deadlineMs: 60_000,
  silenceMs: 20_000,
} as const
