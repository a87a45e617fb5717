import { createHash } from 'node:crypto'
import type { Head } from '../task-store.ts'
import { AuditCheck, type AuditHead } from './audit-check.ts'
import { EXPORT_FORMAT, type HeaderLine, type Line, type TaskLine } from './lines.ts'
import { isSignedBy, signedText } from './signature.ts'
import { TaskCheck, type Fault, type Tell } from './task-check.ts'

export interface VerifyKeys {
  /** Whom the export has to be signed by. Absent: whoever it names, which proves nothing but that it is in one piece. */
  readonly publicKey?: string | null
  /** A head that was kept elsewhere (a receipt, a final callback): every history in the file is held against it. */
  readonly head?: Head
  /** The newest row of the audit, kept elsewhere: an audit that was made anew, or shortened with its counter, shows against it. */
  readonly auditHead?: AuditHead
  /** `Keys.audit`: checks the signatures of heads and audit rows too. Owners alone have it. */
  readonly audit?: Uint8Array | null
}
export interface Report {
  readonly isWhole: boolean
  readonly tasks: number
  readonly entries: number
  readonly auditRows: number
  /** Audit rows at the end that no signature covers yet. */
  readonly unsignedRows: number
  /** Who signed the export; null: nobody. */
  readonly signedBy: string | null
  /** That is whom the caller expected. */
  readonly isTrusted: boolean
  readonly at: number | null
  readonly faults: readonly Fault[]
  /** More faults than are listed. */
  readonly more: number
}
const MOST_FAULTS = 100

/** Verifies an exported history line by line: an edit, a gap and a cut-off tail are each told where they are. Needs no server. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  keys: VerifyKeys = {},
): Promise<Report> {
  const check = new ExportCheck(keys)
  for await (const line of lines) check.line(line)
  return check.end()
}

class ExportCheck {
  readonly #keys: VerifyKeys
  readonly #digest = createHash('sha256')
  readonly #faults: Fault[] = []
  #more = 0
  #lines = 0
  #header: HeaderLine | null = null
  #task: { line: TaskLine; check: TaskCheck } | null = null
  #signedBy: string | null = null
  #isOver = false
  #tasks = 0
  #entries = 0
  #unsigned = 0
  readonly #audit: AuditCheck
  /** Of the whole installation: signatures by their number, to see that none is missing. */
  readonly #heads = new Map<number, { before: string; mac: string }>()
  constructor(keys: VerifyKeys) {
    this.#keys = keys
    this.#audit = new AuditCheck(
      (fault) => this.#fault({ ...fault, task: null, problem: `audit: ${fault.problem}` }),
      keys.auditHead ?? null,
    )
  }

  line(text: string): void {
    if (text === '') return
    this.#lines++
    const line = this.#parsed(text)
    if (this.#isOver) return this.#malformed('something follows the signature')
    if (line?.kind !== 'signature') this.#digest.update(`${text}\n`)
    if (!line) return
    try {
      this.#take(line)
    } catch {
      this.#malformed(`the parts of this ${String(line.kind)} are not what they should be`)
    }
  }

  #take(line: Line): void {
    if (this.#lines === 1 && line.kind !== 'baton.history') this.#malformed('this is no history exported by Baton')
    switch (line.kind) {
      case 'baton.history':
        if (this.#lines > 1) this.#malformed('a second header')
        if (line.format !== EXPORT_FORMAT)
          this.#malformed(`expected format ${EXPORT_FORMAT}, but this is ${line.format}: use the Baton that wrote it`)
        this.#header = line
        return
      case 'task':
        this.#endTask('the next task begins')
        this.#tasks++
        this.#task = { line, check: new TaskCheck(line.id, this.#tellOf(line)) }
        if (this.#keys.head) this.#task.check.expect(this.#keys.head)
        return
      case 'head':
        if (this.#task?.line.id !== line.task) return this.#malformed('a signed head stands with another task')
        this.#heads.set(line.id, line)
        return this.#task.check.signed(line, this.#keys.audit ?? null)
      case 'entry':
        if (!this.#task) return this.#malformed('an entry stands before any task')
        this.#entries++
        return this.#task.check.entry(line)
      case 'end': {
        if (this.#task?.line.id !== line.task) return this.#malformed('the end of another task stands here')
        const { check, line: about } = this.#task
        const { version, hash } = check.reached
        if (check.entries < line.entries || version < line.version)
          this.#tellOf(about)({
            what: 'cut',
            event: version + 1,
            problem: `the end is missing: ${line.entries} entries up to event ${line.version} were exported`,
          })
        else if (hash !== line.hash)
          this.#tellOf(about)({
            what: 'edit',
            event: version,
            problem: 'the last hash is another one than was exported',
          })
        this.#closeTask()
        return
      }
      case 'audit':
        return this.#audit.row(line, this.#keys.audit ?? null)
      case 'audit_end':
        this.#unsigned = this.#audit.end(line.last)
        this.#endHeads(line.heads)
        return
      case 'signature':
        return this.#signature(line.lines, line.sha256, line.signature)
      default:
        this.#malformed(`a line of unknown kind ${String((line as { kind: unknown }).kind)}`)
    }
  }

  end(): Report {
    this.#endTask('the file ends')
    if (!this.#isOver)
      this.#fault({
        what: 'cut',
        task: null,
        event: null,
        problem: `the file ends after line ${this.#lines}, before its signature`,
      })
    if (this.#keys.auditHead && this.#audit.rows === 0)
      this.#fault({ what: 'cut', task: null, event: null, problem: 'audit: this file holds none of it' })
    const { publicKey } = this.#keys
    const isTrusted = this.#signedBy !== null && publicKey != null && publicKey === this.#signedBy
    return {
      isWhole: this.#faults.length === 0,
      tasks: this.#tasks,
      entries: this.#entries,
      auditRows: this.#audit.rows,
      unsignedRows: this.#unsigned,
      signedBy: this.#signedBy,
      isTrusted,
      at: this.#header?.at ?? null,
      faults: this.#faults,
      more: this.#more,
    }
  }

  #signature(lines: number, sha256: string, signature: string): void {
    this.#isOver = true
    this.#endTask('the signature comes')
    const wrong = (problem: string): void => this.#fault({ what: 'signature', task: null, event: null, problem })
    const digest = this.#digest.digest('hex')
    const named = this.#header?.publicKey ?? ''
    if (lines !== this.#lines - 1) wrong(`${lines} lines were signed, but there are ${this.#lines - 1}`)
    if (digest !== sha256) wrong('the file is not the one that was signed: at least one byte was changed')
    if (!isSignedBy(named, signedText(lines, sha256), signature)) return wrong('the signature does not fit its key')
    this.#signedBy = named
    const { publicKey } = this.#keys
    if (publicKey != null && publicKey !== named)
      wrong(`it was signed by ${named}, not by the key that was expected (${publicKey})`)
  }

  #endHeads(ever: number): void {
    const ids = [...this.#heads.keys()].sort((a, b) => a - b)
    let before = { id: 0, mac: '' }
    const gone = (from: number, to: number): void =>
      this.#fault({
        what: 'removed',
        task: null,
        event: null,
        problem: from === to ? `signed head ${from} is missing` : `signed heads ${from} to ${to} are missing`,
      })
    for (const id of ids) {
      const head = this.#heads.get(id)!
      if (id !== before.id + 1) gone(before.id + 1, id - 1)
      else if (head.before !== before.mac) gone(id, id)
      before = { id, mac: head.mac }
    }
    if (ever > before.id) gone(before.id + 1, ever)
  }

  #endTask(when: string): void {
    if (!this.#task) return
    const { check, line } = this.#task
    this.#tellOf(line)({
      what: 'cut',
      event: check.reached.version + 1,
      problem: `the end is missing: ${when} before it`,
    })
    this.#closeTask()
  }
  #closeTask(): void {
    if (this.#task) this.#task.check.end(this.#task.line.version)
    this.#task = null
  }
  #tellOf({ id, about }: TaskLine): Tell {
    const number = about['number']
    const task = typeof number === 'number' ? `#${number}` : id
    return (fault) => this.#fault({ ...fault, task })
  }
  #parsed(text: string): Line | null {
    try {
      const line = JSON.parse(text) as unknown
      if (typeof line === 'object' && line !== null) return line as Line // each kind is looked at by its own checks
    } catch {
      // told below
    }
    this.#malformed('expected a JSON object')
    return null
  }
  #malformed(problem: string): void {
    this.#fault({ what: 'malformed', task: null, event: null, problem: `line ${this.#lines}: ${problem}` })
  }
  #fault(fault: Fault): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(fault)
    else this.#more++
  }
}
