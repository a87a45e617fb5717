import type { ResultOf } from '../../api/client/index.ts'
import { AUDIT, AUDIT_CHECK } from '../queries/administration.ts'
import { isOn, text, UsageError, word } from '../args.ts'
import type { Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import { exportLines } from '../export-lines.ts'
import type { Command } from '../main.ts'

export const audit: Command = {
  usage:
    'audit list [--person <who>] [--task <task>] [--app <app>] [--what <a,b>] [--target <what>] [--from <time>] [--to <time>] [--refused] [--count <n>] | check | export [-o <file>]',
  about:
    'Who did what and who was refused what, newest first; whether anybody has touched it; all of it as a file for `baton verify`.',
  flags: {
    person: 'value',
    task: 'value',
    app: 'value',
    what: 'value',
    target: 'value',
    from: 'value',
    to: 'value',
    refused: 'switch',
    count: 'value',
    out: 'value',
  },
  run: (context, parsed) => {
    const verb = parsed.words.length === 0 ? 'list' : word(parsed, 0, 'list, check or export')
    const run = { list, check, export: exportWhole }[verb]
    if (!run) throw new UsageError(`audit ${verb} is not a command: list, check or export`)
    return run(context)
  },
}
type Entry = ResultOf<typeof AUDIT>['audit']['nodes'][number]
const PAGE = 200

/** A day alone means its beginning, in the zone of whoever asks. @throws UsageError */
function momentOf(given: string | undefined, flag: string): string | undefined {
  if (given === undefined) return undefined
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00` : given)
  if (Number.isNaN(at.getTime()))
    throw new UsageError(`--${flag}: expected a time like 2026-11-21T14:02, but got ${given}`)
  return at.toISOString()
}
async function list({ client, world, json, flags }: Context): Promise<number> {
  const count = text(flags, 'count') ?? '50'
  if (!/^\d{1,6}$/.test(count)) throw new UsageError(`--count: expected a number, but got ${count}`)
  const [person, target, what] = [text(flags, 'person'), text(flags, 'target'), text(flags, 'what')?.split(',')]
  const [task, app, project] = [text(flags, 'task'), text(flags, 'app'), text(flags, 'project')]
  const [from, to] = [momentOf(text(flags, 'from'), 'from'), momentOf(text(flags, 'to'), 'to')]
  const wanted = {
    ...(person !== undefined && { person }),
    ...(target !== undefined && { target }),
    ...(task !== undefined && { task }),
    ...(app !== undefined && { app }),
    ...(project !== undefined && { project }),
    ...(what !== undefined && { what }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(isOn(flags, 'refused') && { allowed: false }),
  }
  let left = Number(count)
  for (let after: string | null = null; left > 0;) {
    const page: ResultOf<typeof AUDIT>['audit'] = (
      await client.query(AUDIT, { ...wanted, first: Math.min(PAGE, left), ...(after !== null && { after }) })
    ).audit
    if (json) for (const row of page.nodes) world.out(JSON.stringify(row))
    else for (const line of table(page.nodes.map(drawEntry))) world.out(line)
    left -= page.nodes.length
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage) break
  }
  return EXIT.ok
}
/** When, in words what, and from where; who scripts by it takes `--json`. */
function drawEntry({ at, by, token, allowed, text: said, why }: Entry): string[] {
  const from = [by.surface, token].filter(Boolean).join(' ')
  return [clock(at, Date.now()), allowed || why === null ? said : `${said}. ${why}`, from]
}

async function check({ client, world, json }: Context): Promise<number> {
  const { auditCheck: found } = await client.query(AUDIT_CHECK)
  if (json) world.out(JSON.stringify(found))
  else if (found.whole)
    world.out(`Whole: ${found.rows} rows. The last one is ${found.lastRow ?? 0}:${found.lastHash ?? ''}`)
  else {
    world.out(`NOT WHOLE, of ${found.rows} rows:`)
    for (const fault of found.faults) world.out(`  row ${fault.row ?? '?'}: ${fault.problem}`)
    if (found.more > 0) world.out(`  and ${found.more} more`)
  }
  return found.whole ? EXIT.ok : EXIT.failed
}

const exportWhole = (context: Context): Promise<number> => exportLines(context, { audit: true }, 'the audit')
