/** What is done in the background, most of it for connections. Tasks may come twice, and in any order. */
export type ConnectionTask =
  /** Post to one shard of a channel's viewers what the log holds behind its sender. `tries`: failures before it, and this one. */
  | { task: 'send'; tenant: string; channel: string; shard: number; tries?: number | undefined }
  /** Follow what the address of a connection asked for. */
  | { task: 'open'; connectionId: string }
  /** Close the connection unless it has said who it is. */
  | { task: 'require_identity'; connectionId: string }
  /** Close a connection of this tenant, and forget it. */
  | { task: 'close'; tenant: string; connectionId: string }
  /** Close the connections of this tenant that came by an API key. */
  | { task: 'close_key'; tenant: string; keyId: string }
  /** Post one frame to these connections of a tenant. */
  | { task: 'broadcast'; tenant: string; connectionIds: string[]; frame: string }
  /** Write days of the audit log into files. */
  | { task: 'export_audit'; tenant: string; exportId: string; from: string; to: string }
  /** Take off what a tenant's counts should have lost long ago. */
  | { task: 'repair'; tenant: string }

/** Takes tasks for connections. */
export type ConnectionTaskQueue = {
  /** @param delaySeconds - 0 to 900; 0 when absent */
  send(tasks: ConnectionTask[], delaySeconds?: number): Promise<void>
}
