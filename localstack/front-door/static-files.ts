import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NotFoundError } from '#shared/platform/errors.ts'
import { MethodNotAllowedError } from '#shared/platform/method-not-allowed-error.ts'
import { sendProblem } from './problem.ts'

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Serves the built console. A path without a file is a place inside the page: it gets the page. */
export async function serveStatic(request: IncomingMessage, response: ServerResponse, root: string): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendProblem(response, new MethodNotAllowedError(request.method ?? '', ['GET', 'HEAD']))
  }
  const file = (await find(root, pathOf(request))) ?? (await find(root, '/index.html'))
  if (!file) return sendProblem(response, new NotFoundError('page', pathOf(request)))
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.size,
    // Names under assets/ hold a hash of their content.
    'cache-control': file.path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(file.path), response).catch(() => response.destroy())
}

function pathOf(request: IncomingMessage): string {
  try {
    return decodeURIComponent(new URL(`http://localhost${request.url ?? '/'}`).pathname)
  } catch {
    return '/'
  }
}

/** @returns undefined when there is no such file, or it is not inside `root` */
async function find(root: string, path: string): Promise<{ path: string; size: number } | undefined> {
  const file = join(root, normalize(path))
  if (!file.startsWith(root + sep) || file.includes('\0')) return undefined
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() ? { path: file, size: found.size } : undefined
}
