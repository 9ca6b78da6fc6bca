import { execFileSync } from 'node:child_process'
import * as z from 'zod'

/** The part of `biome.json` that says who may import whom. */
export const biomeConfigSchema = z.object({
  overrides: z.array(
    z.object({
      includes: z.array(z.string()),
      linter: z.object({ rules: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    }),
  ),
})

export type BiomeConfig = z.infer<typeof biomeConfigSchema>

const layerRuleSchema = z.object({
  level: z.literal('error'),
  options: z.object({ patterns: z.array(z.object({ group: z.array(z.string()).min(1), message: z.string() })).min(1) }),
})

/** Paths of the repository's files, those that are not committed yet included. */
export function repositoryFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns]
  return execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean)
}

/** Folders that hold code: the rooms of `shared`, and every other folder at the top. */
export function codeFolders(files: string[]): string[] {
  const folders = files
    .filter((file) => file.includes('/'))
    .map((file) =>
      file
        .split('/')
        .slice(0, file.startsWith('shared/') ? 2 : 1)
        .join('/'),
    )
  return [...new Set(folders)].sort()
}

/** Folders for which no override of `biome.json` says what they may import. */
export function foldersWithoutLayerRule(folders: string[], config: BiomeConfig): string[] {
  const ruled = config.overrides
    .filter(({ linter }) => layerRuleSchema.safeParse(linter.rules.style?.noRestrictedImports).success)
    .flatMap(({ includes }) => includes)
  return folders.filter((folder) => !ruled.includes(`${folder}/**`))
}

/** Other rooms that the linter lets a room import. */
export function allowedRooms(room: string, config: BiomeConfig): string[] {
  return config.overrides
    .filter(({ includes }) => includes.includes(`shared/${room}/**`))
    .flatMap(({ linter }) => {
      const rule = layerRuleSchema.safeParse(linter.rules.style?.noRestrictedImports)
      return rule.success ? rule.data.options.patterns.flatMap(({ group }) => group) : []
    })
    .flatMap((pattern) => /^!#shared\/(\w+)\/\*\*$/.exec(pattern)?.slice(1) ?? [])
}
