import {
  BLANK,
  line,
  link,
  plain,
  quiet,
  type Action,
  type ButtonTarget,
  type Card,
  type Line,
  type TimelineEntry,
} from './card.ts'
import { missedLines } from './alerts.ts'
import { approveAll, batchActions, batchCard } from './batch.ts'
import { cut, markOfPhase, may } from './cards/words.ts'
import type { Acting, Answers, Reply } from './contract.ts'
import { openLaunch } from './form.ts'
import { openPage } from './open-page.ts'
import { appsQuery, catalogueQuery, homeQuery, type HomeData } from './queries/index.ts'
import { showLog } from './show-log.ts'
import { joinBaton, personOf, redeemAsked } from './welcome.ts'

const launchAction = (
  app: { readonly name: string; readonly title: string },
  style: Action['style'] = 'plain',
): Action => ({
  label: cut(app.title, 70),
  style,
  target: { verb: 'launch', app: app.name },
  confirm: null,
})
const showAction = (label: string, target: Omit<ButtonTarget, 'verb'>, style: Action['style'] = 'plain'): Action => ({
  label: cut(label, 70),
  style,
  target: { verb: 'show', ...target },
  confirm: null,
})

/** `/baton`: what waits for me, my tasks, apps to launch. */
export async function homeMenu(acting: Acting): Promise<Reply> {
  const home = await acting.client.query(homeQuery)
  return { kind: 'card', card: homeCard(acting, home) }
}
export function homeCard(acting: Acting, home: HomeData): Card {
  const { texts } = acting
  const apps = launchable(home)
  return {
    ...BLANK,
    summary: texts.menu.waits(home.viewer.needsMe),
    title: texts.menu.title,
    lines: [
      ...missedLines(texts, home.viewer.unreached),
      line(texts.menu.waits(home.viewer.needsMe)),
      ...waitingLines(home),
    ],
    timeline: home.tasks.nodes.slice(0, 5).map(taskEntry),
    actions: [
      ...waitingActions(home),
      ...batchActions(acting, home),
      ...apps.slice(0, 10).map((app) => launchAction(app)),
      pageAction(texts.menu.page),
    ],
    notes: [line(texts.menu.hint)],
  }
}
/** The way to the phone page: its sign-in asks for a link from chat. */
const pageAction = (label: string): Action => ({ label, style: 'plain', target: { verb: 'open' }, confirm: null })
const launchable = (home: HomeData): HomeData['apps']['nodes'] =>
  home.apps.nodes
    .filter((app) => may(app.availableActions, 'launch'))
    .toSorted((a, b) => Number(b.favourite) - Number(a.favourite))
function waitingLines(home: HomeData): Line[] {
  const asks = home.inbox.nodes.map((ask) => line('✋ ', link(ask.title, ask.task.url), quiet(` #${ask.task.number}`)))
  const failures = home.needsMe.nodes.flatMap((task) =>
    task.failures.map((node) =>
      line('⚠️ ', link(node.headline ?? node.title, task.url), quiet(` ${task.title} #${task.number}`)),
    ),
  )
  const requests = requested(home).map((task) => line('✋ ', link(task.title, task.url), quiet(` #${task.number}`)))
  return [...asks, ...requests, ...failures].slice(0, 10)
}
/** Work handed over that this person may take, has to change, or has to pass on since nobody is there to take it. */
const requested = (home: HomeData) =>
  home.needsMe.nodes.filter(({ phase, handOver }) => phase === 'REQUESTED' || handOver?.state === 'OPEN')
function waitingActions(home: HomeData): Action[] {
  const asks = home.inbox.nodes.map((ask) =>
    showAction(`✋ ${ask.title}`, { taskId: ask.task.id, askId: ask.id }, 'primary'),
  )
  const failures = home.needsMe.nodes.flatMap((task) =>
    task.failures.map((node) =>
      showAction(`⚠️ ${node.headline ?? node.title}`, { taskId: task.id, nodeId: node.id }, 'primary'),
    ),
  )
  const requests = requested(home).map((task) =>
    showAction(`✋ ${task.title}`, { taskId: task.id, data: { kind: 'REQUEST' } }, 'primary'),
  )
  return [...asks, ...requests, ...failures].slice(0, 8)
}
const taskEntry = (task: HomeData['tasks']['nodes'][number]): TimelineEntry => ({
  mark: markOfPhase[task.phase] ?? 'todo',
  line: [link(cut(task.title, 120), task.url), quiet(` #${task.number}`)],
})

/** `/baton inbox`: each thing that waits, with a button that brings its card here. */
export async function inboxMenu(acting: Acting): Promise<Reply> {
  const { texts } = acting
  const home = await acting.client.query(homeQuery)
  const lines = waitingLines(home)
  return {
    kind: 'card',
    card: {
      ...BLANK,
      summary: texts.menu.waits(home.viewer.needsMe),
      title: texts.menu.waits(lines.length),
      lines: lines.length > 0 ? lines : [line(texts.menu.nothingWaits)],
      actions: [...waitingActions(home), ...batchActions(acting, home)],
    },
  }
}
/** `/baton tasks`: mine, newest first. */
export async function tasksMenu(acting: Acting): Promise<Reply> {
  const { texts } = acting
  const { tasks } = await acting.client.query(homeQuery)
  const entries = tasks.nodes.map((task): TimelineEntry => ({
    ...taskEntry(task),
    line: [...taskEntry(task).line, plain(` ${texts.phase[task.phase] ?? ''}`)],
  }))
  const actions = tasks.nodes
    .slice(0, 5)
    .map((task) => showAction(`#${task.number} ${task.title}`, { taskId: task.id }))
  return {
    kind: 'card',
    card: {
      ...BLANK,
      summary: texts.menu.yourTasks,
      title: texts.menu.yourTasks,
      lines: entries.length > 0 ? [] : [line(texts.menu.noTasks)],
      timeline: entries,
      actions,
    },
  }
}
/** Apps this person may launch, found by part of a name, title or alias. */
export async function appsMenu(
  acting: Acting,
  search: string | null,
  intro: string | null = null,
  category: string | null = null,
): Promise<Reply> {
  const { texts } = acting
  const { apps } = await acting.client.query(appsQuery, { search, first: 24, ...(category !== null && { category }) })
  if (search === null && intro === null && apps.totalCount > MOST_ON_A_CARD) {
    const here = category === null ? [] : apps.nodes.filter((app) => app.category === category)
    const branches = await branchesMenu(acting, category, here)
    if (branches) return branches
  }
  const mine = apps.nodes.filter((app) => may(app.availableActions, 'launch'))
  if (mine.length === 0 && search) return appsMenu(acting, null, intro ?? texts.noSuchApp(search))
  const lines = [...(intro ? [line(intro)] : []), ...(mine.length === 0 ? [line(texts.noApps)] : [])]
  const facts = mine
    .filter((app) => app.help)
    .slice(0, 8)
    .map((app) => ({ title: app.title, text: cut(app.help ?? '', 200) }))
  return {
    kind: 'card',
    card: {
      ...BLANK,
      summary: texts.menu.apps,
      title: texts.menu.apps,
      lines,
      facts,
      actions: mine.slice(0, 20).map((app) => launchAction(app)),
    },
  }
}

/** More apps than these are offered branch by branch. */
const MOST_ON_A_CARD = 16
/** What is at hand, then the branches below this one; null: it has none, so its apps are listed. */
async function branchesMenu(
  acting: Acting,
  category: string | null,
  here: readonly { readonly name: string; readonly title: string }[],
): Promise<Reply | null> {
  const { texts } = acting
  const { favourites, recent, appTree } = await acting.client.query(catalogueQuery)
  const depth = category === null ? 0 : category.split('/').length
  const below = appTree.filter(
    (branch) =>
      branch.depth === depth && branch.path !== '' && (category === null || branch.path.startsWith(`${category}/`)),
  )
  if (below.length === 0 || (category === null && below.length < 2)) return null
  const atHand = category === null ? [...favourites.nodes, ...recent.nodes] : here
  const apps = [...new Map(atHand.map((app) => [app.name, app])).values()].slice(0, 8)
  const title = category === null ? texts.menu.apps : (category.split('/').at(-1) ?? category)
  return {
    kind: 'card',
    card: {
      ...BLANK,
      summary: title,
      title,
      actions: [
        ...apps.map((app) => launchAction(app)),
        ...below.slice(0, 12).map((branch): Action => ({
          label: cut(`${branch.title} (${branch.count})`, 70),
          style: 'plain',
          target: { verb: 'apps', data: { category: branch.path } },
          confirm: null,
        })),
      ],
      notes: [line(texts.menu.hint)],
    },
  }
}

/** Whoever is in now sees what there is for them, beneath what is said of their coming in. */
async function andHome(acting: Acting, said: Reply): Promise<Reply> {
  if (said.kind !== 'tell' || (await personOf(acting)) === null) return said
  const home = await homeMenu(acting)
  return home.kind === 'card'
    ? { kind: 'card', card: { ...home.card, lines: [...said.lines, ...home.card.lines] } }
    : said
}
/** What a menu's button does: it opens, lists or offers; whatever decides is asked of the server. */
export async function runMenuVerb(
  acting: Acting,
  target: ButtonTarget,
  token: string,
  given: { readonly confirmed?: boolean; readonly key?: string; readonly fullMember?: boolean },
): Promise<Reply> {
  const fullMember = given.fullMember ?? false
  switch (target.verb) {
    case 'batch':
      return batchCard(acting, target.app ?? '')
    case 'approve_all':
      return approveAll(acting, token, target.data, given)
    case 'join_baton':
      return andHome(acting, await joinBaton(acting, fullMember))
    case 'redeem':
      return andHome(acting, await redeemAsked(acting, target.data))
    case 'launch':
      return openLaunch(acting, target.app ?? '', { answers: answersIn(target.data) })
    case 'open':
      return openPage(acting, '/')
    case 'apps':
      return appsMenu(acting, null, null, categoryIn(target.data))
    case 'tasks':
      return tasksMenu(acting)
    case 'inbox':
      return inboxMenu(acting)
    case 'log':
      return showLog(acting, target.taskId ?? '', target.nodeId ?? null)
    case 'show': {
      const { taskId = '', askId, nodeId, data } = target
      const isRequest = typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'REQUEST'
      const kind = askId ? 'ASK' : nodeId ? 'ATTENTION' : isRequest ? 'REQUEST' : 'TASK'
      return { kind: 'show', target: { kind, taskId, ...(askId && { askId }), ...(nodeId && { nodeId }) } }
    }
    default:
      return { kind: 'tell', lines: [line(acting.texts.unknownButton)], alert: true }
  }
}
/** A form that could not be opened where it was asked for (a thread, a mention): a button that opens it, with what was typed. */
export function launchOffer(acting: Acting, app: string, title: string, answers: Answers): Card {
  return {
    ...BLANK,
    summary: title,
    title,
    actions: [
      {
        label: acting.texts.verb['launch'] ?? '',
        style: 'primary',
        target: { verb: 'launch', app, data: { answers } },
        confirm: null,
      },
    ],
  }
}
const categoryIn = (data: unknown): string | null =>
  typeof data === 'object' && data !== null && 'category' in data && typeof data.category === 'string'
    ? data.category
    : null
const answersIn = (data: unknown): Answers =>
  typeof data === 'object' && data !== null && 'answers' in data && typeof data.answers === 'object'
    ? (data.answers as Answers)
    : {} // written by `launchOffer`
