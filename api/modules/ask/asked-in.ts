import { catalogue } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'

/**
 * Projects in which somebody is asked, or may be: an ask waits for them there, they stand in a role or group of it (those of `default`
 * serve all), or a flow names them. In order, `default` where there is none.
 */
export function askedIn({ db, directory }: Pick<Context, 'db' | 'directory'>, person: string): readonly string[] {
  const standing = [...directory.standing()].flatMap(([key, ids]) => (ids.has(person) ? [key.split(' ')[1]!] : []))
  const rest = db.read((tx) => {
    const known = catalogue.personById(tx, person)
    const waiting = catalogue
      .needsOf(tx, person)
      .flatMap(({ kind, task }) => (kind === 'ask' ? (catalogue.taskRow(tx, task)?.project ?? []) : []))
    const words = [known?.name, known?.email, person].filter((word) => word != null)
    const naming = words.flatMap((word) =>
      [...catalogue.documentsSaying(tx, word), ...catalogue.launchableSaying(tx, word)]
        .filter(({ kind, document }) => kind === 'Flow' && JSON.stringify(document).includes(JSON.stringify(word)))
        .map(({ project }) => project),
    )
    return [...waiting, ...naming]
  })
  const found = [...new Set([...standing, ...rest])].sort()
  return found.length > 0 ? found : ['default']
}
