import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'

/** Status, headers and cookies of a streamed answer. */
export type ResponseMetadata = { statusCode?: number; headers?: Record<string, string>; cookies?: string[] }

/**
 * What a streaming handler writes to. Its head goes out with the first write, or at the end; it is destroyed when the caller goes
 * away, and each write waits for the caller to take it.
 */
export class ResponseStream extends Writable {
  #response: ServerResponse
  #metadata: ResponseMetadata = { headers: { 'content-type': 'application/octet-stream' } }

  constructor(response: ServerResponse) {
    super()
    this.#response = response
    response.once('close', () => this.destroy())
  }

  /** Takes effect until the first byte is written. */
  setMetadata(metadata: ResponseMetadata): void {
    this.#metadata = metadata
  }

  setContentType(contentType: string): void {
    this.#metadata = { ...this.#metadata, headers: { ...this.#metadata.headers, 'content-type': contentType } }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#sendHead()
    this.#response.write(chunk, callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#sendHead()
    this.#response.end(() => callback())
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#response.writableFinished) this.#response.destroy()
    callback(error)
  }

  #sendHead(): void {
    if (this.#response.headersSent) return
    const { statusCode = 200, headers = {}, cookies = [] } = this.#metadata
    this.#response.writeHead(statusCode, cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers)
  }
}
