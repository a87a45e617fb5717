import { createHash, randomBytes } from 'node:crypto'
import { definePlugin, done, fail, fileRef, notPerformed, z } from '../../engine/plugin/index.ts'
import type { Context, Plugin, Result } from '../../engine/plugin/index.ts'
import type { Pool } from './connection.ts'
import { HostError } from './failure.ts'
import { hostOf, runOn } from './follow.ts'
import { frameReader } from './frames.ts'
import { inHome, quote } from './quote.ts'

const MAX_BYTES = 8 * 1024 * 1024
/** As base64 it is a third more, and the host's shell reads all of it before it begins. */
const MAX_FILE_BYTES = 32 * 1024 * 1024
/** Pieces small enough for shells whose printf is a program and so takes at most 128 KiB. */
const PIECE = 32 * 1024

const inputs = z
  .object({
    host: z.string().min(1),
    path: z.string().min(1).describe('Where the file goes. ~/ is the home folder.'),
    content: z.string().optional().describe('The text of the file.'),
    file: fileRef().optional().describe('A file that Baton keeps, instead of content.'),
    mode: z
      .string()
      .regex(/^[0-7]{3,4}$/, 'Write it like 0644')
      .optional()
      .describe('Like 0644. Default: as the file has it, or 0644.'),
  })
  .refine(({ content, file }) => (content === undefined) !== (file === undefined), {
    message: 'Give either content or file',
    path: ['content'],
  })
type Inputs = z.output<typeof inputs>
const outputs = z.object({ bytes: z.int(), sha256: z.string() })

/**
 * `ssh.put@1`: puts a text or a kept file onto a host. It is there whole or not at all, and putting it twice is the same.
 * Codes: `PUT_FAILED`, `VALUE_UNFIT`, and those of `HostErrorCode`.
 */
export function sshPut(pool: Pool): Plugin {
  return definePlugin({
    code: 'ssh.put',
    version: '1.0.0',
    title: 'Put a file over SSH',
    icon: 'upload',
    inputs,
    outputs,
    repeat: () => true,
    execute: (ctx, given) => put(ctx, pool, given),
    rehearse: (ctx, { host, path, content, file }) => {
      ctx.log(`Would write ${path} on ${host}. Not performed.\n`, 'info')
      return Promise.resolve(notPerformed(file ? { bytes: file.bytes, sha256: file.sha256 } : summary(content ?? '')))
    },
    dispose: () => pool.close(),
  })
}

const summary = (content: string | Uint8Array) => ({
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
})

async function put(ctx: Context, pool: Pool, given: Inputs): Promise<Result<z.output<typeof outputs>>> {
  const { host: name, path, content = '', file } = given
  if (content.includes('\0') || path.includes('\0'))
    return fail({ code: 'VALUE_UNFIT', message: `${path}: a text with NUL characters cannot be put` })
  const kept = file ? await ctx.readFile(file) : null
  const { bytes, sha256 } = summary(kept ?? content)
  const most = kept ? MAX_FILE_BYTES : MAX_BYTES
  if (bytes > most)
    return fail({
      code: 'VALUE_UNFIT',
      message: `${path} is too large to put (${bytes.toLocaleString('en')} bytes; at most ${most.toLocaleString('en')})`,
    })
  let answer: readonly string[] = []
  try {
    const read = frameReader({ onOutput: () => {}, onWord: (word, args) => (answer = [word, ...args]) })
    const errors = await runOn(
      ctx,
      pool,
      await hostOf(ctx, name),
      { body: putProgram(given, kept ? bytesWriter(kept) : textWriter(content)) },
      'act',
      read,
    )
    if (answer[0] !== 'p')
      return fail({
        code: 'PUT_FAILED',
        message: `${name}: ${WORDS[answer[1] ?? ''] ?? 'the file could not be written'} (${path})${reasonIn(errors)}`,
      })
    if (Number(answer[1]) !== bytes || (answer[2] !== undefined && answer[2] !== sha256))
      return fail({ code: 'PUT_FAILED', message: `${name}: ${path} did not arrive whole` })
    return done({ bytes, sha256 })
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    return fail({ code: error.code, message: error.message })
  }
}
const WORDS: Record<string, string> = {
  folder: 'that is a folder',
  parent: 'the folder it should go to does not exist',
}
const reasonIn = (errors: string): string => {
  const last = errors.split('\n').at(-1)?.split(': ').at(-1)
  return last ? `: ${last}` : ''
}

/** Text as it is, in pieces; a surrogate pair must not be cut in two. */
function textWriter(content: string): string {
  const pieces: string[] = []
  for (let at = 0; at < content.length;) {
    let end = Math.min(at + PIECE, content.length)
    if (end < content.length && /[\ud800-\udbff]/.test(content.charAt(end - 1))) end--
    pieces.push(content.slice(at, end))
    at = end
  }
  return [':', ...pieces.map((piece) => `printf '%s' ${quote(piece)} || return 1`)].join('\n')
}
/** Any bytes: no shell carries a NUL, so they travel as base64. `od` and `printf` would do without the tool, but take minutes for a megabyte. */
function bytesWriter(content: Uint8Array): string {
  const text = Buffer.from(content).toString('base64')
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += PIECE) pieces.push(`printf '%s' ${quote(text.slice(at, at + PIECE))}`)
  return `if command -v base64 >/dev/null 2>&1; then decode='base64 -d'
elif command -v openssl >/dev/null 2>&1; then decode='openssl base64 -d -A'
else echo 'base64: not found' >&2; return 1; fi
{
:
${pieces.join('\n')}
} | $decode`
}

/** Written beside its place and moved there, so that nobody ever reads half a file. Answers `p <bytes> [<sha256>]` or `! <why>`. */
function putProgram({ path, mode }: Inputs, write: string): string {
  return `${inHome(path)}
write() {
${write}
}
keep() { sync "$@" 2>/dev/null || sync; }
put() {
  # Behind a link, the file itself is written.
  if [ -L "$path" ]; then real=$(readlink -f "$path") && [ -n "$real" ] && path=$real; fi
  [ -d "$path" ] && { printf '! folder\\n'; return; }
  folder=\${path%/*}
  [ -d "\${folder:-/}" ] || { printf '! parent\\n'; return; }
  temp=$folder/.baton-${randomBytes(8).toString('hex')}
  trap 'rm -f "$temp"' EXIT
  umask 077
  mode=${mode ?? '0644'}
  if [ -f "$path" ]; then
    # A copy of the present file, for its owner and mode.
    cp -p "$path" "$temp" && chmod u+w "$temp" || { printf '! write\n'; return; }
    case $(ls -ld "$path") in ??w*) mode=${mode ?? ''} ;; *) mode=${mode ?? 'u-w'} ;; esac
  else printf '' > "$temp"; fi
  write > "$temp" || { printf '! write\n'; return; }
  [ -z "$mode" ] || chmod "$mode" "$temp" || { printf '! write\n'; return; }
  size=$(($(wc -c < "$temp")))
  sum=$(sha256sum < "$temp" 2>/dev/null | cut -d ' ' -f 1)
  keep "$temp"
  mv -f "$temp" "$path" || { printf '! write\\n'; return; }
  printf 'p %s %s\\n' "$size" "$sum"
}
put`
}
