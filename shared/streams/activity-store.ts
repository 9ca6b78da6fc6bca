/** What went through the platform. About: what is told twice may count twice. */
export type Activity = {
  /** Messages and requests that were taken on. */
  messages: number
  /** Executions that ended badly, and messages that could not be handled. */
  errors: number
}

export type ActivityStore = {
  add(tenant: string, activity: Activity): Promise<void>
  of(tenant: string): Promise<Activity>
  /** Of all tenants. */
  total(): Promise<Activity>
}
