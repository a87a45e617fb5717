import { createHash, randomBytes } from 'node:crypto'
import { definePlugin, done, fail, z } from '../../engine/plugin/index.ts'
import type { Context, Plugin, Result } from '../../engine/plugin/index.ts'
import type { Pool } from './connection.ts'
import { HostError } from './failure.ts'
import { hostOf, runOn } from './follow.ts'
import { frameReader } from './frames.ts'
import { quote } from './quote.ts'

const MAX_BYTES = 8 * 1024 * 1024
/** Pieces small enough for shells whose printf is a program and so takes at most 128 KiB. */
const PIECE = 32 * 1024

const inputs = z.object({
  host: z.string().min(1),
  path: z.string().min(1).describe('Where the file goes. ~/ is the home folder.'),
  content: z.string().describe('The text of the file.'),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/, 'Write it like 0644')
    .optional()
    .describe('Like 0644. Default: as the file has it, or 0644.'),
})
type Inputs = z.output<typeof inputs>
const outputs = z.object({ bytes: z.int(), sha256: z.string() })

/**
 * `ssh.put@1`: puts a text file onto a host. It is there whole or not at all, and putting it twice is the same.
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
    rehearse: (ctx, { host, path, content }) => {
      ctx.log(`Would write ${path} on ${host}. Not performed.\n`, 'info')
      return Promise.resolve(done(summary(content)))
    },
    dispose: () => pool.close(),
  })
}

const summary = (content: string) => ({
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
})

async function put(ctx: Context, pool: Pool, given: Inputs): Promise<Result<z.output<typeof outputs>>> {
  const { host: name, path, content } = given
  if (content.includes('\0') || path.includes('\0'))
    return fail({ code: 'VALUE_UNFIT', message: `${path}: a text with NUL characters cannot be put` })
  const { bytes, sha256 } = summary(content)
  if (bytes > MAX_BYTES)
    return fail({
      code: 'VALUE_UNFIT',
      message: `${path} is too large to put (${bytes.toLocaleString('en')} bytes; at most ${MAX_BYTES.toLocaleString('en')})`,
    })
  let answer: readonly string[] = []
  try {
    const read = frameReader({ onOutput: () => {}, onWord: (word, args) => (answer = [word, ...args]) })
    const errors = await runOn(ctx, pool, await hostOf(ctx, name), { body: putProgram(given) }, 'act', read)
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

/** Written beside its place and moved there, so that nobody ever reads half a file. Answers `p <bytes> [<sha256>]` or `! <why>`. */
function putProgram({ path, content, mode }: Inputs): string {
  const pieces: string[] = []
  for (let at = 0; at < content.length;) {
    // A surrogate pair must not be cut in two.
    let end = Math.min(at + PIECE, content.length)
    if (end < content.length && /[\ud800-\udbff]/.test(content.charAt(end - 1))) end--
    pieces.push(content.slice(at, end))
    at = end
  }
  return `path=${quote(path)}
case $path in
  '~/'*) path=$HOME/\${path#??} ;;
  /*) ;;
  *) path=$HOME/$path ;;
esac
write() {
  :
${pieces.map((piece) => `printf '%s' ${quote(piece)} || return 1`).join('\n')}
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
