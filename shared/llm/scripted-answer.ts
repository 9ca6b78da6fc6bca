/**
 * Generates answers without a model: plain English about the words of the prompt, always the same for the same prompt. For demos, tests and
 * smoke checks, which then need no key.
 */

/** Roughly one token: a piece of a word with the space before it, or a single other character. */
const TOKEN = /\s*(?:\p{Script=Latin}{1,6}|\p{N}{1,3}|.(?:\p{M}|\u200d|\ufe0f)*)/gsu

const STOP_WORDS = new Set(
  'about above after again also because been before being between both could does doing down during each from further have having here into just more most only other over please same should some such tell than that their them then there these they this those through under until very want were what when where which while will with would your yours sentence sentences explain describe write give make'.split(
    ' ',
  ),
)

const GREETINGS = [
  'Hello, it is good to meet you, and I am ready when you are.',
  'Hello there, I hope your day is going well and I am glad to help.',
  'Hello and welcome, ask me anything you like.',
]

const OPENINGS = [
  (topic: string) => `Let us look at ${topic} step by step.`,
  (topic: string) => `There is a short answer about ${topic}, and there is a longer one that is worth the time.`,
  (topic: string) => `You asked about ${topic}, so here is what matters most.`,
]

const BODIES = [
  (topic: string) => `The first thing to know about ${topic} is what it is for.`,
  (topic: string) => `In practice, ${topic} works best when every part has one clear task.`,
  (topic: string) => `Many people start with ${topic} too late and then have to repeat the work.`,
  (topic: string) => `A small example helps: take ${topic}, change one thing, and watch what follows.`,
  (topic: string) => `It is easier to measure ${topic} than to argue about it.`,
  (topic: string) => `If something goes wrong with ${topic}, the cause is usually one step earlier than it seems.`,
  (topic: string) => `Nothing about ${topic} has to be decided at once, and most of it can be undone.`,
  (topic: string) => `Keep the order in mind, because ${topic} depends on what came before.`,
]

/** Characters of two to four bytes in UTF-8, and emoji of several code points. */
const MULTI_BYTE = [
  'Grüße aus Zürich, naïve façade! ',
  '世界は広く、言葉は短い。',
  '안녕하세요, 반갑습니다. ',
  'Ships 🚢, families 👨‍👩‍👧 and flags 🏳️‍🌈 arrive whole. ',
]

export type ScriptedAnswerOptions = {
  /** Exact length in tokens. @default 40 to 120, depending on the prompt */
  tokens?: number | undefined
  /** Mix in characters of several bytes. @default false */
  multiByte?: boolean | undefined
}

/** The answer as tokens; joined, they are its text. */
export function scriptedAnswer(prompt: string, options: ScriptedAnswerOptions = {}): string[] {
  const random = randomOf(prompt)
  const length = options.tokens ?? 40 + Math.floor(random() * 80)
  if (options.tokens === undefined && /\bin one sentence\b/i.test(prompt)) return tokensOf(firstSentence(prompt, random))

  const tokens = tokensOf(firstSentence(prompt, random))
  const topics = topicsOf(prompt)
  let unsaid = BODIES
  for (let count = 0; tokens.length < length; count += 1) {
    const sentence = pick(unsaid, random)
    unsaid = unsaid.length === 1 ? BODIES : unsaid.filter((other) => other !== sentence)
    const separator = random() < 0.2 ? '\n\n' : ' '
    tokens.push(
      ...tokensOf(separator + (options.multiByte ? MULTI_BYTE[count % MULTI_BYTE.length] : '') + sentence(pick(topics, random))),
    )
  }
  return options.tokens === undefined ? tokens : tokens.slice(0, length)
}

/** Made-up thoughts before the answer, as tokens. */
export function scriptedThinking(prompt: string, tokens: number): string[] {
  const sentence = ` The question is about ${topicsOf(prompt).join(', ')}; the answer should be short and true.`
  const thinking: string[] = []
  while (thinking.length < tokens) thinking.push(...tokensOf(sentence))
  return thinking.slice(0, tokens)
}

export function countTokens(text: string): number {
  return tokensOf(text).length
}

/** A text in pieces of about one token. */
export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? []
}

function firstSentence(prompt: string, random: () => number): string {
  if (/\b(hello|hi|hey)\b/i.test(prompt)) return pick(GREETINGS, random)
  return pick(OPENINGS, random)(topicsOf(prompt)[0] ?? 'that')
}

/** The words of the prompt worth talking about, the longest first. */
function topicsOf(prompt: string): string[] {
  const words = prompt.match(/\p{L}{4,24}/gu) ?? []
  const topics = [...new Set(words)].filter((word) => !STOP_WORDS.has(word.toLowerCase()))
  const longest = topics.sort((one, other) => other.length - one.length).slice(0, 5)
  return longest.length > 0 ? longest : ['that']
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** Pseudo-random numbers in [0, 1), seeded by a text. Source: FNV-1a for the seed, mulberry32 for the sequence. */
function randomOf(seed: string): () => number {
  let state = 0x811c9dc5
  for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
