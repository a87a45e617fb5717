/** How much room there is, measured in what matters: pixels for columns, letters for buttons. */
export class Layout {
  /** Rail 216, main, panel: from 1280. */
  wide = $state(false)
  /** Rail 72 on the left, sheets as dialogs: from 768. */
  middle = $state(false)
  /** Too few letters in a row for the bar's actions (200 % text on a phone): one button and “More”. */
  tight = $state(false)

  /** Follows the window and the size of its text until the returned function is called. */
  watch(window: Window): () => void {
    const root = window.document.documentElement
    const measure = (): void => {
      const rem = parseFloat(window.getComputedStyle(root).fontSize) || 16
      this.wide = window.innerWidth >= 1280
      this.middle = window.innerWidth >= 768
      this.tight = window.innerWidth / rem < 16
    }
    // A ruler of one rem tells when only the text size changes.
    const ruler = window.document.createElement('div')
    ruler.className = 'ruler'
    root.append(ruler)
    const observer = new ResizeObserver(measure)
    observer.observe(ruler)
    observer.observe(root)
    window.addEventListener('resize', measure)
    measure()
    return () => {
      observer.disconnect()
      ruler.remove()
      window.removeEventListener('resize', measure)
    }
  }
}
