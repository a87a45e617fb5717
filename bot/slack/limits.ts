/** Slack's sizes (Block Kit reference, manifest schema; November 2026). Characters, unless said otherwise. */
export const LIMITS = {
  blocks: 50,
  viewBlocks: 100,
  header: 150,
  section: 3000,
  field: 2000,
  fieldsPerSection: 10,
  button: 75,
  buttonValue: 2000,
  actionsPerBlock: 25,
  overflow: 5,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  optionText: 75,
  options: 100,
  modalTitle: 24,
  privateMetadata: 3000,
  inputLabel: 2000,
  textInput: 3000,
  placeholder: 150,
  /** `chat.update` refuses a longer fallback text. */
  text: 4000,
  /** Not documented: about this much in all blocks of one message, else `msg_blocks_too_long`. */
  allBlocks: 13_000,
  log: 3000,
} as const

/** The 3 s that Slack waits, less the way there and back. */
export const ACK_BUDGET_MS = 2000
/** A trigger lives 3 s: what is not known by then gets a loading view first. */
export const TRIGGER_BUDGET_MS = 1200
