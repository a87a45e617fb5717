import { expect, test } from 'vitest'
import type { World } from '../context.ts'
import { main } from '../main.ts'

const at = '2026-11-21T14:00:00Z'
const row = (place: string, platform: string, name: string, person: string | null) => ({
  ...{ place, platform, name, why: 'NO_CHANNEL', since: at, lastAt: at, count: 3 },
  person: person === null ? null : { name: person },
})
const ROWS = [
  row('none:p_1', 'NONE', 'p_1', 'Wei Zhang'),
  row('slack:@U3', 'SLACK', 'U3', 'Omar'),
  row('email:omar@x.example', 'EMAIL', 'omar@x.example', 'Omar'),
  row('slack:#release', 'SLACK', '#release', null),
]
function worldOf() {
  const sent: string[] = []
  const lines: string[] = []
  const errors: string[] = []
  const world: World = {
    ...{ env: { BATON_TOKEN: 't' }, redraw: null, readInput: () => '', signal: new AbortController().signal },
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    fetch: async (request) => {
      const { query, variables } = (await request.json()) as { query: string; variables: { place?: string } }
      if (variables.place) sent.push(variables.place)
      if (query.includes('retryUndeliverable')) return Response.json({ data: { retryUndeliverable: 2 } })
      if (query.includes('TerminalUnreachedMine'))
        return Response.json({ data: { viewer: { unreached: ROWS.slice(0, 1) } } })
      return Response.json({ data: { undeliverable: ROWS } })
    },
  }
  return { world, sent, lines, errors }
}

test('who could not be told is listed by name and by way, never by a place', async () => {
  const { world, lines } = worldOf()
  expect(await main(['unreached'], world)).toBe(0)
  expect(lines.join('\n')).toMatch(/^Wei Zhang +by no way at all/)
  expect(lines.join('\n')).toMatch(/Omar +by e-mail omar@x\.example/)
  expect(lines.join('\n')).toMatch(/#release +by Slack #release/)
  expect(lines.join('\n')).not.toContain('none:p_1')
})
test.each([
  { typed: ['wei zhang'], place: 'none:p_1' },
  { typed: ['#release'], place: 'slack:#release' },
  { typed: ['Omar', '--by', 'email'], place: 'email:omar@x.example' },
  { typed: ['me'], place: 'none:p_1' },
  { typed: ['slack:@U3'], place: 'slack:@U3' },
])('tries again by $typed', async ({ typed, place }) => {
  const { world, sent, lines } = worldOf()
  expect(await main(['unreached', 'retry', ...typed], world)).toBe(0)
  expect([sent, lines]).toEqual([[place], ['2 tried again.']])
})
test('a name that means two ways asks which; one that means none names the nearest', async () => {
  const two = worldOf()
  expect(await main(['unreached', 'retry', 'Omar'], two.world)).toBe(1)
  expect(two.errors.join()).toMatch(/by Slack U3 and by e-mail omar@x\.example: say which, --by slack/)
  const none = worldOf()
  expect(await main(['unreached', 'forget', 'Wei'], none.world)).toBe(1)
  expect(none.errors.join()).toBe('nobody called Wei is in this list: did you mean Wei Zhang?')
})
