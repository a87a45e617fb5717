/**
 * What owners do to the data on the machine itself, and auditors to an exported file anywhere:
 * `baton verify <file>`, `baton backup -o <file>`, `baton restore <file>`, `baton history key`.
 * Exit codes: 0 done and whole, 1 something was found or went wrong, 2 not a command.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { backUp, BackupError, keysOf, publicKeyOf, restore, verifyExport, type Report } from '../../engine/index.ts'
import { keyOf } from './config.ts'
import { databaseIn, keyAt, openData } from './data.ts'

type Say = (line: string) => void
interface Given {
  readonly words: readonly string[]
  readonly flags: { readonly [name: string]: string | boolean | undefined }
  readonly data: string
  readonly env: Readonly<Record<string, string | undefined>>
}
class Usage extends Error {}

/** Runs one of them. @returns the exit code. */
export async function historyCommand(argv: readonly string[], env: Given['env'], out: Say, err: Say): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        head: { type: 'string' },
        'audit-head': { type: 'string' },
        out: { type: 'string', short: 'o' },
        data: { type: 'string' },
        json: { type: 'boolean' },
        'with-key': { type: 'boolean' },
        'go-on': { type: 'boolean' },
      },
    })
    const [verb, ...words] = positionals
    const run = verb === undefined ? undefined : VERBS[verb]
    if (!run) throw new Usage(`expected one of ${Object.keys(VERBS).join(', ')}`)
    const data = resolve(values.data ?? env['BATON_DATA'] ?? 'data')
    return await run({ words, flags: values, data, env }, out, err)
  } catch (error) {
    err(error instanceof Error ? error.message : String(error))
    return error instanceof Usage || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS') ? 2 : 1
  }
}

const VERBS: { readonly [verb: string]: (given: Given, out: Say, err: Say) => number | Promise<number> } = {
  async verify({ words: [file], flags }, out, err) {
    if (file === undefined) throw new Usage('baton verify <file> [--key <key or file>]: the file is missing')
    if (file !== '-' && !existsSync(file)) throw new Usage(`${file} does not exist`)
    const input = file === '-' ? process.stdin : createReadStream(file)
    const report = await verifyExport(createInterface({ input, crlfDelay: Infinity }), {
      ...keyGiven(flags['key']),
      ...headGiven(flags['head']),
      ...auditHeadGiven(flags['audit-head']),
    })
    if (flags['json']) out(JSON.stringify(report))
    else for (const line of drawReport(report, flags['key'] !== undefined)) (report.isWhole ? out : err)(line)
    return report.isWhole ? 0 : 1
  },

  key({ data, env }, out) {
    const key = keyAt(data, env)
    if (!key) throw new BackupError(`there is no key in ${data}: set BATON_KEY as the server has it`)
    out(`ed25519:${publicKeyOf(keysOf(key).exports)}`)
    return 0
  },

  async backup({ words, flags, data, env }, out) {
    const to = (flags['out'] as string | undefined) ?? words[0]
    if (to === undefined) throw new Usage('baton backup -o <file>: where to is missing')
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const facts = backUp({
      database: databaseIn(data),
      files: join(data, 'files'),
      to,
      key: keyAt(data, env),
      withKey: flags['with-key'] === true,
      version,
      now: Date.now(),
    })
    const { tasks, entries, files, bytes, hasKey, at } = facts
    if (flags['json']) out(JSON.stringify({ file: resolve(to), at, version, tasks, entries, files, bytes, hasKey }))
    else {
      out(
        `${resolve(to)}: ${tasks} tasks, ${entries} entries of history, ${files} files, ${(bytes / 1e6).toFixed(1)} MB.`,
      )
      out(
        hasKey
          ? 'The key lies in it: whoever has this file can open every secret. Keep it like one.'
          : 'The key does not lie in it: secrets open only with the BATON_KEY of this server. Keep a copy of it apart from this file.',
      )
    }
    return 0
  },

  restore({ words: [from], flags, data, env }, out) {
    if (from === undefined) throw new Usage('baton restore <file>: the backup is missing')
    const goOn = flags['go-on'] === true
    const told = restore({
      from,
      folder: data,
      database: databaseIn(data),
      files: join(data, 'files'),
      keyFile: join(data, 'key'),
      key: keyAt(data, env),
      goOn,
      now: Date.now(),
    })
    openData(data).noteStarted() // no first start: what a new folder gets would be put into the restored one
    if (flags['json']) {
      const { aside, at, entries, files, hasKey, keyFits, tasks, version } = told
      out(JSON.stringify({ aside, at, entries, files, hasKey, keyFits, tasks, version }))
      return 0
    }
    out(
      `${data} is as it was ${new Date(told.at).toISOString()}: ${told.tasks} tasks, ${told.entries} entries of history.`,
    )
    if (told.aside) out(`What was there before lies in ${told.aside}.`)
    if (!told.keyFits)
      out(
        'The key here is another one than when the backup was made: secrets will not open until BATON_KEY is that one.',
      )
    if (!goOn)
      out(
        'At the next start every task that had not ended is paused: look at what happened since the backup, then resume it.',
      )
    out('Tokens and sessions are those of the backup too: revoke again what was revoked since.')
    return 0
  },
}

/** `ed25519:…` or a file with it verifies the export; a file with the server's own key checks every signature in it too. */
function keyGiven(given: unknown): { publicKey?: string; audit?: Uint8Array } {
  if (typeof given !== 'string') return {}
  const text = (existsSync(given) ? readFileSync(given, 'utf8') : given).trim()
  if (text.startsWith('ed25519:')) return { publicKey: text.slice('ed25519:'.length) }
  const key = existsSync(given) ? keyOf(text) : null
  if (!key) throw new Usage('--key: expected `ed25519:…` as `baton history key` prints it, or a file that holds it')
  const { exports, audit } = keysOf(key)
  return { publicKey: publicKeyOf(exports), audit }
}

/** `<event>:<hash>`, as `Task.historyHead` told it at the time. */
function headGiven(given: unknown): { head?: { version: number; hash: string } } {
  if (given === undefined) return {}
  const [, event, hash] = /^(\d+):([0-9a-f]{64})$/.exec(String(given)) ?? []
  if (!event || !hash) throw new Usage('--head: expected <event>:<hash>, as the API’s historyHead told it')
  return { head: { version: Number(event), hash } }
}

/** `<row>:<hash>`, as `baton audit check` told it at the time. */
function auditHeadGiven(given: unknown): { auditHead?: { row: number; hash: string } } {
  if (given === undefined) return {}
  const [, row, hash] = /^(\d+):([0-9a-f]{64})$/.exec(String(given)) ?? []
  if (!row || !hash) throw new Usage('--audit-head: expected <row>:<hash>, as `baton audit check` told it')
  return { auditHead: { row: Number(row), hash } }
}

function drawReport(report: Report, isKeyGiven: boolean): string[] {
  const { tasks, entries, auditRows, unsignedRows, signedBy, isTrusted, at, faults, more } = report
  const held = `${tasks} ${tasks === 1 ? 'task' : 'tasks'}, ${entries} entries${auditRows > 0 ? `, ${auditRows} rows of the audit` : ''}`
  if (!report.isWhole) {
    const found = faults.map(({ what, task, event, problem }) =>
      [what.padEnd(9), task ?? '', event === null ? '' : `event ${event}`, problem].filter(Boolean).join('  '),
    )
    return [...found, ...(more > 0 ? [`and ${more} more`] : []), `NOT WHOLE: ${held}, ${faults.length + more} found.`]
  }
  return [
    `Whole: ${held}${at === null ? '' : `, exported ${new Date(at).toISOString()}`}.`,
    isTrusted
      ? 'Signed by the key that was expected.'
      : `Signed by ed25519:${signedBy}.${isKeyGiven ? '' : ' Whether that is the right server says only its owner: compare it with `baton history key` there, or give it by --key.'}`,
    ...(unsignedRows > 0
      ? [
          `At the end of the audit, rows not signed yet: ${unsignedRows}. They were made beside the server, whose next row covers them.`,
        ]
      : []),
  ]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const say = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`)
  process.exitCode = await historyCommand(process.argv.slice(2), process.env, say(process.stdout), say(process.stderr))
}
