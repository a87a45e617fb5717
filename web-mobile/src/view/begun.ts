/** Where and when somebody begins a document: their zone, and the hours around now. */
export interface Here {
  readonly zone: string
  readonly now: number
}
const HOUR = 3_600_000

/** `2026-12-23T18:00` by the clock of the zone. */
function local({ zone, now }: Here, hours = 0): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  }).formatToParts(now + hours * HOUR)
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:00`
}

/** What a new document of a kind begins with: nobody has to know its keys by heart, least of all to freeze something at night. */
const SPECS: Readonly<Record<string, (here: Here) => string>> = {
  App: () => `  flow: \n  launch: [everyone]\n  see: [everyone]\n  operators: ["role:ops"]\n  help: ""\n`,
  Host: () => `  address: 10.0.0.1\n  user: deploy\n  key: ssh.key\n  labels: []\n`,
  Constant: () => `  value: ""\n`,
  SecretRef: () => `  keys: [token]\n  # flows: [release]     # those that may use it; without this line: all\n`,
  Role: (here) =>
    `  members: []\n  # who is on duty, in turns:\n  # rota: {zone: ${here.zone}, from: ${local(here).slice(0, 10)}, shift: week, handover: "09:00"}\n`,
  Group: () => `  members: []\n`,
  Calendar: ({ zone }) =>
    `  zone: ${zone}\n  workdays: [mon, tue, wed, thu, fri]\n  hours: ["09:00-18:00"]\n  holidays: []\n`,
  Schedule: ({ zone }) =>
    `  app: \n  cron: 0 2 * * mon-fri\n  timeZone: ${zone}\n  overlap: skip          # or queue, allow\n  missed: runOnce        # or skip\n`,
  Freeze: (here) =>
    `  when:\n    - {from: ${local(here)}, to: ${local(here, 12)}}\n  timeZone: ${here.zone}\n  # apps: [release]      # without this line: all of the project\n  help: Ask the duty first.\n`,
  RightsRole: () => `  rights: [view, launch]\n`,
}
export const begunDocument = (kind: string, here: Here): string =>
  `apiVersion: baton/v1\nkind: ${kind}\nmetadata:\n  name: \nspec:\n${SPECS[kind]?.(here) ?? ''}`
