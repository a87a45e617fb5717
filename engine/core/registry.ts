/**
 * A map for what comes and goes by the thousand. A Map that is rehashed leaves its old table behind, which points to the new one: once one
 * of these has grown old, all that was ever in the map, with whatever hangs on it, lives until the next full collection. Here such a table
 * holds on to empty places only (docs/adr/0016).
 */
export class Registry<V> {
  readonly #places = new Map<string, Place<V>>()

  get size(): number {
    return this.#places.size
  }
  get(key: string): V | undefined {
    return this.#places.get(key)?.value
  }
  has(key: string): boolean {
    return this.#places.has(key)
  }
  set(key: string, value: V): void {
    const place = this.#places.get(key)
    if (place === undefined) this.#places.set(key, new Place(value))
    else place.value = value
  }
  delete(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    place.value = undefined
    this.#places.delete(key)
  }
  *values(): Iterable<V> {
    for (const { value } of this.#places.values()) if (value !== undefined) yield value
  }
}
class Place<V> {
  value: V | undefined
  constructor(value: V) {
    this.value = value
  }
}
