import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { graphql } from '../../api/client/index.ts'
import { text, UsageError, word } from '../args.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'

const UPLOAD = graphql(`
  mutation Upload($file: File!, $name: String, $project: String) {
    upload(file: $file, name: $name, project: $project) {
      file
      name
      bytes
      sha256
    }
  }
`)

/** Prints the file as a variable holds it: `baton run report notes="$(baton upload notes.txt)"`. */
export const upload: Command = {
  usage: 'upload <file> [--name <name>]',
  about:
    'Keeps a file, and prints what a variable of type file holds: baton run <app> notes="$(baton upload notes.txt)".',
  flags: { name: 'value' },
  async run({ client, world, project, flags }, parsed) {
    const path = word(parsed, 0, 'the file')
    const { upload: kept } = await client.query(UPLOAD, {
      file: new Blob([read(path)]),
      name: text(flags, 'name') ?? basename(path),
      project: project ?? null,
    })
    world.out(JSON.stringify(kept))
    return EXIT.ok
  },
}
function read(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
