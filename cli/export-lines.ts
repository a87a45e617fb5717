import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from './args.ts'
import type { Context } from './context.ts'
import { EXIT, NothingToDo } from './exit.ts'

/** Lines of a history or of the audit, to standard output or with `--out` into a file of one's own, for `baton verify`. */
export async function exportLines({ world, json, flags, send }: Context, scope: object, what: string): Promise<number> {
  const body = (await send('/export/history', scope)).body
  if (!body) throw new Error(`expected ${what}, but got nothing`)
  const out = text(flags, 'out')
  if (out === undefined) {
    let rest = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) world.out(line)
    }
    return EXIT.ok
  }
  try {
    // `wx`: what is there already is nobody's to overwrite.
    await pipeline(Readable.fromWeb(body as never), createWriteStream(out, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new NothingToDo(`${out} exists already`)
    await rm(out, { force: true })
    throw error
  }
  if (!json) world.err(`Written to ${out}. Check it anywhere: baton verify ${out}`)
  return EXIT.ok
}
