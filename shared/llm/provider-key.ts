import type { Concealed } from '#shared/platform/concealed.ts'
import { sha256 } from '#shared/platform/sha256.ts'

/** One key of a service, and how it may be used. Secret parts are concealed. */
export type ProviderKey = {
  apiKey: Concealed<string>
  /** Identifies the key in tables, logs and answers; see {@link keyFingerprint}. */
  fingerprint: string
  /** Root of the API that the key is for; the vendor's own when absent. */
  baseUrl: string | undefined
  /** For Azure. */
  apiVersion: string | undefined
  /** For `custom`: sent with every call, and only to the base URL of this secret. */
  headers: Concealed<Record<string, string>> | undefined
  /** Share of the calls, relative to the other keys of the service. */
  weight: number
  requestsPerMinute: number | undefined
  tokensPerMinute: number | undefined
}

const DIGITS = 12

/** 12 hex digits of SHA-256 over a label, the service and the key. The label keeps it different from any other hash of the same key. */
export const keyFingerprint = (service: string, apiKey: string): string =>
  sha256(`sluice/key-fingerprint/1\0${service}\0${apiKey}`).slice(0, DIGITS)
