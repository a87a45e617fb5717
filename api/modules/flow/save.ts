import {
  catalogue,
  diffDocuments,
  editDocument,
  EngineError,
  replaceDocument,
  sameValue,
  type Actor,
  type Tx,
  type Value,
} from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { textsOf, whenText } from '../../texts.ts'
import { readDocuments, type Read } from '../document/apply.ts'
import { refreshDocuments } from '../document/document.ts'
import { Flow, shapeOf } from './flow.ts'
import { mayEdit } from './rights.ts'

interface Saving {
  readonly read: Read
  /** Revision of the draft this was written on; 0: there was none. */
  readonly basedOn: number
  readonly manager: string
  readonly by: Actor
  readonly now: number
}
/** Puts a whole draft in the place of the one it was written on. Returns the draft that is in its way instead, when it moved on since. */
function saveDraft(tx: Tx, { read, basedOn, manager, by, now }: Saving): catalogue.DocumentRow | null {
  const { kind, metadata } = read.document
  const { project, name } = metadata
  const known = catalogue.documentOf(tx, project, kind, name)
  const value = read.parsed.value
  const isThere =
    known !== undefined && sameValue(known.document as Value, value) && known.source === read.parsed.source
  if (isThere) return null // saved twice, or by two people alike
  if ((known?.generation ?? 0) !== basedOn) return known ?? GONE
  const existing = known ? { value: known.document as Value, owners: known.managers } : null
  const { result, changes } = replaceDocument(existing, value, manager)
  catalogue.putDocument(tx, {
    project,
    kind,
    name,
    document: result.value as Record<string, unknown>, // decoded as a map
    source: read.parsed.source,
    managers: result.owners,
    generation: (known?.generation ?? 0) + (changes.length > 0 || known?.source !== read.parsed.source ? 1 : 0),
    updatedAt: now,
    updatedBy: by.name,
  })
  return null
}
/** Deleted while somebody wrote on it. */
const GONE = { generation: 0, document: {}, source: '', updatedBy: '', updatedAt: 0 } as catalogue.DocumentRow // its name is known to the caller

builder.mutationField('saveFlow', (t) =>
  t.field({
    type: Flow,
    description:
      'Saves a flow’s whole document as its draft, comments and order kept. CONFLICT when the draft is no longer the one it was written on: `extensions` then hold `revision`, `savedBy`, `savedAt`, `source` of the draft that is there and `changes` from it to this one, and nothing is overwritten.',
    args: {
      document: t.arg.string({ required: true }),
      basedOn: t.arg.int({
        required: true,
        description: '`Flow.draft.revision` it was written on; 0 for a flow that is new.',
      }),
    },
    resolve: (_, { document, basedOn }, context) => {
      somebody(context) // nobody has documents read
      const [read, more] = readDocuments(document)
      if (read?.document.kind !== 'Flow' || more !== undefined)
        throw badInput('document', 'MALFORMED', 'Save one Flow at a time')
      const { name, project } = read.document.metadata
      const taken = takenBy(context, read)
      return act(
        context,
        'saveFlow',
        name,
        async () => {
          mayEdit(context, project)
          const { actor } = context.who
          const saving = { read, basedOn, manager: actor.surface, by: actor, now: context.now() }
          const other = await context.db.write((tx) => saveDraft(tx, saving))
          if (other !== null) throw movedOn(context, name, other, read.parsed.value)
          refreshDocuments(context)
          return shapeOf(context, project, name)!
        },
        { basedOn, ...(taken.length > 0 && { taken }) },
      )
    },
  }),
)
/** Fields another manager looks after that this text changes: an editor takes them, and the audit says from whom. */
function takenBy({ db, who }: Context, { parsed, document }: Read): readonly object[] {
  const { name, project } = document.metadata
  const known = db.read((tx) => catalogue.documentOf(tx, project, 'Flow', name))
  const existing = known ? { value: known.document as Value, owners: known.managers } : null
  return editDocument(existing, parsed.value, who.actor.surface)
    .conflicts.slice(0, MOST_TAKEN)
    .map(({ path, owners }) => ({ path, from: owners }))
}
const MOST_TAKEN = 100
function movedOn({ who, now }: Context, name: string, other: catalogue.DocumentRow, mine: Value): EngineError {
  const texts = textsOf(who.language)
  const isGone = other.generation === 0
  return new EngineError('CONFLICT', {
    message: isGone
      ? texts.draftGone(name)
      : texts.draftMoved(name, other.updatedBy, whenText(other.updatedAt, who.language, who.timeZone, now())),
    reason: 'MOVED_ON',
    revision: other.generation,
    savedBy: other.updatedBy,
    savedAt: isGone ? null : new Date(other.updatedAt).toISOString(),
    source: other.source,
    changes: diffDocuments(isGone ? null : (other.document as Value), mine).map(({ path, before, after }) => ({
      path,
      before: before ?? null,
      after: after ?? null,
    })),
  })
}
