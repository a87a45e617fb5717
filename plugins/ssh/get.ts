import { createHash } from 'node:crypto'
import { definePlugin, done, fail, fileRef, notPerformed, z } from '../../engine/plugin/index.ts'
import type { Context, Plugin, Result } from '../../engine/plugin/index.ts'
import type { Pool } from './connection.ts'
import { HostError } from './failure.ts'
import { hostOf, runOn } from './follow.ts'
import { frameReader } from './frames.ts'
import { inHome } from './quote.ts'

const MAX_BYTES = 64 * 1024 * 1024

const inputs = z.object({
  host: z.string().min(1),
  path: z.string().min(1).describe('The file to fetch. ~/ is the home folder.'),
  maxBytes: z
    .int()
    .positive()
    .max(MAX_BYTES)
    .default(8 * 1024 * 1024)
    .describe('A larger file is not fetched.'),
})
type Inputs = z.output<typeof inputs>
const outputs = z.object({ file: fileRef(), bytes: z.int(), sha256: z.string() })

/**
 * `ssh.get@1`: fetches a file from a host; Baton keeps it. What came is what stood there, whole, or the step fails.
 * Codes: `GET_FAILED`, `FILE_TOO_LARGE`, `VALUE_UNFIT`, and those of `HostErrorCode`.
 */
export function sshGet(pool: Pool): Plugin {
  return definePlugin({
    code: 'ssh.get',
    version: '1.0.0',
    title: 'Get a file over SSH',
    icon: 'download',
    inputs,
    outputs,
    repeat: () => true,
    execute: (ctx, given) => get(ctx, pool, given),
    rehearse: (ctx, { host, path }) => {
      ctx.log(`Would fetch ${path} from ${host}. Not performed.\n`, 'info')
      const sha256 = createHash('sha256').digest('hex')
      const file = { file: `f_${'A'.repeat(22)}`, name: nameOf(path), bytes: 0, sha256 }
      return Promise.resolve(notPerformed({ file, bytes: 0, sha256 }))
    },
    dispose: () => pool.close(),
  })
}
const nameOf = (path: string): string => path.split('/').at(-1) || 'file'

async function get(ctx: Context, pool: Pool, given: Inputs): Promise<Result<z.output<typeof outputs>>> {
  const { host: name, path, maxBytes } = given
  if (path.includes('\0')) return fail({ code: 'VALUE_UNFIT', message: 'The path holds a NUL character' })
  const pieces: Buffer[] = []
  let answer: readonly string[] = []
  try {
    const read = frameReader({
      onOutput: (_stream, _offset, bytes) => void pieces.push(Buffer.from(bytes)),
      onWord: (word, args) => (answer = [word, ...args]),
    })
    await runOn(ctx, pool, await hostOf(ctx, name), { body: getProgram(given) }, 'act', read)
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    return fail({ code: error.code, message: error.message })
  }
  const [word, first = '', second = ''] = answer
  if (word === '!' && first === 'large')
    return fail({
      code: 'FILE_TOO_LARGE',
      message: `${name}: ${path} has ${Number(second).toLocaleString('en')} bytes; at most ${maxBytes.toLocaleString('en')} are fetched`,
    })
  if (word === '!')
    return fail({ code: 'GET_FAILED', message: `${name}: ${path} ${WORDS[first] ?? 'could not be read'}` })
  const content = Buffer.concat(pieces)
  const sha256 = createHash('sha256').update(content).digest('hex')
  // Read while somebody wrote it, it may be neither the old file nor the new one.
  if (word !== 'p' || Number(first) !== content.length || (second !== '' && second !== sha256))
    return fail({ code: 'GET_FAILED', message: `${name}: ${path} was changed while it was read` })
  const file = await ctx.keepFile(nameOf(path), content, maxBytes)
  return done({ file, bytes: content.length, sha256 })
}
const WORDS: Record<string, string> = {
  missing: 'does not exist',
  folder: 'is a folder',
  special: 'is not a plain file',
  unreadable: 'may not be read',
}

/** Answers `o 0 <bytes>` with the content, then `p <bytes> [<sha256>]`; or `! <why>`. */
const getProgram = ({ path, maxBytes }: Inputs): string => `${inHome(path)}
get() {
  [ -e "$path" ] || { printf '! missing\\n'; return; }
  [ -d "$path" ] && { printf '! folder\\n'; return; }
  [ -f "$path" ] || { printf '! special\\n'; return; }
  [ -r "$path" ] || { printf '! unreadable\\n'; return; }
  size=$(($(wc -c < "$path")))
  [ "$size" -gt ${maxBytes} ] && { printf '! large %s\\n' "$size"; return; }
  printf 'o 0 %s\\n' "$size"
  head -c "$size" < "$path"
  sum=$(sha256sum < "$path" 2>/dev/null | cut -d ' ' -f 1)
  printf 'p %s %s\\n' "$size" "$sum"
}
get`
