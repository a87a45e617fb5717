/** docs/rights.md's tables, made from what is enforced. `npm run rights:print` writes them; a test holds the two together. */
import { RIGHT_OF } from '../modules/document/apply.ts'
import { POLICY, type Rule } from './policy.ts'
import { RIGHTS, ROLES } from './rights.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(' or ')
function needsOf({ needs, bots, acting }: Rule): string {
  const own = acting ? 'the bots, for a person' : 'the bots’ own connection'
  const who =
    needs === 'nobody'
      ? 'nobody in particular'
      : needs === 'somebody'
        ? 'a person'
        : needs === 'bots'
          ? own
          : code(needs)
  return bots ? `${who}; the bots for rooms` : who
}
const TITLES = { Query: 'Questions', Mutation: 'Acts', Subscription: 'Streams' } as const
const fields = (type: keyof typeof TITLES): string =>
  table(
    [TITLES[type], 'Needs', 'And then'],
    Object.keys(POLICY)
      .filter((name) => name.startsWith(`${type}.`))
      .sort()
      .map((name) => [`\`${name.slice(type.length + 1)}\``, needsOf(POLICY[name]!), POLICY[name]!.then ?? '']),
  )

/** Block name → its text, between `<!-- <name> -->` and `<!-- /<name> -->`. */
const BLOCKS: { readonly [name: string]: () => string } = {
  roles: () =>
    table(
      ['Right', ...Object.keys(ROLES)],
      RIGHTS.map((right) => [`\`${right}\``, ...Object.values(ROLES).map((has) => (has.includes(right) ? 'yes' : ''))]),
    ),
  documents: () =>
    table(
      ['Kind', 'To apply', 'To delete'],
      Object.entries(RIGHT_OF).map(([kind, right]) => [
        `\`${kind}\``,
        `\`${right}\``,
        kind === 'Flow' ? '`author`' : `\`${right}\``,
      ]),
    ),
  fields: () => [fields('Query'), fields('Mutation'), fields('Subscription')].join('\n\n'),
}
/** The text with its blocks as they are now. */
export const filled = (text: string): string =>
  Object.entries(BLOCKS).reduce(
    (page, [name, make]) =>
      page.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(\n?<!-- /${name} -->)`),
        (_, open: string) => `${open}\n${make()}\n\n<!-- /${name} -->`,
      ),
    text,
  )
