import { expect, test } from 'vitest'
import { Router, type Browser } from './router.svelte.ts'
import { routeOf } from './routes.ts'

/** A browser's history, by hand. */
function browser(start: string): Browser & { at(): string; back(): void } {
  const entries: { url: URL; state: unknown }[] = [{ url: new URL(start, 'http://b'), state: null }]
  const listeners: (() => void)[] = []
  let now = 0
  const here = () => entries[now]!
  const back = (): void => {
    now = Math.max(0, now - 1)
    for (const listener of listeners) listener()
  }
  return {
    get location() {
      return here().url
    },
    history: {
      get state() {
        return here().state
      },
      pushState: (state: unknown, _: string, url?: string | URL | null) => {
        const next = new URL(String(url), here().url)
        entries.splice(++now, entries.length, { url: next, state })
      },
      replaceState: (state: unknown, _: string, url?: string | URL | null) => {
        entries[now] = { url: new URL(String(url), here().url), state }
      },
      back,
    },
    addEventListener: (_, listener) => void listeners.push(listener),
    at: () => here().url.pathname + here().url.search + here().url.hash,
    back,
  }
}

test('a sheet is in the address, and going back closes it', () => {
  const world = browser('/tasks/7?tab=log')
  const router = new Router(world)
  router.open('stop')
  expect(world.at()).toBe('/tasks/7?tab=log&sheet=stop')
  world.back()
  expect(router.sheet).toBeNull()
})
test('closing a sheet undoes the step that opened it, so that back does not open it again', () => {
  const world = browser('/tasks')
  const router = new Router(world)
  router.go('/tasks/7')
  router.open('stop')
  router.close()
  expect(world.at()).toBe('/tasks/7')
  world.back()
  expect(world.at()).toBe('/tasks')
})
test('a sheet that came by a link closes too, though there is no step to undo', () => {
  const world = browser('/tasks/7?sheet=stop')
  const router = new Router(world)
  router.close()
  expect([world.at(), router.sheet]).toEqual(['/tasks/7', null])
})
test('a code leaves the address without a trace in the history', () => {
  const world = browser('/sign-in#code=secret')
  const router = new Router(world)
  expect(router.place.fragment).toBe('#code=secret')
  router.dropFragment()
  world.back()
  expect(world.at()).toBe('/sign-in')
})
test('up goes back where one came from, else to the page above', () => {
  const world = browser('/tasks/7')
  const router = new Router(world)
  router.up('/tasks')
  expect(world.at()).toBe('/tasks')
})
test('moves are counted by page, not by what changes on it', () => {
  const router = new Router(browser('/'))
  const before = router.moves
  router.open('x')
  expect(router.moves).toBe(before)
  router.go('/me')
  expect(router.moves).toBe(before + 1)
})
test.each([
  ['/', { page: 'home' }],
  ['/apps/release', { page: 'app', name: 'release' }],
  ['/apps/%E5%8F%91%E5%B8%83', { page: 'app', name: '发布' }],
  ['/apps/%E5%8', { page: 'app', name: '%E5%8' }],
  ['/tasks/1042', { page: 'task', id: '1042', node: null }],
  ['/tasks/1042/steps/deploy', { page: 'task', id: '1042', node: 'deploy' }],
  ['/tasks/1042/history', { page: 'history', id: '1042' }],
  ['/asks/a1', { page: 'ask', id: 'a1' }],
  ['/flows', { page: 'flows' }],
  ['/flows/release-web', { page: 'flow', name: 'release-web', diff: false }],
  ['/flows/release-web/diff', { page: 'flow', name: 'release-web', diff: true }],
  ['/me/people', { page: 'owner', about: 'people' }],
  ['/me/nothing', { page: 'me' }],
  ['/join', { page: 'signIn' }],
  ['/what', { page: 'nowhere' }],
])('%s is %j', (path, route) => {
  expect(routeOf(path)).toEqual(route)
})
