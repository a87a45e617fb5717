/**
 * A history that holds up (docs/adr/0011): heads.ts (what is signed) → lines.ts (how it is written down) → export.ts →
 * task-check.ts, audit-check.ts (what cannot be) → verify.ts (offline) → archive.ts → retention.ts → backup.ts.
 */
export { headOf, sqlArchive, recordedOf, type Archive, type Archived } from './archive.ts'
export { exportLines, type Exporting } from './export.ts'
export { sqlHeads, type Heads, type SignedHead } from './heads.ts'
export { keepOf, Retention, setKeep, type Keep, type Swept } from './retention.ts'
export type { Scope } from './lines.ts'
export { headText, isSignedBy, publicKeyOf, signText } from './signature.ts'
export type { Fault } from './task-check.ts'
export { verifyExport, type Report } from './verify.ts'
export { verifyAudit, type AuditReport } from './verify-audit.ts'
export { verifyTask } from './verify-task.ts'
