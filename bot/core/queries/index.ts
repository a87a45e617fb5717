/** Everything the bots ask of the API, by noun. */
export * from './parts.ts'
export * from './task.ts'
export * from './node.ts'
export * from './ask.ts'
export * from './app.ts'
export * from './person.ts'
export * from './card.ts'
export * from './acts.ts'
