import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTING_NAMES } from '../../infra/stage-config.ts'
import { STAGE_DEFAULTS } from '../../infra/stage-defaults.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8')
const STAGES = [STAGE_DEFAULTS.local, STAGE_DEFAULTS.dev, STAGE_DEFAULTS.staging, STAGE_DEFAULTS.prod] as Record<
  string,
  unknown
>[]

/** Cells of the table rows that begin with names of settings, by name. */
function rowsWith(cells: number): Map<string, string[]> {
  const rows = [...page.matchAll(/^\| (`.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
  return new Map(
    rows
      .filter((row) => row.length === cells && row[0] !== '`local`')
      .flatMap(([names = '', ...rest]) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, rest] as const)),
  )
}

const documented = rowsWith(3)
const byStage = rowsWith(1 + STAGES.length)

const shown = (value: unknown): string => {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '–'
  if (typeof value === 'number') return value.toLocaleString('en-US')
  if (typeof value !== 'object') return `\`${value}\``
  return Object.keys(value ?? {})
    .map((name) => `\`${name}\``)
    .join(', ')
}

const defaultsOf = (name: string): string[] => STAGES.map((defaults) => shown(defaults[name]))

/** Their default follows from another setting. */
const DERIVED = ['functionTimeoutSeconds', 'visibilityTimeoutSeconds']

describe('docs/deploying.md', () => {
  it('tells every setting, and none that is not there', () => {
    expect([...documented.keys()].sort()).toEqual([...SETTING_NAMES].sort())
  })

  it.each(SETTING_NAMES.filter((name) => !DERIVED.includes(name)))('tells the default of %s', (name) => {
    const defaults = defaultsOf(name)
    const isSame = new Set(defaults).size === 1

    expect(documented.get(name)?.[0]).toBe(isSame ? defaults[0] : 'by stage')
    expect(byStage.get(name)).toEqual(isSame ? undefined : defaults)
  })
})
