/** At most three rings turn on a screen at once; the rest are still until one of those is gone. */
const MOST_TURNING = 3

export class Rings {
  #shown = $state.raw<readonly object[]>([])

  add(ring: object): void {
    this.#shown = [...this.#shown, ring]
  }
  drop(ring: object): void {
    this.#shown = this.#shown.filter((known) => known !== ring)
  }
  turns(ring: object): boolean {
    const at = this.#shown.indexOf(ring)
    return at >= 0 && at < MOST_TURNING
  }
}
