import { createReadStream, existsSync, statSync } from 'node:fs'
import { extname, join, normalize, sep } from 'node:path'
import { Readable } from 'node:stream'
import type { Context as Call, Handler } from 'hono'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
}

/** The built page: hashed files for ever, the rest asked for anew, any other path is the page itself. */
export function staticFiles(folder: string): Handler {
  return async (call) => {
    const path = decodePath(call.req.path)
    const file = path === null ? null : fileAt(folder, path)
    if (file) return send(call, file, path!.startsWith('/assets/'))
    // A missing file is missing; a missing page is a route of the page.
    if (path === null || extname(path) !== '') return call.notFound()
    const page = fileAt(folder, '/index.html')
    return page
      ? send(call, page, false)
      : call.text('The page has not been built: run npm start, or node scripts/build-web.ts.\n', 503)
  }
}
function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
function fileAt(folder: string, path: string): string | null {
  const file = normalize(join(folder, path))
  if (!file.startsWith(normalize(folder + sep)) || !existsSync(file) || !statSync(file).isFile()) return null
  return file
}
/** Packed forms that the build left beside a file, best first. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
function packedOf(call: Call, file: string): { path: string; encoding: string | null } {
  const accepted = (call.req.header('accept-encoding') ?? '').split(',').map((part) => part.split(';')[0]?.trim())
  for (const [encoding, end] of PACKED)
    if (accepted.includes(encoding) && existsSync(file + end)) return { path: file + end, encoding }
  return { path: file, encoding: null }
}
function send(call: Call, file: string, isHashed: boolean): Response {
  const { path, encoding } = packedOf(call, file)
  const { size, mtimeMs } = statSync(path)
  const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`
  call.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  call.header('etag', tag)
  if (call.req.header('if-none-match') === tag) return call.body(null, 304)
  call.header('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
  if (encoding) call.header('content-encoding', encoding)
  call.header('vary', 'accept-encoding')
  call.header('content-length', String(size))
  return call.body(Readable.toWeb(createReadStream(path)) as ReadableStream)
}
