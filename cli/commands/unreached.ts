import { graphql, type Client, type ResultOf, whole } from '../../api/client/index.ts'
import { text, UsageError, word } from '../args.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { whyOf } from './alerts.ts'

const MINE = graphql(`
  query TerminalUnreachedMine {
    viewer {
      unreached {
        place
        platform
        name
      }
    }
  }
`)
const UNREACHED = graphql(`
  query TerminalUnreached($first: Int, $after: String) {
    undeliverable(first: $first, after: $after) {
      place
      platform
      name
      why
      since
      lastAt
      count
      person {
        name
      }
    }
  }
`)
const RETRY = graphql(`
  mutation TerminalRetryUndeliverable($place: String!) {
    retryUndeliverable(place: $place)
  }
`)
const FORGET = graphql(`
  mutation TerminalForgetUndeliverable($place: String!) {
    forgetUndeliverable(place: $place)
  }
`)
type Row = ResultOf<typeof UNREACHED>['undeliverable'][number]

const all = (client: Client): Promise<Row[]> =>
  whole(
    async (piece) => (await client.query(UNREACHED, piece)).undeliverable,
    ({ place }) => place,
  )
const CHANNEL: Readonly<Record<string, string>> = { SLACK: 'Slack', TELEGRAM: 'Telegram', EMAIL: 'e-mail' }
/** Somebody by their name, a room by its own. */
const whoOf = ({ person, name }: Row): string => person?.name ?? name
const wayOf = ({ platform, name }: Pick<Row, 'platform' | 'name'>): string =>
  platform === 'NONE' ? 'no way at all' : `${CHANNEL[platform] ?? platform} ${name}`

/** `me`, a name of the list, or a place as scripts keep them. @throws NothingToDo when nothing, or more than one way, is called so */
async function placesNamed(client: Client, ref: string, by: string | undefined): Promise<string[]> {
  const isBy = ({ platform }: Pick<Row, 'platform'>): boolean =>
    by === undefined || platform.toLowerCase() === by.toLowerCase()
  if (ref === 'me') {
    const { viewer } = await client.query(MINE)
    const mine = viewer.unreached.filter(isBy)
    if (mine.length === 0) throw new NothingToDo('you could be told everything')
    return mine.map(({ place }) => place)
  }
  if (/^(slack|telegram|email|none):/.test(ref)) return [ref]
  const rows = await all(client)
  const wanted = ref.toLowerCase()
  const named = rows.filter((row) => [whoOf(row), row.name].some((one) => one.toLowerCase() === wanted)).filter(isBy)
  const people = new Set(named.map(whoOf))
  if (named.length > 0 && (people.size === 1 || by !== undefined)) {
    if (named.length === 1) return [named[0]!.place]
    throw new NothingToDo(
      `${ref} was not reached by ${named.map(wayOf).join(' and by ')}: say which, --by ${named[0]!.platform.toLowerCase()}`,
    )
  }
  const near = rows.map(whoOf).filter((name) => name.toLowerCase().includes(wanted.slice(0, 3)))
  const hint = near.length > 0 ? `: did you mean ${[...new Set(near)].slice(0, 5).join(' or ')}?` : ''
  throw new NothingToDo(`nobody called ${ref} is in this list${hint}`)
}

export const unreached: Command = {
  usage: 'unreached [retry <name> | forget <name>] [--by slack|telegram|email]',
  about:
    'Who could not be told, why and since when. `retry` tries what still matters again, `forget` strikes it off: somebody or a room by name, or `me`.',
  flags: { by: 'value' },
  async run({ client, world, json, flags }, parsed) {
    const [verb] = parsed.words
    if (verb === 'retry' || verb === 'forget') {
      const places = await placesNamed(client, word(parsed, 1, 'who'), text(flags, 'by'))
      let count = 0
      for (const place of places)
        count +=
          verb === 'retry'
            ? (await client.query(RETRY, { place })).retryUndeliverable
            : (await client.query(FORGET, { place })).forgetUndeliverable
      const none = count === 0 ? 'Nothing of it matters any more.' : null
      if (verb === 'retry') world.out(json ? JSON.stringify({ tried: count }) : (none ?? `${count} tried again.`))
      else world.out(json ? JSON.stringify({ forgotten: count }) : `${count} struck off.`)
      return EXIT.ok
    }
    if (verb !== undefined) throw new UsageError(`expected retry or forget, but got “${verb}”`)
    const found = await all(client)
    if (json) world.out(JSON.stringify(found))
    else if (found.length === 0) world.out('Everybody could be told.')
    else
      for (const line of table(
        found.map((row) => [
          whoOf(row),
          `by ${wayOf(row)}`,
          `since ${clock(row.since, Date.now())}`,
          `${row.count} missed`,
          whyOf(row.why),
        ]),
      ))
        world.out(line)
    return EXIT.ok
  },
}
