import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { STACKS, stackName } from '#shared/platform/names.ts'
import { VARIANTS, type Variant } from './stage-variants.ts'

export type Part = (typeof STACKS)[number]
export type Resource = { part: Part; id: string; type: string; properties: Record<string, unknown> }
type Template = {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>
  Outputs?: Record<string, unknown>
}

/** Cloud assembly of a variant, on disk. */
export const assemblyOf = (variant: Variant): string => join(inject('assemblies'), variant, 'cdk.out')

/** Templates of a variant by part; the stage `local` has no `FrontDoor`. */
export function templatesOf(variant: Variant): { part: Part; template: Template }[] {
  return STACKS.map((part) => ({
    part,
    file: join(assemblyOf(variant), `${stackName(VARIANTS[variant].stage, part)}.template.json`),
  }))
    .filter(({ file }) => existsSync(file))
    .map(({ part, file }) => ({ part, template: JSON.parse(readFileSync(file, 'utf8')) }))
}

/** Resources of a variant, of one type when it is given. */
export function resourcesOf(variant: Variant, type?: string): Resource[] {
  return templatesOf(variant)
    .flatMap(({ part, template }) =>
      Object.entries(template.Resources).map(([id, { Type, Properties = {} }]) => ({
        part,
        id,
        type: Type,
        properties: Properties,
      })),
    )
    .filter((resource) => type === undefined || resource.type === type)
}
