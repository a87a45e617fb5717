import type { WorkCalendar } from './calendar.ts'
import type { Flow, FlowNode } from './flow.ts'
import type { Frozen } from './freeze.ts'
import type { Actor } from './state.ts'
import type { Value, Values } from './value.ts'

/** What the core must know of a plugin; made from its definition by `engine/plugin/catalogue.ts`. */
export interface PluginInfo {
  readonly code: string
  readonly version: string
  readonly title: string
  readonly icon: string | null
  readonly literal: readonly string[]
  readonly encoded: readonly string[]
  readonly secret: readonly string[]
  /** Names of declared inputs, and of those that must be given; null: any name goes. */
  readonly inputs: readonly string[] | null
  readonly required: readonly string[]
  /** Names of declared outputs; null: dynamic. */
  readonly outputs: readonly string[] | null
  readonly saves: boolean
  /** It has options for a form (`optionsFrom: {plugin}`). */
  readonly offers?: boolean
  /** Safe to run twice with the same key? Absent: no. */
  readonly repeatable?: (inputs: Values) => boolean
  /** Problems of an input whose value is known before it runs (no `${}` in it). */
  readonly checkInput: (name: string, value: Value) => string | null
}
export interface PluginCatalogue {
  /** Newest release of `code@major` (or of `code`, newest major). */
  readonly find: (use: string) => PluginInfo | undefined
  readonly codes: () => readonly string[]
}

/** A person as the core needs one. */
export interface PersonRef {
  readonly id: string
  readonly name: string
}
/** Somebody another person stands in for, and through whom: A delegates to B, B to C, so C stands in for A via B. */
export interface StoodFor extends PersonRef {
  readonly via: readonly string[]
}
/** Who is who, at one moment. Answers are frozen into events. */
export interface Directory {
  /** People of `starter`, `role:qa`, `role:qa@shop`, `group:x`, a person's name, e-mail or id. Unknown refs give an empty list. */
  readonly people: (ref: string, starter: Actor) => readonly PersonRef[]
  /** Title of a ref for people: "QA", "Li Wei". */
  readonly title: (ref: string) => string
  readonly constants: (project: string) => Values
  /** Host names of `@label`, or the name itself when it exists. */
  readonly hosts: (ref: string) => readonly string[]
  /** Working hours of a calendar; null: there is none of that name. Absent: calendars are not known. */
  readonly calendar?: (project: string, name: string) => WorkCalendar | null
  /** Every host, for forms and for the nearest known name. */
  readonly allHosts?: () => readonly { readonly name: string; readonly labels: readonly string[] }[]
  /** Does `role:x`, `group:x` or a person of that name exist, whoever is in it? Absent: not known, so not checked. */
  readonly knows?: (ref: string) => boolean
  /** Whom a person stands in for at an instant, by standing delegation (`core/asks/stand-in.ts` follows the chains). Absent: nobody delegates. */
  readonly standsFor?: (person: string, at: number) => readonly StoodFor[]
  /** Who stands in for a person at an instant, and through whom. */
  readonly standIns?: (person: string, at: number) => readonly StoodFor[]
  /** Who a person's id is now: they themselves, whom they were merged into; null when they are suspended or gone. Absent: everybody is who they were. */
  readonly personNow?: (id: string) => PersonRef | null
  /** A tool's account, which answers no asks whatever role it stands in. Absent: there are none. */
  readonly isTool?: (person: string) => boolean
  /** The same as one project sees it: its own roles, groups and hosts. Absent: there is only one project. */
  readonly within?: (project: string) => Directory
  /** Is this person among `people(ref)` now? Absent: look there. */
  readonly has?: (ref: string, person: string) => boolean
  /** Is this person named by the ref at all, on duty or not? Suspended people stand nowhere. Absent: as `people` says. */
  readonly stands?: (ref: string, person: string) => boolean
}
/** Who is who as a project sees it. */
export const inProject = (directory: Directory, project: string): Directory => directory.within?.(project) ?? directory

/** What is launched, started or retried, as freezes look at it. */
export interface FreezeTarget {
  readonly project: string
  /** Null: a flow without an app. */
  readonly app: string | null
  readonly flow: string
}

/** What `decide` may know besides flow, state and command. All synchronous, all frozen into the events that come out. */
export interface DecideEnv {
  readonly now: number
  readonly directory: Directory
  readonly plugins: PluginCatalogue
  /** Public address for `task.url`. */
  readonly baseUrl: string
  /** HMAC over a canonical text, for ask digests of secret variables. */
  readonly hmac: (text: string) => string
  /** The freeze that holds for something at an instant; null: none. Absent: there are none. */
  readonly frozen?: (what: FreezeTarget, at: number) => Frozen | null
  readonly digest: (text: string) => string
}

/** What a task of a project may know. */
export const envIn = (env: DecideEnv, project: string): DecideEnv => {
  const directory = inProject(env.directory, project)
  return directory === env.directory ? env : { ...env, directory }
}

/** What somebody may do to a task, node or ask, and why not. */
export interface AvailableAction {
  /** `start pause resume revoke edit_variables run_again` · `claim_request reject_request transfer_request resubmit_request withdraw_request` · `retry edit_retry skip byhand fail reschedule choose_branch` · `approve reject submit confirm transfer assign comment claim release remind` */
  readonly action: string
  readonly allowed: boolean
  /** For people, when not allowed: who may, or what stands against it. */
  readonly why: string | null
}

export type Right =
  | 'view'
  | 'launch'
  | 'operate'
  | 'operate-inputs'
  | 'override-approval'
  | 'reassign-ask'
  | 'override-freeze'
  /** Write drafts of flows; `author` publishes them. */
  | 'edit-flow'
  | 'author'
  /** Publish flows that name secrets. */
  | 'use-secret'
  | 'manage-people'
  | 'manage-hosts'
  | 'manage-secrets'
  | 'audit'
/** The person (or token) behind a command, as rights see it. */
export interface Viewer {
  readonly actor: Actor
  /** Rights in the task's project, by role. */
  readonly rights: ReadonlySet<Right>
  /** Named by the app: may launch, see, operate it. */
  readonly app: { readonly launch: boolean; readonly see: boolean; readonly operate: boolean }
  /** Stands among those a request was handed to (`HandOver.to`). */
  readonly executes?: boolean
  /** Business roles and groups the person stands in (`role:ops`), where a node's `allow` names them. */
  readonly roles?: readonly string[]
  /** Whom the person stands in for now, by standing delegation. */
  readonly standsFor?: readonly StoodFor[]
}

export type { Flow, FlowNode }
