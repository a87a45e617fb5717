import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isOn, text, UsageError, word } from '../args.ts'
import type { Command } from '../main.ts'
import { drawApplied, drawFinding } from '../draw.ts'
import { EXIT } from '../exit.ts'
import { ClientError, type ResultOf } from '../../api/client/index.ts'
import { APPLY, type Applied } from '../queries/apply.ts'
import { CHECK, PUBLISH, type Finding } from '../queries/flows.ts'

const IS_DOCUMENT = /\.(ya?ml|json)$/
interface Source {
  readonly name: string
  readonly text: string
}

function sourcesOf(paths: readonly string[], readInput: () => string): Source[] {
  return paths.flatMap((path) => {
    if (path === '-') return [{ name: 'standard input', text: readInput() }]
    if (!statSync(path, { throwIfNoEntry: false })) throw new UsageError(`${path} does not exist`)
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .filter((name) => IS_DOCUMENT.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path]
    return files.map((name) => ({ name, text: readFileSync(name, 'utf8') }))
  })
}

/** Sources are applied as one text, in one piece; a line of it is a line of one of them. */
const BETWEEN = '\n---\n'
const whereIn =
  (sources: readonly Source[]) =>
  (line: number): { file: string; line: number } => {
    let before = 0
    for (const source of sources) {
      const own = source.text.split('\n').length
      if (line <= before + own) return { file: source.name, line: line - before }
      before += own + 1 // the line that parts two sources
    }
    return { file: '', line }
  }

/** A flow that starts another is published after it: what is refused is tried again while others still come through. */
async function inTheirOrder<Flow>(flows: readonly Flow[], publish: (flow: Flow) => Promise<void>): Promise<void> {
  for (let left = flows; left.length > 0;) {
    const refused: { flow: Flow; error: unknown }[] = []
    for (const flow of left)
      try {
        await publish(flow)
      } catch (error) {
        refused.push({ flow, error })
      }
    if (refused.length === left.length) throw refused[0]!.error
    left = refused.map(({ flow }) => flow)
  }
}

type Answer = ResultOf<typeof APPLY>['apply']
/** Whether it is saved, or would be, where something is wrong with it: only a flow is a draft. */
function inTheWay(
  { dryRun, documents }: Answer,
  { errors, conflicts }: { readonly errors: number; readonly conflicts: number },
): readonly string[] {
  const isError = ({ findings }: Applied): boolean => findings.some(({ severity }) => severity === 'ERROR')
  const refused = documents.some((one) => isError(one) && one.kind !== 'Flow' && one.result !== 'UNCHANGED')
  const many = errors === 1 ? 'an error' : `${errors} errors`
  if (dryRun)
    return [
      ...(conflicts > 0
        ? ['Would not be saved: others look after these fields. --force takes them over.']
        : refused
          ? [`Would not be saved: ${many}.`]
          : []),
    ]
  if (errors === 0) return []
  return [
    documents.some((one) => isError(one) && one.kind === 'Flow')
      ? `Saved as a draft with ${many}: what is published stays as it is, and no flow is published with one. Mend it and apply again.`
      : `Nothing of it has changed, and it stands there with ${many}. Mend it and apply again.`,
  ]
}
/** A refusal that has findings, of the whole text. */
function findingsOf(error: unknown): readonly Finding[] {
  const findings = error instanceof ClientError ? error.detail['findings'] : null
  return Array.isArray(findings) ? findings : [] // as the schema tells of `apply`
}
function drawRefusal(findings: readonly Finding[], where: ReturnType<typeof whereIn>): string[] {
  return [
    'Nothing was saved:',
    ...findings.map((finding) => {
      const at = finding.line ? where(finding.line) : { file: '', line: null }
      const said = { ...finding, severity: 'ERROR' as const, line: at.line }
      return `  ${drawFinding(said, at.file)}`
    }),
  ]
}

export const apply: Command = {
  usage: 'apply -f <file|folder|->… [--dry-run] [--publish] [--force] [--manager <name>]',
  about:
    'Saves documents and shows what changed: flows as drafts, the others in force at once, and only without an error. --publish publishes each flow among them.',
  flags: { file: 'values', 'dry-run': 'switch', force: 'switch', publish: 'switch', manager: 'value' },
  async run({ world, client, json, flags }, parsed) {
    const given = [...(Array.isArray(flags['file']) ? flags['file'].map(String) : []), ...parsed.words]
    if (given.length === 0) throw new UsageError('-f is missing: name a file, a folder or -')
    const sources = sourcesOf(given, world.readInput)
    if (sources.length === 0) throw new UsageError(`no .yaml, .yml or .json document in ${given.join(', ')}`)
    const dryRun = isOn(flags, 'dry-run')
    const wish = {
      documents: sources.map((source) => source.text).join(BETWEEN),
      dryRun,
      force: isOn(flags, 'force'),
      manager: text(flags, 'manager') ?? 'baton-cli',
    }
    let answer: Answer
    try {
      answer = (await client.query(APPLY, wish)).apply
    } catch (error) {
      const findings = findingsOf(error)
      if (json || findings.length === 0) throw error
      for (const line of drawRefusal(findings, whereIn(sources))) world.err(line)
      return EXIT.failed
    }
    if (json) world.out(JSON.stringify(answer))
    else
      for (const document of answer.documents)
        for (const line of drawApplied(document, dryRun, whereIn(sources))) world.out(line)
    if (isOn(flags, 'publish') && !dryRun) {
      await inTheirOrder(
        answer.documents.filter((document) => document.kind === 'Flow'),
        async ({ name, project }) => {
          const { publishFlow } = await client.query(PUBLISH, { name, project })
          if (!json) world.out(`Flow/${publishFlow.name} published as version ${publishFlow.version}`)
        },
      )
    }
    const errors = answer.documents.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'ERROR'))
    const conflicts = answer.documents.flatMap((document) => document.conflicts)
    if (!json)
      for (const line of inTheWay(answer, { errors: errors.length, conflicts: conflicts.length })) world.err(line)
    return errors.length > 0 ? EXIT.failed : conflicts.length > 0 ? EXIT.stale : EXIT.ok
  },
}

export const lint: Command = {
  usage: 'lint <file|folder|->…',
  about: 'Checks documents and changes nothing: each finding with file, line and a way out.',
  flags: {},
  async run({ world, client, json }, parsed) {
    word(parsed, 0, 'a file or folder')
    const sources = sourcesOf(parsed.words, world.readInput)
    const where = whereIn(sources)
    // Checked together: an app in one file may name the flow in another.
    const { check } = await client.query(CHECK, { document: sources.map((source) => source.text).join(BETWEEN) })
    const findings = check.findings.map((finding) => ({ ...finding, ...(finding.line && where(finding.line)) }))
    if (json) world.out(JSON.stringify({ ok: check.ok, findings }))
    else for (const finding of findings) world.out(drawFinding(finding, finding.file))
    if (!json && check.ok) world.out('Nothing stands in the way of publishing.')
    return check.ok ? EXIT.ok : EXIT.failed
  },
}
