/** One value of the table. */
export interface Value {
  readonly workload: string
  readonly metric: string
  readonly value: number
  readonly unit: string
  readonly settings: { readonly [name: string]: number | string }
}
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN
}
export const median = (values: readonly number[]): number => quantile(values, 0.5)
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6
/** User and system time of this process, µs. */
export const cpuUs = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
export const round = (value: number): number => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** Resolves when `count` things have happened. */
export function countdown(count: number): { readonly done: Promise<void>; readonly hit: () => void } {
  let left = count
  let resolve: () => void
  const done = new Promise<void>((then) => (resolve = then))
  return { done, hit: () => --left === 0 && resolve() }
}
