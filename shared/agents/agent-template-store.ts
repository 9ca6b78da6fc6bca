import type { AgentTemplate, AgentTemplateList } from '#shared/protocol/agent-template.ts'

/** What a tenant's agents can be made from. Reads are consistent. */
export type AgentTemplateStore = {
  /** Stores a template, or replaces it: then `createdAt` stays as it was. Returns what stands there now. */
  put(tenant: string, template: AgentTemplate): Promise<AgentTemplate>
  get(tenant: string, name: string): Promise<AgentTemplate | undefined>
  /** Templates by name. `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
  list(tenant: string, page: { limit: number; after?: string | undefined }): Promise<AgentTemplateList>
  remove(tenant: string, name: string): Promise<'removed' | 'missing'>
}
