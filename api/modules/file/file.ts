import {
  EngineError,
  FileError,
  MAX_FILE_BYTES,
  type FileFacts,
  type FileRef as FileShape,
} from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { findTask, taskOf } from '../task/load.ts'

/** What one upload may hold: it is held in memory while it comes in. */
export const MAX_UPLOAD = 32 * 1024 * 1024

export const FileRef = builder.objectRef<FileShape>('FileRef').implement({
  description: 'A file that Baton keeps. `{file, name, bytes, sha256}` is also its value in a variable of type `file`.',
  fields: (t) => ({
    file: t.exposeID('file', { description: 'Opaque and unguessable.' }),
    name: t.exposeString('name'),
    bytes: t.exposeInt('bytes'),
    sha256: t.exposeString('sha256', { description: 'Hex.' }),
    url: t.string({
      description: 'Where it can be fetched by whoever may see the task it came from, or uploaded it.',
      resolve: ({ file }, _, { config }) => `${config.url}/files/${file}`,
    }),
  }),
})

builder.mutationField('upload', (t) =>
  t.field({
    type: FileRef,
    description:
      'Keeps a file for a variable of type `file`: a multipart request (GraphQL multipart request specification), up to 32 MiB. With a cookie it needs the header x-baton-surface.',
    args: {
      file: t.arg({ type: 'File', required: true }),
      name: t.arg.string({ description: 'Default: the name that came with it.' }),
      project: t.arg.string(),
      task: t.arg.id({ description: 'To be put beside one of its asks; whoever may see the task may read it.' }),
    },
    resolve: (_, { file, name, project, task }, context) => {
      const given = (name ?? ('name' in file && typeof file.name === 'string' ? file.name : 'file')).toWellFormed()
      return act(context, 'upload', given.slice(0, 255), async () => {
        if (task != null) {
          const { state } = await taskOf(context, String(task))
          return keep(context, file, given, state.project, state.id)
        }
        const where = project ?? 'default'
        mayDo(context, 'launch', where)
        return keep(context, file, given, where, null)
      })
    },
  }),
)
async function keep(
  context: Context,
  file: Blob,
  name: string,
  project: string,
  task: string | null,
): Promise<FileShape> {
  const { files } = context
  if (!files) throw new EngineError('NOT_ALLOWED', { message: 'This Baton keeps no files.' })
  const kept = { name, project, task, person: somebody(context).id, at: context.now() }
  try {
    return await files.keep({ ...kept, maxBytes: Math.min(MAX_UPLOAD, MAX_FILE_BYTES) }, file.stream())
  } catch (error) {
    if (error instanceof FileError) throw new EngineError('TOO_LARGE', { message: error.message, limit: MAX_UPLOAD })
    throw error
  }
}

/** Whoever may see the task whose step made it, who uploaded it, and the operators of its project. @throws NOT_FOUND for everybody else. */
export async function fileFor(
  context: Context,
  id: string,
): Promise<{ facts: FileFacts; content: AsyncIterable<Uint8Array> }> {
  const person = somebody(context)
  const found = await context.files?.read(id)
  if (!found) throw notFound('file', id)
  const { facts } = found
  const isSeen =
    facts.person === person.id ||
    rightsIn(context, facts.project).has('operate') ||
    (facts.task !== null && (await findTask(context, facts.task)) !== null)
  if (!isSeen) throw notFound('file', id)
  return found
}
