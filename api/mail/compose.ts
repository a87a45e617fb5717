import { catalogue, type TaskView } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { languageFor } from '../delivery/deliver.ts'
import { SERVER_ZONE } from '../delivery/reach.ts'
import { isStillFor } from '../delivery/still-for.ts'
import { askTitle } from '../modules/ask/title.ts'
import { failedHosts } from '../modules/node/node.ts'
import { shownValue } from '../modules/task/shown.ts'
import { causeText, headline, whenText, type Language } from '../texts.ts'
import type { Letter } from './letter.ts'
import { mailWords } from './words.ts'

interface Reading {
  readonly person: string
  readonly language: Language
  readonly timeZone: string
}
type Body = Omit<Letter, 'language'>

/** What a mail about this says now; null: it is decided, or not the reader's any more, so nothing is sent. */
export async function compose(
  deps: Deps,
  card: catalogue.Card,
  { why, title, text }: Pick<catalogue.Delivery, 'why' | 'title' | 'text'>,
): Promise<Letter | null> {
  const { db, engine, config, now } = deps
  const person = card.person === null ? undefined : db.read((tx) => catalogue.personById(tx, card.person!))
  if (!person?.active) return null
  const language = db.read((tx) => languageFor(tx, person.id, config))
  const reading = { person: person.id, language, timeZone: person.timeZone ?? SERVER_ZONE }
  const task = card.taskId === '' ? null : await engine.task(card.taskId)
  if (task && !isStillFor(deps, card, task)) return null
  const body =
    card.kind === 'message'
      ? messageBody(title ?? 'Baton', text ?? '', task, config.url, language)
      : task && taskBody(card, task, reading, config.url, now())
  if (!body) return null
  const words = mailWords(language)
  const isAgain = why === 'reminder' || why === 'escalated'
  const lines = task?.state.rehearsal ? [words.rehearsal, ...body.lines] : body.lines
  return { ...body, language, lines, title: isAgain ? words[why](body.title) : body.title }
}

function taskBody(card: catalogue.Card, task: TaskView, reading: Reading, url: string, now: number): Body | null {
  if (card.kind === 'ask') return askBody(card.askId ?? '', task, reading, url, now)
  if (card.kind === 'attention') return failureBody(card.nodeId ?? '', task, reading, url)
  if (card.kind !== 'request' || task.state.stage !== 'requested') return null
  const words = mailWords(reading.language)
  const link = { label: words.answer, url: pageOf(task, url) }
  return { title: words.request(task.state.title), lines: [], facts: aboutOf(task, reading.language), link }
}
const pageOf = ({ state }: TaskView, url: string): string => `${url}/tasks/${state.number}`
function aboutOf({ state }: TaskView, language: Language): Body['facts'] {
  const words = mailWords(language)
  return [
    { title: words.task, text: `${state.title} #${state.number}` },
    ...(state.startedBy.person === null ? [] : [{ title: words.startedBy, text: state.startedBy.name }]),
  ]
}

function askBody(askId: string, task: TaskView, reading: Reading, url: string, now: number): Body | null {
  const { state, flow } = task
  const { person, language, timeZone } = reading
  const ask = state.asks.get(askId)
  if (ask?.state !== 'open' || ask.decisions.some((decision) => decision.person === person)) return null
  const words = mailWords(language)
  const facts = ask.facts.flatMap(({ key, title, value }) => {
    const variable = flow.variables.find((one) => one.key === key)
    // What is secret is not even named as hidden here: a mail lies about for years.
    return variable?.secret ? [] : [{ title, text: shownValue(variable, value, reading) }]
  })
  const deadline =
    ask.deadline === null ? [] : [{ title: words.until, text: whenText(ask.deadline, language, timeZone, now) }]
  return {
    title: askTitle(ask, state.title, language),
    lines: ask.text ? [ask.text] : [],
    facts: [...facts, ...deadline, ...aboutOf(task, language)],
    link: { label: words.answer, url: `${url}/asks/${encodeURIComponent(ask.id)}` },
  }
}

function failureBody(nodeId: string, task: TaskView, { language }: Reading, url: string): Body | null {
  const { state, flow } = task
  const [node, run] = [flow.node(nodeId), state.nodes.get(nodeId)]
  if (!node || run?.state !== 'failed' || run.givenUp || run.error === null) return null
  const hosts = failedHosts({ state, flow, id: nodeId })
  const words = mailWords(language)
  const { advice } = node.onFail
  return {
    title: headline(node.title, run.error, hosts, language),
    lines: [causeText(run.error, hosts, language)],
    facts: [...(advice ? [{ title: words.advice, text: advice }] : []), ...aboutOf(task, language)],
    link: { label: words.act, url: pageOf(task, url) },
  }
}

/** A message brings its own words; where they hold a way into Baton that is the link, else the task is. */
function messageBody(title: string, text: string, task: TaskView | null, url: string, language: Language): Body {
  const words = mailWords(language)
  const at = text.indexOf(`${url}/`) >= 0 ? text.indexOf(`${url}/`) : text.indexOf(url)
  const own = at < 0 ? '' : (/^\S+/.exec(text.slice(at))?.[0] ?? '')
  const rest = own === '' ? text : `${text.slice(0, at)}${text.slice(at + own.length)}`
  const link =
    own !== ''
      ? { label: words.open, url: own }
      : task
        ? { label: words.look, url: pageOf(task, url) }
        : { label: words.open, url }
  return { title, lines: rest.trim() === '' ? [] : [rest.trim()], facts: [], link }
}
