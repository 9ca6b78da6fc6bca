import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { biomeConfigSchema, codeFolders, foldersWithoutLayerRule, repositoryFiles } from './layer-rules.ts'

const config = biomeConfigSchema.parse(JSON.parse(readFileSync('biome.json', 'utf8')))

describe('every folder', () => {
  it('of code has a layer rule', () => {
    const folders = codeFolders(repositoryFiles('*.ts'))

    expect(folders).toContain('shared/protocol')
    expect(foldersWithoutLayerRule(folders, config)).toEqual([])
  })

  it('at the top says its rule in a README.md', () => {
    const folders = repositoryFiles('*/*').map((file) => file.split('/')[0] ?? '')
    const visible = [...new Set(folders)].filter((folder) => !folder.startsWith('.'))

    expect(visible.filter((folder) => !existsSync(`${folder}/README.md`))).toEqual([])
  })
})

describe('a folder without a layer rule', () => {
  it.each([
    ['shared/telepathy/mind.ts', 'shared/telepathy'],
    ['plugins/loader.ts', 'plugins'],
  ])('is reported: %s', (file, folder) => {
    const folders = codeFolders(['shared/protocol/agent.ts', 'biome.json', file])

    expect(foldersWithoutLayerRule(folders, config)).toEqual([folder])
  })

  it('is reported when its rule is switched off, or restricts nothing', () => {
    const override = (rule: unknown) => ({
      overrides: [{ includes: ['plugins/**'], linter: { rules: { style: { noRestrictedImports: rule } } } }],
    })

    expect(foldersWithoutLayerRule(['plugins'], override('off'))).toEqual(['plugins'])
    expect(foldersWithoutLayerRule(['plugins'], override({ level: 'error', options: { patterns: [] } }))).toEqual(['plugins'])
  })
})
