export type Sample = { name: string; labels: Record<string, string>; value: number }
export type Family = { type: string; help: string; samples: Sample[] }

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\\\n]|\\\\[\\\\n])*)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)$`)
const SUFFIXES: Record<string, string> = { counter: '', gauge: '', histogram: '_(bucket|sum|count)' }

/**
 * Reads Prometheus' text format, version 0.0.4, as its document has it and no looser: each family once, HELP and TYPE before its samples, no sample
 * twice, escapes in labels, buckets that grow up to `+Inf`, which is the count.
 *
 * @throws Error naming the line that is wrong
 */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let name = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [help, type, sample] = [HELP.exec(line), TYPE.exec(line), SAMPLE.exec(line)]
    if (line === '') continue
    if (help) {
      name = String(help[1])
      if (families.has(name)) throw new Error(`twice: ${line}`)
      families.set(name, { type: '', help: String(help[2]), samples: [] })
    } else if (type) {
      const family = families.get(name)
      if (type[1] !== name || !family || family.type !== '') throw new Error(`out of place: ${line}`)
      family.type = String(type[2])
    } else if (sample) {
      const family = families.get(name)
      if (!family || !new RegExp(`^${name}${SUFFIXES[family.type]}$`).test(String(sample[1])))
        throw new Error(`of no family: ${line}`)
      const id = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(id)) throw new Error(`twice: ${line}`)
      seen.add(id)
      family.samples.push({ name: String(sample[1]), labels: labelsOf(sample[2] ?? ''), value: numberOf(String(sample[3])) })
    } else throw new Error(`not a line of the format: ${line}`)
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family)
  return families
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(new RegExp(LABEL, 'g'))].map(([label]) => {
      const value = label.slice(label.indexOf('=') + 2, -1)
      return [label.slice(0, label.indexOf('=')), value.replaceAll(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign))]
    }),
  )

const numberOf = (text: string): number => (text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text))

function checkHistogram({ samples }: Family): void {
  const buckets = samples
    .filter(({ name }) => name.endsWith('_bucket'))
    .map(({ labels, value }) => [numberOf(String(labels.le)), value] as const)
  const isOrdered = buckets.every(([bound, value], index) => {
    const before = buckets[index - 1]
    return before === undefined || (before[0] < bound && before[1] <= value)
  })
  const count = samples.find(({ name }) => name.endsWith('_count'))?.value
  const last = buckets.at(-1)
  if (
    !isOrdered ||
    last?.[0] !== Number.POSITIVE_INFINITY ||
    last[1] !== count ||
    !samples.some(({ name }) => name.endsWith('_sum'))
  )
    throw new Error('a histogram whose buckets do not add up')
}
