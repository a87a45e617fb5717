import {
  catalogue,
  diffDocuments,
  EngineError,
  isPublishable,
  type DocumentChange,
  type Value,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { words } from '../../graphql/enums.ts'
import { textsOf } from '../../texts.ts'
import { checkContext, findingsOf, readDocuments, refused } from '../document/apply.ts'
import { Change, refreshDocuments } from '../document/document.ts'
import { Flow, shapeOf, type FlowShape } from './flow.ts'
import { diffLines, hunksOf, type DiffLine } from './lines.ts'
import { mayPublish, mayRead, mayUseSecrets } from './rights.ts'

const LineSign = words('LineSign', ['same', 'added', 'removed'])
const DiffLineType = builder.objectRef<DiffLine>('DiffLine').implement({
  fields: (t) => ({
    sign: t.field({ type: LineSign, resolve: ({ sign }) => sign }),
    before: t.exposeInt('before', { nullable: true, description: 'Its number in the text before.' }),
    after: t.exposeInt('after', { nullable: true }),
    text: t.exposeString('text'),
  }),
})
const DiffHunk = builder.objectRef<readonly DiffLine[]>('DiffHunk').implement({
  fields: (t) => ({ lines: t.field({ type: [DiffLineType], resolve: (lines) => [...lines] }) }),
})
interface Side {
  readonly version: number | null
  readonly document: Value
  readonly source: string
}
interface DiffShape {
  readonly from: Side
  readonly to: Side
  readonly changes: readonly DocumentChange[]
}
const FlowDiff = builder.objectRef<DiffShape>('FlowDiff').implement({
  description: 'Two versions of a flow held against each other: what means something else, and the texts line by line.',
  fields: (t) => ({
    from: t.int({ nullable: true, description: 'Null: the draft.', resolve: ({ from }) => from.version }),
    to: t.int({ nullable: true, resolve: ({ to }) => to.version }),
    same: t.boolean({
      description: 'They mean the same, whatever their texts say.',
      resolve: ({ changes }) => changes.length === 0,
    }),
    changes: t.field({ type: [Change], resolve: ({ changes }) => [...changes] }),
    hunks: t.field({
      type: [DiffHunk],
      description: 'Changed lines with three around each.',
      resolve: ({ from, to }) => [...hunksOf(diffLines(from.source, to.source))],
    }),
  }),
})
/** @throws NOT_FOUND when there is no such version, or no draft. */
function sideOf(flow: FlowShape | null, name: string, version: number | null): Side {
  const row = version === null ? flow?.draft : flow?.version
  if (!row) throw notFound(version === null ? 'draft' : 'version', version === null ? name : `${name}@${version}`)
  return { version, document: row.document as Value, source: row.source } // decoded as a map
}
builder.queryField('flowDiff', (t) =>
  t.field({
    type: FlowDiff,
    description:
      'Between any two versions. `to` null is the draft; `from` null is the version before `to`, or the current one for the draft.',
    args: {
      name: t.arg.string({ required: true }),
      project: t.arg.string(),
      from: t.arg.int(),
      to: t.arg.int(),
    },
    resolve: (_, { name, project: given, from, to }, context) => {
      const project = given ?? 'default'
      mayRead(context, project)
      const side = (version: number | null) => sideOf(shapeOf(context, project, name, version), name, version)
      const before = from ?? (to == null ? currentOf(context, project, name) : to - 1)
      // The first version, and the draft of a flow never published, are held against nothing.
      const [a, b] = [before === 0 ? NOTHING : side(before), side(to ?? null)]
      return { from: a, to: b, changes: diffDocuments(before === 0 ? null : a.document, b.document) }
    },
  }),
)
const NOTHING: Side = { version: 0, document: {}, source: '' }
const currentOf = ({ db }: Context, project: string, name: string): number =>
  db.read((tx) => catalogue.flowVersionOf(tx, project, name, 'current'))?.version ?? 0

builder.mutationField('makeCurrent', (t) =>
  t.field({
    type: Flow,
    description:
      'Makes a published version the one that is launched. Tasks stay on theirs; the draft stays as it is. Checked as if it were published now.',
    args: {
      name: t.arg.string({ required: true }),
      version: t.arg.int({ required: true }),
      project: t.arg.string(),
      note: t.arg.string(),
      seen: t.arg.int({ description: 'The version that was current when this was decided: another one now is STALE.' }),
    },
    resolve: (_, { name, version, project: given, note, seen }, context) =>
      act(
        context,
        'makeCurrent',
        `${name}@${version}`,
        async () => {
          const project = given ?? 'default'
          mayPublish(context, project)
          await context.db.write((tx) => {
            const row = catalogue.flowVersionOf(tx, project, name, version)
            if (!row) throw notFound('version', `${name}@${version}`)
            mayUseSecrets(context, project, row.document)
            const current = catalogue.flowVersionOf(tx, project, name, 'current')
            if (row.current) return
            if (seen != null && current?.version !== seen) {
              const message = textsOf(context.who.language).currentMoved(name, current?.version ?? null)
              throw new EngineError('STALE', { message, current: current?.version ?? null })
            }
            const check = checkContext(tx, context.engine.plugins)
            const findings = readDocuments(row.source).flatMap((read) => findingsOf(read, check))
            if (!isPublishable(findings.map((finding) => ({ ...finding, at: [] }))))
              throw refused(findings.filter(({ severity }) => severity === 'error'))
            catalogue.makeFlowVersionCurrent(tx, project, name, version)
          })
          refreshDocuments(context)
          return shapeOf(context, project, name, version)!
        },
        note == null ? undefined : { note },
      ),
  }),
)
