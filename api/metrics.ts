import { catalogue } from '../engine/index.ts'
import type { Deps } from './context.ts'

const PHASES = [
  'created',
  'requested',
  'queued',
  'running',
  'waiting',
  'attention',
  'paused',
  'succeeded',
  'failed',
  'revoked',
]

/** Prometheus' text format. Counts only: no names, no titles. */
export function metricsText({ db }: Pick<Deps, 'db'>): string {
  const phases = new Map(db.read(catalogue.tasksByPhase).map(({ phase, count }) => [phase, count]))
  const deliveries = db.read(catalogue.countDeliveries)
  const memory = process.memoryUsage()
  return [
    ...gauge(
      'baton_tasks',
      'Tasks by phase.',
      PHASES.map((phase) => [`{phase="${phase}"}`, phases.get(phase) ?? 0]),
    ),
    ...gauge(
      'baton_deliveries',
      'Cards and messages that chats are owed, by platform and state.',
      deliveries.map(({ platform, state, count }) => [`{platform="${platform}",state="${state}"}`, count]),
    ),
    ...(db.counts
      ? [
          ...counter('baton_commits_total', 'Transactions since the start.', db.counts.commits),
          ...counter('baton_commit_entries_total', 'Pieces of work that shared them.', db.counts.entries),
        ]
      : []),
    ...gauge('process_resident_memory_bytes', 'Resident memory.', [['', memory.rss]]),
    ...gauge('process_uptime_seconds', 'Time since the start.', [['', Math.round(process.uptime())]]),
    '',
  ].join('\n')
}
const gauge = (name: string, help: string, values: readonly (readonly [string, number])[]): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} gauge`,
  ...values.map(([labels, value]) => `${name}${labels} ${value}`),
]
const counter = (name: string, help: string, value: number): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} counter`,
  `${name} ${value}`,
]
