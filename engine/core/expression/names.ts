/** Words that CEL keeps for itself: as a variable or node id they would read as something else. */
export const CEL_WORDS: readonly string[] = [
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
  // Types and name spaces, which stand in the same place as a variable would.
  'bool',
  'bytes',
  'cel',
  'double',
  'dyn',
  'google',
  'int',
  'list',
  'map',
  'null_type',
  'optional',
  'size',
  'string',
  'type',
  'uint',
]
/** Words that mean something to Baton wherever an expression stands. */
export const BATON_WORDS: readonly string[] = ['end', 'error', 'item', 'project', 'secrets', 'task']
/** Names that JavaScript would find on any object. */
const HOST_WORDS: readonly string[] = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf']
const RESERVED: ReadonlySet<string> = new Set([...CEL_WORDS, ...BATON_WORDS, ...HOST_WORDS])

export const isReserved = (name: string): boolean => RESERVED.has(name)
/** Names of variables and nodes: no `-`, which would read as minus. */
export const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)

/** What can be read below `task.`, `error.` and a node. */
export const TASK_FIELDS = [
  'id',
  'number',
  'name',
  'url',
  'startedBy',
  'startedAt',
  'app',
  'project',
  'outcome',
] as const
export const ERROR_FIELDS = ['cause', 'code', 'message'] as const
export const NODE_FIELDS = ['outputs', 'status', 'attempts'] as const
