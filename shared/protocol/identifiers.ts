import * as z from 'zod'

/** Ids are used in keys and URLs: letters, digits, `_`, `-` and `.`, starting with a letter or digit. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

export const agentIdSchema = z.string().regex(ID, 'use 1 to 128 letters, digits, ".", "_" or "-"')
export const executionIdSchema = z.string().regex(ID, 'use 1 to 128 letters, digits, ".", "_" or "-"')
export const workflowIdSchema = z.string().regex(ID, 'use 1 to 128 letters, digits, ".", "_" or "-"')
export const topicSchema = z.string().regex(ID, 'use 1 to 128 letters, digits, ".", "_" or "-"')
export const tenantSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'use 1 to 64 letters, digits, "_" or "-"')
export const messageIdSchema = z.string().min(1).max(256)
/** RFC 3339 in UTC, as `new Date().toISOString()` writes it. */
export const timestampSchema = z.iso.datetime({ offset: true })
